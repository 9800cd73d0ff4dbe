//! A database server that says nothing for a while, or is gone without a word.

use std::collections::BTreeMap;
use std::future::pending;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use easement_core::ZoneId;
use easement_store::{CommitError, OpenError, Store, StoreConfig};
use sqlx::postgres::PgConnectOptions;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::support::{
    Place, console, make_zone, permit, plan, postgres_url, replay, runtime, served, set_host,
    snapshot,
};

const APEX: &str = "example.test";
/// Only against a test that hangs for ever.
const PATIENCE: Duration = Duration::from_mins(3);

/// What the way to the server does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Way {
    Open,
    /// What is sent arrives later, in both directions.
    Stalled,
    /// Connections from before this end without having said so; later ones are open.
    Cut,
}

/// A way to a PostgreSQL server that can be stalled.
struct Proxy {
    address: SocketAddr,
    way: Arc<watch::Sender<Way>>,
}

impl Proxy {
    async fn start(url: &str) -> Self {
        let options: PgConnectOptions = url.parse().unwrap();
        let server = (options.get_host().to_owned(), options.get_port());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let way = Arc::new(watch::Sender::new(Way::Open));
        let sender = Arc::clone(&way);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (server, way) = (server.clone(), sender.subscribe());
                tokio::spawn(carry(client, server, way));
            }
        });
        Self { address, way }
    }

    /// The URL of the same database, by this way.
    fn url(&self, url: &str) -> String {
        let (rest, database) = url.rsplit_once('/').unwrap();
        let (user, _) = rest.rsplit_once('@').unwrap();
        format!("{user}@{}/{database}", self.address)
    }

    fn set(&self, way: Way) {
        self.way.send_replace(way);
    }
}

async fn carry(client: TcpStream, server: (String, u16), mut way: watch::Receiver<Way>) {
    way.mark_unchanged();
    if way.wait_for(|way| *way != Way::Stalled).await.is_err() {
        return;
    }
    let Ok(server) = TcpStream::connect(server).await else {
        return;
    };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::select! {
        () = pass_on(from_client, to_server, way.clone()) => {}
        () = pass_on(from_server, to_client, way.clone()) => {}
        () = is_cut(&mut way) => {}
    }
}

async fn pass_on(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut way: watch::Receiver<Way>) {
    let mut octets = [0; 4096];
    while let Ok(length @ 1..) = from.read(&mut octets).await {
        let is_open = way.wait_for(|way| *way != Way::Stalled).await.is_ok();
        if !is_open || to.write_all(&octets[..length]).await.is_err() {
            return;
        }
    }
}

/// Waits until the way is cut after it was not.
async fn is_cut(way: &mut watch::Receiver<Way>) {
    while way.changed().await.is_ok() {
        if *way.borrow_and_update() == Way::Cut {
            return;
        }
    }
    pending::<()>().await;
}

/// Runs a test with a store behind a proxy, when there is a server.
fn behind_a_proxy(test: &str, body: impl AsyncFnOnce(Proxy, Place, Store, ZoneId)) {
    let Some(url) = postgres_url(test) else {
        return;
    };
    runtime().block_on(async {
        let place = Place::postgres(&url);
        let proxy = Proxy::start(&place.target()).await;
        let config = StoreConfig::Postgres {
            url: proxy.url(&place.target()),
        };
        let store = Store::open(&config, place.serving()).await.unwrap();
        let zone = make_zone(&store, APEX).await;
        let done = timeout(PATIENCE, body(proxy, place, store, zone)).await;
        assert!(done.is_ok(), "something hangs");
    });
}

/// What callers of one store were told of their hosts.
type Told = BTreeMap<String, Result<(), String>>;

/// Sets one host after the other until one is told that the database is away, and says what was told.
async fn commit_until_it_fails(store: Store, zone: ZoneId, caller: usize) -> Told {
    let mut told = Told::new();
    for number in 0..10_000 {
        let host = format!("h{caller}-{number}");
        let plan = plan(&store, APEX, set_host(&store, APEX, &host, 1));
        match store.commit(permit(zone, APEX), plan, console()).await {
            Ok(_) => drop(told.insert(host, Ok(()))),
            Err(CommitError::Stale(_)) => {}
            Err(CommitError::Store(error)) => {
                assert!(error.is_unavailable(), "{error:?}");
                told.insert(host, Err(error.to_string()));
                return told;
            }
            Err(error) => panic!("{error:?}"),
        }
    }
    told
}

/// Stalls the way in the middle of commits, until callers are told, and then opens or cuts it.
async fn stall_and(then: Way, proxy: Proxy, place: Place, store: Store, zone: ZoneId) {
    for round in 0..2 {
        let callers: Vec<_> = (0..4)
            .map(|caller| {
                tokio::spawn(commit_until_it_fails(
                    store.clone(),
                    zone,
                    round * 4 + caller,
                ))
            })
            .collect();
        let begin = snapshot(&store, APEX).version();
        while snapshot(&store, APEX).version() < begin + 20 {
            tokio::task::yield_now().await;
        }
        proxy.set(Way::Stalled);
        let mut told = Told::new();
        for caller in callers {
            told.extend(caller.await.unwrap());
        }
        proxy.set(then);
        let host = format!("after-{round}");
        while served(&store, APEX, &host).is_none() {
            let plan = plan(&store, APEX, set_host(&store, APEX, &host, 1));
            let _ = store.commit(permit(zone, APEX), plan, console()).await;
        }
        for (host, told) in told {
            match (told, served(&store, APEX, &host)) {
                (Ok(()), Some(_)) | (Err(_), None) => {}
                (Ok(()), None) => panic!("{host} was acknowledged and is lost"),
                (Err(error), Some(_)) => assert!(error.contains("look whether"), "{error}"),
            }
        }
        assert_eq!(&replay(&store, zone).await, snapshot(&store, APEX).zone());
    }
    store.shutdown().await;
    let again = place.open().await;
    assert_eq!(&replay(&again, zone).await, snapshot(&again, APEX).zone());
    again.shutdown().await;
}

#[test]
fn a_stall_that_ends_loses_nothing() {
    behind_a_proxy(
        "a_stall_that_ends_loses_nothing",
        async |proxy, place, store, zone| stall_and(Way::Open, proxy, place, store, zone).await,
    );
}

#[test]
fn a_stall_that_ends_in_lost_connections_loses_nothing() {
    behind_a_proxy(
        "a_stall_that_ends_in_lost_connections_loses_nothing",
        async |proxy, place, store, zone| stall_and(Way::Cut, proxy, place, store, zone).await,
    );
}

/// Whatever the store was doing: committing, reading, folding, following.
#[test]
fn a_store_stops_while_its_database_is_silent() {
    behind_a_proxy(
        "a_store_stops_while_its_database_is_silent",
        async |proxy, _place, store, zone| {
            let caller = tokio::spawn(commit_until_it_fails(store.clone(), zone, 0));
            while snapshot(&store, APEX).version() < 20 {
                tokio::task::yield_now().await;
            }
            let reader = store.clone();
            proxy.set(Way::Stalled);
            let reading = tokio::spawn(async move { reader.accounts().await });
            store.shutdown().await;
            reading.abort();
            caller.await.unwrap();
            assert!(store.try_to_commit().await.is_err());
            proxy.set(Way::Cut);
        },
    );
}

//------------ Opening ---------------------------------------------------------------------------

/// A way to a PostgreSQL server that takes what is sent, and says nothing any more when it has passed on so many
/// octets of the server.
async fn mute_after(url: &str, limit: u64) -> (String, Arc<AtomicU64>) {
    let options: PgConnectOptions = url.parse().unwrap();
    let server = (options.get_host().to_owned(), options.get_port());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (rest, database) = url.rsplit_once('/').unwrap();
    let (user, _) = rest.rsplit_once('@').unwrap();
    let url = format!("{user}@{}/{database}", listener.local_addr().unwrap());
    let passed = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&passed);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let (server, counter) = (server.clone(), Arc::clone(&counter));
            tokio::spawn(async move {
                let server = TcpStream::connect(server).await.unwrap();
                let (mut from_client, to_client) = client.into_split();
                let (from_server, mut to_server) = server.into_split();
                let to = tokio::io::copy(&mut from_client, &mut to_server);
                let from = async {
                    say_so_much(from_server, to_client, counter, limit).await;
                    pending::<()>().await;
                };
                // Everything lives until the client goes, and nothing longer: the server keeps locks for it.
                tokio::select! {
                    _ = to => {}
                    () = from => {}
                }
            });
        }
    });
    (url, passed)
}

async fn say_so_much(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    counter: Arc<AtomicU64>,
    limit: u64,
) {
    let mut octets = [0; 64];
    while let Ok(length @ 1..) = from.read(&mut octets).await {
        let before = counter.fetch_add(u64::try_from(length).unwrap(), Ordering::Relaxed);
        if before < limit && to.write_all(&octets[..length]).await.is_err() {
            return;
        }
    }
}

/// However far it came: the process that opens it does not hang, and says what is wrong.
#[test]
fn a_database_that_says_nothing_is_not_opened() {
    const POINTS: u64 = 16;
    let Some(url) = postgres_url("a_database_that_says_nothing_is_not_opened") else {
        return;
    };
    runtime().block_on(async {
        let place = Place::postgres(&url);
        // The tables are made before, so that nothing has a reason to take long.
        place.open().await.shutdown().await;
        let open = async |url| Store::open(&StoreConfig::Postgres { url }, place.serving()).await;
        let (way, passed) = mute_after(&place.target(), u64::MAX).await;
        let store = open(way).await.unwrap();
        let all = passed.load(Ordering::Relaxed);
        store.shutdown().await;
        let tries = (0..POINTS).map(|point| {
            let open = &open;
            let target = place.target();
            async move {
                let (way, _) = mute_after(&target, all * point / POINTS).await;
                timeout(PATIENCE, open(way)).await.unwrap()
            }
        });
        let opened = futures_util::future::join_all(tries).await;
        for (point, opened) in opened.into_iter().enumerate() {
            match opened {
                Err(OpenError::Store(error)) => {
                    assert!(error.is_unavailable(), "{point}: {error:?}");
                    let text = error.to_string();
                    assert!(text.contains("see"), "{point}: {text}");
                }
                // What is asked last is not waited for: whether this node leads, and what others commit.
                Ok(store) if point > 8 => store.shutdown().await,
                Ok(_) => panic!("{point}: opened"),
                Err(error) => panic!("{point}: {error:?}"),
            }
        }
        let store = place.open().await;
        store.shutdown().await;
    });
}
