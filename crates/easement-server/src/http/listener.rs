//! Taking connections: plain or TLS, with limits on those who send nothing.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::pin::Pin;
use std::time::Duration;

use axum::Router;
use axum_server::Handle;
use axum_server::accept::Accept;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use hyper_util::rt::TokioTimer;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long a connection may take to send its first octet.
const FIRST_OCTET: Duration = Duration::from_secs(10);
/// How long the headers of a request may take to arrive.
const HEADERS: Duration = Duration::from_secs(10);

/// A certificate chain and its key.
#[derive(Clone, Debug)]
pub(crate) struct Tls(RustlsConfig);

impl Tls {
    /// Reads both from PEM files.
    pub(crate) async fn from_files(certificate: &Path, key: &Path) -> io::Result<Self> {
        RustlsConfig::from_pem_file(certificate, key)
            .await
            .map(Self)
    }
}

/// Serves until the handle says to stop.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: Option<Tls>,
    router: Router,
    handle: Handle<SocketAddr>,
) -> io::Result<()> {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    listener.set_nonblocking(true)?;
    let mut server = axum_server::from_tcp(listener)?.handle(handle);
    server
        .http_builder()
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS);
    match tls {
        Some(Tls(config)) => {
            let acceptor = RustlsAcceptor::new(config).acceptor(Impatient);
            server.acceptor(acceptor).serve(service).await
        }
        None => server.acceptor(Impatient).serve(service).await,
    }
}

/// Closes connections that send nothing: the limit on headers only begins with their first octet.
#[derive(Clone, Copy, Debug)]
struct Impatient;

impl<S: Send + 'static> Accept<TcpStream, S> for Impatient {
    type Stream = TcpStream;
    type Service = S;
    type Future = Pin<Box<dyn Future<Output = io::Result<(TcpStream, S)>> + Send>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        Box::pin(async move {
            stream.set_nodelay(true)?;
            timeout(FIRST_OCTET, stream.peek(&mut [0])).await??;
            Ok((stream, service))
        })
    }
}
