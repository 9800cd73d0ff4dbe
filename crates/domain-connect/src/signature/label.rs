//! Which key was used, and where it stands (draft-05 sections 3 and 6.4).

use std::fmt;
use std::str::FromStr;

use easement_zone::Name;

use super::KeyError;
use crate::percent;

/// The label that tells which of a service provider's keys was used (draft-05 section 3,
/// `dc-key-label`): never more than one, so that nobody can point at a name of their own.
///
/// ```
/// use domain_connect::{KeyLabel, key_name};
///
/// let label: KeyLabel = "_dck1".parse()?;
/// assert_eq!(label.as_str(), "_dck1");
/// assert!("_dck1.elsewhere".parse::<KeyLabel>().is_err());
/// # Ok::<(), domain_connect::KeyError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeyLabel(Box<str>);

impl KeyLabel {
    /// Reads the value of the parameter `key`, still percent-encoded.
    pub(super) fn from_raw(raw: &str) -> Result<Self, KeyError> {
        percent::decode(raw)?.parse()
    }

    /// The label as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KeyLabel {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let plain = text.strip_prefix('_').unwrap_or(text);
        let is_label = !plain.is_empty()
            && text.len() <= 63
            && plain
                .bytes()
                .all(|octet| octet.is_ascii_alphanumeric() || b"-_".contains(&octet));
        if is_label {
            Ok(Self(text.into()))
        } else {
            Err(KeyError::Label {
                text: text.chars().take(80).collect(),
            })
        }
    }
}

impl fmt::Display for KeyLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where the records of a key stand: the label in front of the template's `syncPubKeyDomain`.
///
/// ```
/// use domain_connect::key_name;
///
/// let name = key_name(&"_dck1".parse()?, &"exampleservice.example".parse()?)?;
/// assert_eq!(name.to_text(), "_dck1.exampleservice.example");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn key_name(label: &KeyLabel, public_key_domain: &Name) -> Result<Name, KeyError> {
    Ok(public_key_domain.child(label.as_str())?)
}
