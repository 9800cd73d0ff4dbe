//! The addresses of OAuth.

/// An access token for a code or a refresh token, as Domain Connect names it (POST).
pub(crate) const ACCESS_TOKEN: &str = "/v2/oauth/access_token";
/// The same (POST).
pub(crate) const TOKEN: &str = "/oauth/token";
/// Giving a token back (POST, RFC 7009).
pub(crate) const REVOKE: &str = "/oauth/revoke";
/// What a token is (POST, RFC 7662).
pub(crate) const INTROSPECT: &str = "/oauth/introspect";
/// Where everything is (GET, RFC 8414).
pub(crate) const METADATA: &str = "/.well-known/oauth-authorization-server";
