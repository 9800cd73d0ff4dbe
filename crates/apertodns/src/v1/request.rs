//! What all requests share: their rules, and why they are refused as a whole.

use std::net::IpAddr;

use super::json::Json;
use super::{ApiError, BulkUpdateRequest, ErrorCode, FieldError};
use crate::address::DocumentationRanges;

/// What a server lets requests ask for.
///
/// ```
/// use apertodns::address::DocumentationRanges;
/// use apertodns::v1::RequestRules;
///
/// // For a token that is only for tests:
/// let rules = RequestRules { documentation: DocumentationRanges::Accept, ..RequestRules::default() };
/// assert_eq!(rules.txt_prefixes, ["_acme-challenge"]);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RequestRules {
    /// Whether addresses of examples may be set.
    pub documentation: DocumentationRanges,
    /// What the first label of a text record's name may be (draft-03 section "TXT Record Abuse
    /// Prevention").
    pub txt_prefixes: Vec<String>,
}

impl Default for RequestRules {
    /// For a live token: public addresses, and the records of ACME.
    fn default() -> Self {
        Self {
            documentation: DocumentationRanges::Refuse,
            txt_prefixes: vec!["_acme-challenge".to_owned()],
        }
    }
}

/// Why a request cannot be carried out, whoever sent it.
///
/// ```
/// use apertodns::v1::{ApiError, ErrorCode, RequestRules, UpdateRequest};
///
/// let rules = RequestRules::default();
/// let code = |body: &str| ApiError::from(UpdateRequest::parse(body.as_bytes(), &rules).unwrap_err()).code;
/// assert_eq!(code("{"), ErrorCode::InvalidJson);
/// assert_eq!(code("[]"), ErrorCode::InvalidRequest);
/// assert_eq!(code(r#"{"hostname": "home"}"#), ErrorCode::InvalidHostname);
/// assert_eq!(code(r#"{"hostname": "home", "ttl": 1}"#), ErrorCode::ValidationError);
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RequestError {
    /// The body is not JSON, or not UTF-8.
    #[error("the body is not JSON: {message}")]
    Json {
        /// What the parser says, with line and column.
        message: String,
    },
    /// The body is some other JSON value.
    #[error("the body must be a JSON object")]
    NotAnObject,
    /// More hosts than one request may update.
    #[error(
        "{count} updates are too many: send at most {} in one request",
        BulkUpdateRequest::MAX_UPDATES
    )]
    TooManyUpdates {
        /// How many there are.
        count: usize,
    },
    /// These fields are wrong; at least one.
    #[error("{}", summary(.0))]
    Fields(Vec<FieldError>),
}

impl RequestError {
    /// The code of the answer. One wrong field has the code that was made for it, several have
    /// `validation_error`.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Json { .. } => ErrorCode::InvalidJson,
            Self::NotAnObject => ErrorCode::InvalidRequest,
            Self::TooManyUpdates { .. } => ErrorCode::BulkLimitExceeded,
            Self::Fields(fields) => match fields.as_slice() {
                [field] => field.fault.error_code(),
                _ => ErrorCode::ValidationError,
            },
        }
    }
}

impl From<RequestError> for ApiError {
    fn from(error: RequestError) -> Self {
        let answer = Self::new(error.code()).with_message(error.to_string());
        match error {
            RequestError::Fields(fields) => answer.with_fields(fields),
            RequestError::Json { .. }
            | RequestError::NotAnObject
            | RequestError::TooManyUpdates { .. } => answer,
        }
    }
}

/// Says all that is wrong in one line: some clients show the message and nothing else.
fn summary(fields: &[FieldError]) -> String {
    let faults: Vec<String> = fields
        .iter()
        .map(|error| format!("{}: {}", error.field, error.fault))
        .collect();
    faults.join("; ")
}

/// The members of the object that a body must be.
pub(super) fn members(body: &[u8]) -> Result<Vec<(String, Json)>, RequestError> {
    let json = Json::parse(body).map_err(|error| RequestError::Json {
        message: error.to_string(),
    })?;
    match json {
        Json::Object(members) => Ok(members),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) | Json::List(_) => {
            Err(RequestError::NotAnObject)
        }
    }
}

/// The address that a request came from, as the network layer gives it: sockets for both families show
/// peers over IPv4 as IPv4-mapped addresses.
pub(crate) fn canonical(source: IpAddr) -> IpAddr {
    source.to_canonical()
}
