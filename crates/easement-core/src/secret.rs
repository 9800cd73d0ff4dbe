//! Secrets: one type for the plain text, another for what is stored, and neither prints itself.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::{constant_time, digest};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::Random;

/// How many random octets a secret has: 256 bits, so that it cannot be guessed and a fast hash is
/// enough to store it.
const SECRET_OCTETS: usize = 32;

/// A random secret in plain text. It is shown to its holder once and never stored.
#[derive(Clone)]
pub struct Secret([u8; SECRET_OCTETS]);

impl Secret {
    /// A new secret; nothing when the random source gives too little.
    pub fn generate(random: &dyn Random) -> Result<Self, SecretError> {
        random
            .octets(SECRET_OCTETS)
            .try_into()
            .map(Self)
            .map_err(|_| SecretError)
    }

    /// The text that its holder keeps.
    pub fn reveal(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What is stored in its place.
    pub fn hash(&self) -> SecretHash {
        SecretHash::of(&self.0)
    }
}

impl FromStr for Secret {
    type Err = SecretError;

    fn from_str(text: &str) -> Result<Self, SecretError> {
        let octets = BASE64_URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| SecretError)?;
        octets.try_into().map(Self).map_err(|_| SecretError)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

/// The SHA-256 of a [`Secret`], or of the text of a client's secret, as it is stored and looked up.
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct SecretHash(Vec<u8>);

impl SecretHash {
    /// The hash of these octets.
    pub(crate) fn of(octets: &[u8]) -> Self {
        Self(digest::digest(&digest::SHA256, octets).as_ref().to_vec())
    }

    /// Whether two are the same: how long this takes does not tell how much of them is.
    pub fn is_same(&self, other: &Self) -> bool {
        constant_time::verify_slices_are_equal(&self.0, &other.0).is_ok()
    }

    /// The hash with these octets, as it comes from storage.
    pub fn from_stored(octets: Vec<u8>) -> Self {
        Self(octets)
    }

    /// The octets, for storage.
    pub fn as_octets(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(hidden)")
    }
}

/// A text that is no secret of ours.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("this is not a secret that this server made: look whether it was copied whole")]
pub struct SecretError;

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;

    impl Random for Fixed {
        fn octets(&self, count: usize) -> Vec<u8> {
            vec![7; count]
        }
    }

    #[test]
    fn a_secret_survives_its_text_and_does_not_print_itself() {
        let secret = Secret::generate(&Fixed).unwrap();
        let again: Secret = secret.reveal().parse().unwrap();
        assert_eq!(again.hash(), secret.hash());
        assert!(!format!("{secret:?}{:?}", secret.hash()).contains(&secret.reveal()));
        assert!("short".parse::<Secret>().is_err());
        assert!("!".repeat(43).parse::<Secret>().is_err());
    }
}
