//! The addresses of NameDrop, below the base that the configuration names.

/// The base, unless the configuration says otherwise.
pub(crate) const BASE: &str = "/namedrop";
/// The page that asks the owner (GET, POST).
pub(crate) const AUTHORIZE: &str = "/authorize";
/// Tokens for a code or a refresh token (POST).
pub(crate) const TOKEN: &str = "/token";
/// Giving a token back (POST, RFC 7009).
pub(crate) const REVOKE: &str = "/revoke";
/// What a token is (POST, RFC 7662).
pub(crate) const INTROSPECT: &str = "/introspect";
/// Which records are there (POST).
pub(crate) const GET_RECORDS: &str = "/get-records";
/// Adding records (POST).
pub(crate) const CREATE_RECORDS: &str = "/create-records";
/// Putting records in the place of others (POST).
pub(crate) const SET_RECORDS: &str = "/set-records";
/// Taking records away (POST).
pub(crate) const DELETE_RECORDS: &str = "/delete-records";
/// Adding one record, in version 0.2.0 (POST).
pub(crate) const RECORDS: &str = "/records";
/// What a token is for, in version 0.2.0 (GET).
pub(crate) const TOKEN_DATA: &str = "/token-data";
/// From which address a request comes (GET).
pub(crate) const MY_IP: &str = "/my-ip";
/// A name for that address (GET).
pub(crate) const TEMP_SUBDOMAIN: &str = "/temp-subdomain";
/// The same in version 0.2.0 (GET, POST).
pub(crate) const IP_DOMAIN: &str = "/ip-domain";
/// Any other address below the base.
pub(crate) const REST: &str = "/{*rest}";
