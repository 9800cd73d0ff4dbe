//! Text records: `/txt` (draft-03 section "TXT Record Endpoint"), and the text of an update.

use std::fmt;

use easement_zone::Name;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::reader::{Noted, Reader};
use super::request::members;
use super::{FieldError, FieldFault, RequestError, RequestRules, UpdateTtl};
use crate::Hostname;
use crate::address::excerpt;
use crate::hostname::is_host_label;

/// The most values at one name, unless the server says otherwise.
pub const MAX_TXT_VALUES: usize = 5;

/// The body of `POST /txt`: one more value at a name.
///
/// ```
/// use apertodns::v1::{RequestRules, TxtSetRequest};
///
/// let body = br#"{"hostname": "_acme-challenge.home.example.com", "value": "gfj9Xq"}"#;
/// let request = TxtSetRequest::parse(body, &RequestRules::default())?;
/// assert_eq!(request.name.to_string(), "_acme-challenge.home.example.com");
/// assert_eq!((request.value.as_str(), request.ttl), ("gfj9Xq", None));
/// # Ok::<(), apertodns::v1::RequestError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TxtSetRequest {
    /// Where.
    pub name: TxtName,
    /// The value.
    pub value: TxtValue,
    /// The TTL of all values there, when it is given; see [`UpdateTtl::TXT_DEFAULT`].
    pub ttl: Option<UpdateTtl>,
}

impl TxtSetRequest {
    /// Reads a body.
    pub fn parse(body: &[u8], rules: &RequestRules) -> Result<Self, RequestError> {
        let members = members(body)?;
        let mut reader = Reader::new(&members, String::new());
        let name = reader.parsed("hostname", |text| TxtName::parse(text, rules));
        let value = reader.parsed("value", TxtValue::parse);
        let ttl = reader.ttl();
        let request = reader.finish(|| {
            Ok(Self {
                name: name?,
                value: value?,
                ttl: ttl?,
            })
        });
        request.map_err(RequestError::Fields)
    }
}

/// The body of `DELETE /txt`: one value goes, or, when none is named, all of them. `null` and an empty
/// text name no value, but they are refused: whoever sends them may have meant one.
///
/// ```
/// use apertodns::v1::{RequestRules, TxtDeleteRequest};
///
/// let parse = |body: &str| TxtDeleteRequest::parse(body.as_bytes(), &RequestRules::default());
/// let all = parse(r#"{"hostname": "_acme-challenge.home.example.com"}"#)?;
/// assert_eq!(all.value, None);
/// assert!(parse(r#"{"hostname": "_acme-challenge.home.example.com", "value": null}"#).is_err());
/// # Ok::<(), apertodns::v1::RequestError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TxtDeleteRequest {
    /// Where.
    pub name: TxtName,
    /// The value; none for all of them.
    pub value: Option<TxtValue>,
}

impl TxtDeleteRequest {
    /// Reads a body.
    pub fn parse(body: &[u8], rules: &RequestRules) -> Result<Self, RequestError> {
        let members = members(body)?;
        let mut reader = Reader::new(&members, String::new());
        let name = reader.parsed("hostname", |text| TxtName::parse(text, rules));
        let value = reader.optional("value", TxtValue::parse);
        let request = reader.finish(|| {
            Ok(Self {
                name: name?,
                value: value?,
            })
        });
        request.map_err(RequestError::Fields)
    }
}

//------------ TxtWish ---------------------------------------------------------------------------

/// The field `txt` of an update.
///
/// ```
/// use apertodns::v1::{RequestRules, TxtAction, UpdateRequest};
///
/// let body = br#"{
///     "hostname": "home.example.com",
///     "txt": {"name": "_acme-challenge", "value": "tok", "action": "set"}
/// }"#;
/// let txt = UpdateRequest::parse(body, &RequestRules::default())?.txt.unwrap();
/// assert_eq!(txt.name.to_string(), "_acme-challenge.home.example.com");
/// assert!(matches!(txt.action, TxtAction::Set(value) if value.as_str() == "tok"));
/// # Ok::<(), apertodns::v1::RequestError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TxtWish {
    /// Where: at or below the host of the update.
    pub name: TxtName,
    /// What.
    pub action: TxtAction,
}

/// What happens to the values at a name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TxtAction {
    /// This one is added.
    Set(TxtValue),
    /// This one goes, or all of them.
    Delete(Option<TxtValue>),
}

impl TxtWish {
    pub(super) fn read(
        mut reader: Reader<'_>,
        hostname: Option<&Hostname>,
        rules: &RequestRules,
    ) -> Result<Self, Vec<FieldError>> {
        let action = reader.parsed("action", Action::parse);
        // Below a hostname that is wrong, which was noted, no name can be right or wrong.
        let name = reader.parsed("name", |text| match hostname {
            Some(hostname) => TxtName::parse_below(text, hostname, rules).map(Some),
            None => Ok::<_, FieldFault>(None),
        });
        let action = match action {
            Ok(Action::Delete) => {
                let value = reader.optional("value", TxtValue::parse);
                value.map(TxtAction::Delete)
            }
            Ok(Action::Set) | Err(Noted) => {
                let value = reader.parsed("value", TxtValue::parse);
                value.map(TxtAction::Set)
            }
        };
        reader.finish(|| {
            Ok(Self {
                name: name?.ok_or(Noted)?,
                action: action?,
            })
        })
    }
}

/// The word for an action.
enum Action {
    Set,
    Delete,
}

impl Action {
    fn parse(text: &str) -> Result<Self, FieldFault> {
        match text {
            "set" => Ok(Self::Set),
            "delete" => Ok(Self::Delete),
            _ => Err(FieldFault::Action),
        }
    }
}

//------------ TxtName ---------------------------------------------------------------------------

/// Where a text record may stand: a name whose first label is one of those that the server lets be
/// written, and whose others are labels of hosts or begin with an underscore.
///
/// ```
/// use apertodns::v1::{RequestRules, TxtName};
///
/// let rules = RequestRules::default();
/// let name = TxtName::parse("_ACME-challenge.Home.example.com", &rules)?;
/// assert_eq!(name.to_string(), "_acme-challenge.home.example.com");
/// assert!(TxtName::parse("home.example.com", &rules).is_err());
/// assert!(TxtName::parse("_acme-challengehome.example.com", &rules).is_err());
/// # Ok::<(), apertodns::v1::TxtNameError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TxtName(Name);

impl TxtName {
    /// Reads a full name.
    pub fn parse(text: &str, rules: &RequestRules) -> Result<Self, TxtNameError> {
        let form = || TxtNameError::Form {
            text: excerpt(text),
        };
        if !text.is_ascii() || text.contains('\\') {
            return Err(form());
        }
        let name: Name = text.parse().map_err(|_| form())?;
        let is_good = name.labels().all(|label| {
            let octets = label.octets();
            is_host_label(octets.strip_prefix(b"_").unwrap_or(octets)) && octets != b"_"
        });
        if !is_good || name.label_count() < 2 {
            return Err(form());
        }
        let name = name.to_lowercase();
        let first = name.labels().next();
        let is_allowed = |prefix: &String| {
            first.is_some_and(|label| label.octets().eq_ignore_ascii_case(prefix.as_bytes()))
        };
        if !rules.txt_prefixes.iter().any(is_allowed) {
            return Err(TxtNameError::Prefix {
                text: excerpt(text),
                allowed: rules.txt_prefixes.join(", "),
            });
        }
        Ok(Self(name))
    }

    /// Reads a name below a host: the part in front of it, or all of it.
    fn parse_below(
        text: &str,
        hostname: &Hostname,
        rules: &RequestRules,
    ) -> Result<Self, FieldFault> {
        let is_below = |name: &Name| name.is_at_or_below(hostname.as_name());
        let is_full = text.ends_with('.') || text.parse().as_ref().is_ok_and(is_below);
        if !is_full {
            let full = format!("{text}.{hostname}");
            return Ok(Self::parse(&full, rules)?);
        }
        let name = Self::parse(text, rules)?;
        if is_below(&name.0) {
            Ok(name)
        } else {
            Err(FieldFault::TxtName(TxtNameError::Outside {
                name: name.to_string(),
                hostname: hostname.to_string(),
            }))
        }
    }

    /// The name.
    pub fn as_name(&self) -> &Name {
        &self.0
    }
}

impl fmt::Display for TxtName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_text())
    }
}

impl Serialize for TxtName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Why a text record may not stand at a name.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TxtNameError {
    /// It is no name of the kind that is meant.
    #[error(
        "`{text}` is not a name for a text record: write labels of letters, digits and hyphens with \
         dots between them, as in _acme-challenge.home.example.com"
    )]
    Form {
        /// The text, cut after 80 characters.
        text: String,
    },
    /// Its first label is not one of those that may be written.
    #[error("`{text}` does not begin with a label that may be written here: {allowed}")]
    Prefix {
        /// The text, cut after 80 characters.
        text: String,
        /// The labels that may.
        allowed: String,
    },
    /// It is not below the host of the update.
    #[error("{name} is not below {hostname}")]
    Outside {
        /// The name.
        name: String,
        /// The host.
        hostname: String,
    },
}

//------------ TxtValue --------------------------------------------------------------------------

/// The value of a text record: 1 to 255 octets, which fill one character string of DNS, without control
/// characters.
///
/// ```
/// use apertodns::v1::{TxtValue, TxtValueError};
///
/// assert_eq!(TxtValue::parse("gfj9Xq")?.as_str(), "gfj9Xq");
/// assert_eq!(TxtValue::parse(&"ü".repeat(128)), Err(TxtValueError::TooLong { octets: 256 }));
/// assert_eq!(TxtValue::parse("a\0b"), Err(TxtValueError::Control));
/// # Ok::<(), TxtValueError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct TxtValue(String);

impl TxtValue {
    /// The most octets.
    pub const MAX_OCTETS: usize = 255;

    /// Checks a value.
    pub fn parse(text: &str) -> Result<Self, TxtValueError> {
        if text.is_empty() {
            return Err(TxtValueError::Empty);
        }
        if text.len() > Self::MAX_OCTETS {
            return Err(TxtValueError::TooLong { octets: text.len() });
        }
        if text.chars().any(char::is_control) {
            return Err(TxtValueError::Control);
        }
        Ok(Self(text.to_owned()))
    }

    /// The value.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is no value of a text record.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TxtValueError {
    /// Nothing is there.
    #[error("it is empty: leave the field out where all values are meant")]
    Empty,
    /// There is too much.
    #[error(
        "it has {octets} octets, and at most {} are allowed",
        TxtValue::MAX_OCTETS
    )]
    TooLong {
        /// How much there is.
        octets: usize,
    },
    /// There is a control character.
    #[error("it has a control character")]
    Control,
}

impl TxtValueError {
    /// A short name of the kind, for programs.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Empty | Self::TooLong { .. } => "out_of_range",
            Self::Control => "invalid_format",
        }
    }

    pub(super) fn constraints(self) -> Option<Value> {
        match self {
            Self::Empty | Self::TooLong { .. } => {
                Some(json!({"min": 1, "max": TxtValue::MAX_OCTETS}))
            }
            Self::Control => None,
        }
    }
}

//------------ Values at a name ------------------------------------------------------------------

/// The values at a name after one was added: those that are there stay, and one that is there already is
/// not added again (draft-03 section "Set TXT Record").
///
/// ```
/// use apertodns::v1::{MAX_TXT_VALUES, TxtValue, with_value};
///
/// let now = vec![b"one".to_vec()];
/// let then = with_value(&now, &TxtValue::parse("two")?, MAX_TXT_VALUES).unwrap();
/// assert_eq!(then, [b"one".to_vec(), b"two".to_vec()]);
/// assert_eq!(with_value(&then, &TxtValue::parse("two")?, 2), Ok(then.clone()));
/// assert!(with_value(&then, &TxtValue::parse("three")?, 2).is_err());
/// # Ok::<(), apertodns::v1::TxtValueError>(())
/// ```
pub fn with_value(
    current: &[Vec<u8>],
    value: &TxtValue,
    most: usize,
) -> Result<Vec<Vec<u8>>, TooManyTxtValues> {
    let mut values = current.to_vec();
    if values
        .iter()
        .all(|known| known != value.as_str().as_bytes())
    {
        if values.len() >= most {
            return Err(TooManyTxtValues { most });
        }
        values.push(value.as_str().as_bytes().to_vec());
    }
    Ok(values)
}

/// The values at a name after one of them, or all, went.
///
/// ```
/// use apertodns::v1::{TxtValue, without_value};
///
/// let now = vec![b"one".to_vec(), b"two".to_vec()];
/// assert_eq!(without_value(&now, Some(&TxtValue::parse("one")?)), [b"two".to_vec()]);
/// assert!(without_value(&now, None).is_empty());
/// # Ok::<(), apertodns::v1::TxtValueError>(())
/// ```
pub fn without_value(current: &[Vec<u8>], value: Option<&TxtValue>) -> Vec<Vec<u8>> {
    let Some(value) = value else {
        return Vec::new();
    };
    let stays = |known: &&Vec<u8>| known.as_slice() != value.as_str().as_bytes();
    current.iter().filter(stays).cloned().collect()
}

/// A name has as many values as it may have.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("there are {most} values at this name already: delete one first")]
pub struct TooManyTxtValues {
    /// The most values.
    pub most: usize,
}
