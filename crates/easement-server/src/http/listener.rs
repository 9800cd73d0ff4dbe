//! Taking connections: plain or TLS, from those who may have them, with a limit on how many there are
//! and on how long nothing happens on one.

use std::future::{Ready, ready};
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum_server::Handle;
use axum_server::accept::Accept;
use axum_server::tls_rustls::RustlsAcceptor;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::TcpStream;

use super::begun::{Begun, Counting};
use super::connection::{Connection, Patience};
use super::seats::{SeatLimits, Seats};
use super::tls::Tls;
use crate::config::Network;
use crate::monitoring::{Connections, Metrics, Refusal};

/// How long the headers of a request may take to arrive.
const HEADERS: Duration = Duration::from_secs(10);
/// How long a connection may be silent beyond the time that a request may take.
const SILENCE: Duration = Duration::from_secs(20);
/// How long a connection may go on without another request, beyond the time that a request may take: enough to take
/// the largest answer over a slow line.
const BETWEEN: Duration = Duration::from_mins(10);
/// How much may come without another request: as many of the longest forms as may be on their way at once.
const MAX_OCTETS_BETWEEN: usize = 80 * 1024 * 1024;

/// The longest head of a request, and the most that is kept of a connection of HTTP/1.
const MAX_HEAD_OCTETS: usize = 64 * 1024;
/// What one client may have under way on a connection of HTTP/2.
const MAX_STREAMS: u32 = 64;
/// How much of a body may be on its way before somebody reads it, for one request and for all.
const STREAM_WINDOW_OCTETS: u32 = 64 * 1024;
const CONNECTION_WINDOW_OCTETS: u32 = 256 * 1024;
/// How many requests a client may take back before they were looked at (CVE-2023-44487).
const MAX_PENDING_RESETS: usize = 20;

/// Serves until the handle says to stop.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: Option<Tls>,
    door: Door,
    router: Router,
    handle: Handle<SocketAddr>,
) -> io::Result<()> {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    listener.set_nonblocking(true)?;
    let mut server = axum_server::from_tcp(listener)?.handle(handle);
    let first = door.rules.patience.first;
    limit(server.http_builder(), first);
    match tls {
        Some(tls) => {
            let acceptor = RustlsAcceptor::new(tls.config()).handshake_timeout(first);
            let acceptor = acceptor.acceptor(door);
            server.acceptor(acceptor).serve(service).await
        }
        None => server.acceptor(door).serve(service).await,
    }
}

/// What a client may cost before a handler has seen its request.
fn limit(builder: &mut Builder<TokioExecutor>, headers: Duration) {
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(headers)
        .max_buf_size(MAX_HEAD_OCTETS);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(u32::try_from(MAX_HEAD_OCTETS).unwrap_or(u32::MAX))
        .initial_stream_window_size(STREAM_WINDOW_OCTETS)
        .initial_connection_window_size(CONNECTION_WINDOW_OCTETS)
        .max_pending_accept_reset_streams(MAX_PENDING_RESETS);
}

//------------ Door ------------------------------------------------------------------------------

/// Lets connections in, or closes them.
#[derive(Clone, Debug)]
pub(crate) struct Door {
    rules: Arc<Rules>,
}

#[derive(Debug)]
struct Rules {
    guests: Guests,
    proxies: Vec<Network>,
    seats: Arc<Seats>,
    patience: Patience,
    metrics: Arc<Metrics>,
}

/// Who may connect.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Guests {
    /// Everybody: the connection is encrypted.
    Everybody,
    /// This machine and the trusted proxies: whoever else came would send passwords in plain text.
    NearOnly,
}

impl Door {
    /// A door for requests that may take so long. Proxies have many connections and are not counted.
    pub(crate) fn new(
        guests: Guests,
        proxies: Vec<Network>,
        request_limit: Duration,
        metrics: Arc<Metrics>,
    ) -> Self {
        let patience = Patience {
            first: HEADERS,
            silence: request_limit.saturating_add(SILENCE),
            between: request_limit.saturating_add(BETWEEN),
            octets: MAX_OCTETS_BETWEEN,
        };
        Self::with_limits(guests, proxies, SeatLimits::default(), patience, metrics)
    }

    pub(super) fn with_limits(
        guests: Guests,
        proxies: Vec<Network>,
        limits: SeatLimits,
        patience: Patience,
        metrics: Arc<Metrics>,
    ) -> Self {
        let seats = Arc::new(Seats::new(limits));
        Self {
            rules: Arc::new(Rules {
                guests,
                proxies,
                seats,
                patience,
                metrics,
            }),
        }
    }

    fn admit(&self, stream: TcpStream, begun: Begun) -> io::Result<Connection> {
        let rules = &self.rules;
        let address = stream.peer_addr()?.ip().to_canonical();
        let is_proxy = rules.proxies.iter().any(|proxy| proxy.contains(address));
        let connections = &rules.metrics.connections;
        if !rules.may_enter(address, is_proxy) {
            connections.refuse(Refusal::NotAllowed);
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let seat = if is_proxy {
            None
        } else {
            let seat = Seats::take(&rules.seats, address);
            if seat.is_none() {
                connections.refuse(Refusal::Full);
                return Err(io::ErrorKind::QuotaExceeded.into());
            }
            seat
        };
        stream.set_nodelay(true)?;
        let open = Connections::open(&rules.metrics);
        Ok(Connection::new(stream, (seat, open), rules.patience, begun))
    }
}

impl Rules {
    fn may_enter(&self, address: IpAddr, is_proxy: bool) -> bool {
        match self.guests {
            Guests::Everybody => true,
            Guests::NearOnly => is_proxy || address.is_loopback(),
        }
    }
}

impl<S> Accept<TcpStream, S> for Door {
    type Stream = Connection;
    type Service = Counting<S>;
    type Future = Ready<io::Result<(Connection, Counting<S>)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let begun = Begun::default();
        let connection = self.admit(stream, begun.clone());
        ready(connection.map(|connection| (connection, Counting::new(service, begun))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    const HASTE: Patience = Patience {
        first: Duration::from_millis(100),
        silence: Duration::from_millis(100),
        between: Duration::from_mins(10),
        octets: MAX_OCTETS_BETWEEN,
    };
    const LATER: Patience = Patience {
        first: Duration::from_mins(10),
        silence: Duration::from_mins(10),
        between: Duration::from_mins(10),
        octets: MAX_OCTETS_BETWEEN,
    };
    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

    fn start(door: Door) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", get(async || "hello"));
        tokio::spawn(serve(listener, None, door, router, Handle::new()));
        address
    }

    fn door(limits: SeatLimits, patience: Patience) -> Door {
        Door::with_limits(
            Guests::NearOnly,
            Vec::new(),
            limits,
            patience,
            Arc::default(),
        )
    }

    async fn is_closed_after(address: SocketAddr, sent: &[u8]) -> bool {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(sent).await.unwrap();
        let mut answer = Vec::new();
        // The test runner ends a test in which the server never closes.
        stream.read_to_end(&mut answer).await.is_ok() || stream.peek(&mut [0]).await.is_err()
    }

    #[tokio::test]
    async fn whoever_stops_sending_loses_the_connection() {
        let address = start(door(SeatLimits::default(), HASTE));
        let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
        let settings = [preface, &[0, 0, 0, 4, 0, 0, 0, 0, 0][..]].concat();
        for sent in [
            &b""[..],
            b"P",
            b"PRI * HT",
            preface,
            &settings,
            b"GET / HT",
            REQUEST,
        ] {
            assert!(is_closed_after(address, sent).await, "{sent:?}");
        }
    }

    #[tokio::test]
    async fn there_are_so_many_connections_and_no_more() {
        let limits = SeatLimits {
            all: 8,
            of_one_network: 2,
        };
        let address = start(door(limits, LATER));
        let mut kept = Vec::new();
        for _ in 0..2 {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(REQUEST).await.unwrap();
            let mut answer = [0; 15];
            stream.read_exact(&mut answer).await.unwrap();
            assert_eq!(&answer, b"HTTP/1.1 200 OK");
            kept.push(stream);
        }
        assert!(is_closed_after(address, b"").await);
    }

    #[test]
    fn plain_text_is_for_this_machine_and_its_proxies() {
        let proxies = vec!["192.0.2.0/24".parse().unwrap()];
        for (guests, address, enters) in [
            (Guests::NearOnly, "127.0.0.1", true),
            (Guests::NearOnly, "::1", true),
            (Guests::NearOnly, "192.0.2.7", true),
            (Guests::NearOnly, "198.51.100.7", false),
            (Guests::NearOnly, "2001:db8::7", false),
            (Guests::Everybody, "198.51.100.7", true),
        ] {
            let door = Door::new(guests, proxies.clone(), Duration::ZERO, Arc::default());
            let address: IpAddr = address.parse().unwrap();
            let is_proxy = door.rules.proxies.iter().any(|net| net.contains(address));
            assert_eq!(door.rules.may_enter(address, is_proxy), enters, "{address}");
        }
    }
}
