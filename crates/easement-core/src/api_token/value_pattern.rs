//! Which values a token may write.

use std::fmt;
use std::str::FromStr;

use easement_zone::RecordData;
use serde::{Deserialize, Serialize};

use crate::Network;

/// What a value must be: an address in a network, or a text of a form.
///
/// ```
/// use easement_core::ValuePattern;
/// use easement_zone::RecordData;
///
/// let network: ValuePattern = "192.0.2.0/24".parse()?;
/// assert!(network.allows(&RecordData::a([192, 0, 2, 7].into())));
/// let text: ValuePattern = "google-site-verification=*".parse()?;
/// assert!(text.allows(&RecordData::txt(b"google-site-verification=abc")?));
/// assert!(!text.allows(&RecordData::txt(b"v=spf1 -all")?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A network allows addresses (`A`, `AAAA`) alone. A text allows other records alone: the strings of a
/// `TXT` joined, and for other types the data as zone files write it, in lower case. `*` stands for any
/// characters, none too.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "String", into = "String")]
pub enum ValuePattern {
    /// Addresses in this network.
    Network(Network),
    /// Texts of this form.
    Text(String),
}

impl ValuePattern {
    /// The longest text of a pattern.
    const MAX_OCTETS: usize = 255;

    /// Whether a record's value is allowed.
    pub fn allows(&self, data: &RecordData) -> bool {
        let address = data.ipv4().map(Into::into).or(data.ipv6().map(Into::into));
        match (self, address) {
            (Self::Network(network), Some(address)) => network.contains(address),
            (Self::Text(pattern), None) => matches(pattern.as_bytes(), &text_of(data)),
            (Self::Network(_), None) | (Self::Text(_), Some(_)) => false,
        }
    }

    /// Whether every value that another pattern allows is allowed here, as far as that is seen at once: a
    /// pattern that only a careful look would find to be narrower is taken for a wider one.
    pub fn covers_all_of(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Network(own), Self::Network(other)) => own.covers(other),
            // A `*` of the other can only stand under a `*` of this one.
            (Self::Text(own), Self::Text(other)) => {
                let literal = !own.contains('*') && other.contains('*');
                !literal && matches(own.as_bytes(), other.as_bytes())
            }
            (Self::Network(_), Self::Text(_)) | (Self::Text(_), Self::Network(_)) => false,
        }
    }
}

/// The text that a pattern is compared with.
fn text_of(data: &RecordData) -> Vec<u8> {
    match data.text() {
        Some(text) => text,
        None => data.to_string().to_ascii_lowercase().into_bytes(),
    }
}

/// Whether a text has the form of a pattern, in time proportional to the product of both at worst.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let mut pieces = pattern.split(|octet| *octet == b'*');
    let Some(first) = pieces.next() else {
        return false;
    };
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let Some(last) = pieces.next_back() else {
        return rest.is_empty();
    };
    for piece in pieces {
        let found = (0..=rest.len()).find_map(|at| rest.get(at..)?.strip_prefix(piece));
        let Some(after) = found else {
            return false;
        };
        rest = after;
    }
    rest.ends_with(last)
}

impl fmt::Display for ValuePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network(network) => network.fmt(f),
            Self::Text(text) => f.pad(text),
        }
    }
}

impl FromStr for ValuePattern {
    type Err = ValuePatternError;

    fn from_str(text: &str) -> Result<Self, ValuePatternError> {
        if let Ok(network) = text.parse() {
            return Ok(Self::Network(network));
        }
        let is_plain = text.len() <= Self::MAX_OCTETS && !text.contains(char::is_control);
        if text.is_empty() || !is_plain {
            return Err(ValuePatternError);
        }
        Ok(Self::Text(text.to_owned()))
    }
}

impl TryFrom<String> for ValuePattern {
    type Error = ValuePatternError;

    fn try_from(text: String) -> Result<Self, ValuePatternError> {
        text.parse()
    }
}

impl From<ValuePattern> for String {
    fn from(pattern: ValuePattern) -> Self {
        pattern.to_string()
    }
}

/// A text that is no pattern of values.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "a pattern of values is a network such as 192.0.2.0/24, or up to {} characters of text in which * \
     stands for any characters",
    ValuePattern::MAX_OCTETS
)]
pub struct ValuePatternError;

#[cfg(test)]
mod tests {
    use easement_zone::{Name, RecordType};

    use super::*;

    fn pattern(text: &str) -> ValuePattern {
        text.parse().unwrap()
    }

    #[test]
    fn values_are_within_a_pattern_or_not() {
        let txt = |text: &str| RecordData::txt(text.as_bytes()).unwrap();
        let target: Name = "App.Example.Test.".parse().unwrap();
        let cname = RecordData::name(RecordType::CNAME, &target);
        let long = txt(&"x".repeat(300));
        for (text, data, allowed) in [
            ("192.0.2.0/24", RecordData::a([192, 0, 2, 9].into()), true),
            ("192.0.2.0/24", RecordData::a([192, 0, 3, 9].into()), false),
            ("192.0.2.9", RecordData::a([192, 0, 2, 9].into()), true),
            (
                "2001:db8::/32",
                RecordData::aaaa("2001:db8::1".parse().unwrap()),
                true,
            ),
            ("2001:db8::/32", RecordData::a([192, 0, 2, 9].into()), false),
            ("192.0.2.0/24", txt("192.0.2.9"), false),
            ("*", RecordData::a([192, 0, 2, 9].into()), false),
            ("*", txt("anything"), true),
            ("a*c", txt("abc"), true),
            ("a*c", txt("ac"), true),
            ("a*c", txt("abcd"), false),
            ("ab*ba", txt("aba"), false),
            ("a*b*c", txt("a-b-b-c"), true),
            ("a*b*c", txt("a-c-b"), false),
            ("abc", txt("ABC"), false),
            ("*xx", long, true),
            ("*.example.test.", cname.clone(), true),
            ("*.example.org.", cname, false),
        ] {
            assert_eq!(pattern(text).allows(&data), allowed, "{text} {data}");
        }
    }

    #[test]
    fn a_pattern_is_within_another_or_not() {
        for (outer, inner, within) in [
            ("192.0.2.0/24", "192.0.2.128/25", true),
            ("192.0.2.128/25", "192.0.2.0/24", false),
            ("192.0.2.0/24", "*", false),
            ("a*", "ab*", true),
            ("ab*", "a*", false),
            ("a*c", "abc", true),
            ("a*c", "a*bc", true),
            ("abc", "a*c", false),
            ("*", "*x*", true),
        ] {
            assert_eq!(
                pattern(outer).covers_all_of(&pattern(inner)),
                within,
                "{outer} {inner}"
            );
        }
    }

    #[test]
    fn a_pattern_has_limits() {
        for wrong in [String::new(), "a\nb".to_owned(), "x".repeat(256)] {
            assert!(wrong.parse::<ValuePattern>().is_err(), "{wrong:?}");
        }
    }
}
