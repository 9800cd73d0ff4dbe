//! What all requests of ApertoDNS have in common: who asks, and what every answer says.

use std::net::IpAddr;

use apertodns::v1::{
    Answer, ApiError, ErrorCode, ErrorDocument, Meta, REQUEST_ID_HEADER, RateLimit, RequestId,
    RequestRules,
};
use apertodns::{Secret, Timestamp};
use axum::Json;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, AUTHORIZATION, WWW_AUTHENTICATE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde::Serialize;
use tokio::time::Instant;

use super::failed::Failed;
use crate::api_tokens::{Admitted, Carrier, RateLeft};
use crate::devices::NoAnswer;
use crate::dynamic_dns::{Presented, documentation_ranges};
use crate::http::request_id::RequestId as OwnId;
use crate::http::{address_of, source_of};
use crate::state::{ServerState, Shared};

/// The most octets of a body: a hundred updates, each with all that it can have, fit.
const MAX_BODY_OCTETS: usize = 128 * 1024;

/// A request.
pub(crate) struct Call {
    id: RequestId,
    token: Option<Secret>,
    pub(super) address: IpAddr,
    /// The same for `auto`: nothing, when a proxy in between does not say it.
    pub(super) source: Option<IpAddr>,
    body: Option<Bytes>,
    received_at: easement_core::Timestamp,
    started: Instant,
}

/// An answer that is no error.
pub(super) struct Told<T> {
    pub(super) status: u16,
    pub(super) data: T,
    pub(super) rate: Option<RateLeft>,
    /// Whether there is more than the answer has.
    pub(super) is_cut: bool,
}

impl<T> Told<T> {
    /// To whoever was admitted.
    pub(super) fn new(data: T, admitted: &Admitted) -> Self {
        Self {
            status: 200,
            data,
            rate: admitted.rate,
            is_cut: false,
        }
    }

    /// The same answer about something else.
    pub(super) fn with<U>(self, data: U) -> Told<U> {
        Told {
            status: self.status,
            data,
            rate: self.rate,
            is_cut: self.is_cut,
        }
    }

    /// To everybody.
    pub(super) fn public(data: T) -> Self {
        Self {
            status: 200,
            data,
            rate: None,
            is_cut: false,
        }
    }
}

impl Call {
    pub(super) async fn read(state: &ServerState, request: Request) -> Self {
        let call = Self::of(state, &request);
        Self {
            body: to_bytes(request.into_body(), MAX_BODY_OCTETS).await.ok(),
            ..call
        }
    }

    /// A request whose body is not read.
    pub(crate) fn of(state: &ServerState, request: &Request) -> Self {
        let proxies = &state.settings.trusted_proxies;
        let known = request.extensions().get::<RequestId>();
        let own = request.extensions().get::<OwnId>();
        Self {
            id: known
                .cloned()
                .unwrap_or_else(|| request_id(request.headers(), own)),
            token: token_of(request.headers()),
            address: address_of(request, proxies),
            source: source_of(request, proxies),
            body: None,
            received_at: state.clock.now(),
            started: Instant::now(),
        }
    }

    /// Its name.
    pub(crate) fn id(&self) -> &RequestId {
        &self.id
    }

    /// The answer when there is none of a handler.
    pub(crate) fn no_answer(self, why: NoAnswer) -> Response {
        let code = match why {
            NoAnswer::TooSlow => ErrorCode::Timeout,
            NoAnswer::Broken => ErrorCode::ServerError,
        };
        self.answer::<()>(Err(code.into()))
    }

    /// The token, as it is presented.
    pub(super) fn presented(&self) -> Result<Presented<'_>, Failed> {
        let token = self.token.as_ref().ok_or(ErrorCode::Unauthorized)?;
        Ok(Presented {
            text: token.reveal(),
            carrier: Carrier::Hidden,
            address: self.address,
        })
    }

    pub(super) async fn admit(&self, state: &ServerState) -> Result<Admitted, Failed> {
        Ok(self.presented()?.admit(state).await?)
    }

    pub(super) fn body(&self) -> Result<&[u8], Failed> {
        Ok(self.body.as_deref().ok_or(ErrorCode::PayloadTooLarge)?)
    }

    /// The answer to the request.
    pub(super) fn answer<T: Serialize>(self, outcome: Result<Told<T>, Failed>) -> Response {
        let elapsed = self.started.elapsed().as_millis();
        let meta = Meta {
            processing_time_ms: u64::try_from(elapsed).ok(),
            timestamp: Some(moment(self.received_at)),
            truncated: outcome.as_ref().is_ok_and(|told| told.is_cut),
            ..Meta::new(self.id.clone())
        };
        let mut response = match outcome {
            Ok(told) => {
                let Told {
                    status, data, rate, ..
                } = told;
                let mut response = json(status, Answer::new(data, meta));
                if let Some(rate) = rate {
                    add_headers(&mut response, &rate_limit(rate).headers());
                }
                response
            }
            Err(failed) => {
                let code = failed.error.code;
                let mut response =
                    json(code.http_status(), ErrorDocument::new(*failed.error, meta));
                add_headers(&mut response, &failed.headers);
                if response.status() == StatusCode::UNAUTHORIZED {
                    let challenge = challenge(code);
                    response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
                }
                response
            }
        };
        open_to_browsers(&mut response);
        response
    }
}

/// How to come back (RFC 6750 section 3): whoever showed no token is told of no error.
fn challenge(code: ErrorCode) -> HeaderValue {
    HeaderValue::from_static(if code == ErrorCode::Unauthorized {
        "Bearer realm=\"easement\""
    } else {
        "Bearer realm=\"easement\", error=\"invalid_token\""
    })
}

/// No cookie is looked at, so programs in browsers may ask and read, whatever page they are on.
fn open_to_browsers(response: &mut Response) {
    for (name, value) in [
        (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, PATCH, DELETE"),
        (
            ACCESS_CONTROL_ALLOW_HEADERS,
            "Authorization, Content-Type, X-API-Key, X-Request-ID",
        ),
        (
            ACCESS_CONTROL_EXPOSE_HEADERS,
            "Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-Request-ID",
        ),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
}

fn json(status: u16, document: impl Serialize) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(document)).into_response()
}

fn add_headers(response: &mut Response, headers: &[(&'static str, String)]) {
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
            response.headers_mut().insert(name, value);
        }
    }
}

pub(super) fn rate_limit(rate: RateLeft) -> RateLimit {
    RateLimit {
        limit: rate.limit,
        remaining: rate.remaining,
        reset_at: moment(rate.reset_at),
        retry_after_seconds: None,
    }
}

/// A moment, as documents have it.
pub(super) fn moment(at: easement_core::Timestamp) -> Timestamp {
    Timestamp::from_unix_millis(at.as_micros() / 1000)
}

/// The id that the client gave the request, or else ours.
fn request_id(headers: &HeaderMap, own: Option<&OwnId>) -> RequestId {
    let given: Option<RequestId> = headers
        .get(REQUEST_ID_HEADER)
        .and_then(|id| id.to_str().ok()?.parse().ok());
    let own = || own.and_then(|OwnId(id)| id.parse().ok());
    if let Some(given) = &given {
        // Under this id its sender will ask about it.
        tracing::info!(request.client_id = %given, "the client named the request");
    }
    given.or_else(own).unwrap_or_else(RequestId::unknown)
}

/// `Authorization: Bearer TOKEN` (RFC 6750) or `X-API-Key: TOKEN` (draft-03 section "Authentication").
fn token_of(headers: &HeaderMap) -> Option<Secret> {
    let text = |name| headers.get(name)?.to_str().ok();
    let bearer = text(AUTHORIZATION.as_str()).and_then(|header| {
        let (scheme, token) = header.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    bearer.or_else(|| text("x-api-key")).map(Secret::new)
}

/// What the requests of a token may ask for.
pub(super) fn rules(admitted: &Admitted) -> RequestRules {
    RequestRules {
        documentation: documentation_ranges(&admitted.chain),
        ..RequestRules::default()
    }
}

/// Any other address below that of the protocol.
pub(crate) async fn nothing_here(State(state): State<Shared>, request: Request) -> Response {
    let call = Call::read(&state, request).await;
    let error = ApiError::new(ErrorCode::NotFound)
        .with_message("there is nothing here: see /.well-known/apertodns/v1/info".to_owned());
    call.answer::<()>(Err(error.into()))
}

/// Any other method. Browsers ask with `OPTIONS` before they send a token.
pub(crate) async fn method_not_allowed(State(state): State<Shared>, request: Request) -> Response {
    if request.method() == Method::OPTIONS {
        let mut response = StatusCode::NO_CONTENT.into_response();
        open_to_browsers(&mut response);
        return response;
    }
    let call = Call::read(&state, request).await;
    call.answer::<()>(Err(ErrorCode::MethodNotAllowed.into()))
}
