//! What a server tells about itself, when it is told to: NSID (RFC 5001) and the names of class `CH`
//! (RFC 4892).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a server tells about itself. Nothing, unless it is set.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Identity {
    /// What is sent to clients that ask for the identifier of the server (NSID).
    pub nsid: Option<IdentityText>,
    /// The answer to `id.server` and `hostname.bind`.
    pub name: Option<IdentityText>,
    /// The answer to `version.server` and `version.bind`.
    pub version: Option<IdentityText>,
}

impl Identity {
    /// Nothing is told.
    pub const NONE: Self = Self {
        nsid: None,
        name: None,
        version: None,
    };

    /// The answer to a name of class `CH`, given in wire form.
    pub(super) fn chaos(&self, name: &[u8]) -> Option<&IdentityText> {
        let is_one_of = |names: [&[u8]; 2]| names.iter().any(|own| name.eq_ignore_ascii_case(own));
        if is_one_of([b"\x02id\x06server\0", b"\x08hostname\x04bind\0"]) {
            self.name.as_ref()
        } else if is_one_of([b"\x07version\x06server\0", b"\x07version\x04bind\0"]) {
            self.version.as_ref()
        } else {
            None
        }
    }
}

//------------ IdentityText ----------------------------------------------------------------------

/// A short text about a server: 1 to [`Self::MAX_OCTETS`] printable characters of ASCII.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct IdentityText(Box<str>);

impl IdentityText {
    /// The most octets. It leaves room for an answer in the smallest datagram.
    pub const MAX_OCTETS: usize = 100;

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for IdentityText {
    type Err = IdentityTextError;

    fn from_str(text: &str) -> Result<Self, IdentityTextError> {
        let is_printable = |octet: u8| octet == b' ' || octet.is_ascii_graphic();
        if (1..=Self::MAX_OCTETS).contains(&text.len()) && text.bytes().all(is_printable) {
            Ok(Self(text.into()))
        } else {
            Err(IdentityTextError {
                text: text.to_owned(),
            })
        }
    }
}

impl TryFrom<String> for IdentityText {
    type Error = IdentityTextError;

    fn try_from(text: String) -> Result<Self, IdentityTextError> {
        text.parse()
    }
}

impl From<IdentityText> for String {
    fn from(text: IdentityText) -> Self {
        text.0.into()
    }
}

impl fmt::Display for IdentityText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that no server may tell about itself.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "{text:?} cannot be told over DNS: use 1 to {} printable characters of ASCII",
    IdentityText::MAX_OCTETS
)]
pub struct IdentityTextError {
    /// The text.
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_short_printable_texts_are_told() {
        for good in ["a", "ns1 of example.net", &"x".repeat(100)] {
            assert_eq!(good.parse::<IdentityText>().unwrap().to_string(), good);
        }
        for bad in ["", "zwölf", "two\nlines", &"x".repeat(101)] {
            let error = bad.parse::<IdentityText>().unwrap_err();
            assert!(error.to_string().contains("1 to 100"), "{error}");
        }
    }
}
