//! How many changes of zones a second the store makes durable, next to what the disk allows.
//!
//! ```sh
//! cargo run --release -p easement-store --example commit_throughput -- [FOLDER | postgres://URL]
//! ```
//!
//! 1, 32 and 256 callers each wait for their own commit before they ask for the next one. A commit
//! sets the address of one host. The floor does for the same callers what cannot be left out: one
//! queue, and for each group of waiting callers one 4 KiB block that is appended to a file and made
//! durable. Machines drift, so the ratio to the floor within a run is the result.
//!
//! The files are made in `FOLDER` (the current one unless told), which should be on a disk and not in
//! memory. Takes about 20 seconds.
#![expect(clippy::print_stdout, reason = "its report is its purpose")]

mod callers;
mod floor;

use std::error::Error;
use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use easement_core::{Clock, Timestamp};
use easement_store::{Serving, Store, StoreConfig};
use easement_zone::HostedZones;

use crate::callers::Zones;

type Failure = Box<dyn Error + Send + Sync>;

/// How long each measurement takes.
const SPAN: Duration = Duration::from_millis(1_400);
const CALLERS: [usize; 3] = [1, 32, 256];

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let place = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let is_url = place.starts_with("postgres");
    let folder = tempfile::tempdir_in(if is_url { "." } else { &place })?;
    let config = if is_url {
        StoreConfig::Postgres { url: place }
    } else {
        let path = folder.path().join("easement.db");
        StoreConfig::Sqlite { path }
    };
    let serving = Serving {
        clock: Arc::new(SystemClock),
        hosted: Arc::new(HostedZones::new()),
        discovery: None,
    };
    let store = Store::open(&config, serving).await?;
    let outcome = compare(&store, folder.path()).await;
    store.shutdown().await;
    outcome
}

async fn compare(store: &Store, folder: &Path) -> Result<(), Failure> {
    let one = Zones::create(store, 1, 1_000).await?;
    let many = Zones::create(store, 1_000, 10).await?;
    store.fold().await?;
    println!("callers   floor/s   one zone, 1,000 names   one zone, re-planned   1,000 zones");
    for callers in CALLERS {
        let floor = rate(callers, &floor::Floor::start(folder)?, floor::ask).await?;
        let queued = rate(callers, &one, callers::commit_in_order).await?;
        let replanned = rate(callers, &one, callers::commit_until_done).await?;
        let spread = rate(callers, &many, callers::commit_to_own_zones).await?;
        let [queued, replanned, spread] = [queued, replanned, spread]
            .map(|rate| format!("{rate:.0} ({:.2} of floor)", rate / floor));
        println!("{callers:>7} {floor:>9.0} {queued:>23} {replanned:>22} {spread:>13}");
    }
    Ok(())
}

/// What one of several callers does until its time is over. It gives how often it did it.
#[derive(Clone, Copy, Debug)]
struct Caller {
    number: usize,
    of: usize,
    until: Instant,
}

impl Caller {
    fn is_done(&self) -> bool {
        Instant::now() >= self.until
    }
}

/// How often a second all callers together do something.
async fn rate<T, F>(callers: usize, with: &T, work: impl Fn(T, Caller) -> F) -> Result<f64, Failure>
where
    T: Clone,
    F: Future<Output = Result<u32, Failure>> + Send + 'static,
{
    let start = Instant::now();
    let tasks = (0..callers).map(|number| {
        let caller = Caller {
            number,
            of: callers,
            until: start + SPAN,
        };
        tokio::spawn(work(with.clone(), caller))
    });
    let mut done = 0.0;
    for task in tasks.collect::<Vec<_>>() {
        done += f64::from(task.await??);
    }
    Ok(done / start.elapsed().as_secs_f64())
}

#[derive(Debug)]
struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "measures real time")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let micros = since.unwrap_or_default().as_micros();
        Timestamp::from_micros(i64::try_from(micros).unwrap_or_default())
    }
}
