//! Which browser is asking: a random name in a cookie, and nothing else.

use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use easement_core::Random;
use http::header::{COOKIE, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use std::convert::Infallible;
use std::net::IpAddr;

use crate::context::Shared;
use crate::network;

const ID_OCTETS: usize = 18;
/// 18 octets in base64.
const ID_LENGTH: usize = 24;
/// A cookie of `__Host-` can only be set by this very host, over TLS.
const SECURE_NAME: &str = "__Host-stateless";
const PLAIN_NAME: &str = "stateless";

/// The random name of a browser.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct VisitorId(String);

impl VisitorId {
    pub(crate) fn new(random: &dyn Random) -> Self {
        Self(BASE64_URL_SAFE_NO_PAD.encode(random.octets(ID_OCTETS)))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    fn read(text: &str) -> Option<Self> {
        let is_usual = |octet: u8| octet.is_ascii_alphanumeric() || b"-_".contains(&octet);
        (text.len() == ID_LENGTH && text.bytes().all(is_usual)).then(|| Self(text.to_owned()))
    }
}

/// Who is asking.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    /// The browser.
    pub(crate) id: VisitorId,
    /// Where from.
    pub(crate) address: IpAddr,
}

/// Whether cookies go over TLS only.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Transport {
    Https,
    PlainLoopback,
}

impl Transport {
    fn cookie_name(self) -> &'static str {
        match self {
            Self::Https => SECURE_NAME,
            Self::PlainLoopback => PLAIN_NAME,
        }
    }

    fn cookie(self, id: &VisitorId) -> Option<HeaderValue> {
        let secure = match self {
            Self::Https => "; Secure",
            Self::PlainLoopback => "",
        };
        let (name, id) = (self.cookie_name(), id.as_str());
        // Lax: the browser must be known when the DNS provider sends it back.
        let cookie = format!("{name}={id}; Path=/; HttpOnly; SameSite=Lax{secure}");
        HeaderValue::try_from(cookie).ok()
    }
}

/// Gives every request its visitor, and new ones a cookie.
pub(crate) async fn recognise(
    State(context): State<Shared>,
    mut request: Request,
    next: Next,
) -> Response {
    let transport = context.transport;
    let known = known_id(request.headers(), transport.cookie_name());
    let is_new = known.is_none();
    let id = known.unwrap_or_else(|| VisitorId::new(context.random.as_ref()));
    let address = network::address_of(&request, &context.options.trusted_proxies);
    let cookie = is_new.then(|| transport.cookie(&id)).flatten();
    request.extensions_mut().insert(Visitor { id, address });
    let mut response = next.run(request).await;
    if let Some(cookie) = cookie {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// The first cookie with the name; what does not look like one of ours is none.
fn known_id(headers: &HeaderMap, name: &str) -> Option<VisitorId> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .and_then(|(_, value)| VisitorId::read(value))
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let visitor = parts.extensions.get::<Self>().cloned();
        // The layer above puts one in before any handler runs; without it nobody is anybody.
        Ok(visitor.unwrap_or_else(|| Self {
            id: VisitorId(String::new()),
            address: [0, 0, 0, 0].into(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_of_another_shape_is_no_visitor() {
        let id = |cookies: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, HeaderValue::try_from(cookies).unwrap());
            known_id(&headers, PLAIN_NAME).map(|id| id.0)
        };
        let ours = "abcdefghijklmnopqrstuv-_";
        assert_eq!(
            id(&format!("a=b; stateless={ours}; c=d")).as_deref(),
            Some(ours)
        );
        for cookies in [
            "stateless=",
            "stateless=short",
            "stateless=abcdefghijklmnopqrstuv-_x",
            "stateless=abcdefghijklmnop%00rstuv",
            "other=abcdefghijklmnopqrstuv-_",
        ] {
            assert_eq!(id(cookies), None, "{cookies}");
        }
    }
}
