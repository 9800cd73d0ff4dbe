//! Answers in the form that clients expect. The specification says nothing about them; this is what the first
//! server sent, and its clients read (docs/protocols/namedrop.md).

use easement_zone::{Name, RecordData, RecordType, Ttl};
use serde::Serialize;

use crate::call::{CallError, Refusal, RequestedRecord};
use crate::{Permission, Permissions};

/// A record that is there.
///
/// The value of a text is what it says, without quotation marks, so that it can be sent back as it is.
///
/// ```
/// use easement_zone::{RecordData, RecordType, Ttl};
/// use namedrop::RecordDocument;
///
/// let apex = "example.com".parse()?;
/// let data = RecordData::from_text(RecordType::MX, "10 mail.example.net")?;
/// let document = RecordDocument::new(&"example.com".parse()?, &apex, &data, Ttl::HOUR);
/// assert_eq!(
///     serde_json::to_value(&document)?,
///     serde_json::json!({
///         "domain": "example.com", "host": "", "type": "MX", "value": "mail.example.net", "ttl": 3600,
///         "priority": 10,
///     })
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct RecordDocument {
    /// The apex of the zone.
    pub domain: String,
    /// The host below it; empty at the apex.
    pub host: String,
    /// The type.
    #[serde(rename = "type")]
    pub rtype: RecordType,
    /// The value.
    pub value: String,
    /// The seconds that answers may be kept.
    pub ttl: u32,
    /// The preference of a mail server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<u16>,
}

impl RecordDocument {
    /// The document of a record in the zone with this apex.
    pub fn new(owner: &Name, apex: &Name, data: &RecordData, ttl: Ttl) -> Self {
        let host = owner.relative_to(apex).filter(|host| !host.is_apex());
        let priority = match (data.rtype(), data.as_wire()) {
            (RecordType::MX, [high, low, ..]) => Some(u16::from_be_bytes([*high, *low])),
            _ => None,
        };
        Self {
            domain: apex.to_text(),
            host: host.map_or_else(String::new, |host| host.to_string()),
            rtype: data.rtype(),
            value: value_of(data),
            ttl: ttl.as_secs(),
            priority,
        }
    }
}

fn value_of(data: &RecordData) -> String {
    match data.rtype() {
        RecordType::TXT => {
            let text = data.text().and_then(|text| String::from_utf8(text).ok());
            // What would be read as quoted, or cannot be sent, is written with quotation marks.
            let is_plain = |text: &String| {
                !text.starts_with('"')
                    && !text.trim().is_empty()
                    && !text.chars().any(char::is_control)
            };
            text.filter(is_plain).unwrap_or_else(|| data.to_string())
        }
        RecordType::CNAME | RecordType::MX => data
            .target()
            .map_or_else(|| data.to_string(), |name| name.to_text()),
        _ => data.to_string(),
    }
}

/// A call did what it says.
///
/// ```
/// use namedrop::SuccessDocument;
///
/// let document = SuccessDocument::new(Vec::new());
/// assert_eq!(serde_json::to_string(&document)?, r#"{"type":"success","records":[]}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct SuccessDocument {
    #[serde(rename = "type")]
    kind: &'static str,
    /// The records that are there, that were made, or that went.
    pub records: Vec<RecordDocument>,
}

impl SuccessDocument {
    /// With these records.
    pub fn new(records: Vec<RecordDocument>) -> Self {
        Self {
            kind: "success",
            records,
        }
    }
}

/// A call changed nothing.
///
/// ```
/// use namedrop::{Action, ErrorDocument, RecordCall};
///
/// let error = RecordCall::parse(Action::Set, b"{}").unwrap_err();
/// assert_eq!(
///     serde_json::to_value(ErrorDocument::from(&error))?,
///     serde_json::json!({
///         "type": "error",
///         "errors": [{"message": "`records` must have at least one record"}],
///     })
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct ErrorDocument {
    #[serde(rename = "type")]
    kind: &'static str,
    /// All that is wrong.
    pub errors: Vec<ErrorItem>,
}

/// One thing that is wrong with a call.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct ErrorItem {
    /// What.
    pub message: String,
    /// With which record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requested_record: Option<RequestedRecord>,
    /// The records in the way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conflicting_records: Vec<RecordDocument>,
}

impl ErrorDocument {
    /// One thing that is wrong.
    ///
    /// ```
    /// let document = namedrop::ErrorDocument::of("the token is not known here, or has ended");
    /// assert_eq!(document.errors.len(), 1);
    /// ```
    pub fn of(message: impl Into<String>) -> Self {
        Self::all(vec![ErrorItem {
            message: message.into(),
            requested_record: None,
            conflicting_records: Vec::new(),
        }])
    }

    fn all(errors: Vec<ErrorItem>) -> Self {
        Self {
            kind: "error",
            errors,
        }
    }
}

impl From<&CallError> for ErrorDocument {
    fn from(error: &CallError) -> Self {
        Self::of(error.to_string())
    }
}

impl From<&Refusal> for ErrorDocument {
    fn from(refusal: &Refusal) -> Self {
        let items = refusal.records.iter().map(|one| ErrorItem {
            message: one.fault.to_string(),
            requested_record: one.requested.clone(),
            conflicting_records: one.conflicting.clone(),
        });
        Self::all(items.collect())
    }
}

//------------ TokenData -------------------------------------------------------------------------

/// What a token is for, in version 0.2.0 ("GET /token-data").
///
/// ```
/// use namedrop::{Permissions, TokenData};
///
/// let given: Permissions = serde_json::from_str(r#"[
///     {"scope": "namedrop-hosts", "domain": "example.com", "host": "*.sub"},
///     {"scope": "namedrop-acme", "domain": "example.com", "host": "*.sub"}
/// ]"#)?;
/// assert_eq!(
///     serde_json::to_value(TokenData::new("7", &given))?,
///     serde_json::json!({"owner": "7", "scopes": [{"domain": "example.com", "host": "*.sub"}]})
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct TokenData {
    /// Who gave it, in a form that says nothing else about them.
    pub owner: String,
    /// Where it is good.
    pub scopes: Vec<TokenPlace>,
}

/// A host of a domain that a token is good for.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct TokenPlace {
    /// The apex of the zone.
    pub domain: String,
    /// The host below it, perhaps with a wildcard.
    pub host: String,
}

impl TokenData {
    /// Each domain and host of the permissions once.
    pub fn new(owner: impl Into<String>, permissions: &Permissions) -> Self {
        let mut scopes = Vec::new();
        for place in permissions.iter().map(TokenPlace::of) {
            if !scopes.contains(&place) {
                scopes.push(place);
            }
        }
        Self {
            owner: owner.into(),
            scopes,
        }
    }
}

impl TokenPlace {
    fn of(permission: &Permission) -> Self {
        Self {
            domain: permission.domain().to_text(),
            host: permission.host().to_string(),
        }
    }
}
