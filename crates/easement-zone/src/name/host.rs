//! The part of a name below a zone's apex.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Label, Labels, Name, NameError, text};

/// The part of a name below the apex of its zone; empty at the apex itself, where it is shown as `@`.
///
/// ```
/// use easement_zone::{Host, Name};
///
/// let apex: Name = "example.com".parse()?;
/// let host: Host = "Www.shop".parse()?;
/// assert_eq!(host.below(&apex)?, "www.shop.example.com".parse()?);
/// assert_eq!("@".parse::<Host>()?, Host::apex());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Host {
    /// The labels as a name of their own, so that comparing and writing are those of names.
    labels: Name,
}

impl Host {
    /// The apex itself.
    pub fn apex() -> Self {
        Self {
            labels: Name::root(),
        }
    }

    /// From the wire form of labels that were part of a name, without a root label.
    pub(super) fn from_checked_wire(labels: &[u8]) -> Self {
        Self {
            labels: Name::from_checked_wire(&[labels, &[0]].concat()),
        }
    }

    /// Whether this is the apex.
    pub fn is_apex(&self) -> bool {
        self.labels.is_root()
    }

    /// The labels from left to right.
    pub fn labels(&self) -> Labels<'_> {
        self.labels.labels()
    }

    /// Whether any label begins with an underscore, as the names of service records do (RFC 8552).
    pub fn has_underscored_label(&self) -> bool {
        self.labels().any(Label::is_underscored)
    }

    /// The full name in the zone with this apex.
    pub fn below(&self, apex: &Name) -> Result<Name, NameError> {
        Name::from_labels(self.labels().chain(apex.labels()).map(Label::octets))
    }

    /// The host with international labels in their own script.
    ///
    /// A label stays an A-label when its own script could mislead: when reading what is shown would
    /// not give the same label, when it holds invisible characters or symbols, and when Latin letters
    /// stand beside those of another alphabet.
    pub fn to_unicode(&self) -> String {
        if self.is_apex() {
            self.to_string()
        } else {
            text::unicode(self.labels())
        }
    }
}

impl Default for Host {
    fn default() -> Self {
        Self::apex()
    }
}

impl FromStr for Host {
    type Err = HostError;

    /// Reads a relative name; `@` and nothing at all are the apex.
    fn from_str(text: &str) -> Result<Self, HostError> {
        if text.is_empty() || text == "@" {
            return Ok(Self::apex());
        }
        let text = text::NameText::parse(text)?;
        if text.is_absolute {
            return Err(HostError::Absolute);
        }
        Ok(Self {
            labels: Name::from_labels(text.labels())?,
        })
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_apex() {
            f.write_str("@")
        } else {
            text::write_labels(self.labels(), f)
        }
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Host({self})")
    }
}

impl Serialize for Host {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Host {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// Why a text is not a host.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum HostError {
    /// It ends in a dot.
    #[error("a host is relative to its zone: leave out the final dot")]
    Absolute,
    /// It is not made of labels.
    #[error(transparent)]
    Name(#[from] NameError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_dot_that_ends_a_label_makes_a_host_absolute() {
        for (text, expected) in [
            ("www", Ok("www")),
            (r"www\.", Ok(r"www\.")),
            ("www.", Err(HostError::Absolute)),
            (r"www\\.", Err(HostError::Absolute)),
            (".", Err(HostError::Absolute)),
        ] {
            let host = text.parse::<Host>().map(|host| host.to_string());
            assert_eq!(host, expected.map(str::to_owned), "{text}");
        }
    }
}
