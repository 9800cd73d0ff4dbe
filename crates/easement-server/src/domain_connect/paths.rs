//! The addresses of Domain Connect (draft-ietf-dconn-domainconnect-05 sections 7.2, 8.2 and 8.3; Domain Connect
//! 2.3, "Asynchronous Flow: OAuth").

/// What all addresses that service providers send people to begin with.
pub(crate) const PROVIDERS: &str = "/v2/domainTemplates/providers/";
/// The settings of a zone (GET).
pub(crate) const SETTINGS: &str = "/v2/{domain}/settings";
/// Whether a template is offered (GET).
pub(crate) const TEMPLATE: &str = "/v2/domainTemplates/providers/{provider}/services/{service}";
/// Asking for standing access (GET, POST).
pub(crate) const GRANT: &str = "/v2/domainTemplates/providers/{provider}";
/// Applying a template: a person with a link (GET, POST), or a program with an access token (POST).
pub(crate) const APPLY: &str = "/v2/domainTemplates/providers/{provider}/services/{service}/apply";
/// Removing what was applied, by a program with an access token (POST).
pub(crate) const REVERT: &str =
    "/v2/domainTemplates/providers/{provider}/services/{service}/revert";
