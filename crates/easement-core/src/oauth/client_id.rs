//! What a client is called in requests.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The public name of a client in requests (RFC 6749 section 2.2). It is no secret, and compared exactly.
///
/// ```
/// use easement_core::ClientId;
///
/// let id: ClientId = "exampleservice.example".parse()?;
/// assert_eq!(id.as_str(), "exampleservice.example");
/// assert!("two words".parse::<ClientId>().is_err());
/// # Ok::<(), easement_core::ClientIdError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClientId(String);

impl ClientId {
    /// The most characters.
    pub const MAX_CHARACTERS: usize = 128;

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ClientId {
    type Err = ClientIdError;

    // The unreserved characters of URLs (RFC 3986 section 2.3): nobody has to think of how to write them.
    fn from_str(text: &str) -> Result<Self, ClientIdError> {
        let is_fine = (1..=Self::MAX_CHARACTERS).contains(&text.len())
            && text
                .bytes()
                .all(|octet| octet.is_ascii_alphanumeric() || b"-._~".contains(&octet));
        if is_fine {
            Ok(Self(text.to_owned()))
        } else {
            Err(ClientIdError)
        }
    }
}

impl TryFrom<String> for ClientId {
    type Error = ClientIdError;

    fn try_from(text: String) -> Result<Self, ClientIdError> {
        text.parse()
    }
}

impl From<ClientId> for String {
    fn from(id: ClientId) -> Self {
        id.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A text that is no client id. It does not hold the text, which may be a secret in the wrong place.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "a client id has 1 to {} letters, digits, dots, hyphens, underscores and tildes, such as \
     exampleservice.example",
    ClientId::MAX_CHARACTERS
)]
pub struct ClientIdError;
