//! Clients that want to cost the server something, over real sockets.

mod http_2;
mod tls;

use std::future::pending;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::routing::{get, post};
use axum_server::Handle;
use http::StatusCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::sleep;
use tower_http::timeout::TimeoutLayer;

use super::connection::Patience;
use super::listener::{Door, Guests, serve};
use super::seats::SeatLimits;
use super::tls::Tls;
use crate::monitoring::Metrics;

/// How much a client sends that goes on until the server closes.
const FLOOD: usize = 1024 * 1024;
/// More than the buffers of two sockets hold.
const LARGE: usize = 64 * 1024 * 1024;

/// A server that has so much patience with its clients.
struct Host {
    patience: Patience,
    /// How long a request may take.
    request: Duration,
    tls: Option<Tls>,
    metrics: Arc<Metrics>,
}

impl Default for Host {
    fn default() -> Self {
        Self {
            patience: ENDLESS,
            request: LATER,
            tls: None,
            metrics: Arc::default(),
        }
    }
}

impl Host {
    fn start(self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (limits, metrics) = (SeatLimits::default(), self.metrics);
        let door = Door::with_limits(Guests::NearOnly, Vec::new(), limits, self.patience, metrics);
        let router = router(self.request);
        tokio::spawn(serve(listener, self.tls, door, router, Handle::new()));
        address
    }
}

fn router(request: Duration) -> Router {
    Router::new()
        .route("/", get(async || "hello"))
        .route("/large", get(async || vec![b'x'; LARGE]))
        .route("/never", get(pending::<()>))
        .route("/form", post(async |body: Bytes| body.len().to_string()))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            request,
        ))
}

const HASTE: Duration = Duration::from_millis(400);
const LATER: Duration = Duration::from_mins(10);
const ENDLESS: Patience = Patience {
    first: LATER,
    silence: LATER,
    between: LATER,
    octets: usize::MAX,
};
/// Whoever sends something so often is never silent, unless this machine stands still.
const OFTEN: Duration = Duration::from_millis(20);

/// Sends everything, as far as the server takes it, and gives back what it said until it closed the
/// connection. The test runner ends a test in which it never does.
async fn send(address: SocketAddr, octets: &[u8]) -> Vec<u8> {
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut read, mut write) = stream.into_split();
    let mut said = Vec::new();
    let sending = async {
        // The server may close before it has taken everything.
        let _ = write.write_all(octets).await;
        write
    };
    let reading = async {
        let mut buffer = [0; 4096];
        while let Ok(count) = read.read(&mut buffer).await
            && count > 0
        {
            said.extend_from_slice(&buffer[..count]);
        }
    };
    // The writing half is kept: a client that closes it would end the connection itself.
    let (_write, ()) = tokio::join!(sending, reading);
    said
}

/// Sends a beginning, and then one piece after the other for as long as the server listens; gives back what it said.
/// Such a client is never silent for long.
async fn trickle(address: SocketAddr, begin: &[u8], piece: &[u8]) -> Vec<u8> {
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut read, mut write) = stream.into_split();
    write.write_all(begin).await.unwrap();
    let sending = async {
        while write.write_all(piece).await.is_ok() {
            sleep(OFTEN).await;
        }
    };
    let mut said = Vec::new();
    let reading = async {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = read.read(&mut buffer).await {
            said.extend_from_slice(&buffer[..count]);
        }
    };
    tokio::select! {
        () = sending => {}
        () = reading => {}
    }
    said
}

#[tokio::test]
async fn endless_heads_are_refused() {
    let address = Host::default().start();
    let line = format!("X-Filler: {}\r\n", "x".repeat(1000));
    let head = format!("GET / HTTP/1.1\r\nHost: localhost\r\n{}", line.repeat(1000));
    let said = send(address, head.as_bytes()).await;
    assert!(
        said.starts_with(b"HTTP/1.1 431 "),
        "{}",
        said.escape_ascii()
    );
}

#[tokio::test]
async fn a_short_request_is_answered_however_long_that_takes() {
    let patience = Patience {
        first: HASTE,
        ..ENDLESS
    };
    let request = HASTE * 4;
    let address = Host {
        patience,
        request,
        ..Host::default()
    }
    .start();
    let said = send(address, b"GET /never HTTP/1.0\r\n\r\n").await;
    assert!(
        said.starts_with(b"HTTP/1.0 503 "),
        "{}",
        said.escape_ascii()
    );
}

#[tokio::test]
async fn bodies_that_never_come_are_not_waited_for() {
    // As in a server, a request has less time than its connection.
    let host = Host {
        request: HASTE,
        ..Host::default()
    };
    let address = host.start();
    let request = b"POST /form HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc";
    let said = send(address, request).await;
    assert!(
        said.starts_with(b"HTTP/1.1 503 "),
        "{}",
        said.escape_ascii()
    );
}

#[tokio::test]
async fn whoever_does_not_take_the_answer_loses_the_connection() {
    let metrics = Arc::<Metrics>::default();
    let host = Host {
        patience: Patience {
            silence: HASTE,
            ..ENDLESS
        },
        metrics: Arc::clone(&metrics),
        ..Host::default()
    };
    let address = host.start();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = b"GET /large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    // What does not fit into the sockets waits for the client, and then the server closes.
    let connections = &metrics.connections;
    while connections.accepted() == 0 || connections.now_open() > 0 {
        tokio::task::yield_now().await;
    }
    let mut taken = Vec::new();
    // A reset, or the end before the answer is whole.
    let _ = stream.read_to_end(&mut taken).await;
    assert!(taken.len() < LARGE, "{}", taken.len());
}

#[tokio::test]
async fn heads_that_come_octet_by_octet_are_not_waited_for() {
    let host = Host {
        patience: Patience {
            first: HASTE,
            ..ENDLESS
        },
        ..Host::default()
    };
    let address = host.start();
    for begin in [&b""[..], b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Filler: "] {
        let said = trickle(address, begin, b"x").await;
        assert!(
            !said.starts_with(b"HTTP/1.1 200 "),
            "{}",
            said.escape_ascii()
        );
    }
}

#[tokio::test]
async fn bodies_that_come_octet_by_octet_are_not_waited_for() {
    let host = Host {
        request: HASTE,
        ..Host::default()
    };
    let request = b"POST /form HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000\r\n\r\n";
    let said = trickle(host.start(), request, b"x").await;
    assert!(
        said.starts_with(b"HTTP/1.1 503 "),
        "{}",
        said.escape_ascii()
    );
}

/// It reads what comes, and never leaves the server waiting.
#[tokio::test]
async fn an_answer_that_is_taken_slowly_is_not_sent_for_ever() {
    let host = Host {
        patience: Patience {
            between: HASTE,
            ..ENDLESS
        },
        ..Host::default()
    };
    let mut stream = TcpStream::connect(host.start()).await.unwrap();
    let request = b"GET /large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut taken = 0;
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = stream.read(&mut buffer).await {
        taken += count;
        sleep(OFTEN).await;
    }
    assert!(taken < LARGE, "{taken}");
}
