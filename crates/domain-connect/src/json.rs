//! Where things stand in a JSON text: the reader of templates and the linter point at it.

use std::fmt;
use std::ops::Range;

use jsonc_parser::ast::{Object, Value};
use jsonc_parser::common::Ranged as _;
use jsonc_parser::errors::ParseError;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde::Serialize;

/// A place in a text.
///
/// ```
/// use domain_connect::Place;
///
/// let text = "{\n  \"records\": [{\"ttl\": 600}]\n}";
/// let place = Place::find(text, "/records/0/ttl");
/// assert_eq!((place.line, place.column), (2, 23));
/// assert_eq!(&text[place.span], "600");
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Place {
    /// The line, counted from one.
    pub line: usize,
    /// The character in the line, counted from one.
    pub column: usize,
    /// The octets of the text that are meant.
    pub span: Range<usize>,
    /// The same as a JSON pointer (RFC 6901); empty for the document as a whole.
    pub pointer: String,
}

impl Place {
    /// The place of these octets.
    pub(crate) fn new(text: &str, span: Range<usize>, pointer: String) -> Self {
        let front = text.get(..span.start).unwrap_or(text);
        let line_start = front.rfind('\n').map_or(0, |end| end + 1);
        let line = front.bytes().filter(|octet| *octet == b'\n').count() + 1;
        let column = front.get(line_start..).unwrap_or_default().chars().count() + 1;
        Self {
            line,
            column,
            span,
            pointer,
        }
    }

    /// The place of what a JSON pointer names, or of the nearest thing around it; the beginning, when the
    /// text is not JSON.
    pub fn find(text: &str, pointer: &str) -> Self {
        locate(text, pointer).unwrap_or_else(|| Self::new(text, 0..0, pointer.to_owned()))
    }

    /// The place of a line and a column, both counted from one, as other parsers give them.
    pub(crate) fn at_line(text: &str, line: usize, column: usize) -> Self {
        let starts = text.match_indices('\n').map(|(end, _)| end + 1);
        let start = std::iter::once(0)
            .chain(starts)
            .nth(line.saturating_sub(1))
            .unwrap_or(text.len());
        let wanted = start.saturating_add(column.saturating_sub(1));
        let offset = (0..=wanted.min(text.len()))
            .rev()
            .find(|offset| text.is_char_boundary(*offset))
            .unwrap_or_default();
        Self::new(text, offset..offset, String::new())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)?;
        if self.pointer.is_empty() {
            return Ok(());
        }
        write!(f, " ({})", self.pointer)
    }
}

/// Reads JSON as the standard writes it (RFC 8259), with the place of everything.
pub(crate) fn parse(text: &str) -> Result<Value<'_>, JsonFault> {
    let strict = ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let parsed =
        parse_to_ast(text, &CollectOptions::default(), &strict).map_err(|error| JsonFault {
            span: span_of_error(&error),
            message: lower_first(&error.kind().to_string()),
        })?;
    parsed.value.ok_or_else(|| JsonFault {
        span: 0..0,
        message: "there is nothing".to_owned(),
    })
}

/// Why a text is not JSON.
pub(crate) struct JsonFault {
    pub(crate) span: Range<usize>,
    pub(crate) message: String,
}

fn span_of_error(error: &ParseError) -> Range<usize> {
    let range = error.range();
    range.start..range.end
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(characters).collect()
}

/// The octets of a value.
pub(crate) fn span(value: &Value<'_>) -> Range<usize> {
    let range = value.range();
    range.start..range.end
}

/// The place of what a JSON pointer names, or of the nearest thing around it that is there.
pub(crate) fn locate(text: &str, pointer: &str) -> Option<Place> {
    let root = parse(text).ok()?;
    let mut found = span(&root);
    let mut next = &root;
    for step in pointer.split('/').skip(1) {
        let inner = match next {
            Value::Object(object) => property(object, step).map(|found| &found.value),
            Value::Array(array) => step
                .parse()
                .ok()
                .and_then(|index: usize| array.elements.get(index)),
            Value::StringLit(_)
            | Value::NumberLit(_)
            | Value::BooleanLit(_)
            | Value::NullKeyword(_) => None,
        };
        let Some(inner) = inner else { break };
        found = span(inner);
        next = inner;
    }
    Some(Place::new(text, found, pointer.to_owned()))
}

/// The property with this name.
pub(crate) fn property<'a, 'b>(
    object: &'b Object<'a>,
    name: &str,
) -> Option<&'b jsonc_parser::ast::ObjectProp<'a>> {
    object
        .properties
        .iter()
        .find(|property| property.name.as_str() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_leads_to_its_place() {
        let text = "{\n  \"a\": [1,\n   {\"ü\": \"é\", \"b\": true}]\n}";
        for (pointer, line, column, found) in [
            ("", 1, 1, text),
            ("/a/0", 2, 9, "1"),
            ("/a/1/ü", 3, 10, "\"é\""),
            ("/a/1/b", 3, 20, "true"),
            ("/a/1/missing", 3, 4, "{\"ü\": \"é\", \"b\": true}"),
            ("/a/7", 2, 8, "[1,\n   {\"ü\": \"é\", \"b\": true}]"),
        ] {
            let place = locate(text, pointer).unwrap();
            assert_eq!((place.line, place.column), (line, column), "{pointer}");
            assert_eq!(&text[place.span], found, "{pointer}");
        }
    }

    #[test]
    fn only_what_the_standard_calls_json_is_read() {
        for text in [
            "",
            "{a: 1}",
            "{'a': 1}",
            "[1,]",
            "[1 2]",
            "// a\n1",
            "[+1]",
            "[.5]",
            "[0x1]",
            "[NaN]",
            "{} {}",
            "\"\\x41\"",
            "[",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse(&"[".repeat(100_000)).is_err());
    }

    #[test]
    fn a_line_and_a_column_are_always_a_place() {
        for (line, column) in [(1, 1), (2, 1), (2, 99), (99, 1), (0, 0), (1, 2), (1, 3)] {
            let place = Place::at_line("é\nb", line, column);
            assert!("é\nb".is_char_boundary(place.span.start), "{line} {column}");
        }
    }
}
