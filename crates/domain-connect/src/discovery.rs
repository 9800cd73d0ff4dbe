//! The documents through which service providers find this one
//! (draft-ietf-dconn-domainconnect-05 sections 7.2 and 8.2; Domain Connect 2.3 for the fields that
//! the draft reserves).

use serde::{Deserialize, Serialize};

/// The media type of a template (draft-05 section 8.2).
///
/// ```
/// use domain_connect::TEMPLATE_MEDIA_TYPE;
///
/// let wants_template = |accept: &str| accept.split(',').any(|one| one.trim() == TEMPLATE_MEDIA_TYPE);
/// assert!(wants_template("application/domainconnect-template+json, application/json"));
/// ```
pub const TEMPLATE_MEDIA_TYPE: &str = "application/domainconnect-template+json";

/// The answer to `GET /v2/{domain}/settings`.
///
/// ```
/// use domain_connect::Settings;
///
/// let settings = Settings {
///     provider_id: "dns.example".to_owned(),
///     provider_name: "Example DNS".to_owned(),
///     provider_display_name: None,
///     url_sync_ux: Some("https://dns.example".to_owned()),
///     url_async_ux: None,
///     url_api: "https://dns.example/api".to_owned(),
///     width: Some(750),
///     height: Some(750),
///     url_control_panel: Some("https://dns.example/zones/%domain%".to_owned()),
///     name_servers: vec!["ns1.dns.example".to_owned()],
/// };
/// let json = serde_json::to_string(&settings)?;
/// assert!(json.contains(r#""urlSyncUX":"https://dns.example""#));
/// assert_eq!(serde_json::from_str::<Settings>(&json)?, settings);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// Which DNS provider this is; usually its domain name.
    pub provider_id: String,
    /// Its name.
    pub provider_name: String,
    /// The name to show, when it is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider_display_name: Option<String>,
    /// What the URLs of the synchronous flow begin with.
    #[serde(rename = "urlSyncUX", skip_serializing_if = "Option::is_none")]
    pub url_sync_ux: Option<String>,
    /// What the pages of the asynchronous flow begin with.
    #[serde(rename = "urlAsyncUX", skip_serializing_if = "Option::is_none")]
    pub url_async_ux: Option<String>,
    /// What the URLs of the programming interface begin with.
    #[serde(rename = "urlAPI")]
    pub url_api: String,
    /// How wide a window for the pages should be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// How high it should be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// Where a person manages the zone; `%domain%` stands for its apex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url_control_panel: Option<String>,
    /// The name servers of the zone, without final dots.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub name_servers: Vec<String>,
}

/// The answer to a question for a template: never empty, since real clients read it as JSON.
///
/// ```
/// use domain_connect::TemplateVersion;
///
/// let text = |version| serde_json::to_string(&TemplateVersion { version });
/// assert_eq!(text(Some(3))?, r#"{"version":3}"#);
/// assert_eq!(text(None)?, "{}");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct TemplateVersion {
    /// The version of the template, when it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
}

/// The body of an error of the programming interface.
///
/// ```
/// use domain_connect::{ApiError, ErrorCode};
///
/// let error = ApiError { error: ErrorCode::InvalidRequest.as_str().to_owned(), error_description: None };
/// assert_eq!(serde_json::to_string(&error)?, r#"{"error":"invalid_request"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ApiError {
    /// A short name for the kind.
    pub error: String,
    /// A sentence for developers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_description: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_have_the_names_of_the_specification() {
        let settings = Settings {
            provider_id: "dns.example".to_owned(),
            provider_name: "DNS".to_owned(),
            provider_display_name: None,
            url_sync_ux: Some("https://dns.example".to_owned()),
            url_async_ux: None,
            url_api: "https://dns.example".to_owned(),
            width: Some(750),
            height: None,
            url_control_panel: None,
            name_servers: vec!["ns1.dns.example".to_owned()],
        };
        assert_eq!(
            serde_json::to_string(&settings).unwrap(),
            r#"{"providerId":"dns.example","providerName":"DNS","urlSyncUX":"https://dns.example","urlAPI":"https://dns.example","width":750,"nameServers":["ns1.dns.example"]}"#
        );
    }
}
