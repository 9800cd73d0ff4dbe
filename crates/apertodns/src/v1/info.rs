//! The public documents: `/info` and `/health` (draft-03 sections "Discovery Endpoint" and "Health
//! Endpoint").

use std::collections::BTreeMap;

use serde::Serialize;

use super::{BulkUpdateRequest, MAX_TXT_VALUES, paths};
use crate::Timestamp;

/// The version of the protocol that this crate speaks.
pub const PROTOCOL_VERSION: &str = "1.4.0";

/// The answer to `GET /info`.
///
/// ```
/// use apertodns::v1::{Authentication, Capabilities, Info, ProviderInfo, RateLimitInfo};
///
/// let mut info = Info::new(ProviderInfo {
///     name: "Example DDNS".to_owned(),
///     website: "https://example.com".to_owned(),
///     ..ProviderInfo::default()
/// });
/// info.rate_limits.insert("update", RateLimitInfo { requests: 60, window_seconds: 60 });
/// let document = serde_json::to_value(&info)?;
/// assert_eq!(document["protocol"], "apertodns");
/// assert_eq!(document["capabilities"]["max_bulk_size"], 100);
/// assert_eq!(document["endpoints"]["status"], "/.well-known/apertodns/v1/status/{hostname}");
/// assert_eq!(document["rate_limits"]["update"]["window_seconds"], 60);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Info {
    protocol: &'static str,
    protocol_version: &'static str,
    /// Who runs the server.
    pub provider: ProviderInfo,
    /// What it can do.
    pub capabilities: Capabilities,
    /// How clients say who they are.
    pub authentication: Authentication,
    /// Where everything is.
    pub endpoints: Endpoints,
    /// How often each endpoint may be asked, by its name in `endpoints`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub rate_limits: BTreeMap<&'static str, RateLimitInfo>,
    /// What time it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_time: Option<Timestamp>,
}

impl Info {
    /// A server that can do all that this crate has documents for.
    pub fn new(provider: ProviderInfo) -> Self {
        Self {
            protocol: "apertodns",
            protocol_version: PROTOCOL_VERSION,
            provider,
            capabilities: Capabilities::default(),
            authentication: Authentication::default(),
            endpoints: Endpoints::default(),
            rate_limits: BTreeMap::new(),
            server_time: None,
        }
    }
}

/// Who runs a server. Everything but the name and the website may be left out.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct ProviderInfo {
    /// Its name.
    pub name: String,
    /// Its website.
    pub website: String,
    /// Where there is more to read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documentation: Option<String>,
    /// Where to ask for help.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub support_email: Option<String>,
    /// What becomes of personal data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub privacy_policy: Option<String>,
    /// Under which conditions it may be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terms_of_service: Option<String>,
}

/// What a server can do; to say more than is true is forbidden (draft-03 section "Capability
/// Advertisement").
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a document of yes and no, one for each capability"
)]
pub struct Capabilities {
    /// Records of type `A`.
    pub ipv4: bool,
    /// Records of type `AAAA`.
    pub ipv6: bool,
    /// `"auto"`.
    pub auto_ip_detection: bool,
    /// `POST /bulk-update`.
    pub bulk_update: bool,
    /// The most updates of one request.
    pub max_bulk_size: usize,
    /// Webhooks.
    pub webhooks: bool,
    /// `/txt`.
    pub txt_records: bool,
    /// The most values at one name.
    pub txt_max_records: usize,
    /// `null` deletes.
    pub null_deletion: bool,
}

impl Default for Capabilities {
    /// Everything but webhooks.
    fn default() -> Self {
        Self {
            ipv4: true,
            ipv6: true,
            auto_ip_detection: true,
            bulk_update: true,
            max_bulk_size: BulkUpdateRequest::MAX_UPDATES,
            webhooks: false,
            txt_records: true,
            txt_max_records: MAX_TXT_VALUES,
            null_deletion: true,
        }
    }
}

/// How clients say who they are.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Authentication {
    /// The ways to send a token.
    pub methods: Vec<&'static str>,
    /// What a token looks like.
    pub token_format: &'static str,
    /// What a token may allow.
    pub scopes_supported: Vec<&'static str>,
}

impl Default for Authentication {
    /// All ways and scopes of the specification (ApertoDNS 1.4.0 section 5).
    fn default() -> Self {
        Self {
            methods: vec!["bearer_token", "api_key_header", "basic_auth_legacy"],
            token_format: "{provider}_{environment}_{random}",
            scopes_supported: vec![
                "dns:update",
                "domains:read",
                "txt:read",
                "txt:write",
                "txt:delete",
            ],
        }
    }
}

/// The path of each endpoint.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct Endpoints {
    info: &'static str,
    health: &'static str,
    update: &'static str,
    bulk_update: &'static str,
    status: &'static str,
    domains: &'static str,
    txt: &'static str,
    legacy_dyndns2: &'static str,
}

impl Default for Endpoints {
    /// Those of [`paths`].
    fn default() -> Self {
        Self {
            info: paths::INFO,
            health: paths::HEALTH,
            update: paths::UPDATE,
            bulk_update: paths::BULK_UPDATE,
            status: paths::STATUS,
            domains: paths::DOMAINS,
            txt: paths::TXT,
            legacy_dyndns2: paths::LEGACY_DYNDNS2,
        }
    }
}

/// How often something may be asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct RateLimitInfo {
    /// So many requests
    pub requests: u32,
    /// in so many seconds.
    pub window_seconds: u32,
}

//------------ Health ----------------------------------------------------------------------------

/// The answer to `GET /health`. The specification has an `uptime` beside it, with no unit; it is left out.
///
/// ```
/// use apertodns::Timestamp;
/// use apertodns::v1::{Health, HealthStatus};
///
/// let health = Health { status: HealthStatus::Healthy, timestamp: Timestamp::from_unix_millis(0) };
/// assert_eq!(
///     serde_json::to_string(&health)?,
///     r#"{"status":"healthy","timestamp":"1970-01-01T00:00:00.000Z"}"#
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct Health {
    /// How it goes.
    pub status: HealthStatus,
    /// When that was so.
    pub timestamp: Timestamp,
}

/// How it goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HealthStatus {
    /// Well.
    Healthy,
    /// Updates may be slow or fail.
    Degraded,
    /// Updates fail.
    Unhealthy,
}
