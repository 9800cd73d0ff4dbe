//! Errors on the wire (draft-03 section "Error Handling"; ApertoDNS 1.4.0 section 8).

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::{AutoError, FieldError, Meta, TooManyTxtValues};

/// Makes the codes from one table.
macro_rules! error_codes {
    ($($(#[$doc:meta])* $variant:ident, $text:literal, $status:literal, $message:literal;)*) => {
        /// Every error code of ApertoDNS 1.4.0 (section 8.2).
        ///
        /// ```
        /// use apertodns::v1::ErrorCode;
        ///
        /// let code = ErrorCode::HostnameNotOwned;
        /// assert_eq!((code.as_str(), code.http_status()), ("hostname_not_owned", 403));
        /// assert_eq!(ErrorCode::ALL.len(), 32);
        /// ```
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum ErrorCode {
            $($(#[$doc])* $variant,)*
        }

        impl ErrorCode {
            /// All codes, in the order of the specification.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code on the wire.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }

            /// The HTTP status of an answer with it.
            pub fn http_status(self) -> u16 {
                match self {
                    $(Self::$variant => $status,)*
                }
            }

            /// What to say when there is nothing more exact.
            pub fn message(self) -> &'static str {
                match self {
                    $(Self::$variant => $message,)*
                }
            }
        }
    };
}

error_codes! {
    /// There is no token.
    Unauthorized, "unauthorized", 401, "send a token: Authorization: Bearer TOKEN";
    /// The token is too old.
    TokenExpired, "token_expired", 401, "the token has expired: make a new one";
    /// The token was taken back.
    TokenRevoked, "token_revoked", 401, "the token was revoked: make a new one";
    /// No token is like this.
    InvalidToken, "invalid_token", 401, "this token is not known: check that all of it was copied";
    /// The token may not do this.
    Forbidden, "forbidden", 403, "the token does not allow this: see its scopes";
    /// The token is for other hosts.
    HostnameForbidden, "hostname_forbidden", 403, "the token does not allow this hostname";
    /// The token is for other networks.
    IpForbidden, "ip_forbidden", 403, "the token does not allow requests from this address";
    /// It cannot be made sense of.
    InvalidRequest, "invalid_request", 400, "the request cannot be understood";
    /// The body is not JSON.
    InvalidJson, "invalid_json", 400, "the body is not JSON";
    /// Several fields, or one without a code of its own, are wrong.
    ValidationError, "validation_error", 400, "some fields are wrong: see details.fields";
    /// The hostname is none.
    InvalidHostname, "invalid_hostname", 400, "this is not a full hostname";
    /// The address is none, or not public.
    InvalidIp, "invalid_ip", 400, "this is not a public address";
    /// The request came over IPv6.
    Ipv4AutoFailed, "ipv4_auto_failed", 400, "the request came over IPv6: name the IPv4 address";
    /// The request came over IPv4.
    Ipv6AutoFailed, "ipv6_auto_failed", 400, "the request came over IPv4: name the IPv6 address";
    /// The TTL is outside the limits.
    InvalidTtl, "invalid_ttl", 400, "the TTL must be from 60 to 86400 seconds";
    /// This server does not set text records.
    TxtNotSupported, "txt_not_supported", 400, "this server does not set text records";
    /// There are as many values as there may be.
    TxtLimitExceeded, "txt_limit_exceeded", 400, "there are too many values at this name: delete one";
    /// No text record may be set at this name.
    TxtInvalidName, "txt_invalid_name", 400, "no text record may be set at this name";
    /// The value does not fit.
    TxtValueTooLong, "txt_value_too_long", 400, "the value is longer than 255 octets";
    /// There is no such thing.
    NotFound, "not_found", 404, "there is no such hostname";
    /// The host is somebody else's.
    HostnameNotOwned, "hostname_not_owned", 403, "this hostname is not yours";
    /// There is no such token.
    TokenNotFound, "token_not_found", 404, "there is no such token";
    /// There is no such webhook.
    WebhookNotFound, "webhook_not_found", 404, "there is no such webhook";
    /// The URL has other methods.
    MethodNotAllowed, "method_not_allowed", 405, "this URL has other methods: see the header Allow";
    /// The hostname is taken.
    HostnameExists, "hostname_exists", 409, "this hostname is taken";
    /// Too many requests in too little time.
    RateLimited, "rate_limited", 429, "too many requests: wait as long as Retry-After says";
    /// The body is too long.
    PayloadTooLarge, "payload_too_large", 413, "the body is too long";
    /// Too many updates in one request.
    BulkLimitExceeded, "bulk_limit_exceeded", 400, "send at most 100 updates in one request";
    /// Something is broken here.
    ServerError, "server_error", 500, "something is broken here: try again later";
    /// What serves DNS did not take the change.
    DnsError, "dns_error", 502, "the DNS server did not take the change: try again later";
    /// The server is looked after.
    Maintenance, "maintenance", 503, "the server is looked after: try again later";
    /// It took too long.
    Timeout, "timeout", 504, "it took too long: try again later";
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ErrorCode {
    type Err = UnknownErrorCode;

    /// Reads the code on the wire.
    fn from_str(text: &str) -> Result<Self, UnknownErrorCode> {
        let mut codes = Self::ALL.iter();
        let known = codes.find(|code| code.as_str() == text).copied();
        known.ok_or_else(|| UnknownErrorCode {
            text: text.chars().take(80).collect(),
        })
    }
}

/// A code that ApertoDNS does not have.
///
/// ```
/// use apertodns::v1::ErrorCode;
///
/// assert_eq!("rate_limited".parse(), Ok(ErrorCode::RateLimited));
/// assert!("RATE_LIMITED".parse::<ErrorCode>().is_err());
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{}` is no error code of ApertoDNS", text.escape_debug())]
pub struct UnknownErrorCode {
    /// The text.
    pub text: String,
}

impl Serialize for ErrorCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

//------------ ApiError --------------------------------------------------------------------------

/// The member `error` of an answer, and of an item of a bulk answer.
///
/// ```
/// use apertodns::v1::{ApiError, ErrorCode};
///
/// let error = ApiError::new(ErrorCode::RateLimited).with_retry_after(45);
/// assert_eq!(
///     serde_json::to_value(&error)?,
///     serde_json::json!({
///         "code": "rate_limited",
///         "message": "too many requests: wait as long as Retry-After says",
///         "retry_after_seconds": 45,
///     })
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ApiError {
    /// What kind it is.
    pub code: ErrorCode,
    /// What to tell people, in English.
    pub message: String,
    /// More about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<ErrorDetails>,
    /// How many seconds to wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<u32>,
    /// Where there is more to read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documentation_url: Option<String>,
    /// What to name when asking for help.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub support_id: Option<String>,
}

/// More about an error.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ErrorDetails {
    /// What is wrong, field by field.
    pub fields: Vec<FieldError>,
}

impl ApiError {
    /// An error with the message of its code.
    pub fn new(code: ErrorCode) -> Self {
        Self {
            code,
            message: code.message().to_owned(),
            details: None,
            retry_after_seconds: None,
            documentation_url: None,
            support_id: None,
        }
    }

    /// The same with another message.
    #[must_use]
    pub fn with_message(mut self, message: String) -> Self {
        self.message = message;
        self
    }

    /// The same with the fields that are wrong.
    #[must_use]
    pub fn with_fields(mut self, fields: Vec<FieldError>) -> Self {
        self.details = Some(ErrorDetails { fields });
        self
    }

    /// The same with a time to wait.
    #[must_use]
    pub fn with_retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }
}

impl From<AutoError> for ApiError {
    fn from(error: AutoError) -> Self {
        Self::new(error.code()).with_message(error.to_string())
    }
}

impl From<TooManyTxtValues> for ApiError {
    fn from(error: TooManyTxtValues) -> Self {
        Self::new(ErrorCode::TxtLimitExceeded).with_message(error.to_string())
    }
}

/// The whole body of an answer that is an error.
///
/// ```
/// use apertodns::v1::{ApiError, ErrorCode, ErrorDocument, Meta, RequestId};
///
/// let meta = Meta::new("req-1".parse::<RequestId>()?);
/// let document = ErrorDocument::new(ApiError::new(ErrorCode::NotFound), meta);
/// assert_eq!(
///     serde_json::to_string(&document)?,
///     r#"{"success":false,"error":{"code":"not_found","message":"there is no such hostname"},"meta":{"request_id":"req-1"}}"#
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ErrorDocument {
    success: bool,
    /// What went wrong.
    pub error: ApiError,
    /// About the answer.
    pub meta: Meta,
}

impl ErrorDocument {
    /// An answer.
    pub fn new(error: ApiError, meta: Meta) -> Self {
        Self {
            success: false,
            error,
            meta,
        }
    }
}
