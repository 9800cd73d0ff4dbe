//! What a request holds, from wherever in it that came, and which client it is of.

use std::net::IpAddr;

use axum::body::to_bytes;
use axum::extract::Request;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain_connect::CallParameters;
use easement_core::{
    AuthenticatedClient, ClientId, ClientSecret, TokenRequest, TokenRequestRefused,
};
use http::HeaderMap;
use http::header::{AUTHORIZATION, CONTENT_TYPE};

use super::OAuthError;
use crate::http::address_of;
use crate::state::ServerState;

/// The most octets of a body.
pub(super) const MAX_BODY_OCTETS: usize = 16 * 1024;

/// A request: its parameters from query, form and JSON together (Domain Connect 2.3, "OAuth Flow: Requesting an
/// Access Token"), with the client of the Authorization header among them.
pub(super) struct Call {
    pub(super) parameters: Vec<(String, String)>,
    pub(super) address: IpAddr,
    has_basic: bool,
}

impl Call {
    /// Reads a request, and counts it.
    pub(super) async fn read(state: &ServerState, request: Request) -> Result<Self, OAuthError> {
        let address = address_of(&request, &state.settings.trusted_proxies);
        let taken = state.oauth.take_network(address, state.clock.now());
        taken.map_err(|wait| OAuthError::TooOften { wait })?;
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, MAX_BODY_OCTETS).await;
        let body = body.map_err(|_| OAuthError::Body)?;
        let mut parameters = CallParameters::new();
        parameters.add_query(parts.uri.query().unwrap_or_default())?;
        if is_json(&parts.headers, &body) {
            parameters.add_json(&body)?;
        } else if !body.is_empty() {
            let form = std::str::from_utf8(&body).map_err(|_| OAuthError::Body)?;
            parameters.add_query(form)?;
        }
        let parameters = parameters.iter();
        let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut call = Self {
            parameters: parameters.collect(),
            address,
            has_basic: parts.headers.contains_key(AUTHORIZATION),
        };
        if call.has_basic {
            call.add_basic(&parts.headers)?;
        }
        Ok(call)
    }

    /// Client and secret of the header, when the parameters do not say anything else (RFC 6749 section 2.3).
    fn add_basic(&mut self, headers: &HeaderMap) -> Result<(), OAuthError> {
        let (client, secret) = read_basic(headers).ok_or(OAuthError::Basic)?;
        for (name, value) in [("client_id", client), ("client_secret", secret)] {
            let is_other = |(key, other): &(String, String)| {
                key == name && !other.is_empty() && *other != value
            };
            if self.parameters.iter().any(is_other) {
                return Err(TokenRequestRefused::TwoClients.into());
            }
            self.parameters.push((name.to_owned(), value));
        }
        Ok(())
    }

    /// The client, which is what it says it is, as far as it can prove that.
    pub(super) async fn authenticate(
        &self,
        state: &ServerState,
        client: &ClientId,
        secret: Option<&ClientSecret>,
    ) -> Result<AuthenticatedClient, OAuthError> {
        let now = state.clock.now();
        let found = state.store.oauth_client(client).await?;
        let found = found.ok_or(TokenRequestRefused::Client);
        let authenticated = found.and_then(|found| found.authenticate(secret, now));
        let authenticated = authenticated.map_err(|refused| self.refusal(refused))?;
        let taken = state.oauth.take_client(authenticated.client(), now);
        taken.map_err(|wait| OAuthError::TooOften { wait })?;
        Ok(authenticated)
    }

    /// The client of a request that is no request for a token.
    pub(super) async fn authenticate_parameters(
        &self,
        state: &ServerState,
    ) -> Result<AuthenticatedClient, OAuthError> {
        let (client, secret) = TokenRequest::client_of(&self.parameters)?;
        self.authenticate(state, &client, secret.as_ref()).await
    }

    /// The token that the request is about.
    pub(super) fn token(&self) -> Result<&str, OAuthError> {
        let token = TokenRequest::parameter(&self.parameters, "token")?;
        let missing = TokenRequestRefused::Missing { parameter: "token" };
        Ok(token.ok_or(missing)?)
    }

    /// Whoever tried the header is answered so that it can try again.
    fn refusal(&self, refused: TokenRequestRefused) -> OAuthError {
        if self.has_basic && refused == TokenRequestRefused::Client {
            OAuthError::Basic
        } else {
            OAuthError::Refused(refused)
        }
    }
}

/// A body without a type is what it looks like: some clients send none.
fn is_json(headers: &HeaderMap, body: &[u8]) -> bool {
    let kind = headers.get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next());
    let kind = kind.map(str::trim).unwrap_or_default();
    if body.is_empty() {
        false
    } else if kind.eq_ignore_ascii_case("application/json") {
        true
    } else {
        kind.is_empty() && body.trim_ascii_start().starts_with(b"{")
    }
}

/// Client and secret, each encoded as in a form before they were joined (RFC 6749 section 2.3.1).
pub(super) fn read_basic(headers: &HeaderMap) -> Option<(String, String)> {
    let mut lines = headers.get_all(AUTHORIZATION).iter();
    let (line, None) = (lines.next()?, lines.next()) else {
        return None;
    };
    let (scheme, token) = line.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = BASE64_STANDARD.decode(token.trim()).ok()?;
    let text = String::from_utf8(text).ok()?;
    let (client, secret) = text.split_once(':')?;
    Some((decode(client)?, decode(secret)?))
}

fn decode(text: &str) -> Option<String> {
    let mut parameters = CallParameters::new();
    // What separates pairs would be read as such.
    let text = text.replace('&', "%26").replace('=', "%3D");
    parameters.add_query(&format!("value={text}")).ok()?;
    parameters.get("value").map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn basic(line: &str) -> Option<(String, String)> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_str(line).unwrap());
        read_basic(&headers)
    }

    #[test]
    fn a_client_in_the_header_is_decoded_twice() {
        let encoded = |text: &str| format!("Basic {}", BASE64_STANDARD.encode(text));
        let pair = |client: &str, secret: &str| Some((client.to_owned(), secret.to_owned()));
        assert_eq!(basic(&encoded("app.example:s")), pair("app.example", "s"));
        assert_eq!(basic(&encoded("a:b:c&d=e")), pair("a", "b:c&d=e"));
        assert_eq!(basic(&encoded("a:b%2Bc+d%3A")), pair("a", "b+c d:"));
        assert_eq!(basic(&encoded("a:")), pair("a", ""));
        let lower = encoded("a:b").replace("Basic", "basic");
        assert_eq!(basic(&lower), pair("a", "b"));
        for wrong in [
            "Basic",
            "Basic !",
            "Bearer abc",
            &encoded("ab"),
            &encoded("a:%zz"),
        ] {
            assert_eq!(basic(wrong), None, "{wrong}");
        }
    }
}
