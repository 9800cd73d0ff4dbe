//! What is wrong with the fields of a request, in the form of `error.details.fields`
//! (ApertoDNS 1.4.0 section 8.3).

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::{ErrorCode, TxtNameError, TxtValueError, UpdateTtl};
use crate::HostnameError;
use crate::address::{AddressError, NotPublic};

/// One field that is wrong.
///
/// ```
/// use apertodns::v1::{RequestError, RequestRules, UpdateRequest};
///
/// let body = br#"{"hostname": "home.example.com", "ttl": 30}"#;
/// let Err(RequestError::Fields(fields)) = UpdateRequest::parse(body, &RequestRules::default()) else {
///     unreachable!()
/// };
/// assert_eq!(
///     serde_json::to_value(&fields[0])?,
///     serde_json::json!({
///         "field": "ttl",
///         "code": "out_of_range",
///         "message": "ttl must be a whole number of seconds from 60 to 86400",
///         "provided": 30,
///         "constraints": {"min": 60, "max": 86400},
///     })
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct FieldError {
    /// Which one: its name, with the way to it, as in `updates[3].ipv4`.
    pub field: String,
    /// What is wrong.
    pub fault: FieldFault,
    /// What was there, cut after 80 characters. Only texts, numbers and the like, no lists or objects.
    pub provided: Option<Value>,
}

/// What is wrong with a field.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum FieldFault {
    /// It must be there.
    #[error("it is required")]
    Required,
    /// It is there twice.
    #[error("it is there twice: leave one out")]
    Repeated,
    /// It has another JSON type.
    #[error("it must be {wanted}")]
    Type {
        /// The type, with an article.
        wanted: &'static str,
    },
    /// It is no hostname.
    #[error(transparent)]
    Hostname(#[from] HostnameError),
    /// It is no address.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// The address is not public.
    #[error(transparent)]
    NotPublic(#[from] NotPublic),
    /// The TTL is too short, too long, or no whole number.
    #[error("ttl must be a whole number of seconds from {} to {}",
        UpdateTtl::MIN.as_secs(), UpdateTtl::MAX.as_secs())]
    Ttl,
    /// A text record may not stand at this name.
    #[error(transparent)]
    TxtName(#[from] TxtNameError),
    /// It is no value of a text record.
    #[error(transparent)]
    TxtValue(#[from] TxtValueError),
    /// An action that does not exist.
    #[error("it must be `set` or `delete`")]
    Action,
    /// A list of nothing.
    #[error("it must have at least one item")]
    NoItems,
    /// It is a field that this request has not.
    #[error("there is no such field: leave it out")]
    Unknown,
    /// It is well written and means something that cannot be.
    #[error("{reason}")]
    Value {
        /// Why.
        reason: String,
    },
    /// What is asked for does not go with what is there.
    #[error("{reason}")]
    Conflict {
        /// With what.
        reason: String,
    },
}

impl FieldFault {
    /// A short name of the kind, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Repeated => "repeated",
            Self::Type { .. } => "invalid_type",
            Self::Unknown => "unknown",
            Self::Hostname(_)
            | Self::Address(_)
            | Self::TxtName(_)
            | Self::Action
            | Self::Value { .. } => "invalid_format",
            Self::Conflict { .. } => "conflict",
            Self::NotPublic(_) => "not_public",
            Self::Ttl | Self::NoItems => "out_of_range",
            Self::TxtValue(error) => error.code(),
        }
    }

    /// The code of the whole request when nothing else is wrong with it.
    pub fn error_code(&self) -> ErrorCode {
        match self {
            Self::Hostname(_) => ErrorCode::InvalidHostname,
            Self::Address(_) | Self::NotPublic(_) => ErrorCode::InvalidIp,
            Self::Ttl => ErrorCode::InvalidTtl,
            Self::TxtName(_) => ErrorCode::TxtInvalidName,
            Self::TxtValue(TxtValueError::TooLong { .. }) => ErrorCode::TxtValueTooLong,
            Self::TxtValue(TxtValueError::Empty | TxtValueError::Control)
            | Self::Required
            | Self::Repeated
            | Self::Type { .. }
            | Self::Action
            | Self::NoItems
            | Self::Unknown
            | Self::Value { .. }
            | Self::Conflict { .. } => ErrorCode::ValidationError,
        }
    }

    /// The limits that were not kept, where there are some.
    fn constraints(&self) -> Option<Value> {
        match self {
            Self::Ttl => {
                let (min, max) = (UpdateTtl::MIN.as_secs(), UpdateTtl::MAX.as_secs());
                Some(json!({"min": min, "max": max}))
            }
            Self::NoItems => Some(json!({"min": 1})),
            Self::TxtValue(error) => error.constraints(),
            Self::Required
            | Self::Repeated
            | Self::Type { .. }
            | Self::Hostname(_)
            | Self::Address(_)
            | Self::NotPublic(_)
            | Self::TxtName(_)
            | Self::Action
            | Self::Unknown
            | Self::Value { .. }
            | Self::Conflict { .. } => None,
        }
    }
}

impl Serialize for FieldError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut document = serializer.serialize_struct("FieldError", 5)?;
        document.serialize_field("field", &self.field)?;
        document.serialize_field("code", self.fault.code())?;
        document.serialize_field("message", &self.fault.to_string())?;
        if let Some(provided) = &self.provided {
            document.serialize_field("provided", provided)?;
        }
        if let Some(constraints) = self.fault.constraints() {
            document.serialize_field("constraints", &constraints)?;
        }
        document.end()
    }
}
