//! The interfaces for programs, for people to read.

mod kinds;

use std::sync::Arc;

use askama::Template;
use openapi::{
    Access, Content, Document, Field, Kind, Need, Operation, Parameter, Reply, Schema, SchemeKind,
};

use self::kinds::KindView;
use super::Shell;

/// All that programs can ask.
#[derive(Clone, Debug, Template)]
#[template(path = "api_reference.html")]
pub struct ApiReferencePage {
    /// What stands around it.
    pub shell: Shell,
    /// What it shows.
    pub reference: Arc<ApiReference>,
}

/// An interface, ready to be shown.
#[derive(Clone, Debug)]
pub struct ApiReference {
    /// What everybody must know, by paragraphs.
    pub about: Vec<Prose>,
    /// The address of the document that it is made from.
    pub document: &'static str,
    /// The ways to say who asks.
    pub schemes: Vec<SchemeView>,
    /// The operations, by protocol.
    pub groups: Vec<GroupView>,
    /// The documents that others refer to.
    pub documents: Vec<DocumentView>,
}

/// Sentences, in which some pieces are code.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Prose {
    /// Text and code by turns, text first.
    pub pieces: Vec<String>,
}

/// A way to say who asks.
#[derive(Clone, Debug)]
pub struct SchemeView {
    /// How it is done, in a few words.
    pub title: String,
    /// More about it.
    pub about: Prose,
}

/// The operations of one protocol.
#[derive(Clone, Debug)]
pub struct GroupView {
    /// Its name.
    pub name: &'static str,
    /// What is in it.
    pub about: Prose,
    /// Its operations.
    pub operations: Vec<OperationView>,
}

/// One operation.
#[derive(Clone, Debug)]
pub struct OperationView {
    /// Its id, where it stands on the page.
    pub id: &'static str,
    /// The method.
    pub method: String,
    /// The path.
    pub path: &'static str,
    /// What it does, in a few words.
    pub summary: &'static str,
    /// More about it.
    pub about: Prose,
    /// Who may ask, as a sentence.
    pub access: String,
    /// What is not in the body.
    pub parameters: Vec<FieldRow>,
    /// The body.
    pub body: Option<BodyView>,
    /// The answers.
    pub replies: Vec<ReplyView>,
}

/// The body of a request or an answer.
#[derive(Clone, Debug)]
pub struct BodyView {
    /// Its media type, and whether it must be there.
    pub title: String,
    /// What may be in it; for what stands elsewhere, where that is.
    pub kind: KindView,
    /// The members, when they are not said elsewhere.
    pub rows: Vec<FieldRow>,
    /// What it means.
    pub about: Prose,
    /// One of them.
    pub example: String,
}

/// One way to answer.
#[derive(Clone, Debug)]
pub struct ReplyView {
    /// The status.
    pub status: u16,
    /// When it is answered so.
    pub about: Prose,
    /// Bodies.
    pub bodies: Vec<BodyView>,
    /// Headers.
    pub headers: Vec<FieldRow>,
    /// Codes and what they mean.
    pub codes: Vec<(&'static str, Prose)>,
}

/// A document that others refer to.
#[derive(Clone, Debug)]
pub struct DocumentView {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub about: Prose,
    /// What may be in it: one list of members, or several of which one holds.
    pub shapes: Vec<Shape>,
}

/// One list of members.
#[derive(Clone, Debug)]
pub struct Shape {
    /// When it holds, where there are several.
    pub about: Prose,
    /// The members.
    pub rows: Vec<FieldRow>,
}

/// A parameter, a header or a member of an object.
#[derive(Clone, Debug)]
pub struct FieldRow {
    /// Its name, with the way to it.
    pub name: String,
    /// Where it stands and whether it must be there, in a word or two.
    pub need: String,
    /// What it may be.
    pub kind: KindView,
    /// What it means.
    pub about: Prose,
}

//------------ From the document -----------------------------------------------------------------

impl ApiReference {
    /// Makes a document ready to be shown, which programs find at an address.
    pub fn new(document: &Document, address: &'static str) -> Self {
        let groups = document.tags.iter().map(|tag| {
            let operations = document.operations.iter().filter(|one| one.tag == tag.name);
            let sent = document.webhooks.iter().filter(|one| one.tag == tag.name);
            let sent = sent.map(|one| OperationView {
                access: "This server asks, and the signature proves that it does.".to_owned(),
                ..operation(one, document)
            });
            let operations = operations.map(|one| operation(one, document));
            GroupView {
                name: tag.name,
                about: Prose::new(tag.about),
                operations: operations.chain(sent).collect(),
            }
        });
        let schemes = document.schemes.iter().map(|scheme| SchemeView {
            title: scheme_words(scheme.kind),
            about: Prose::new(scheme.about),
        });
        let named = document.named_schemas().into_iter();
        Self {
            about: document.about.split("\n\n").map(Prose::new).collect(),
            document: address,
            schemes: schemes.collect(),
            groups: groups.collect(),
            documents: named
                .map(|(name, schema)| described(name, &schema))
                .collect(),
        }
    }
}

fn scheme_words(kind: SchemeKind) -> String {
    match kind {
        SchemeKind::Bearer => "Authorization: Bearer".to_owned(),
        SchemeKind::Basic => "Authorization: Basic".to_owned(),
        SchemeKind::Header(name) => name.to_owned(),
        SchemeKind::Query(name) => format!("?{name}="),
    }
}

fn operation(operation: &Operation, document: &Document) -> OperationView {
    let body = operation.body.as_ref().map(|body| {
        let need = match body.need {
            Need::Required => "",
            Need::Optional => ", may be left out",
        };
        body_view(&body.content, need)
    });
    OperationView {
        id: operation.id,
        method: operation.method.to_string(),
        path: operation.path,
        summary: operation.summary,
        about: Prose::new(operation.about),
        access: access_words(&operation.access, document),
        parameters: operation.parameters.iter().map(parameter).collect(),
        body,
        replies: operation.replies.iter().map(reply).collect(),
    }
}

fn access_words(access: &[Access], document: &Document) -> String {
    let title = |name: &&str| {
        let mut schemes = document.schemes.iter();
        let scheme = schemes.find(|scheme| scheme.name == *name)?;
        Some(scheme_words(scheme.kind))
    };
    let ways: Vec<String> = access
        .iter()
        .map(|together| {
            let titles: Vec<String> = together.iter().filter_map(title).collect();
            if titles.is_empty() {
                "a parameter".to_owned()
            } else {
                titles.join(" and ")
            }
        })
        .collect();
    if ways.is_empty() {
        "Needs no header.".to_owned()
    } else {
        format!("Says who asks: {}.", ways.join(", or "))
    }
}

fn parameter(parameter: &Parameter) -> FieldRow {
    let example = parameter
        .example
        .map(|example| format!(" For example `{example}`."));
    FieldRow {
        name: parameter.name.to_owned(),
        need: format!(
            "{}, {}",
            parameter.place.as_str(),
            need_word(parameter.need)
        ),
        kind: KindView::of(&parameter.schema),
        about: Prose::new(&(parameter.schema.about.clone() + &example.unwrap_or_default())),
    }
}

fn need_word(need: Need) -> &'static str {
    match need {
        Need::Required => "required",
        Need::Optional => "optional",
    }
}

fn reply(reply: &Reply) -> ReplyView {
    let headers = reply.headers.iter().map(|header| FieldRow {
        name: header.name.to_owned(),
        need: match header.need {
            Need::Required => "always".to_owned(),
            Need::Optional => "sometimes".to_owned(),
        },
        kind: KindView::of(&header.schema),
        about: Prose::new(&header.schema.about),
    });
    ReplyView {
        status: reply.status,
        about: Prose::new(&reply.about),
        bodies: reply
            .contents
            .iter()
            .map(|one| body_view(one, ""))
            .collect(),
        headers: headers.collect(),
        codes: reply
            .codes
            .iter()
            .map(|code| (code.code, Prose::new(code.about)))
            .collect(),
    }
}

fn body_view(content: &Content, need: &str) -> BodyView {
    let json = &content.example;
    let text = json.as_str().map(|text| text.trim_end().to_owned());
    let example = text.unwrap_or_else(|| format!("{json:#}"));
    BodyView {
        title: format!("{}{need}", content.media),
        kind: KindView::of(&content.schema),
        rows: rows(&content.schema, ""),
        about: Prose::new(&content.schema.about),
        example,
    }
}

fn described(name: &'static str, schema: &Schema) -> DocumentView {
    let shape = |schema: &Schema| Shape {
        about: Prose::new(&schema.about),
        rows: rows(schema, ""),
    };
    let shapes = if let Kind::Either(schemas) = &schema.kind {
        schemas.iter().map(shape).collect()
    } else {
        vec![Shape {
            about: Prose::new(""),
            ..shape(schema)
        }]
    };
    DocumentView {
        name,
        about: Prose::new(&schema.about),
        shapes,
    }
}

/// The members of an object, and of those right inside it.
fn rows(schema: &Schema, path: &str) -> Vec<FieldRow> {
    let Kind::Object(fields) = &schema.kind else {
        return Vec::new();
    };
    fields.iter().flat_map(|field| row(field, path)).collect()
}

fn row(field: &Field, path: &str) -> Vec<FieldRow> {
    let name = format!("{path}{}", field.name);
    let inside = rows(&field.schema, &format!("{name}."));
    let own = FieldRow {
        name,
        need: need_word(field.need).to_owned(),
        kind: KindView::of(&field.schema),
        about: Prose::new(&field.schema.about),
    };
    std::iter::once(own).chain(inside).collect()
}

impl Prose {
    /// Code stands between backquotes.
    fn new(text: &str) -> Self {
        let pieces = text.split('`').map(str::to_owned);
        Self {
            pieces: pieces.collect(),
        }
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.pieces.iter().all(String::is_empty)
    }
}

#[cfg(test)]
impl ApiReferencePage {
    /// Two operations, which have all that there is.
    pub(crate) fn sample() -> Self {
        let mut document = crate::openapi::document();
        let shown = ["update", "check_address_ipv4"];
        document.operations.retain(|one| shown.contains(&one.id));
        let names: Vec<&str> = document.operations.iter().map(|one| one.tag).collect();
        document.tags.retain(|tag| names.contains(&tag.name));
        Self::of(&document)
    }

    /// All that there is.
    pub(crate) fn whole() -> Self {
        Self::of(&crate::openapi::document())
    }

    fn of(document: &Document) -> Self {
        Self {
            shell: Shell::sample_signed_out(),
            reference: Arc::new(ApiReference::new(document, crate::openapi::OPENAPI)),
        }
    }
}

#[cfg(test)]
mod tests {
    use openapi::Described as _;

    use super::*;

    #[test]
    fn code_stands_between_backquotes() {
        let pieces = Prose::new("`OK` or `KO`; more").pieces;
        assert_eq!(pieces, ["", "OK", " or ", "KO", "; more"]);
        assert!(Prose::new("").is_empty());
    }

    #[test]
    fn members_of_objects_inside_have_the_way_to_them() {
        let error = apertodns::v1::ApiError::schema();
        let names: Vec<String> = rows(&error, "").into_iter().map(|row| row.name).collect();
        assert!(names.contains(&"details.fields".to_owned()), "{names:?}");
    }
}
