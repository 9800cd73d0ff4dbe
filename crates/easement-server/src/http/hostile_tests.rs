//! Clients that want to cost the server something, over real sockets.

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
use tower_http::timeout::TimeoutLayer;

use super::connection::Patience;
use super::listener::{Door, Guests, serve};
use super::seats::SeatLimits;
use crate::monitoring::Metrics;

/// More than the buffers of two sockets hold.
const LARGE: usize = 64 * 1024 * 1024;

/// A server that waits so long for its clients.
fn start(patience: Duration) -> SocketAddr {
    start_counting(patience, LATER, Arc::default())
}

/// The same, with a limit for requests, which counts its connections.
fn start_counting(patience: Duration, request: Duration, metrics: Arc<Metrics>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new()
        .route("/", get(async || "hello"))
        .route("/large", get(async || vec![b'x'; LARGE]))
        .route("/form", post(async |body: Bytes| body.len().to_string()))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            request,
        ));
    let patience = Patience {
        first: patience,
        silence: patience,
    };
    let limits = SeatLimits::default();
    let door = Door::with_limits(Guests::NearOnly, Vec::new(), limits, patience, metrics);
    tokio::spawn(serve(listener, None, door, router, Handle::new()));
    address
}

const HASTE: Duration = Duration::from_millis(200);
const LATER: Duration = Duration::from_mins(10);

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

#[tokio::test]
async fn endless_heads_are_refused() {
    let address = start(LATER);
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
async fn bodies_that_never_come_are_not_waited_for() {
    // As in a server, a request has less time than its connection.
    let address = start_counting(LATER, HASTE, Arc::default());
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
    let address = start_counting(HASTE, LATER, Arc::clone(&metrics));
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

//------------ HTTP/2 ----------------------------------------------------------------------------

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
/// `GET http://localhost/`, in HPACK.
const GET: &[u8] = b"\x82\x86\x84\x41\x09localhost";

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

#[tokio::test]
async fn floods_of_http_2_end_their_connection() {
    let address = start(LATER);
    let begin = [PREFACE, &frame(SETTINGS, 0, 0, b"")].concat();
    let resets: Vec<u8> = (0..20_000)
        .flat_map(|number| {
            let stream = 2 * number + 1;
            let ask = frame(HEADERS, END_STREAM | END_HEADERS, stream, GET);
            [ask, frame(RST_STREAM, 0, stream, &[0, 0, 0, 8])].concat()
        })
        .collect();
    let filler = [&b"\x00\x01x\x7f\x81\x7e"[..], &[b'y'; 509]].concat();
    let mut continuations = frame(HEADERS, END_STREAM, 1, GET);
    for _ in 0..20_000 {
        continuations.extend(frame(CONTINUATION, 0, 1, &filler));
    }
    for flood in [resets, continuations] {
        // Comes back because the server closed the connection.
        send(address, &[begin.clone(), flood].concat()).await;
    }
    let ask = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    assert!(
        send(address, ask).await.ends_with(b"hello"),
        "others are served"
    );
}
