//! The paths of the endpoints (draft-03 section "Base URL"; ApertoDNS 1.4.0 section 3.3). A part in
//! braces is a parameter.
//!
//! ```
//! use apertodns::v1::paths;
//!
//! assert_eq!(paths::UPDATE, "/.well-known/apertodns/v1/update");
//! ```

/// `GET`, without a token.
pub const INFO: &str = "/.well-known/apertodns/v1/info";
/// `GET`, without a token.
pub const HEALTH: &str = "/.well-known/apertodns/v1/health";
/// `POST`.
pub const UPDATE: &str = "/.well-known/apertodns/v1/update";
/// `POST`.
pub const BULK_UPDATE: &str = "/.well-known/apertodns/v1/bulk-update";
/// `GET`.
pub const STATUS: &str = "/.well-known/apertodns/v1/status/{hostname}";
/// `GET`.
pub const DOMAINS: &str = "/.well-known/apertodns/v1/domains";
/// `POST` and `DELETE`.
pub const TXT: &str = "/.well-known/apertodns/v1/txt";
/// `GET`.
pub const TXT_OF_NAME: &str = "/.well-known/apertodns/v1/txt/{hostname}";
/// `GET` and `POST`, DynDNS2.
pub const LEGACY_DYNDNS2: &str = "/nic/update";
