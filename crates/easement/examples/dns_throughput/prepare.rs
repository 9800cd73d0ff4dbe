//! Makes what the servers load: zone files, and Easement's database.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use easement_core::{Actor, ChangeSource, Clock, Origin, Timestamp};
use easement_store::{DomainConnect, NewZone, Serving, Store, StoreConfig};
use easement_zone::HostedZones;

use crate::data::Data;
use crate::{Failure, progress};

/// To be changed with the data, or with how it is stored: what was made before is left alone.
const FORMAT: &str = "1";
/// How many zones are made at once: they share a transaction.
const TOGETHER: u32 = 512;

/// The folder of this data, which is made when it is not there yet.
pub(crate) fn prepare(base: &Path, data: Data) -> Result<PathBuf, Failure> {
    let folder = base.join(format!("{}-{FORMAT}", data.code()));
    let done = folder.join("done");
    if done.exists() {
        return Ok(folder);
    }
    progress(&format!("making {data} in {}", folder.display()));
    // What an earlier run left unfinished.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("zones"))?;
    fs::create_dir_all(folder.join("knot"))?;
    for zone in 0..data.zones() {
        let path = folder.join(format!("zones/{}.zone", data.apex(zone)));
        fs::write(path, data.zone_file(zone))?;
    }
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(fill_database(&folder, data))?;
    fs::write(done, "")?;
    Ok(folder)
}

/// Commits every zone, and folds the journal as the server does seconds later.
async fn fill_database(folder: &Path, data: Data) -> Result<(), Failure> {
    let path = folder.join("easement/easement.sqlite");
    let serving = Serving {
        clock: Arc::new(SystemClock),
        hosted: Arc::new(HostedZones::new()),
        discovery: None,
    };
    let store = Store::open(&StoreConfig::Sqlite { path }, serving).await?;
    let mut zone = 0;
    while zone < data.zones() {
        let end = data.zones().min(zone + TOGETHER);
        let mut tasks = Vec::new();
        for zone in zone..end {
            let zone = NewZone {
                owner: None,
                contents: data.zone(zone)?,
                domain_connect: DomainConnect::On,
                source: ChangeSource::ZoneImported,
            };
            let store = store.clone();
            tasks.push(tokio::spawn(async move {
                let origin = Origin {
                    actor: Actor::Console,
                    address: None,
                };
                store.create_zone(zone, origin).await
            }));
        }
        for task in tasks {
            task.await??;
        }
        zone = end;
    }
    store.fold().await?;
    store.shutdown().await;
    Ok(())
}

#[derive(Debug)]
struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the program's own entry point")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let micros = since.unwrap_or_default().as_micros();
        Timestamp::from_micros(i64::try_from(micros).unwrap_or_default())
    }
}
