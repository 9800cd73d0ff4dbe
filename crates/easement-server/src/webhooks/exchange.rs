//! One request and the beginning of its answer, over TLS, to one address.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::header::{CONNECTION, CONTENT_TYPE, HOST, HeaderName, HeaderValue, USER_AGENT};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// How long one address may take to accept a connection, before the next one is tried.
const CONNECTING: Duration = Duration::from_secs(3);
/// The largest head of an answer.
const MAX_HEAD: usize = 16 * 1024;
/// How much of a body is read, and for how long: what it says does not matter, and a receiver that may finish
/// its sentence does not complain in its log.
const MAX_BODY: usize = 4 * 1024;
const LISTENING: Duration = Duration::from_secs(1);
const AGENT: &str = concat!("Easement-Webhook/", env!("CARGO_PKG_VERSION"));

/// What is posted.
#[derive(Debug)]
pub(super) struct Post<'a> {
    pub(super) authority: &'a str,
    pub(super) target: &'a str,
    pub(super) server_name: ServerName<'static>,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: &'a str,
}

/// Posts to the first of these addresses that accepts a connection, and gives the status of the answer. Each of
/// them was checked, and none is looked up again. The status is told to `answered` before the body is read.
pub(super) async fn post(
    addresses: &[SocketAddr],
    tls: Arc<ClientConfig>,
    post: Post<'_>,
    answered: &OnceLock<StatusCode>,
) -> Result<StatusCode, ExchangeError> {
    let request = request_of(&post)?;
    let stream = connect(addresses).await?;
    let stream = TlsConnector::from(tls)
        .connect(post.server_name, stream)
        .await
        .map_err(ExchangeError::Tls)?;
    exchange(stream, request, answered).await
}

async fn connect(addresses: &[SocketAddr]) -> Result<TcpStream, ExchangeError> {
    let mut failure = ExchangeError::NotAccepted;
    for address in addresses {
        match timeout(CONNECTING, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => failure = ExchangeError::Connect(error),
            Err(_) => failure = ExchangeError::NotAccepted,
        }
    }
    Err(failure)
}

fn request_of(post: &Post<'_>) -> Result<Request<Full<Bytes>>, ExchangeError> {
    let body = Full::new(Bytes::copy_from_slice(post.body.as_bytes()));
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(post.target)
        .header(HOST, post.authority)
        .header(CONTENT_TYPE, "application/json")
        .header(USER_AGENT, AGENT)
        .header(CONNECTION, "close")
        .body(body)
        .map_err(ExchangeError::Request)?;
    for (name, value) in &post.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(http::Error::from);
        let value = HeaderValue::from_str(value).map_err(http::Error::from);
        let (name, value) = (
            name.map_err(ExchangeError::Request)?,
            value.map_err(ExchangeError::Request)?,
        );
        request.headers_mut().insert(name, value);
    }
    Ok(request)
}

async fn exchange(
    stream: TlsStream<TcpStream>,
    request: Request<Full<Bytes>>,
    head: &OnceLock<StatusCode>,
) -> Result<StatusCode, ExchangeError> {
    let handshake = http1::Builder::new()
        .max_buf_size(MAX_HEAD)
        .handshake(TokioIo::new(stream));
    let (mut sender, connection) = handshake.await.map_err(ExchangeError::Http)?;
    let answered = async {
        let response = sender.send_request(request).await?;
        let status = response.status();
        let _ = head.set(status);
        let _ = timeout(LISTENING, hear(response.into_body())).await;
        Ok(status)
    };
    tokio::pin!(connection, answered);
    let outcome: Result<StatusCode, hyper::Error> = tokio::select! {
        biased;
        outcome = &mut answered => outcome,
        // The other side has closed it; what it said before is there still.
        _ = &mut connection => answered.await,
    };
    outcome.map_err(ExchangeError::Http)
}

/// Reads the beginning of a body.
async fn hear(mut body: Incoming) {
    let mut heard = 0;
    while let Some(Ok(frame)) = body.frame().await {
        heard += frame.data_ref().map_or(0, Bytes::len);
        if heard >= MAX_BODY {
            return;
        }
    }
}

/// Why nothing was answered.
#[derive(Debug, thiserror::Error)]
pub(super) enum ExchangeError {
    /// The address does not accept a connection.
    #[error("the receiver cannot be reached: {0}")]
    Connect(std::io::Error),
    /// The same, and it says nothing.
    #[error("the receiver accepted no connection in {} seconds", CONNECTING.as_secs())]
    NotAccepted,
    /// TLS failed: most of all, the certificate is not one for this name that is believed.
    #[error("no TLS connection to the receiver: {0}")]
    Tls(std::io::Error),
    /// The answer is none.
    #[error("the receiver did not answer in HTTP: {0}")]
    Http(hyper::Error),
    /// The request cannot be made.
    #[error("the request cannot be made: {0}")]
    Request(http::Error),
}
