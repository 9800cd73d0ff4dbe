//! The texts of codes and tokens.

use std::fmt;
use std::str::FromStr;

use crate::{Random, Secret, SecretError, SecretHash};

/// What an OAuth secret is for. One kind never passes for another: the kind stands in the text, in the store, and
/// in every question.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum OAuthTokenKind {
    /// An authorization code: once, and for minutes.
    Code,
    /// An access token: changes something.
    Access,
    /// A refresh token: gets the next access token.
    Refresh,
}

impl OAuthTokenKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Code, Self::Access, Self::Refresh];

    /// The word for it, in texts and in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Access => "access",
            Self::Refresh => "refresh",
        }
    }

    /// The kind with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

impl fmt::Display for OAuthTokenKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What stands before every one of them, so that people and scanners of secrets know what they found.
const PREFIX: &str = "easement";

/// A code or token in plain text: `easement_access_`, `easement_refresh_` or `easement_code_`, and 256 random bits
/// as Base64 for URLs. It is given out once and never stored.
///
/// ```
/// use easement_core::{OAuthTokenKind, OAuthTokenText};
///
/// let text = format!("easement_access_{}", "A".repeat(43));
/// let token: OAuthTokenText = text.parse()?;
/// assert_eq!(token.kind(), OAuthTokenKind::Access);
/// assert_eq!(OAuthTokenText::hash_of(OAuthTokenKind::Refresh, &text), None);
/// # Ok::<(), easement_core::NotAnOAuthToken>(())
/// ```
#[derive(Clone, Debug)]
pub struct OAuthTokenText {
    kind: OAuthTokenKind,
    secret: Secret,
}

impl OAuthTokenText {
    /// A new one.
    pub fn generate(kind: OAuthTokenKind, random: &dyn Random) -> Result<Self, SecretError> {
        let secret = Secret::generate(random)?;
        Ok(Self { kind, secret })
    }

    /// What it is for.
    pub fn kind(&self) -> OAuthTokenKind {
        self.kind
    }

    /// The text that the client keeps.
    pub fn reveal(&self) -> String {
        format!("{PREFIX}_{}_{}", self.kind, self.secret.reveal())
    }

    /// What is stored in its place.
    pub fn hash(&self) -> SecretHash {
        self.secret.hash()
    }

    /// What a text is looked up by; nothing when it is not of this kind.
    pub fn hash_of(kind: OAuthTokenKind, text: &str) -> Option<SecretHash> {
        let token: Self = text.parse().ok()?;
        (token.kind == kind).then(|| token.hash())
    }
}

impl FromStr for OAuthTokenText {
    type Err = NotAnOAuthToken;

    // The random part may hold `_` too, so the text is cut at its first two.
    fn from_str(text: &str) -> Result<Self, NotAnOAuthToken> {
        let mut parts = text.splitn(3, '_');
        let (prefix, kind, secret) = (parts.next(), parts.next(), parts.next());
        let kind = kind
            .filter(|_| prefix == Some(PREFIX))
            .and_then(OAuthTokenKind::from_word)
            .ok_or(NotAnOAuthToken)?;
        let secret = secret.unwrap_or_default().parse();
        let secret = secret.map_err(|SecretError| NotAnOAuthToken)?;
        Ok(Self { kind, secret })
    }
}

/// A text that is no code or token of ours. It does not hold the text, which may be a secret of something else.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("this is not a code or token that this server made: look whether it was copied whole")]
pub struct NotAnOAuthToken;

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;

    impl Random for Fixed {
        fn octets(&self, count: usize) -> Vec<u8> {
            vec![255; count]
        }
    }

    #[test]
    fn a_token_survives_its_text_hides_itself_and_passes_for_no_other_kind() {
        for kind in OAuthTokenKind::ALL {
            let token = OAuthTokenText::generate(kind, &Fixed).unwrap();
            let text = token.reveal();
            assert!(text.starts_with(&format!("easement_{kind}_")), "{text}");
            assert!(!format!("{token:?}").contains(&token.secret.reveal()));
            for other in OAuthTokenKind::ALL {
                let hash = OAuthTokenText::hash_of(other, &text);
                assert_eq!(
                    hash,
                    (other == kind).then(|| token.hash()),
                    "{kind} {other}"
                );
            }
        }
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let secret = "A".repeat(43);
        for wrong in [
            String::new(),
            secret.clone(),
            format!("easement_live_{secret}"),
            format!("easement_Access_{secret}"),
            format!("easement_access_{secret}A"),
            format!("easement_access_{}", "A".repeat(42)),
            format!(" easement_access_{secret}"),
            format!("easement_access_{secret}\n"),
            format!("other_access_{secret}"),
        ] {
            assert!(wrong.parse::<OAuthTokenText>().is_err(), "{wrong}");
        }
    }
}
