//! Proof that whoever shows a code is who asked for it (RFC 7636), by SHA-256 alone: the plain method proves
//! nothing to whoever can see the request.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::{constant_time, digest};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

/// How many octets a SHA-256 has.
const DIGEST_OCTETS: usize = 32;

/// What a client sends ahead: the SHA-256 of its verifier. It is no secret.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CodeChallenge([u8; DIGEST_OCTETS]);

impl CodeChallenge {
    /// Whether it was made from this verifier.
    pub fn is_of(&self, verifier: &CodeVerifier) -> bool {
        let digest = digest::digest(&digest::SHA256, verifier.0.as_bytes());
        constant_time::verify_slices_are_equal(digest.as_ref(), &self.0).is_ok()
    }
}

impl FromStr for CodeChallenge {
    type Err = PkceError;

    fn from_str(text: &str) -> Result<Self, PkceError> {
        let octets = BASE64_URL_SAFE_NO_PAD.decode(text).ok();
        octets
            .and_then(|octets| octets.try_into().ok())
            .map(Self)
            .ok_or(PkceError::Challenge)
    }
}

impl fmt::Display for CodeChallenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&BASE64_URL_SAFE_NO_PAD.encode(self.0))
    }
}

/// What a client shows with the code. It does not print itself.
#[derive(Clone, Eq, PartialEq)]
pub struct CodeVerifier(String);

impl FromStr for CodeVerifier {
    type Err = PkceError;

    /// 43 to 128 unreserved characters (RFC 7636 section 4.1).
    fn from_str(text: &str) -> Result<Self, PkceError> {
        let is_fine = (43..=128).contains(&text.len())
            && text
                .bytes()
                .all(|octet| octet.is_ascii_alphanumeric() || b"-._~".contains(&octet));
        if is_fine {
            Ok(Self(text.to_owned()))
        } else {
            Err(PkceError::Verifier)
        }
    }
}

impl CodeVerifier {
    /// That of an app, which may be shorter: some send 32 characters.
    pub(super) fn of_app(verifier: &namedrop::CodeVerifier) -> Self {
        Self(verifier.reveal().to_owned())
    }
}

impl fmt::Debug for CodeVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeVerifier(hidden)")
    }
}

/// A text that is no challenge or verifier.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PkceError {
    /// No challenge.
    #[error(
        "code_challenge is the SHA-256 of the verifier as Base64 for URLs: 43 characters without `=`"
    )]
    Challenge,
    /// No verifier.
    #[error("code_verifier has 43 to 128 letters, digits, dots, hyphens, underscores and tildes")]
    Verifier,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636 appendix B.
    #[test]
    fn a_verifier_fits_its_challenge_alone() {
        let challenge: CodeChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
            .parse()
            .unwrap();
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert!(challenge.is_of(&verifier.parse().unwrap()));
        assert!(!challenge.is_of(&verifier.to_lowercase().parse().unwrap()));
        assert_eq!(challenge.to_string().parse(), Ok(challenge));
    }

    #[test]
    fn texts_of_another_length_or_alphabet_are_refused() {
        for (text, is_verifier) in [
            ("a".repeat(42), false),
            ("a".repeat(43), true),
            ("~".repeat(128), true),
            ("a".repeat(129), false),
            ("+".repeat(43), false),
            ("\u{e4}".repeat(30), false),
        ] {
            assert_eq!(text.parse::<CodeVerifier>().is_ok(), is_verifier, "{text}");
        }
        for wrong in [
            "",
            "plain",
            &"A".repeat(42),
            &"A".repeat(44),
            &"=".repeat(43),
        ] {
            assert!(wrong.parse::<CodeChallenge>().is_err(), "{wrong}");
        }
    }
}
