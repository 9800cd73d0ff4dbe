//! What names a webhook, and the secret that it shares with its receiver.

use std::fmt;
use std::str::FromStr;

use crate::{Random, Secret, SecretError};

/// What names a webhook in URLs and deliveries: `wh_` and 16 hexadecimal digits.
///
/// ```
/// use easement_core::PublicWebhookId;
///
/// let id: PublicWebhookId = "wh_0123456789abcdef".parse()?;
/// assert_eq!(id.to_string(), "wh_0123456789abcdef");
/// assert!("wh_0123".parse::<PublicWebhookId>().is_err());
/// # Ok::<(), easement_core::NotAWebhookId>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PublicWebhookId(String);

impl PublicWebhookId {
    const PREFIX: &str = "wh_";
    const OCTETS: usize = 8;

    /// A new one.
    pub fn generate(random: &dyn Random) -> Self {
        let octets = random.octets(Self::OCTETS);
        let digits = octets.iter().map(|octet| format!("{octet:02x}"));
        Self(format!("{}{}", Self::PREFIX, digits.collect::<String>()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PublicWebhookId {
    type Err = NotAWebhookId;

    fn from_str(text: &str) -> Result<Self, NotAWebhookId> {
        let digits = text.strip_prefix(Self::PREFIX).ok_or(NotAWebhookId)?;
        let is_digit = |octet| matches!(octet, b'0'..=b'9' | b'a'..=b'f');
        if digits.len() == 2 * Self::OCTETS && digits.bytes().all(is_digit) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAWebhookId)
        }
    }
}

impl fmt::Display for PublicWebhookId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A text that names no webhook.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the id of a webhook is wh_ and 16 hexadecimal digits")]
pub struct NotAWebhookId;

//------------ WebhookSecretText -----------------------------------------------------------------

/// The secret that a server and a receiver share to sign deliveries: `whsec_` and 43 characters, 256 random
/// bits. Unlike other secrets it is stored as it is, because each delivery is signed with it. It is never
/// printed.
#[derive(Clone, Eq, PartialEq)]
pub struct WebhookSecretText(String);

impl WebhookSecretText {
    const PREFIX: &str = "whsec_";

    /// A new one; nothing when the random source gives too little.
    pub fn generate(random: &dyn Random) -> Result<Self, SecretError> {
        let secret = Secret::generate(random)?;
        Ok(Self(format!("{}{}", Self::PREFIX, secret.reveal())))
    }

    /// The secret with this text, as it comes from storage.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The text, to be shown once, stored, or signed with.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for WebhookSecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecretText(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;

    impl Random for Fixed {
        fn octets(&self, count: usize) -> Vec<u8> {
            vec![0xa7; count]
        }
    }

    #[test]
    fn an_id_survives_its_text_and_a_secret_is_long_enough_and_hidden() {
        let id = PublicWebhookId::generate(&Fixed);
        assert_eq!(id.as_str(), "wh_a7a7a7a7a7a7a7a7");
        assert_eq!(id.to_string().parse(), Ok(id));
        for text in [
            "",
            "wh_",
            "wh_A7a7a7a7a7a7a7a7",
            "del_a7a7a7a7a7a7a7a7",
            "wh_a7a7a7a7a7a7a7a7a",
        ] {
            assert!(text.parse::<PublicWebhookId>().is_err(), "{text}");
        }
        let secret = WebhookSecretText::generate(&Fixed).unwrap();
        assert!(apertodns::v1::WebhookSecret::new(secret.reveal()).is_some());
        assert!(!format!("{secret:?}").contains(secret.reveal()));
    }
}
