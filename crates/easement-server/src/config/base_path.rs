//! The path below which the addresses of a protocol are.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A path of one to four parts without a slash at the end, such as `/namedrop`. What pages and other protocols begin
/// with is taken.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BasePath(String);

/// What the paths of pages and of other protocols begin with.
pub(crate) const TAKEN: [&str; 29] = [
    ".well-known",
    "account",
    "acme-dns",
    "api",
    "apps",
    "assets",
    "checkip",
    "clients",
    "demo.css",
    "docs",
    "healthz",
    "nic",
    "oauth",
    "openapi.json",
    "readyz",
    "register",
    "return",
    "sign-in",
    "sign-out",
    "submissions",
    "templates",
    "tokens",
    "tools",
    "u",
    "update",
    "v2",
    "webhooks",
    "welcome",
    "zones",
];

impl BasePath {
    /// The most parts.
    const MAX_PARTS: usize = 4;
    /// The most characters.
    const MAX_CHARACTERS: usize = 100;

    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for BasePath {
    fn default() -> Self {
        Self(crate::namedrop::paths::BASE.to_owned())
    }
}

impl FromStr for BasePath {
    type Err = BasePathError;

    fn from_str(text: &str) -> Result<Self, BasePathError> {
        let refuse = |reason| BasePathError {
            text: text.to_owned(),
            reason,
        };
        let rest = text.strip_prefix('/');
        let rest = rest.ok_or_else(|| refuse("it must begin with a slash"))?;
        let parts: Vec<&str> = rest.split('/').collect();
        let is_usual =
            |octet: u8| octet.is_ascii_lowercase() || octet.is_ascii_digit() || octet == b'-';
        let is_part = |part: &&str| !part.is_empty() && part.bytes().all(is_usual);
        if parts.first().is_some_and(|first| TAKEN.contains(first)) {
            return Err(refuse("other addresses of this server begin like that"));
        }
        if !parts.iter().all(is_part) {
            return Err(refuse(
                "between its slashes are small letters, digits and hyphens, and no slash is at its end",
            ));
        }
        if parts.len() > Self::MAX_PARTS || text.len() > Self::MAX_CHARACTERS {
            return Err(refuse("it is too long"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for BasePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Serialize for BasePath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for BasePath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// A text that is no base.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{text}` cannot be a base path: {reason}; /namedrop is one")]
pub struct BasePathError {
    text: String,
    reason: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_is_a_path_that_nothing_else_has() {
        for text in ["/namedrop", "/a/b-2/c/d"] {
            assert_eq!(text.parse::<BasePath>().unwrap().as_str(), text);
        }
        assert_eq!(BasePath::default(), "/namedrop".parse().unwrap());
        for (text, words) in [
            ("namedrop", "begin with a slash"),
            ("", "begin with a slash"),
            ("/", "small letters"),
            ("/namedrop/", "small letters"),
            ("//namedrop", "small letters"),
            ("/{a}", "small letters"),
            ("/A", "small letters"),
            ("/a?b", "small letters"),
            ("/zones", "other addresses"),
            ("/.well-known/x", "other addresses"),
            ("/a/b/c/d/e", "too long"),
        ] {
            let error = text.parse::<BasePath>().unwrap_err().to_string();
            assert!(error.contains(words), "{text}: {error}");
        }
    }
}
