//! From a body to a call.

use serde::{Deserialize, Serialize};

use super::CallError;
use super::scalar::Scalar;
use crate::Secret;

/// A call as it was sent, with nothing decided.
///
/// ```
/// use namedrop::{Action, CallError, RecordCall};
///
/// let body = br#"{"domain": "example.com", "host": "sub", "token": "t1",
///     "records": [{"type": "A", "value": "192.168.0.1"}]}"#;
/// let call = RecordCall::parse(Action::Set, body)?;
/// assert_eq!(call.records[0].value.as_deref(), Some("192.168.0.1"));
/// assert_eq!(call.token.unwrap().reveal(), "t1");
///
/// let error = RecordCall::parse(Action::Set, br#"{"records": [{"type": 1}]}"#).unwrap_err();
/// assert_eq!(error.to_string(), "`records[0].type` must be a text");
/// # Ok::<(), CallError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RecordCall {
    /// What is to be done.
    pub action: Action,
    /// The access token, when it is in the body.
    pub token: Option<Secret>,
    /// The domain of records that name none.
    pub domain: Option<String>,
    /// The host of records that name none, and what `{{host}}` stands for.
    pub host: Option<String>,
    /// The records.
    pub records: Vec<RequestedRecord>,
    /// What becomes of records that cannot stand beside those that are set.
    pub conflicting: Conflicting,
}

/// What a call does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Action {
    /// Tells which records are there.
    Get,
    /// Adds records that are not there yet.
    Create,
    /// Puts records in the place of those of the same name and type.
    Set,
    /// Takes records away.
    Delete,
}

/// What becomes of records that cannot stand beside those that are set: a `CNAME` is alone at its name.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Conflicting {
    /// They are named, and nothing changes.
    #[default]
    Refuse,
    /// They go, as far as the same permission opens them (`delete_conflicting`, which some clients send).
    Delete,
}

/// One record as it was sent. It is sent back with what is wrong with it.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct RequestedRecord {
    /// The domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// The host below the domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The type.
    #[serde(rename = "type")]
    pub rtype: String,
    /// The value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The seconds that answers may be kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u32>,
    /// The preference of a mail server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<u32>,
}

impl RecordCall {
    /// The most octets of a body.
    pub const MAX_OCTETS: usize = 128 * 1024;
    /// The most records of one call.
    pub const MAX_RECORDS: usize = 100;
    /// The most octets of a value.
    pub const MAX_VALUE_OCTETS: usize = 4096;
    /// The most octets of every other text.
    pub const MAX_TEXT_OCTETS: usize = 1024;

    /// Reads a body, whatever its content type says. Members that are not known are ignored; one that is
    /// there twice is refused.
    pub fn parse(action: Action, body: &[u8]) -> Result<Self, CallError> {
        let body: Body = read(body)?;
        let records = match (action, body.records) {
            (Action::Get, _) => Vec::new(),
            (Action::Create | Action::Set | Action::Delete, Some(records)) => records,
            (Action::Create | Action::Set | Action::Delete, None) => {
                return Err(CallError::NoRecords);
            }
        };
        if records.is_empty() && action != Action::Get {
            return Err(CallError::NoRecords);
        }
        if records.len() > Self::MAX_RECORDS {
            return Err(CallError::TooManyRecords {
                count: records.len(),
            });
        }
        let records = records.into_iter().enumerate();
        let records = records.map(|(index, record)| record.read(&format!("records[{index}].")));
        let conflicting = match body.delete_conflicting {
            Scalar::Bool(true) => Conflicting::Delete,
            Scalar::Bool(false) | Scalar::None => Conflicting::Refuse,
            Scalar::Text(_) | Scalar::Whole(_) | Scalar::Other => {
                return Err(wrong("delete_conflicting".to_owned(), "true or false"));
            }
        };
        Ok(Self {
            action,
            token: secret(body.token)?,
            domain: text("domain".to_owned(), body.domain, Self::MAX_TEXT_OCTETS)?,
            host: text("host".to_owned(), body.host, Self::MAX_TEXT_OCTETS)?,
            records: records.collect::<Result<_, _>>()?,
            conflicting,
        })
    }

    /// Reads a body that is one record (NameDrop 0.2.0, "POST /records"): the same as creating it.
    ///
    /// ```
    /// use namedrop::{Action, RecordCall};
    ///
    /// let body = br#"{"domain": "example.com", "host": "a", "type": "A", "value": "192.0.2.1", "ttl": 60}"#;
    /// let call = RecordCall::parse_single(body)?;
    /// assert_eq!((call.action, call.records.len()), (Action::Create, 1));
    /// # Ok::<(), namedrop::CallError>(())
    /// ```
    pub fn parse_single(body: &[u8]) -> Result<Self, CallError> {
        let body: SingleBody = read(body)?;
        let record = RawRecord {
            domain: body.domain,
            host: body.host,
            rtype: body.rtype,
            value: body.value,
            ttl: body.ttl,
            priority: body.priority,
        };
        let record = record.read("")?;
        Ok(Self {
            action: Action::Create,
            token: secret(body.token)?,
            domain: None,
            host: None,
            records: vec![record],
            conflicting: Conflicting::Refuse,
        })
    }
}

//------------ Bodies ----------------------------------------------------------------------------

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    domain: Scalar,
    #[serde(default)]
    host: Scalar,
    #[serde(default)]
    token: Scalar,
    records: Option<Vec<RawRecord>>,
    #[serde(default)]
    delete_conflicting: Scalar,
}

#[derive(Deserialize)]
struct SingleBody {
    #[serde(default)]
    domain: Scalar,
    #[serde(default)]
    host: Scalar,
    #[serde(default)]
    token: Scalar,
    #[serde(default, rename = "type")]
    rtype: Scalar,
    #[serde(default)]
    value: Scalar,
    #[serde(default)]
    ttl: Scalar,
    #[serde(default)]
    priority: Scalar,
}

#[derive(Deserialize)]
struct RawRecord {
    #[serde(default)]
    domain: Scalar,
    #[serde(default)]
    host: Scalar,
    #[serde(default, rename = "type")]
    rtype: Scalar,
    #[serde(default)]
    value: Scalar,
    #[serde(default)]
    ttl: Scalar,
    #[serde(default)]
    priority: Scalar,
}

impl RawRecord {
    fn read(self, path: &str) -> Result<RequestedRecord, CallError> {
        let most = RecordCall::MAX_TEXT_OCTETS;
        let field = |name: &str| format!("{path}{name}");
        let rtype = text(field("type"), self.rtype, most)?;
        Ok(RequestedRecord {
            domain: text(field("domain"), self.domain, most)?,
            host: text(field("host"), self.host, most)?,
            rtype: rtype.ok_or_else(|| wrong(field("type"), "a record type such as A or TXT"))?,
            value: text(field("value"), self.value, RecordCall::MAX_VALUE_OCTETS)?,
            ttl: number(field("ttl"), self.ttl)?,
            priority: number(field("priority"), self.priority)?,
        })
    }
}

fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, CallError> {
    if body.len() > RecordCall::MAX_OCTETS {
        return Err(CallError::TooLarge { octets: body.len() });
    }
    // Its own message could repeat what is in the body, which has a token.
    serde_json::from_slice(body).map_err(|error| CallError::NotJson {
        line: error.line(),
        column: error.column(),
    })
}

fn wrong(field: String, wanted: &'static str) -> CallError {
    CallError::Field { field, wanted }
}

fn text(field: String, scalar: Scalar, most: usize) -> Result<Option<String>, CallError> {
    match scalar {
        Scalar::None => Ok(None),
        Scalar::Text(text) if text.len() > most => Err(CallError::TooLong { field, most }),
        Scalar::Text(text) => Ok(Some(text)),
        Scalar::Bool(_) | Scalar::Whole(_) | Scalar::Other => Err(wrong(field, "a text")),
    }
}

fn secret(scalar: Scalar) -> Result<Option<Secret>, CallError> {
    let text = text("token".to_owned(), scalar, Secret::MAX_OCTETS)?;
    let text = text.filter(|text| !text.is_empty());
    Ok(text.map(|text| Secret::new(&text)))
}

/// A whole number, which some clients send as a text.
fn number(field: String, scalar: Scalar) -> Result<Option<u32>, CallError> {
    match scalar {
        Scalar::None => Ok(None),
        Scalar::Whole(number) => Ok(Some(number)),
        Scalar::Text(text) if text.is_empty() => Ok(None),
        Scalar::Text(text) if text.bytes().all(|octet| octet.is_ascii_digit()) => text
            .parse()
            .map(Some)
            .map_err(|_| wrong(field, "a whole number")),
        Scalar::Text(_) | Scalar::Bool(_) | Scalar::Other => Err(wrong(field, "a whole number")),
    }
}
