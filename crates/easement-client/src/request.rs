//! One HTTP request, and the ways in which it brings no answer.

use std::time::Duration;

use easement_core::OutboundRefused;
use easement_outbound::http::{
    Answer, ExchangeError, Outgoing, Reading, SendError, Target, TargetError,
};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method};
use url::Url;

use crate::url_prefix::is_loopback;
use crate::{Client, PlainHttp};

/// The largest answer that is read, unless more is expected.
pub(crate) const MAX_ANSWER: usize = 256 * 1024;
const AGENT: &str = concat!("easement/", env!("CARGO_PKG_VERSION"));

impl Client {
    /// Sends, and gives what was answered, whatever the status. Redirects are not followed.
    pub(crate) async fn ask(&self, url: &Url, outgoing: Outgoing) -> Result<Answer, RequestError> {
        self.ask_for(url, outgoing, MAX_ANSWER).await
    }

    /// The same, for an answer of another length.
    pub(crate) async fn ask_for(
        &self,
        url: &Url,
        outgoing: Outgoing,
        max: usize,
    ) -> Result<Answer, RequestError> {
        self.check_scheme(url)?;
        let target = Target::of(url).map_err(|source| RequestError::Url {
            url: shown(url),
            source,
        })?;
        let reading = Reading::Whole { max };
        let sent = self.http.send(&target, outgoing, reading).await;
        sent.map_err(|error| RequestError::of(url, error))
    }

    /// Whatever named a URL, a file that a person wrote included: in plain text nothing goes but to where the client may.
    fn check_scheme(&self, url: &Url) -> Result<(), RequestError> {
        let is_plain_allowed = match self.plain_http {
            PlainHttp::Refuse => false,
            PlainHttp::ToLoopback => is_loopback(url),
            PlainHttp::Allow => true,
        };
        if url.scheme() == "http" && !is_plain_allowed {
            return Err(RequestError::Plain { url: shown(url) });
        }
        Ok(())
    }
}

/// What is sent to read something.
pub(crate) fn get() -> Outgoing {
    Outgoing {
        method: Method::GET,
        headers: headers(),
        body: Vec::new().into(),
    }
}

/// What is sent to change something.
pub(crate) fn post(content_type: &'static str, body: String) -> Outgoing {
    let mut headers = headers();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    Outgoing {
        method: Method::POST,
        headers,
        body: body.into_bytes().into(),
    }
}

/// The same with a secret; none that cannot stand in a header.
pub(crate) fn authorized(mut outgoing: Outgoing, value: &str) -> Option<Outgoing> {
    let mut value = HeaderValue::from_str(value).ok()?;
    value.set_sensitive(true);
    outgoing.headers.insert(AUTHORIZATION, value);
    Some(outgoing)
}

/// How long to wait, as an answer says in seconds; dates are not read.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse().ok().map(Duration::from_secs)
}

fn headers() -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(
        ACCEPT,
        HeaderValue::from_static("application/json, */*;q=0.5"),
    );
    headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    headers
}

/// Whether a status says that another time may be better (RFC 9110 sections 15.5.9 and 15.6, RFC 6585 section 4).
pub(crate) fn is_busy(status: u16) -> bool {
    matches!(status, 408 | 429 | 500..)
}

/// A URL as messages show it: without its query, which may hold what others must not see.
fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.to_string()
}

/// Why a request brought no answer.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// The URL leads nowhere.
    #[error("{url} cannot be asked: {source}")]
    Url {
        /// The URL.
        url: String,
        /// Why.
        source: TargetError,
    },
    /// The URL is `http`, and the client speaks plain HTTP nowhere, or not there.
    #[error("{url} is not asked, since anybody on the way could read along: write https")]
    Plain {
        /// The URL.
        url: String,
    },
    /// The URL leads to an address that is not public.
    #[error(
        "{url} leads to {}, which is not a public address: allow its network if it is yours",
        source.address
    )]
    NotPublic {
        /// The URL.
        url: String,
        /// Which address, and what it is for.
        source: OutboundRefused,
    },
    /// No connection came about.
    #[error("{url} cannot be reached: {source}")]
    Unreachable {
        /// The URL.
        url: String,
        /// Why.
        source: SendError,
    },
    /// There is no certificate for the name that is believed.
    #[error("{url} does not show a certificate that is believed: {source}")]
    Tls {
        /// The URL.
        url: String,
        /// Why.
        source: std::io::Error,
    },
    /// The answer is not read to its end.
    #[error(
        "{url} answers with more than {max} octets, which is more than such an answer can have"
    )]
    TooLarge {
        /// The URL.
        url: String,
        /// The limit.
        max: usize,
    },
    /// The answer takes too long.
    #[error("{url} did not answer within {} seconds: try again later", limit.as_secs())]
    TimedOut {
        /// The URL.
        url: String,
        /// The limit.
        limit: Duration,
    },
    /// The answer is not HTTP.
    #[error("{url} does not answer in HTTP: {source}")]
    NotHttp {
        /// The URL.
        url: String,
        /// What it is instead.
        source: ExchangeError,
    },
}

impl RequestError {
    /// Whether the same request may be answered later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { .. }
            | Self::Tls { .. }
            | Self::TimedOut { .. }
            | Self::NotHttp { .. } => true,
            Self::Url { .. }
            | Self::Plain { .. }
            | Self::NotPublic { .. }
            | Self::TooLarge { .. } => false,
        }
    }

    fn of(url: &Url, error: SendError) -> Self {
        let url = shown(url);
        match error {
            SendError::Refused(source) => Self::NotPublic { url, source },
            SendError::TimedOut { limit } => Self::TimedOut { url, limit },
            SendError::Exchange(ExchangeError::Tls(source)) => Self::Tls { url, source },
            SendError::Exchange(ExchangeError::TooLarge { max }) => Self::TooLarge { url, max },
            SendError::Exchange(source @ ExchangeError::Http(_)) => Self::NotHttp { url, source },
            source @ (SendError::Lookup(_)
            | SendError::NoServerName
            | SendError::NoAddressOfFamily { .. }
            | SendError::Exchange(_)) => Self::Unreachable { url, source },
        }
    }
}
