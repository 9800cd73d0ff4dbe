//! What a client shows to prove that it is the one.

use std::fmt;
use std::str::FromStr;

use crate::{Random, Secret, SecretError, SecretHash};

/// The secret of a client, in plain text (RFC 6749 section 2.3.1). Those that this server makes have 256 random
/// bits, so a fast hash is enough to store them; one that is imported is known to everyone anyway.
#[derive(Clone)]
pub struct ClientSecret(String);

impl ClientSecret {
    /// The most characters.
    pub const MAX_CHARACTERS: usize = 256;

    /// A new secret.
    pub fn generate(random: &dyn Random) -> Result<Self, SecretError> {
        Secret::generate(random).map(|secret| Self(secret.reveal()))
    }

    /// The text that the client keeps.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored in its place.
    pub fn hash(&self) -> SecretHash {
        SecretHash::of(self.0.as_bytes())
    }
}

impl FromStr for ClientSecret {
    type Err = ClientSecretError;

    // The characters of RFC 6749 appendix A.2.
    fn from_str(text: &str) -> Result<Self, ClientSecretError> {
        let is_fine = (1..=Self::MAX_CHARACTERS).contains(&text.len())
            && text.bytes().all(|octet| matches!(octet, 0x20..=0x7e));
        if is_fine {
            Ok(Self(text.to_owned()))
        } else {
            Err(ClientSecretError)
        }
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret(hidden)")
    }
}

/// A text that is no client secret. It does not hold the text.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "a client secret has 1 to {} printable ASCII characters",
    ClientSecret::MAX_CHARACTERS
)]
pub struct ClientSecretError;
