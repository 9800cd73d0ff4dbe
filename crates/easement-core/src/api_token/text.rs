//! The text of a token: what its holder keeps.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Random, Secret, SecretError};

/// What stands before every token of this server (draft-ferro-dnsop-apertodns-protocol-03, "Token Format").
const PREFIX: &str = "easement";
/// The letters of a public id: those of Base32 in lower case, so that an id has no separator in it.
const ID_LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// How many letters a public id has: 60 bits, so that two are never the same.
const ID_LENGTH: usize = 12;

/// Whether a token is for use or for trying out.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenKind {
    /// For use.
    Live,
    /// For trying out: only zones that are marked for testing, with the addresses of documentation too.
    Test,
}

impl TokenKind {
    /// The word for it, in tokens and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Test => "test",
        }
    }
}

impl fmt::Display for TokenKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The part of a token that is no secret: it finds the token in the store, and names it to people.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicTokenId(String);

impl PublicTokenId {
    fn generate(random: &dyn Random) -> Self {
        let letter = |octet: &u8| ID_LETTERS.get(usize::from(octet % 32)).copied();
        let octets = random.octets(ID_LENGTH);
        let letters = octets.iter().filter_map(letter).map(char::from);
        Self(letters.collect())
    }

    /// The letters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PublicTokenId {
    type Err = NotAnApiToken;

    fn from_str(text: &str) -> Result<Self, NotAnApiToken> {
        let is_id =
            text.len() == ID_LENGTH && text.bytes().all(|letter| ID_LETTERS.contains(&letter));
        if is_id {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAnApiToken)
        }
    }
}

impl TryFrom<String> for PublicTokenId {
    type Error = NotAnApiToken;

    fn try_from(text: String) -> Result<Self, NotAnApiToken> {
        text.parse()
    }
}

impl From<PublicTokenId> for String {
    fn from(id: PublicTokenId) -> Self {
        id.0
    }
}

impl fmt::Display for PublicTokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A token in plain text: `easement_live_` or `easement_test_`, twelve letters that are no secret, and 256
/// random bits as Base64 for URLs. It is shown once and never stored.
///
/// ```
/// use easement_core::{ApiTokenText, TokenKind};
///
/// let text = "easement_live_abcdefghijklAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
/// let token: ApiTokenText = text.parse()?;
/// assert_eq!(token.kind, TokenKind::Live);
/// assert_eq!(token.id.as_str(), "abcdefghijkl");
/// # Ok::<(), easement_core::NotAnApiToken>(())
/// ```
#[derive(Clone, Debug)]
pub struct ApiTokenText {
    /// For use, or for trying out.
    pub kind: TokenKind,
    /// The part that is no secret.
    pub id: PublicTokenId,
    /// The part that is.
    pub secret: Secret,
}

impl ApiTokenText {
    /// A new token.
    pub fn generate(kind: TokenKind, random: &dyn Random) -> Result<Self, SecretError> {
        let secret = Secret::generate(random)?;
        let id = PublicTokenId::generate(random).0.parse();
        let id = id.map_err(|NotAnApiToken| SecretError)?;
        Ok(Self { kind, id, secret })
    }

    /// The text that the holder keeps.
    pub fn reveal(&self) -> String {
        format!("{PREFIX}_{}_{}{}", self.kind, self.id, self.secret.reveal())
    }
}

impl FromStr for ApiTokenText {
    type Err = NotAnApiToken;

    // The random part may hold `_` too, so the text is cut at its first two.
    fn from_str(text: &str) -> Result<Self, NotAnApiToken> {
        let mut parts = text.splitn(3, '_');
        let (prefix, kind, rest) = (parts.next(), parts.next(), parts.next());
        let kind = match (prefix, kind) {
            (Some(PREFIX), Some("live")) => TokenKind::Live,
            (Some(PREFIX), Some("test")) => TokenKind::Test,
            _ => return Err(NotAnApiToken),
        };
        let cut = rest.and_then(|rest| rest.split_at_checked(ID_LENGTH));
        let (id, secret) = cut.ok_or(NotAnApiToken)?;
        Ok(Self {
            kind,
            id: id.parse()?,
            secret: secret.parse().map_err(|SecretError| NotAnApiToken)?,
        })
    }
}

/// A text that is no token of ours. It does not hold the text, which may be a secret of something else.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("this is not an API token of this server: look whether it was copied whole")]
pub struct NotAnApiToken;

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting;

    impl Random for Counting {
        fn octets(&self, count: usize) -> Vec<u8> {
            (0..count)
                .map(|at| u8::try_from(at * 37 % 256).unwrap())
                .collect()
        }
    }

    #[test]
    fn a_token_survives_its_text_and_hides_its_secret() {
        for kind in [TokenKind::Live, TokenKind::Test] {
            let token = ApiTokenText::generate(kind, &Counting).unwrap();
            let text = token.reveal();
            let again: ApiTokenText = text.parse().unwrap();
            assert_eq!((again.kind, &again.id), (kind, &token.id));
            assert_eq!(again.secret.hash(), token.secret.hash());
            assert!(text.starts_with(&format!("easement_{kind}_")), "{text}");
            assert!(!format!("{token:?}").contains(&token.secret.reveal()));
        }
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let secret = "A".repeat(43);
        for wrong in [
            String::new(),
            "easement_live_".to_owned(),
            format!("easement_live_abcdefghijkl{}", "A".repeat(42)),
            format!("easement_live_abcdefghijkl{}", "A".repeat(44)),
            format!("easement_live_ABCDEFGHIJKL{secret}"),
            format!("easement_live_abcdefghijk_{secret}"),
            format!("easement_sandbox_abcdefghijkl{secret}"),
            format!("Easement_live_abcdefghijkl{secret}"),
            format!(" easement_live_abcdefghijkl{secret}"),
            format!("apertodns_live_abcdefghijkl{secret}"),
            format!("easement_live_abcdefghijk\u{e4}{secret}"),
        ] {
            assert!(wrong.parse::<ApiTokenText>().is_err(), "{wrong}");
        }
        let with_separators = format!("easement_test_abcdefghijkl_-{}", "A".repeat(41));
        assert!(with_separators.parse::<ApiTokenText>().is_ok());
    }
}
