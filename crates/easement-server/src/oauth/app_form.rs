//! A request of an app that nobody registered: a form, with nothing that is secret in the query.

use std::net::IpAddr;

use axum::body::to_bytes;
use axum::extract::Request;
use easement_core::{TokenClient, TokenRequest, TokenRequestRefused};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, Uri};
use namedrop::{BasicCredentials, Secret, TokenRequestError};

use super::OAuthError;
use super::call::{MAX_BODY_OCTETS, read_basic};
use crate::http::address_of;
use crate::state::ServerState;

/// Parameters that hold a secret, and so never stand in a query, which is written down on the way.
const SECRETS: [&str; 6] = [
    "code",
    "code_verifier",
    "refresh_token",
    "access_token",
    "token",
    "client_secret",
];

/// A form, and the app in the header, when one is there.
pub(crate) struct AppForm {
    pub(crate) address: IpAddr,
    text: String,
    basic: Option<BasicCredentials>,
}

impl AppForm {
    /// Reads a request, and counts it.
    pub(crate) async fn read(state: &ServerState, request: Request) -> Result<Self, OAuthError> {
        let address = address_of(&request, &state.settings.trusted_proxies);
        let taken = state.oauth.take_network(address, state.clock.now());
        taken.map_err(|wait| OAuthError::TooOften { wait })?;
        let (parts, body) = request.into_parts();
        if has_secret(&parts.uri) {
            return Err(OAuthError::Query);
        }
        if !is_form(&parts.headers) {
            return Err(OAuthError::NoForm);
        }
        let body = to_bytes(body, MAX_BODY_OCTETS).await;
        let body = body.map_err(|_| OAuthError::Body)?;
        let text = String::from_utf8(body.into()).map_err(|_| OAuthError::Body)?;
        let basic = if parts.headers.contains_key(AUTHORIZATION) {
            let (name, password) = read_basic(&parts.headers).ok_or(OAuthError::Basic)?;
            let password = Secret::new(&password);
            Some(BasicCredentials { name, password })
        } else {
            None
        };
        Ok(Self {
            address,
            text,
            basic,
        })
    }

    /// What it asks the token endpoint for.
    pub(crate) fn token_request(&self) -> Result<namedrop::TokenRequest, OAuthError> {
        let asked = namedrop::TokenRequest::parse(&self.text, self.basic.as_ref());
        asked.map_err(|error| match (&error, &self.basic) {
            // Whoever tried the header is answered so that it can try again (RFC 6749 section 5.2).
            (TokenRequestError::HasSecret, Some(_)) => OAuthError::AppHeader(error),
            (_, _) => OAuthError::App(error),
        })
    }

    /// Who asks, and about which token.
    pub(crate) fn about_token(&self) -> Result<(TokenClient, String), OAuthError> {
        let pairs = url::form_urlencoded::parse(self.text.as_bytes()).into_owned();
        let mut pairs: Vec<(String, String)> = pairs.collect();
        let basic = self.basic.iter();
        pairs.extend(
            basic
                .clone()
                .map(|basic| ("client_id".to_owned(), basic.name.clone())),
        );
        let secrets = basic.map(|basic| basic.password.reveal().to_owned());
        pairs.extend(secrets.map(|secret| ("client_secret".to_owned(), secret)));
        if TokenRequest::parameter(&pairs, "client_secret")?.is_some() {
            return Err(OAuthError::App(TokenRequestError::HasSecret));
        }
        let token = TokenRequest::parameter(&pairs, "token")?;
        let missing = TokenRequestRefused::Missing { parameter: "token" };
        let token = token.ok_or(missing)?.to_owned();
        let client_id = TokenRequest::parameter(&pairs, "client_id")?;
        let app = TokenClient::App {
            client_id: client_id.map(str::to_owned),
        };
        Ok((app, token))
    }
}

/// Whether a query has a parameter that is to be secret.
pub(crate) fn has_secret(uri: &Uri) -> bool {
    let query = uri.query().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes()).any(|(name, _)| SECRETS.contains(&&*name))
}

/// Whether the body is a form, or does not say what it is.
fn is_form(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(CONTENT_TYPE) else {
        return true;
    };
    let kind = kind.to_str().unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_a_query_is_seen_however_it_is_written() {
        for query in [
            "access_token=a",
            "x=1&token=",
            "%74oken=a",
            "refresh_token",
            "code=1",
        ] {
            let uri: Uri = format!("/namedrop/token?{query}").parse().unwrap();
            assert!(has_secret(&uri), "{query}");
        }
        for path in ["/token", "/x?y=token", "/x?tokens=a", "/x?Token=a"] {
            assert!(!has_secret(&path.parse().unwrap()), "{path}");
        }
    }
}
