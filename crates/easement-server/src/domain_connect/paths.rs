//! The addresses of Domain Connect (draft-ietf-dconn-domainconnect-05 sections 7.2, 8.2 and 8.3).

/// The settings of a zone (GET).
pub(crate) const SETTINGS: &str = "/v2/{domain}/settings";
/// Whether a template is offered (GET).
pub(crate) const TEMPLATE: &str = "/v2/domainTemplates/providers/{provider}/services/{service}";
/// Applying a template (GET, POST).
pub(crate) const APPLY: &str = "/v2/domainTemplates/providers/{provider}/services/{service}/apply";
