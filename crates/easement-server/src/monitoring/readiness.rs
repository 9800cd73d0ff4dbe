//! Whether the server can do its work now: `/readyz`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use easement_store::Store;
use http::StatusCode;
use serde::Serialize;
use tokio::net::UdpSocket;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

/// For how long an answer counts. However often it is asked for, the work behind it is done this often.
const FRESH: Duration = Duration::from_secs(5);
/// How long the database may take.
const STORE_LIMIT: Duration = Duration::from_secs(3);
/// How long DNS may take each time it is asked, and how often it is asked.
const DNS_LIMIT: Duration = Duration::from_millis(500);
const DNS_ATTEMPTS: usize = 3;

/// Finds out whether the server is ready.
///
/// Zones are loaded before any address is answered on, so there is nothing to ask about them.
#[derive(Debug)]
pub(crate) struct Readiness {
    store: Store,
    dns: Vec<SocketAddr>,
    is_stopping: AtomicBool,
    /// Locked while the work is done, so that whoever asks meanwhile waits for the same answer.
    last: Mutex<Option<(Instant, Vec<NotReady>)>>,
}

/// Why the server is not ready.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NotReady {
    /// It was asked to stop.
    Stopping,
    /// The database refuses changes.
    StoreRefusesChanges,
    /// The database does not take changes in time.
    StoreIsSlow,
    /// An address of DNS does not answer.
    DnsIsSilent,
}

impl Readiness {
    pub(crate) fn new(store: Store, dns: &[SocketAddr]) -> Self {
        Self {
            store,
            dns: dns.iter().copied().map(within_this_machine).collect(),
            is_stopping: AtomicBool::new(false),
            last: Mutex::default(),
        }
    }

    /// From now on the server is not ready.
    pub(crate) fn stop(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
    }

    /// What is in the way; nothing when the server is ready.
    pub(crate) async fn reasons(&self) -> Vec<NotReady> {
        if self.is_stopping.load(Ordering::Relaxed) {
            return vec![NotReady::Stopping];
        }
        let mut last = self.last.lock().await;
        if let Some((at, reasons)) = last.as_ref()
            && at.elapsed() < FRESH
        {
            return reasons.clone();
        }
        let (store, dns) = tokio::join!(self.ask_store(), self.ask_dns());
        let reasons: Vec<NotReady> = store.into_iter().chain(dns).collect();
        let before = last.as_ref().map(|(_, reasons)| reasons.as_slice());
        if before.unwrap_or_default() != reasons {
            tracing::warn!(?reasons, "readiness changed");
        }
        *last = Some((Instant::now(), reasons.clone()));
        reasons
    }

    async fn ask_store(&self) -> Option<NotReady> {
        match timeout(STORE_LIMIT, self.store.try_to_commit()).await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => {
                tracing::debug!(%error, "the database refuses changes");
                Some(NotReady::StoreRefusesChanges)
            }
            Err(_) => Some(NotReady::StoreIsSlow),
        }
    }

    async fn ask_dns(&self) -> Option<NotReady> {
        for address in &self.dns {
            if !answers(*address).await {
                return Some(NotReady::DnsIsSilent);
            }
        }
        None
    }
}

/// Where this machine reaches an address that it listens on.
fn within_this_machine(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        IpAddr::V4(_) | IpAddr::V6(_) => {}
    }
    address
}

/// `. IN NS`, with an id: nobody hosts the root here, and the answer is a short refusal.
const QUESTION: [u8; 17] = [0x65, 0x73, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1];

/// Whether anything comes back: which answer it is does not matter.
async fn answers(address: SocketAddr) -> bool {
    let own: IpAddr = match address {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let Ok(socket) = UdpSocket::bind((own, 0)).await else {
        return false;
    };
    if socket.connect(address).await.is_err() {
        return false;
    }
    for _ in 0..DNS_ATTEMPTS {
        let exchange = async {
            socket.send(&QUESTION).await?;
            socket.recv(&mut [0; 512]).await
        };
        if let Ok(Ok(_)) = timeout(DNS_LIMIT, exchange).await {
            return true;
        }
    }
    false
}

//------------ The endpoint ----------------------------------------------------------------------

/// The answer of `/readyz`.
#[derive(Debug, Serialize)]
pub(crate) struct ReadinessAnswer {
    ready: bool,
    reasons: Vec<NotReady>,
}

/// `/readyz`: 200 when the server is ready, or 503 with the reasons. They are words from a list, and say
/// nothing about what the database said.
pub(crate) async fn show_readiness(
    State(readiness): State<Arc<Readiness>>,
) -> (StatusCode, Json<ReadinessAnswer>) {
    let reasons = readiness.reasons().await;
    let ready = reasons.is_empty();
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(ReadinessAnswer { ready, reasons }))
}

#[cfg(test)]
mod tests {
    use easement_store::{Serving, StoreConfig};

    use super::*;
    use easement_outbound::SystemClock;

    async fn store(folder: &tempfile::TempDir) -> Store {
        let config = StoreConfig::Sqlite {
            path: folder.path().join("easement.sqlite"),
        };
        let serving = Serving {
            clock: Arc::new(SystemClock),
            hosted: Arc::default(),
            discovery: None,
        };
        Store::open(&config, serving).await.unwrap()
    }

    #[tokio::test]
    async fn a_store_that_is_closed_and_a_silent_dns_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder).await;
        // Nobody is behind this address any more.
        let gone = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = gone.local_addr().unwrap();
        drop(gone);
        let ready = Readiness::new(store.clone(), &[]);
        assert_eq!(ready.reasons().await, []);
        let silent = Readiness::new(store.clone(), &[address]);
        assert_eq!(silent.reasons().await, [NotReady::DnsIsSilent]);

        store.shutdown().await;
        assert_eq!(ready.reasons().await, [], "it was asked a moment ago");
        let closed = Readiness::new(store, &[]);
        assert_eq!(closed.reasons().await, [NotReady::StoreRefusesChanges]);
        closed.stop();
        assert_eq!(closed.reasons().await, [NotReady::Stopping]);
    }

    #[tokio::test]
    async fn however_often_it_is_asked_the_work_is_done_once() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder).await;
        let dns = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let readiness = Readiness::new(store, &[dns.local_addr().unwrap()]);
        // Nobody answers, so all attempts are made.
        let (one, two) = tokio::join!(readiness.reasons(), readiness.reasons());
        assert_eq!(one, two);
        let mut questions = 0;
        while dns.try_recv(&mut [0; 64]).is_ok() {
            questions += 1;
        }
        assert_eq!(questions, DNS_ATTEMPTS);
    }

    #[test]
    fn addresses_of_all_interfaces_are_asked_on_this_machine() {
        for (listen, asked) in [
            ("0.0.0.0:53", "127.0.0.1:53"),
            ("[::]:53", "[::1]:53"),
            ("192.0.2.1:5300", "192.0.2.1:5300"),
        ] {
            let address = within_this_machine(listen.parse().unwrap());
            assert_eq!(address, asked.parse().unwrap());
        }
    }
}
