//! Which names a token is for.

use std::fmt;
use std::str::FromStr;

use easement_zone::{Name, NameError};
use serde::{Deserialize, Serialize};

/// How far a name limit reaches from its name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NameReach {
    /// The name alone.
    Exact,
    /// The name and what is below it, but for names with a label that begins with `_` below it: those are
    /// for proving control, for mail and for services, so whoever holds an address does not hold them too.
    Below,
    /// The name and everything below it.
    BelowWithUnderscores,
}

/// One name, or one name and what is below it.
///
/// ```
/// use easement_core::NameLimit;
///
/// let limit: NameLimit = "*.home.example.test".parse()?;
/// assert!(limit.covers(&"nas.home.example.test.".parse()?));
/// assert!(!limit.covers(&"evilhome.example.test.".parse()?));
/// assert!(!limit.covers(&"_acme-challenge.home.example.test.".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Written as `home.example.test` for the name alone, `*.home.example.test` for it and what is below, and
/// `**.home.example.test` when names with an underscore are meant as well. `=*.home.example.test` is the
/// wildcard alone.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct NameLimit {
    name: Name,
    reach: NameReach,
}

impl NameLimit {
    /// With this name and reach.
    pub fn new(name: Name, reach: NameReach) -> Self {
        Self { name, reach }
    }

    /// The name.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// How far it reaches.
    pub fn reach(&self) -> NameReach {
        self.reach
    }

    /// Whether a name is within.
    pub fn covers(&self, name: &Name) -> bool {
        match self.reach {
            NameReach::Exact => *name == self.name,
            NameReach::Below => name
                .relative_to(&self.name)
                .is_some_and(|host| !host.has_underscored_label()),
            NameReach::BelowWithUnderscores => name.is_at_or_below(&self.name),
        }
    }

    /// Whether every name within another limit is within this one.
    pub fn covers_all_of(&self, other: &Self) -> bool {
        self.covers(&other.name)
            && match (self.reach, other.reach) {
                (_, NameReach::Exact)
                | (NameReach::BelowWithUnderscores, _)
                | (NameReach::Below, NameReach::Below) => true,
                (NameReach::Exact, _) | (NameReach::Below, NameReach::BelowWithUnderscores) => {
                    false
                }
            }
    }
}

impl fmt::Display for NameLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.to_text();
        let before = match self.reach {
            NameReach::Exact if name.starts_with(['*', '=']) => "=",
            NameReach::Exact => "",
            NameReach::Below => "*.",
            NameReach::BelowWithUnderscores => "**.",
        };
        write!(f, "{before}{name}")
    }
}

impl FromStr for NameLimit {
    type Err = NameLimitError;

    fn from_str(text: &str) -> Result<Self, NameLimitError> {
        let (name, reach) = if let Some(name) = text.strip_prefix('=') {
            (name, NameReach::Exact)
        } else if let Some(name) = text.strip_prefix("**.") {
            (name, NameReach::BelowWithUnderscores)
        } else if let Some(name) = text.strip_prefix("*.") {
            (name, NameReach::Below)
        } else {
            (text, NameReach::Exact)
        };
        let refuse = |cause| NameLimitError {
            text: text.to_owned(),
            cause,
        };
        let name =
            Name::from_text_below(name, &Name::root()).map_err(|error| refuse(Some(error)))?;
        if name.is_root() {
            return Err(refuse(None));
        }
        Ok(Self { name, reach })
    }
}

impl TryFrom<String> for NameLimit {
    type Error = NameLimitError;

    fn try_from(text: String) -> Result<Self, NameLimitError> {
        text.parse()
    }
}

impl From<NameLimit> for String {
    fn from(limit: NameLimit) -> Self {
        limit.to_string()
    }
}

/// A text that limits no names.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "`{text}` does not say which names: write home.example.test for one name, *.home.example.test for it \
     and those below, **.home.example.test for those with an underscore too"
)]
pub struct NameLimitError {
    /// The text.
    pub text: String,
    /// What is wrong with its name; nothing when it is the root.
    #[source]
    pub cause: Option<NameError>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(text: &str) -> NameLimit {
        text.parse().unwrap()
    }

    #[test]
    fn names_are_compared_label_by_label() {
        for (text, name, covered) in [
            ("sub.example.test", "sub.example.test.", true),
            ("sub.example.test", "SUB.Example.Test.", true),
            ("sub.example.test", "a.sub.example.test.", false),
            ("sub.example.test", "evilsub.example.test.", false),
            ("*.sub.example.test", "sub.example.test.", true),
            ("*.sub.example.test", "a.b.sub.example.test.", true),
            ("*.sub.example.test", "evilsub.example.test.", false),
            ("*.sub.example.test", "example.test.", false),
            ("*.sub.example.test", "*.sub.example.test.", true),
            (
                "*.sub.example.test",
                "_acme-challenge.sub.example.test.",
                false,
            ),
            ("*.sub.example.test", "a._tcp.sub.example.test.", false),
            (
                "**.sub.example.test",
                "_acme-challenge.sub.example.test.",
                true,
            ),
            (
                "*._acme-challenge.example.test",
                "_acme-challenge.example.test.",
                true,
            ),
            (
                "*._acme-challenge.example.test",
                "a._acme-challenge.example.test.",
                true,
            ),
            ("*.example.test", "example.test.evil.", false),
        ] {
            assert_eq!(
                limit(text).covers(&name.parse().unwrap()),
                covered,
                "{text} {name}"
            );
        }
    }

    #[test]
    fn a_limit_is_within_another_or_not() {
        for (outer, inner, within) in [
            ("a.test", "a.test", true),
            ("a.test", "*.a.test", false),
            ("*.a.test", "a.test", true),
            ("*.a.test", "b.a.test", true),
            ("*.a.test", "*.b.a.test", true),
            ("*.a.test", "**.b.a.test", false),
            ("*.a.test", "_x.a.test", false),
            ("**.a.test", "_x.a.test", true),
            ("**.a.test", "**.a.test", true),
            ("*.b.a.test", "*.a.test", false),
            ("*.b.test", "*.evilb.test", false),
        ] {
            assert_eq!(
                limit(outer).covers_all_of(&limit(inner)),
                within,
                "{outer} {inner}"
            );
        }
    }

    #[test]
    fn a_limit_survives_its_text() {
        for text in [
            "a.test",
            "*.a.test",
            "**.a.test",
            "=*.a.test",
            "=**.a.test",
            "_acme-challenge.a.test",
        ] {
            assert_eq!(limit(text).to_string(), text);
        }
        assert_eq!(limit("=*.a.test").reach(), NameReach::Exact);
        for wrong in ["", ".", "*.", "**.", "a..test", "*.*a..test"] {
            assert!(wrong.parse::<NameLimit>().is_err(), "{wrong}");
        }
    }
}
