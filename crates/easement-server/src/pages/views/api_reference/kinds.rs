//! What a value may be, in words.

use std::collections::BTreeSet;

use openapi::{Kind, Schema};

/// What a value may be, in words.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KindView {
    /// In words.
    pub words: String,
    /// The document that stands at the end of the words.
    pub document: Option<&'static str>,
}

impl KindView {
    pub(super) fn of(schema: &Schema) -> Self {
        let mut view = Self {
            words: kind_words(&schema.kind),
            document: document_at_the_end(&schema.kind),
        };
        if schema.is_nullable {
            view.words = format!("null or {}", view.words);
        }
        view
    }
}

/// The name that the words of a kind end with.
fn document_at_the_end(kind: &Kind) -> Option<&'static str> {
    match kind {
        Kind::Named { name, .. } => Some(name),
        Kind::List { item: one, .. } | Kind::Map(one) => document_at_the_end(&one.kind),
        Kind::Anything
        | Kind::Boolean
        | Kind::Whole { .. }
        | Kind::Text { .. }
        | Kind::Word(_)
        | Kind::Only(_)
        | Kind::Object(_)
        | Kind::Either(_) => None,
    }
}

fn kind_words(kind: &Kind) -> String {
    match kind {
        Kind::Anything => "anything".to_owned(),
        Kind::Boolean => "true or false".to_owned(),
        Kind::Whole {
            min,
            max: Some(max),
        } => format!("whole number, {min} to {max}"),
        Kind::Whole { min: 0, max: None } => "whole number".to_owned(),
        Kind::Whole { min, max: None } => format!("whole number, {min} or more"),
        Kind::Text { format, length, .. } => {
            let format = format.map(|format| format!(" ({format})"));
            format!(
                "text{}{}",
                format.unwrap_or_default(),
                length_words(*length, "characters")
            )
        }
        Kind::Word(words) => words.join(", "),
        Kind::Only(value) => value.to_string(),
        Kind::List { item, length } => {
            let length = length_words(*length, "items");
            format!("list{length} of {}", kind_words(&item.kind))
                .trim_end()
                .to_owned()
                + " "
        }
        Kind::Object(_) => "object".to_owned(),
        Kind::Map(member) if matches!(member.kind, Kind::Anything) => "object".to_owned(),
        Kind::Map(member) => format!("object of {}", kind_words(&member.kind)),
        Kind::Either(schemas) => {
            let words: BTreeSet<String> = schemas.iter().map(|one| kind_words(&one.kind)).collect();
            words.into_iter().rev().collect::<Vec<_>>().join(" or ")
        }
        // Its name follows, as a link.
        Kind::Named { .. } => String::new(),
    }
}

fn length_words((least, most): (Option<usize>, Option<usize>), unit: &str) -> String {
    match (least, most) {
        (None | Some(0), None) => String::new(),
        (Some(least), Some(most)) if least == most => format!(", {most} {unit}"),
        (None, Some(most)) => format!(", at most {most} {unit}"),
        (Some(1), None) => ", not empty".to_owned(),
        (Some(least), None) => format!(", at least {least} {unit}"),
        (Some(least), Some(most)) => format!(", {least} to {most} {unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_words() {
        let named = Schema::of::<apertodns::v1::HostStatus>();
        for (schema, words, document) in [
            (Schema::text(), "text", None),
            (
                Schema::text().length(1, 255),
                "text, 1 to 255 characters",
                None,
            ),
            (
                Schema::formatted("ipv4").or_null(),
                "null or text (ipv4)",
                None,
            ),
            (Schema::whole(60, 90), "whole number, 60 to 90", None),
            (Schema::word(["a", "b"]), "a, b", None),
            (Schema::only(false), "false", None),
            (named.clone(), "", Some("HostStatus")),
            (Schema::list(named), "list of ", Some("HostStatus")),
            (
                Schema::either([Schema::formatted("ipv6"), Schema::only("auto")]),
                "text (ipv6) or \"auto\"",
                None,
            ),
        ] {
            let expected = KindView {
                words: words.to_owned(),
                document,
            };
            assert_eq!(KindView::of(&schema), expected);
        }
    }
}
