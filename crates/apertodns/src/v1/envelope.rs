//! What every answer is wrapped in (draft-03 section "Response Format").

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::Timestamp;

/// The whole body of an answer that is no error.
///
/// ```
/// use apertodns::v1::{Meta, Answer};
///
/// let document = Answer::new(["anything"], Meta::new("req-1".parse()?));
/// assert_eq!(
///     serde_json::to_string(&document)?,
///     r#"{"success":true,"data":["anything"],"meta":{"request_id":"req-1"}}"#
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Answer<T> {
    success: bool,
    /// What was asked for.
    pub data: T,
    /// About the answer.
    pub meta: Meta,
}

impl<T> Answer<T> {
    /// An answer.
    pub fn new(data: T, meta: Meta) -> Self {
        Self {
            success: true,
            data,
            meta,
        }
    }
}

/// The member `meta` of an answer.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Meta {
    /// Which request this answers; also in the header `X-Request-ID`.
    pub request_id: RequestId,
    /// How long it took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processing_time_ms: Option<u64>,
    /// When it was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<Timestamp>,
    /// That there is more than the answer has.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
}

impl Meta {
    /// What is known of every answer.
    pub fn new(request_id: RequestId) -> Self {
        Self {
            request_id,
            processing_time_ms: None,
            timestamp: None,
            truncated: false,
        }
    }
}

/// The name of one request, from the header `X-Request-ID` or made by the server: at most 128 letters,
/// digits, and `-_.`, so that it can stand in headers and logs.
///
/// ```
/// use apertodns::v1::RequestId;
///
/// let id: RequestId = "550e8400-e29b-41d4-a716-446655440000".parse()?;
/// assert_eq!(id.to_string(), "550e8400-e29b-41d4-a716-446655440000");
/// assert!("a\r\nSet-Cookie: b".parse::<RequestId>().is_err());
/// assert!("".parse::<RequestId>().is_err());
/// # Ok::<(), apertodns::v1::RequestIdError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct RequestId(String);

impl RequestId {
    /// The most characters.
    pub const MAX_CHARACTERS: usize = 128;

    /// The name of a request that nobody named.
    pub fn unknown() -> Self {
        Self("unknown".to_owned())
    }
}

impl FromStr for RequestId {
    type Err = RequestIdError;

    fn from_str(text: &str) -> Result<Self, RequestIdError> {
        let is_good = |octet: u8| octet.is_ascii_alphanumeric() || b"-_.".contains(&octet);
        let fits = (1..=Self::MAX_CHARACTERS).contains(&text.len());
        if fits && text.bytes().all(is_good) {
            Ok(Self(text.to_owned()))
        } else {
            Err(RequestIdError)
        }
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for RequestId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// A text is no name of a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a request id has 1 to 128 letters, digits, hyphens, underscores and dots")]
pub struct RequestIdError;
