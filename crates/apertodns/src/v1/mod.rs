//! ApertoDNS v1: requests, answers and errors as JSON.
//!
//! Meanings are those of draft-ferro-dnsop-apertodns-protocol-03, shapes those of the OpenAPI document of
//! 1.4.0; what is done where they disagree is in `docs/protocols/apertodns.md`, with the reasons.
//!
//! ```
//! use apertodns::address::DocumentationRanges;
//! use apertodns::v1::{ApiError, RequestRules, UpdateRequest};
//!
//! fn answer(body: &[u8]) -> Result<String, ApiError> {
//!     let request = UpdateRequest::parse(body, &RequestRules::default())?;
//!     let source = "9.9.9.9".parse().expect("an address");
//!     let changes = request.changes(Some(source), DocumentationRanges::Refuse)?;
//!     Ok(format!("{}: {:?}", request.hostname, changes.ipv4))
//! }
//!
//! assert!(answer(br#"{"hostname": "home.example.com"}"#).is_ok());
//! let error = answer(br#"{"hostname": "home", "ipv4": "10.0.0.1"}"#).unwrap_err();
//! assert_eq!(error.details.unwrap().fields.len(), 2);
//! ```

mod bulk;
mod document;
mod envelope;
mod error;
mod field;
mod headers;
mod info;
mod json;
pub mod paths;
mod reader;
mod request;
mod ttl;
mod txt;
mod update;
mod webhook;

pub use self::bulk::{BadItem, BulkUpdateRequest};
pub use self::document::{
    BulkReport, BulkResult, BulkSummary, HostStatus, TxtDeleteReport, TxtList, TxtReport,
    TxtSetReport, UpdateReport,
};
pub use self::envelope::{Answer, Meta, RequestId, RequestIdError};
pub use self::error::{ApiError, ErrorCode, ErrorDetails, ErrorDocument, UnknownErrorCode};
pub use self::field::{FieldError, FieldFault};
pub use self::headers::{REQUEST_ID_HEADER, RateLimit, SECURITY_HEADERS};
pub use self::info::{
    Authentication, Capabilities, Endpoints, Health, HealthStatus, Info, PROTOCOL_VERSION,
    ProviderInfo, RateLimitInfo,
};
pub(crate) use self::request::canonical;
pub use self::request::{RequestError, RequestRules};
pub use self::ttl::UpdateTtl;
pub use self::txt::{
    MAX_TXT_VALUES, TooManyTxtValues, TxtAction, TxtDeleteRequest, TxtName, TxtNameError,
    TxtSetRequest, TxtValue, TxtValueError, TxtWish, with_value, without_value,
};
pub use self::update::{AutoError, UpdateRequest, Wish};
pub use self::webhook::{
    SignatureFault, UnknownWebhookEvent, WebhookData, WebhookDelivery, WebhookEvent, WebhookSecret,
};
