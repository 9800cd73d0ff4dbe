//! The names in SPF terms, which may have macros in them (RFC 7208 section 7.1).
//!
//! One mistake anywhere makes the whole record worthless (section 4.6), so nothing is written that a mail
//! server might read differently.

/// The letters of macros in mechanisms; `c`, `r` and `t` are for explanations alone (section 7.2).
const MECHANISM_LETTERS: &[u8] = b"slodiphv";
/// The letters of macros in modifiers that nobody knows.
const ALL_LETTERS: &[u8] = b"slodiphcrtv";
/// What may stand between the parts that a macro takes apart.
const DELIMITERS: &[u8] = b".-+,/_=";
const MAX_NAME_OCTETS: usize = 253;
const MAX_LABEL_OCTETS: usize = 63;

/// Whether a text is the name of a mechanism. Stricter than the grammar in the letters outside of macros,
/// which includes some that names never have and some that end a name for other readers.
pub(super) fn is_domain_spec(text: &str) -> bool {
    let Some(shape) = shape(text, MECHANISM_LETTERS) else {
        return false;
    };
    let ends_with_macro = shape.ends_with(MACRO);
    let name = shape.strip_suffix('.').unwrap_or(&shape);
    let is_name = name.len() <= MAX_NAME_OCTETS
        && name.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= MAX_LABEL_OCTETS
                && label.chars().all(is_name_character)
        });
    is_name && (ends_with_macro || has_top_label(name))
}

/// Whether the macros in a text are written as they must be.
pub(super) fn is_macro_string(text: &str) -> bool {
    shape(text, ALL_LETTERS).is_some()
}

/// Where the lengths of prefixes begin: at the first slash outside of macros.
pub(super) fn split_prefixes(text: &str) -> (&str, Option<&str>) {
    let mut in_macro = false;
    for (place, octet) in text.bytes().enumerate() {
        match octet {
            b'{' => in_macro = true,
            b'}' => in_macro = false,
            b'/' if !in_macro => {
                let (name, rest) = text.split_at_checked(place).unwrap_or((text, ""));
                return (name, rest.strip_prefix('/'));
            }
            _ => {}
        }
    }
    (text, None)
}

/// Stands for a macro; no term has it, since terms are printable.
const MACRO: char = '\u{1}';

fn is_name_character(character: char) -> bool {
    character == MACRO || character.is_ascii_alphanumeric() || "-_+=".contains(character)
}

/// The text with a mark in place of each macro; nothing when one is not right.
fn shape(text: &str, letters: &[u8]) -> Option<String> {
    let mut shape = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        shape.push_str(before);
        shape.push(MACRO);
        rest = match after.strip_prefix('{') {
            Some(inside) => {
                let (inside, after) = inside.split_once('}')?;
                is_macro(inside, letters).then_some(after)?
            }
            None => after.strip_prefix(['%', '_', '-'])?,
        };
    }
    shape.push_str(rest);
    Some(shape)
}

/// What stands between the braces: a letter, how many parts of it, whether in reverse, and where it is
/// taken apart.
fn is_macro(inside: &str, letters: &[u8]) -> bool {
    let Some((letter, rest)) = inside.as_bytes().split_first() else {
        return false;
    };
    let digits = rest
        .iter()
        .take_while(|octet| octet.is_ascii_digit())
        .count();
    let (count, rest) = rest.split_at_checked(digits).unwrap_or_default();
    let rest = match rest.split_first() {
        Some((b'r' | b'R', rest)) => rest,
        Some(_) | None => rest,
    };
    let is_count = count.is_empty() || count.iter().any(|digit| *digit != b'0');
    letters.contains(&letter.to_ascii_lowercase())
        && is_count
        && rest.iter().all(|octet| DELIMITERS.contains(octet))
}

/// `toplabel`: a name of one label, and one that ends in digits, is no name on the internet.
fn has_top_label(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, label)| {
        let inner = |octet: u8| octet.is_ascii_alphanumeric() || octet == b'-';
        label.bytes().all(inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
            && !label.bytes().all(|octet| octet.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_rfc_7208() {
        for text in [
            "mail.example",
            "mail.example.",
            "_spf.mail.example",
            "%{i}._spf.mail.example",
            "%{ir}.%{v}._spf.%{d2}",
            "%{l1r-}._spf.%{d}",
            "%{d/}.example",
            "%{L+-}.mail.example",
            "a%_b.mail.example",
            "a.%%",
            "a.xn--bcher-kva",
            "a.b-c",
            "a.1b",
        ] {
            assert!(is_domain_spec(text), "{text}");
        }
        let long = format!("{}.example", "a".repeat(64));
        let longer = format!("{}example", "abcdefg.".repeat(31));
        for text in [
            "",
            ".",
            "mail",
            "a..example",
            ".example",
            "a.example..",
            "a.123",
            "a.-b",
            "a.b-",
            "a_b.c_d",
            "a.example/24",
            "\"a\".example",
            "a@b.example",
            "a:b.example",
            "a%.example",
            "a.example%",
            "a%zz.example",
            "%{z}.example",
            "%{c}.example",
            "%{}.example",
            "%{d0}.example",
            "%{d.example",
            "%{dr2}.example",
            "%{d}.",
            &long,
            &longer,
        ] {
            assert!(!is_domain_spec(text), "{text}");
        }
    }

    #[test]
    fn prefixes_begin_outside_of_macros() {
        for (text, expected) in [
            ("", ("", None)),
            ("/24", ("", Some("24"))),
            (":a.example", (":a.example", None)),
            (":a.example/24//64", (":a.example", Some("24//64"))),
            (":%{d/}.example/24", (":%{d/}.example", Some("24"))),
        ] {
            assert_eq!(split_prefixes(text), expected, "{text}");
        }
    }
}
