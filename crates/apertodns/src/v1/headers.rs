//! Headers of answers (ApertoDNS 1.4.0 sections 4.3 and 9.1).

use std::num::NonZeroU32;

use crate::Timestamp;

/// The headers of every answer, errors included. `Strict-Transport-Security` has effect over HTTPS only.
///
/// ```
/// use apertodns::v1::SECURITY_HEADERS;
///
/// assert!(SECURITY_HEADERS.contains(&("X-Content-Type-Options", "nosniff")));
/// ```
pub const SECURITY_HEADERS: [(&str, &str); 6] = [
    (
        "Strict-Transport-Security",
        "max-age=63072000; includeSubDomains; preload",
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    (
        "Content-Security-Policy",
        "default-src 'none'; frame-ancestors 'none'",
    ),
    ("Referrer-Policy", "no-referrer"),
    (
        "Cache-Control",
        "no-store, no-cache, must-revalidate, private",
    ),
];

/// The header with the name of a request, in both directions.
pub const REQUEST_ID_HEADER: &str = "X-Request-ID";

/// How a client stands to a limit.
///
/// ```
/// use apertodns::Timestamp;
/// use apertodns::v1::RateLimit;
///
/// let limit = RateLimit {
///     limit: 60,
///     remaining: 0,
///     reset_at: Timestamp::from_unix_millis(1_703_775_600_000),
///     retry_after_seconds: std::num::NonZeroU32::new(45),
/// };
/// assert_eq!(
///     limit.headers(),
///     [
///         ("X-RateLimit-Limit", "60".to_owned()),
///         ("X-RateLimit-Remaining", "0".to_owned()),
///         ("X-RateLimit-Reset", "1703775600".to_owned()),
///         ("Retry-After", "45".to_owned()),
///     ]
/// );
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RateLimit {
    /// The requests of one window.
    pub limit: u32,
    /// How many of them are left.
    pub remaining: u32,
    /// When the window ends.
    pub reset_at: Timestamp,
    /// How long to wait, when this request was one too many.
    pub retry_after_seconds: Option<NonZeroU32>,
}

impl RateLimit {
    /// The headers that say so; `Retry-After` only with a refusal.
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let always = [
            ("X-RateLimit-Limit", self.limit.to_string()),
            ("X-RateLimit-Remaining", self.remaining.to_string()),
            (
                "X-RateLimit-Reset",
                self.reset_at.as_unix_seconds().to_string(),
            ),
        ];
        let wait = self.retry_after_seconds;
        let retry = wait.map(|seconds| ("Retry-After", seconds.to_string()));
        always.into_iter().chain(retry).collect()
    }
}
