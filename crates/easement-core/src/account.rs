//! Accounts: e-mail addresses, passwords, standing.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::{AccountId, Timestamp};

/// A person's login.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// The address it signs in with.
    pub email: EmailAddress,
    /// Whether it runs this server.
    pub standing: Standing,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Whether an account runs this server.
///
/// An operator vets templates and makes accounts and zones. That gives no right in a zone: those come
/// from zone roles alone.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// Runs this server.
    Operator,
    /// Has zones here.
    Member,
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Operator => "operator",
            Self::Member => "member",
        })
    }
}

//------------ EmailAddress ----------------------------------------------------------------------

/// An e-mail address that an account signs in with; compared without regard to case.
///
/// Only the shape is checked: whether mail arrives is between the person and their mail server.
#[derive(Clone, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The longest address (RFC 5321 section 4.5.3.1.3).
    const MAX_OCTETS: usize = 254;

    /// The address in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands for the address where tries are counted. The address itself is not kept there: it
    /// may be anything that someone typed, such as a password in the wrong place.
    pub fn fingerprint(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, self.0.as_bytes()))
    }
}

impl FromStr for EmailAddress {
    type Err = EmailAddressError;

    fn from_str(text: &str) -> Result<Self, EmailAddressError> {
        let refuse = |reason| EmailAddressError {
            text: text.to_owned(),
            reason,
        };
        // A letter in lower case may have more octets.
        let text = text.trim().to_lowercase();
        if text.len() > Self::MAX_OCTETS {
            return Err(refuse("it is longer than 254 octets"));
        }
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(refuse("it has a space or control character in it"));
        }
        if text.contains(is_invisible) {
            return Err(refuse("it has an invisible character in it"));
        }
        match text.rsplit_once('@') {
            Some((local, domain)) if !local.is_empty() && !domain.is_empty() => Ok(Self(text)),
            Some(_) | None => Err(refuse("it needs something before and after an @")),
        }
    }
}

/// Joiners, marks of direction and the like: with them two accounts could look the same.
pub(crate) fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    )
}

impl TryFrom<String> for EmailAddress {
    type Error = EmailAddressError;

    fn try_from(text: String) -> Result<Self, EmailAddressError> {
        text.parse()
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Why a text is not an e-mail address.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{text}` is not an e-mail address: {reason}")]
pub struct EmailAddressError {
    /// The text.
    pub text: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

//------------ Password --------------------------------------------------------------------------

/// A password in plain text, as a person typed it.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// The fewest characters of a new password (NIST SP 800-63B section 3.1.1.2 asks for no rule
    /// about which characters).
    pub const MIN_CHARACTERS: usize = 12;
    /// The most octets, so that hashing has a limit.
    pub const MAX_OCTETS: usize = 1024;

    /// A password that someone signs in with: any text up to the limit.
    pub fn given(text: impl Into<String>) -> Result<Self, PasswordRefused> {
        let text = text.into();
        if text.len() > Self::MAX_OCTETS {
            return Err(PasswordRefused::TooLong);
        }
        Ok(Self(text))
    }

    /// A password that someone chooses for this account.
    pub fn chosen(
        text: impl Into<String>,
        account: &EmailAddress,
    ) -> Result<Self, PasswordRefused> {
        let password = Self::given(text)?;
        if password.0.chars().count() < Self::MIN_CHARACTERS {
            return Err(PasswordRefused::TooShort);
        }
        let first = password.0.chars().next();
        if password.0.chars().all(|character| Some(character) == first) {
            return Err(PasswordRefused::OneCharacter);
        }
        if password.0.to_lowercase().contains(account.as_str()) {
            return Err(PasswordRefused::HoldsAddress);
        }
        Ok(password)
    }

    /// The text, for hashing.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(hidden)")
    }
}

/// A password as it is stored: an Argon2id hash in PHC form.
#[derive(Clone, Eq, PartialEq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// The hash with this text, as the hash function or storage gives it.
    pub fn from_phc(text: String) -> Self {
        Self(text)
    }

    /// The text, for storage and verification.
    pub fn as_phc(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(hidden)")
    }
}

/// Why a password was not accepted.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PasswordRefused {
    /// Fewer than [`Password::MIN_CHARACTERS`].
    #[error(
        "the password is too short: use at least {} characters, for example three words",
        Password::MIN_CHARACTERS
    )]
    TooShort,
    /// More than [`Password::MAX_OCTETS`].
    #[error("the password is longer than {} octets", Password::MAX_OCTETS)]
    TooLong,
    /// The same character throughout.
    #[error("the password is one character over and over: choose another")]
    OneCharacter,
    /// It contains the e-mail address.
    #[error("the password contains the e-mail address: choose another")]
    HoldsAddress,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_compare_without_regard_to_case() {
        let address: EmailAddress = " Owner@Example.TEST ".parse().unwrap();
        assert_eq!(address.as_str(), "owner@example.test");
        let same: EmailAddress = "owner@example.test".parse().unwrap();
        assert_eq!(address.fingerprint(), same.fingerprint());
        assert!(!address.fingerprint().contains("owner"));
        for wrong in [
            "",
            "owner",
            "@example.test",
            "owner@",
            "a b@example.test",
            "a\n@b",
            "own\u{200b}er@example.test",
            "\u{202e}owner@example.test",
        ] {
            assert!(wrong.parse::<EmailAddress>().is_err(), "{wrong:?}");
        }
        let grows = format!("{}@example.test", "\u{130}".repeat(120));
        assert!(grows.len() <= EmailAddress::MAX_OCTETS);
        assert!(
            grows.parse::<EmailAddress>().is_err(),
            "longer in lower case"
        );
    }

    #[test]
    fn a_chosen_password_is_long_and_not_trivial() {
        let account: EmailAddress = "owner@example.test".parse().unwrap();
        for (text, refused) in [
            ("short", PasswordRefused::TooShort),
            ("aaaaaaaaaaaaaaaa", PasswordRefused::OneCharacter),
            ("my Owner@example.test!", PasswordRefused::HoldsAddress),
        ] {
            assert_eq!(
                Password::chosen(text, &account).unwrap_err(),
                refused,
                "{text}"
            );
        }
        let long = "ab".repeat(513);
        assert_eq!(
            Password::chosen(long, &account).unwrap_err(),
            PasswordRefused::TooLong
        );
        let password = Password::chosen("correct horse battery", &account).unwrap();
        assert!(!format!("{password:?}").contains("horse"));
    }
}
