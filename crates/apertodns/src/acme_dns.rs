//! The protocol of acme-dns: an account that can set the `TXT` records of ACME at one name, and nothing
//! else.
//!
//! ```
//! use apertodns::acme_dns::{RegisterRequest, UpdateRequest};
//!
//! // Clients register with a body, with `null`, and with none.
//! for body in ["", "null", "{}", r#"{"allowfrom": []}"#] {
//!     assert_eq!(RegisterRequest::parse(body.as_bytes())?, RegisterRequest::default());
//! }
//! let body = br#"{
//!     "subdomain": "8e5700ea-a4bf-41c7-8a77-e990661dcc6a",
//!     "txt": "___validation_token_received_from_the_ca___"
//! }"#;
//! let request = UpdateRequest::parse(body)?;
//! assert_eq!(request.subdomain.as_str(), "8e5700ea-a4bf-41c7-8a77-e990661dcc6a");
//! # Ok::<(), apertodns::acme_dns::RequestError>(())
//! ```

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, Serializer};

use crate::address::Network;

/// The body of `POST /register`.
///
/// ```
/// use apertodns::acme_dns::{RegisterRequest, RequestError};
///
/// let request = RegisterRequest::parse(br#"{"allowfrom": ["192.0.2.0/24", "[2001:db8::]/32"]}"#)?;
/// assert!(request.allow_from[1].contains("2001:db8::7".parse().unwrap()));
/// let error = RegisterRequest::parse(br#"{"allowfrom": ["192.0.2.1"]}"#).unwrap_err();
/// assert_eq!((error.code(), error.http_status()), ("invalid_allowfrom_cidr", 400));
/// # Ok::<(), RequestError>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RegisterRequest {
    /// From where the account may be used; empty for everywhere.
    pub allow_from: Vec<Network>,
}

impl RegisterRequest {
    /// The most networks of one account.
    pub const MAX_NETWORKS: usize = 100;

    /// Reads a body, whatever its content type.
    pub fn parse(body: &[u8]) -> Result<Self, RequestError> {
        #[derive(Deserialize)]
        struct Document {
            #[serde(default)]
            allowfrom: Option<Vec<String>>,
        }
        if body.trim_ascii().is_empty() {
            return Ok(Self::default());
        }
        let texts = match body.trim_ascii() {
            b"null" => Vec::new(),
            _ => object::<Document>(body)?.allowfrom.unwrap_or_default(),
        };
        if texts.len() > Self::MAX_NETWORKS {
            return Err(RequestError::Networks);
        }
        // Others write the brackets that URLs need.
        let network = |text: &String| text.replace(['[', ']'], "").parse();
        let allow_from: Result<Vec<Network>, _> = texts.iter().map(network).collect();
        Ok(Self {
            allow_from: allow_from.map_err(|_| RequestError::Networks)?,
        })
    }
}

/// The body of the answer to `POST /register`, whose status is 201.
///
/// ```
/// use apertodns::acme_dns::Account;
///
/// let account = Account {
///     username: "c36f50e8-4632-44f0-83fe-e070fef28a10".to_owned(),
///     password: "htB9mR9DYgcu9bX_afHF62erPaWvTpXfoeSOKWVL".to_owned(),
///     subdomain: "8e5700ea-a4bf-41c7-8a77-e990661dcc6a".parse()?,
///     fulldomain: "8e5700ea-a4bf-41c7-8a77-e990661dcc6a.acme.example.com".to_owned(),
///     allowfrom: vec![],
/// };
/// let document = serde_json::to_value(&account).unwrap();
/// assert_eq!(document["allowfrom"], serde_json::json!([]));
/// # Ok::<(), apertodns::acme_dns::RequestError>(())
/// ```
#[derive(Clone, Eq, PartialEq, Serialize)]
pub struct Account {
    /// For the header `X-Api-User`.
    pub username: String,
    /// For the header `X-Api-Key`. It is shown once.
    pub password: String,
    /// Where the `CNAME` records at `_acme-challenge` names point.
    pub fulldomain: String,
    /// Its first label.
    pub subdomain: Subdomain,
    /// From where the account may be used.
    pub allowfrom: Vec<Network>,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("username", &self.username)
            .field("fulldomain", &self.fulldomain)
            .finish_non_exhaustive()
    }
}

//------------ UpdateRequest ---------------------------------------------------------------------

/// The body of `POST /update`. A name has the two values that came last, so that a certificate for a
/// domain and all names below it can be had.
///
/// ```
/// use apertodns::acme_dns::UpdateRequest;
///
/// let parse = |body: &str| UpdateRequest::parse(body.as_bytes()).map_err(|error| error.code());
/// assert_eq!(parse(r#"{"subdomain": "a.b", "txt": ""}"#), Err("bad_subdomain"));
/// assert_eq!(parse(r#"{"subdomain": "8e5700ea", "txt": "short"}"#), Err("bad_txt"));
/// assert_eq!(parse("{"), Err("malformed_json_payload"));
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UpdateRequest {
    /// Which account's name.
    pub subdomain: Subdomain,
    /// The new value.
    pub txt: Challenge,
}

impl UpdateRequest {
    /// How many values a name keeps.
    pub const KEPT_VALUES: usize = 2;

    /// Reads a body, whatever its content type.
    pub fn parse(body: &[u8]) -> Result<Self, RequestError> {
        #[derive(Deserialize)]
        struct Document {
            #[serde(default)]
            subdomain: String,
            #[serde(default)]
            txt: String,
        }
        let document: Document = object(body)?;
        Ok(Self {
            subdomain: document.subdomain.parse()?,
            txt: document.txt.parse()?,
        })
    }

    /// The values at the name afterwards, when these are there, the oldest first. Texts that are no values of
    /// challenges are somebody else's, and stay.
    ///
    /// ```
    /// use apertodns::acme_dns::UpdateRequest;
    ///
    /// let txt = "c".repeat(43);
    /// let body = format!(r#"{{"subdomain": "8e5700ea", "txt": "{txt}"}}"#);
    /// let request = UpdateRequest::parse(body.as_bytes())?;
    /// let [old, older] = ["a", "b"].map(|letter| letter.repeat(43).into_bytes());
    /// let then = request.apply(&[older, b"v=spf1 -all".to_vec(), old.clone()]);
    /// assert_eq!(then, [b"v=spf1 -all".to_vec(), old, txt.into_bytes()]);
    /// # Ok::<(), apertodns::acme_dns::RequestError>(())
    /// ```
    pub fn apply(&self, current: &[Vec<u8>]) -> Vec<Vec<u8>> {
        let new = self.txt.as_str().as_bytes();
        let others = current.iter().filter(|value| value.as_slice() != new);
        let mut values: Vec<Vec<u8>> = others.cloned().collect();
        values.push(new.to_vec());
        let is_challenge = |value: &Vec<u8>| {
            std::str::from_utf8(value).is_ok_and(|text| text.parse::<Challenge>().is_ok())
        };
        let challenges = values.iter().filter(|value| is_challenge(value)).count();
        let mut too_many = challenges.saturating_sub(Self::KEPT_VALUES);
        values.retain(|value| {
            let goes = too_many > 0 && is_challenge(value);
            too_many -= usize::from(goes);
            !goes
        });
        values
    }
}

/// The body of the answer to `POST /update`.
///
/// ```
/// use apertodns::acme_dns::UpdateReport;
///
/// let report = UpdateReport { txt: "c".repeat(43).parse()? };
/// assert!(serde_json::to_string(&report).unwrap().starts_with(r#"{"txt":"ccc"#));
/// # Ok::<(), apertodns::acme_dns::RequestError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct UpdateReport {
    /// The value that was set.
    pub txt: Challenge,
}

/// Reads a JSON object; lists, which the reader would take for its members, are none.
fn object<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, RequestError> {
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(RequestError::Json);
    }
    Ok(serde_json::from_slice(body)?)
}

//------------ Texts -----------------------------------------------------------------------------

/// The label of an account: letters, digits and inner hyphens, perhaps behind an underscore, as in
/// `_acme-challenge`. acme-dns makes UUIDs.
///
/// ```
/// use apertodns::acme_dns::Subdomain;
///
/// for label in ["8e5700ea-a4bf-41c7-8a77-e990661dcc6a", "_acme-challenge"] {
///     assert_eq!(label.parse::<Subdomain>()?.as_str(), label);
/// }
/// for wrong in ["", "_", "a_b", "__a", "-a", "_-a", "a.b", "*"] {
///     assert!(wrong.parse::<Subdomain>().is_err(), "{wrong}");
/// }
/// # Ok::<(), apertodns::acme_dns::RequestError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Subdomain(String);

/// The value of a challenge of ACME (RFC 8555 section 8.4): a SHA-256 digest in base64url, which has 43
/// characters.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Challenge(String);

impl Subdomain {
    /// The label.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Challenge {
    /// How many characters a value has.
    pub const CHARACTERS: usize = 43;

    /// The value.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Subdomain {
    type Err = RequestError;

    fn from_str(text: &str) -> Result<Self, RequestError> {
        let label = text.strip_prefix('_').unwrap_or(text);
        let fits = !label.is_empty() && text.len() <= 63;
        if fits && crate::hostname::is_host_label(label.as_bytes()) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(RequestError::Subdomain)
        }
    }
}

impl FromStr for Challenge {
    type Err = RequestError;

    fn from_str(text: &str) -> Result<Self, RequestError> {
        let is_base64url = |octet: u8| octet.is_ascii_alphanumeric() || b"-_".contains(&octet);
        if text.len() == Self::CHARACTERS && text.bytes().all(is_base64url) {
            Ok(Self(text.to_owned()))
        } else {
            Err(RequestError::Txt)
        }
    }
}

impl Serialize for Subdomain {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl Serialize for Challenge {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

//------------ Errors ----------------------------------------------------------------------------

/// Why a request fails.
///
/// ```
/// use apertodns::acme_dns::RequestError;
///
/// let error = RequestError::Forbidden;
/// assert_eq!(serde_json::to_string(&error.document())?, r#"{"error":"forbidden"}"#);
/// assert_eq!(error.http_status(), 401);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RequestError {
    /// The body is not JSON, or has other types.
    #[error("the body is not the JSON that is expected")]
    Json,
    /// A network is none, or there are too many.
    #[error(
        "allowfrom must be a list of at most {} networks, as 192.0.2.0/24",
        RegisterRequest::MAX_NETWORKS
    )]
    Networks,
    /// The subdomain cannot be one.
    #[error("subdomain must be a label, as the answer to /register had it")]
    Subdomain,
    /// The value cannot be one.
    #[error("txt must have {} characters of base64url", Challenge::CHARACTERS)]
    Txt,
    /// Name, password, subdomain or address are not those of an account.
    #[error("this account does not exist, or does not allow this")]
    Forbidden,
    /// Too many requests, from here or with this account.
    #[error("too many requests: try again later")]
    TooOften,
    /// Something is broken here.
    #[error("something is broken here: try again later")]
    Server,
}

impl RequestError {
    /// The word in the answer.
    pub fn code(self) -> &'static str {
        match self {
            Self::Json => "malformed_json_payload",
            Self::Networks => "invalid_allowfrom_cidr",
            Self::Subdomain => "bad_subdomain",
            Self::Txt => "bad_txt",
            Self::Forbidden => "forbidden",
            Self::TooOften => "rate_limited",
            Self::Server => "db_error",
        }
    }

    /// The HTTP status of the answer.
    pub fn http_status(self) -> u16 {
        match self {
            Self::Json | Self::Networks | Self::Subdomain | Self::Txt => 400,
            Self::Forbidden => 401,
            Self::TooOften => 429,
            Self::Server => 500,
        }
    }

    /// The body of the answer.
    pub fn document(self) -> ErrorDocument {
        ErrorDocument { error: self.code() }
    }
}

impl From<serde_json::Error> for RequestError {
    fn from(_: serde_json::Error) -> Self {
        Self::Json
    }
}

/// The body of an answer that is an error.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct ErrorDocument {
    /// What went wrong, in a word.
    pub error: &'static str,
}
