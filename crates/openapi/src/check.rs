//! Holding a value against a schema.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde_json::{Map, Value};

use crate::{Field, Kind, Need, Schema};

impl Schema {
    /// Everything that the value and the schema say differently, members that are not described included: those
    /// are fine for readers, and a gap in the description. Patterns are left to programs that have regular
    /// expressions.
    pub fn check(&self, value: &Value) -> Vec<String> {
        let mut found = Vec::new();
        check(self, value, "", &mut found);
        found
    }
}

fn check(schema: &Schema, value: &Value, path: &str, found: &mut Vec<String>) {
    if value.is_null() && schema.is_nullable {
        return;
    }
    match &schema.kind {
        Kind::Anything => {}
        Kind::Boolean if value.is_boolean() => {}
        Kind::Boolean => other(found, path, value, "true or false"),
        Kind::Whole { min, max } => check_whole(value, (*min, *max), path, found),
        Kind::Text { format, length, .. } => match value.as_str() {
            Some(text) => check_text(text, *format, *length, path, found),
            None => other(found, path, value, "a text"),
        },
        Kind::Word(words) => {
            let is_known = value
                .as_str()
                .is_some_and(|text| words.iter().any(|one| one == text));
            if !is_known {
                other(found, path, value, &words.join(" or "));
            }
        }
        Kind::Only(only) if only == value => {}
        Kind::Only(only) => other(found, path, value, &only.to_string()),
        Kind::List { item, length } => match value.as_array() {
            Some(items) => {
                check_length(items.len(), *length, path, found);
                for (index, one) in items.iter().enumerate() {
                    check(item, one, &format!("{path}[{index}]"), found);
                }
            }
            None => other(found, path, value, "a list"),
        },
        Kind::Object(fields) => match value.as_object() {
            Some(members) => check_members(fields, members, path, found),
            None => other(found, path, value, "an object"),
        },
        Kind::Map(member) => match value.as_object() {
            Some(members) => {
                for (name, one) in members {
                    check(member, one, &below(path, name), found);
                }
            }
            None => other(found, path, value, "an object"),
        },
        Kind::Either(schemas) => check_either(schemas, value, path, found),
        Kind::Named { .. } => check(&schema.resolved(), value, path, found),
    }
}

fn check_members(
    fields: &[Field],
    members: &Map<String, Value>,
    path: &str,
    found: &mut Vec<String>,
) {
    for field in fields {
        match (members.get(field.name), field.need) {
            (Some(value), _) => check(&field.schema, value, &below(path, field.name), found),
            (None, Need::Required) => found.push(format!("{} is missing", below(path, field.name))),
            (None, Need::Optional) => {}
        }
    }
    let is_unknown = |name: &&String| fields.iter().all(|field| field.name != name.as_str());
    for name in members.keys().filter(is_unknown) {
        found.push(format!("{} is not described", below(path, name)));
    }
}

/// Says what is wrong by the schema that fits best.
fn check_either(schemas: &[Schema], value: &Value, path: &str, found: &mut Vec<String>) {
    let tries = schemas.iter().map(|schema| {
        let mut problems = Vec::new();
        check(schema, value, path, &mut problems);
        problems
    });
    if let Some(best) = tries.min_by_key(Vec::len) {
        found.extend(best);
    }
}

fn check_whole(value: &Value, (min, max): (i64, Option<i64>), path: &str, found: &mut Vec<String>) {
    match value.as_i64() {
        None => other(found, path, value, "a whole number"),
        Some(number) if number < min => {
            found.push(format!("{} is {number}, below {min}", place(path)));
        }
        Some(number) => {
            if let Some(max) = max.filter(|max| number > *max) {
                found.push(format!("{} is {number}, above {max}", place(path)));
            }
        }
    }
}

fn check_text(
    text: &str,
    format: Option<&str>,
    length: (Option<usize>, Option<usize>),
    path: &str,
    found: &mut Vec<String>,
) {
    check_length(text.chars().count(), length, path, found);
    let is_formatted = match format {
        Some("ipv4") => text.parse::<Ipv4Addr>().is_ok(),
        Some("ipv6") => text.parse::<Ipv6Addr>().is_ok(),
        Some("date-time") => is_moment(text),
        Some("uri") => text.contains("://"),
        Some(_) | None => true,
    };
    if !is_formatted {
        let format = format.unwrap_or_default();
        found.push(format!("{} is {text:?}, not {format}", place(path)));
    }
}

/// Whether a text has the form of a moment of RFC 3339.
fn is_moment(text: &str) -> bool {
    let form = "0000-00-00T00:00:00";
    let (moment, zone) = text.split_at_checked(form.len()).unwrap_or_default();
    let fits = |(one, wanted): (u8, u8)| match wanted {
        b'0' => one.is_ascii_digit(),
        _ => one == wanted,
    };
    moment.len() == form.len() && moment.bytes().zip(form.bytes()).all(fits) && zone.ends_with('Z')
}

fn check_length(
    length: usize,
    (least, most): (Option<usize>, Option<usize>),
    path: &str,
    found: &mut Vec<String>,
) {
    let fits = least.is_none_or(|least| length >= least) && most.is_none_or(|most| length <= most);
    if !fits {
        found.push(format!("{} has the length {length}", place(path)));
    }
}

fn other(found: &mut Vec<String>, path: &str, value: &Value, wanted: &str) {
    found.push(format!("{} is {value}, not {wanted}", place(path)));
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

fn place(path: &str) -> &str {
    if path.is_empty() {
        "the document"
    } else {
        path
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_differs_is_named() {
        for (schema, value, expected) in [
            (
                Schema::boolean(),
                json!(1),
                "the document is 1, not true or false",
            ),
            (Schema::count(), json!(-1), "the document is -1, below 0"),
            (
                Schema::count(),
                json!(1.5),
                "the document is 1.5, not a whole number",
            ),
            (Schema::whole(1, 2), json!(3), "the document is 3, above 2"),
            (
                Schema::text(),
                json!(null),
                "the document is null, not a text",
            ),
            (Schema::text().or_null(), json!(null), ""),
            (
                Schema::text().length(2, 3),
                json!("ü"),
                "the document has the length 1",
            ),
            (Schema::text().length(None, 3), json!("üüü"), ""),
            (Schema::formatted("ipv4"), json!("1.2.3.4"), ""),
            (
                Schema::formatted("ipv4"),
                json!("::1"),
                "the document is \"::1\", not ipv4",
            ),
            (
                Schema::formatted("date-time"),
                json!("2026-01-15T12:00:00.000Z"),
                "",
            ),
            (
                Schema::formatted("date-time"),
                json!("2026-01-15"),
                "the document is \"2026-01-15\", not date-time",
            ),
            (Schema::word(["a", "b"]), json!("b"), ""),
            (
                Schema::word(["a", "b"]),
                json!("c"),
                "the document is \"c\", not a or b",
            ),
            (
                Schema::only(false),
                json!(true),
                "the document is true, not false",
            ),
        ] {
            assert_eq!(schema.check(&value).join("; "), expected, "{value}");
        }
    }

    #[test]
    fn what_differs_inside_has_its_place() {
        for (schema, value, expected) in [
            (
                Schema::list(Schema::count()),
                json!([0, "1"]),
                "[1] is \"1\", not a whole number",
            ),
            (
                Schema::list(Schema::count()).length(1, None),
                json!([]),
                "the document has the length 0",
            ),
            (
                Schema::map(Schema::count()),
                json!({"a": null}),
                "a is null, not a whole number",
            ),
            (
                Schema::either([Schema::text(), Schema::count()]),
                json!([]),
                "the document is [], not a text",
            ),
            (
                Schema::either([Schema::text(), Schema::count()]),
                json!(1),
                "",
            ),
            (Schema::anything(), json!([null]), ""),
        ] {
            assert_eq!(schema.check(&value).join("; "), expected, "{value}");
        }
    }
}
