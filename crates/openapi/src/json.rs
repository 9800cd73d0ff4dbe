//! The JSON of schemas (JSON Schema 2020-12) and documents (`OpenAPI` 3.1).

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::{
    Content, Document, Field, Kind, Need, Operation, Parameter, Reply, Schema, Scheme, SchemeKind,
};

/// The version of the format.
const OPENAPI: &str = "3.1.0";

impl Document {
    /// The document, as programs read it.
    pub fn to_json(&self) -> Value {
        let schemas = self.named_schemas().into_iter();
        let schemas: Map<String, Value> = schemas
            .map(|(name, schema)| (name.to_owned(), schema.to_json()))
            .collect();
        let access: Map<String, Value> = self
            .schemes
            .iter()
            .map(|scheme| (scheme.name.to_owned(), scheme.to_json()))
            .collect();
        let tags = self.tags.iter();
        let tags: Vec<Value> = tags
            .map(|tag| json!({"name": tag.name, "description": tag.about}))
            .collect();
        let mut json = json!({
            "openapi": OPENAPI,
            "info": {"title": self.title, "version": self.version, "description": self.about},
            "servers": [{"url": "/", "description": "The server that this document comes from"}],
            "tags": tags,
            "paths": by_path(&self.operations),
            "components": {"schemas": schemas, "securitySchemes": access},
        });
        if !self.webhooks.is_empty() {
            add(
                &mut json,
                "webhooks",
                Value::Object(by_path(&self.webhooks)),
            );
        }
        json
    }
}

fn by_path(operations: &[Operation]) -> Map<String, Value> {
    let mut paths = Map::new();
    for operation in operations {
        let at_path = paths.entry(operation.path).or_insert_with(|| json!({}));
        if let Value::Object(at_path) = at_path {
            let method = operation.method.to_string().to_lowercase();
            at_path.insert(method, operation.to_json());
        }
    }
    paths
}

impl Scheme {
    fn to_json(self) -> Value {
        let mut json = match self.kind {
            SchemeKind::Bearer => json!({"type": "http", "scheme": "bearer"}),
            SchemeKind::Basic => json!({"type": "http", "scheme": "basic"}),
            SchemeKind::Header(name) => json!({"type": "apiKey", "in": "header", "name": name}),
            SchemeKind::Query(name) => json!({"type": "apiKey", "in": "query", "name": name}),
        };
        add(&mut json, "description", self.about);
        json
    }
}

impl Operation {
    fn to_json(&self) -> Value {
        let mut replies = Map::new();
        for reply in &self.replies {
            replies.insert(reply.status.to_string(), reply.to_json());
        }
        let mut json = json!({
            "operationId": self.id,
            "tags": [self.tag],
            "summary": self.summary,
            "responses": replies,
        });
        if !self.about.is_empty() {
            add(&mut json, "description", self.about);
        }
        // An empty list says that nobody has to say who asks.
        let access = self.access.iter().map(|together| {
            let names = together.iter().map(|name| ((*name).to_owned(), json!([])));
            Value::Object(names.collect())
        });
        add(&mut json, "security", access.collect::<Vec<Value>>());
        if !self.parameters.is_empty() {
            let parameters = self.parameters.iter().map(Parameter::to_json);
            add(&mut json, "parameters", parameters.collect::<Vec<_>>());
        }
        if let Some(body) = &self.body {
            let is_required = body.need == Need::Required;
            let content = contents(std::slice::from_ref(&body.content));
            add(
                &mut json,
                "requestBody",
                json!({"required": is_required, "content": content}),
            );
        }
        json
    }
}

impl Parameter {
    fn to_json(&self) -> Value {
        // What it means is said of the parameter.
        let schema = Schema {
            about: String::new(),
            ..self.schema.clone()
        };
        let mut json = json!({
            "name": self.name,
            "in": self.place.as_str(),
            "required": self.need == Need::Required,
            "schema": schema.to_json(),
        });
        if !self.schema.about.is_empty() {
            add(&mut json, "description", self.schema.about.as_str());
        }
        if let Some(example) = self.example {
            add(&mut json, "example", example);
        }
        json
    }
}

impl Reply {
    fn to_json(&self) -> Value {
        let mut about = self.about.clone();
        for code in &self.codes {
            // Cannot fail: a text takes everything.
            let _ = write!(about, "\n- `{}`: {}", code.code, code.about);
        }
        let mut json = json!({ "description": about });
        if !self.contents.is_empty() {
            add(&mut json, "content", contents(&self.contents));
        }
        if !self.headers.is_empty() {
            let headers = self.headers.iter().map(|header| {
                let is_required = header.need == Need::Required;
                let json = json!({"required": is_required, "schema": header.schema.to_json()});
                (header.name.to_owned(), json)
            });
            add(&mut json, "headers", headers.collect::<Map<_, _>>());
        }
        json
    }
}

fn contents(contents: &[Content]) -> Value {
    let contents = contents.iter().map(|content| {
        let json = json!({"schema": content.schema.to_json(), "example": content.example});
        (content.media.to_owned(), json)
    });
    Value::Object(contents.collect())
}

impl Schema {
    /// The schema, as programs read it.
    pub fn to_json(&self) -> Value {
        let mut json = self.kind.to_json();
        if self.is_nullable {
            json = nullable(json);
        }
        if !self.about.is_empty() {
            add(&mut json, "description", self.about.as_str());
        }
        json
    }
}

/// The same or `null`. One kind of value gets another type; what has none, or lists its values, an alternative.
fn nullable(mut json: Value) -> Value {
    if let Some(Value::Array(schemas)) = json.get_mut("anyOf") {
        schemas.push(json!({"type": "null"}));
        return json;
    }
    let is_plain = json.get("enum").is_none() && json.get("const").is_none();
    match json.get("type").cloned() {
        Some(kind) if is_plain => {
            add(&mut json, "type", json!([kind, "null"]));
            json
        }
        Some(_) | None => json!({"anyOf": [json, {"type": "null"}]}),
    }
}

impl Kind {
    fn to_json(&self) -> Value {
        match self {
            Self::Anything => json!({}),
            Self::Boolean => json!({"type": "boolean"}),
            Self::Whole { min, max } => {
                let mut json = json!({"type": "integer", "minimum": min});
                add_some(&mut json, "maximum", *max);
                json
            }
            Self::Text {
                format,
                length: (least, most),
                pattern,
            } => {
                let mut json = json!({"type": "string"});
                add_some(&mut json, "format", *format);
                add_some(&mut json, "minLength", *least);
                add_some(&mut json, "maxLength", *most);
                add_some(&mut json, "pattern", *pattern);
                json
            }
            Self::Word(words) => json!({"type": "string", "enum": words}),
            Self::Only(value) => json!({"const": value}),
            Self::List {
                item,
                length: (least, most),
            } => {
                let mut json = json!({"type": "array", "items": item.to_json()});
                add_some(&mut json, "minItems", *least);
                add_some(&mut json, "maxItems", *most);
                json
            }
            Self::Object(fields) => object(fields),
            Self::Map(member) => {
                json!({"type": "object", "additionalProperties": member.to_json()})
            }
            Self::Either(schemas) => {
                json!({"anyOf": schemas.iter().map(Schema::to_json).collect::<Vec<_>>()})
            }
            Self::Named { name, .. } => json!({"$ref": format!("#/components/schemas/{name}")}),
        }
    }
}

fn object(fields: &[Field]) -> Value {
    let properties: Map<String, Value> = fields
        .iter()
        .map(|field| (field.name.to_owned(), field.schema.to_json()))
        .collect();
    let required = fields.iter().filter(|field| field.need == Need::Required);
    let required: Vec<&str> = required.map(|field| field.name).collect();
    let mut json = json!({"type": "object", "properties": properties});
    if !required.is_empty() {
        add(&mut json, "required", required);
    }
    json
}

fn add(json: &mut Value, name: &str, value: impl Into<Value>) {
    if let Value::Object(members) = json {
        members.insert(name.to_owned(), value.into());
    }
}

fn add_some<T: Into<Value>>(json: &mut Value, name: &str, value: Option<T>) {
    if let Some(value) = value {
        add(json, name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_are_those_of_json_schema() {
        for (schema, expected) in [
            (Schema::count(), json!({"type": "integer", "minimum": 0})),
            (
                Schema::text().length(1, 5).or_null(),
                json!({"type": ["string", "null"], "minLength": 1, "maxLength": 5}),
            ),
            (
                Schema::word(["a"]).or_null(),
                json!({"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "null"}]}),
            ),
            (
                Schema::object([
                    Field::required("a", Schema::boolean().about("Yes or no.")),
                    Field::optional("b", Schema::list(Schema::only(1))),
                ]),
                json!({
                    "type": "object",
                    "required": ["a"],
                    "properties": {
                        "a": {"type": "boolean", "description": "Yes or no."},
                        "b": {"type": "array", "items": {"const": 1}},
                    },
                }),
            ),
        ] {
            assert_eq!(schema.to_json(), expected);
        }
    }
}
