//! One request and its answer, with or without TLS, to one address.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::header::{CONNECTION, HOST, HeaderValue};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::client::{Answer, Outgoing, Reading};
use super::target::Target;

/// How long one address may take to accept a connection, before the next one is tried.
const CONNECTING: Duration = Duration::from_secs(3);
/// The largest head of an answer.
const MAX_HEAD: usize = 16 * 1024;
/// How much of a body that nobody wants is read, and for how long: a receiver that may finish its sentence does
/// not complain in its log.
const MAX_UNWANTED: usize = 4 * 1024;
const LISTENING: Duration = Duration::from_secs(1);

/// The beginning of an answer.
#[derive(Clone, Debug)]
pub(super) struct Head {
    status: StatusCode,
    headers: HeaderMap,
}

impl Head {
    pub(super) fn without_body(self) -> Answer {
        self.with_body(Bytes::new())
    }

    fn with_body(self, body: Bytes) -> Answer {
        Answer {
            status: self.status,
            headers: self.headers,
            body,
        }
    }
}

/// Asks the first of these addresses that accepts a connection. Each of them was checked, and none is looked up
/// again. The head is told to `told` before the body is read.
pub(super) async fn exchange(
    addresses: &[SocketAddr],
    tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
    target: &Target,
    outgoing: Outgoing,
    reading: (Reading, &OnceLock<Head>),
) -> Result<Answer, ExchangeError> {
    let request = request_of(target, outgoing)?;
    let stream = connect(addresses).await?;
    match tls {
        None => talk(stream, request, reading).await,
        Some((config, name)) => {
            let connecting = TlsConnector::from(config).connect(name, stream);
            let stream = connecting.await.map_err(ExchangeError::Tls)?;
            talk(stream, request, reading).await
        }
    }
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

fn request_of(target: &Target, outgoing: Outgoing) -> Result<Request<Full<Bytes>>, ExchangeError> {
    let mut request = Request::builder()
        .method(outgoing.method)
        .uri(target.path_and_query())
        .body(Full::new(outgoing.body))
        .map_err(ExchangeError::Request)?;
    let host = HeaderValue::from_str(target.authority()).map_err(http::Error::from);
    *request.headers_mut() = outgoing.headers;
    let headers = request.headers_mut();
    headers.insert(HOST, host.map_err(ExchangeError::Request)?);
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    Ok(request)
}

async fn talk(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    request: Request<Full<Bytes>>,
    (reading, told): (Reading, &OnceLock<Head>),
) -> Result<Answer, ExchangeError> {
    let handshake = http1::Builder::new()
        .max_buf_size(MAX_HEAD)
        .handshake(TokioIo::new(stream));
    let (mut sender, connection) = handshake.await.map_err(ExchangeError::Http)?;
    let answered = async {
        let response = sender.send_request(request);
        let (parts, body) = response.await.map_err(ExchangeError::Http)?.into_parts();
        let head = Head {
            status: parts.status,
            headers: parts.headers,
        };
        let _ = told.set(head.clone());
        let body = match reading {
            Reading::Status => {
                let _ = timeout(LISTENING, read(body, MAX_UNWANTED)).await;
                Bytes::new()
            }
            Reading::Whole { max } => read(body, max).await?,
        };
        Ok(head.with_body(body))
    };
    tokio::pin!(connection, answered);
    tokio::select! {
        biased;
        outcome = &mut answered => outcome,
        // The other side has closed it; what it said before is there still.
        _ = &mut connection => answered.await,
    }
}

/// Reads a body that is no longer than this.
async fn read(mut body: Incoming, max: usize) -> Result<Bytes, ExchangeError> {
    let mut octets = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(ExchangeError::Http)?;
        if let Some(data) = frame.data_ref() {
            if octets.len() + data.len() > max {
                return Err(ExchangeError::TooLarge { max });
            }
            octets.extend_from_slice(data);
        }
    }
    Ok(octets.into())
}

/// Why nothing was answered.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// The address does not accept a connection.
    #[error("no connection came about: {0}")]
    Connect(std::io::Error),
    /// The same, and it says nothing.
    #[error("no connection was accepted in {} seconds", CONNECTING.as_secs())]
    NotAccepted,
    /// TLS failed: most of all, the certificate is not one for this name that is believed.
    #[error("no TLS connection came about: {0}")]
    Tls(std::io::Error),
    /// The answer is none.
    #[error("the answer is not HTTP: {0}")]
    Http(hyper::Error),
    /// The answer is longer than anybody wants to read.
    #[error("the answer has more than {max} octets")]
    TooLarge {
        /// The limit.
        max: usize,
    },
    /// The request cannot be made.
    #[error("the request cannot be made: {0}")]
    Request(http::Error),
}
