//! Reads zones: the records as they were folded, with the changes of the journal laid over them.

mod unfinished;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use easement_core::{Version, ZoneId};
use easement_zone::{Zone, ZoneSnapshot};
use futures_util::TryStreamExt as _;
use sqlx::FromRow as _;

use self::unfinished::{HeadRow, SetRow, UnfinishedZone};
use crate::database::{Tx, detached, on};
use crate::error::failed_to;
use crate::following::{Published, read_place};
use crate::journal::{ALL_ZONES, Part, read_changes, read_commits, read_position};
use crate::{DomainConnect, Serving, Store, StoreError};

/// How many rows of the journal are read at once.
const PAGE: i64 = 10_000;

/// How much was loaded.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Loaded {
    /// Zones.
    pub zones: usize,
    /// Names with records, in all of them.
    pub names: usize,
}

impl Store {
    /// Reads every zone and serves it, and no other. To be awaited before DNS answers; commits wait
    /// meanwhile.
    pub async fn load_all(&self) -> Result<Loaded, StoreError> {
        let (db, serving) = (self.db().clone(), self.serving().clone());
        let publishing = self.publishing();
        detached(async move {
            let mut published = publishing.lock().await;
            let mut tx = db.begin_reading().await?;
            let stored = read_place(&mut tx).await?;
            let loaded = load_all_in(&mut tx, &serving).await?;
            tx.commit().await?;
            *published = Published::at(stored);
            Ok(loaded)
        })
        .await
    }

    /// Reads one zone and serves it, for programs that do not serve every zone. Says whether there is
    /// one with this id.
    pub async fn load_zone(&self, zone: ZoneId) -> Result<bool, StoreError> {
        let (db, serving) = (self.db().clone(), self.serving().clone());
        let publishing = self.publishing();
        detached(async move {
            let _publishing = publishing.lock().await;
            let mut tx = db.begin_reading().await?;
            let zone = load_zone_in(&mut tx, zone).await?;
            tx.commit().await?;
            let Some(zone) = zone else {
                return Ok(false);
            };
            serving.hosted.publish(zone.into_snapshot(&serving));
            Ok(true)
        })
        .await
    }
}

/// Serves every zone as a transaction sees it, and no other; nobody else publishes meanwhile.
pub(crate) async fn load_all_in(tx: &mut Tx, serving: &Serving) -> Result<Loaded, StoreError> {
    let mut loaded = Loaded::default();
    let mut snapshots = Vec::new();
    load_zones(tx, ALL_ZONES, |zone| {
        loaded.zones += 1;
        loaded.names += zone.contents.name_count();
        snapshots.push(zone.into_snapshot(serving));
    })
    .await?;
    serving.hosted.replace_all(snapshots);
    Ok(loaded)
}

/// One zone as a transaction sees it.
pub(crate) async fn load_zone_in(
    tx: &mut Tx,
    zone: ZoneId,
) -> Result<Option<LoadedZone>, StoreError> {
    let mut loaded = None;
    load_zones(tx, zone.number()..=zone.number(), |zone| {
        loaded = Some(zone);
    })
    .await?;
    Ok(loaded)
}

//------------ LoadedZone ------------------------------------------------------------------------

/// A zone with what is known about it besides its contents.
#[derive(Clone, Debug)]
pub(crate) struct LoadedZone {
    pub(crate) id: ZoneId,
    pub(crate) contents: Zone,
    pub(crate) version: Version,
    pub(crate) domain_connect: DomainConnect,
}

impl LoadedZone {
    /// The zone as it is served.
    pub(crate) fn from_snapshot(id: ZoneId, snapshot: &ZoneSnapshot) -> Self {
        Self {
            id,
            contents: snapshot.zone().clone(),
            version: Version(snapshot.version()),
            // When discovery is off for the whole server, nothing reads this.
            domain_connect: snapshot.discovery().is_some().into(),
        }
    }

    /// What is to be served.
    pub(crate) fn into_snapshot(self, serving: &Serving) -> ZoneSnapshot {
        let snapshot = ZoneSnapshot::new(self.contents, self.version.0);
        match (&serving.discovery, self.domain_connect) {
            (Some(text), DomainConnect::On) => snapshot.with_discovery(text),
            (Some(_), DomainConnect::Off) | (None, _) => snapshot,
        }
    }
}

//------------ Reading ---------------------------------------------------------------------------

/// The zones with ids in this range, each given away as soon as it is whole.
///
/// Folding may go on meanwhile, in a transaction that does not see one state of everything. So the
/// place where it stands is read first: what is read later is that state or a newer one, and the
/// journal since then is laid over it in any case.
async fn load_zones(
    tx: &mut Tx,
    ids: RangeInclusive<i64>,
    mut take: impl FnMut(LoadedZone),
) -> Result<(), StoreError> {
    let unfolded = Part {
        after: read_position(tx).await?,
        last_commit: i64::MAX,
        zones: ids.clone(),
    };
    let mut zones = read_heads(tx, &ids).await?;
    read_unfolded(tx, unfolded, &mut zones).await?;
    on!(tx, tx => {
        let mut rows = sqlx::query(SETS)
            .bind(*ids.start())
            .bind(*ids.end())
            .fetch(&mut **tx);
        while let Some(row) = rows.try_next().await.map_err(failed_to("read records"))? {
            let row = SetRow::from_row(&row).map_err(failed_to("read records"))?;
            // Rows come by zone: those of earlier zones are all there.
            while let Some(earlier) = zones.first_entry().filter(|zone| *zone.key() < row.zone_id) {
                take(earlier.remove().finish()?);
            }
            if let Some(zone) = zones.get_mut(&row.zone_id) {
                zone.add_stored(&row)?;
            }
        }
    });
    for zone in zones.into_values() {
        take(zone.finish()?);
    }
    Ok(())
}

const HEADS: &str = "SELECT id, spelling, domain_connect, folded_version, folded_serial FROM zone \
     WHERE id >= $1 AND id <= $2 ORDER BY id";
const SETS: &str = "SELECT zone_id, rtype, spelling, ttl, data FROM record_set \
     WHERE zone_id >= $1 AND zone_id <= $2 ORDER BY zone_id, owner, rtype";

/// Zones that are being read, by their ids.
type Unfinished = BTreeMap<i64, UnfinishedZone>;

async fn read_heads(tx: &mut Tx, ids: &RangeInclusive<i64>) -> Result<Unfinished, StoreError> {
    let heads: Vec<HeadRow> = on!(tx, tx => sqlx::query_as(HEADS)
        .bind(*ids.start())
        .bind(*ids.end())
        .fetch_all(&mut **tx)
        .await)
    .map_err(failed_to("read zones"))?;
    let zones = heads
        .into_iter()
        .map(|head| Ok((head.id, UnfinishedZone::try_from(head)?)));
    zones.collect()
}

/// Lays what is not folded yet over zones.
async fn read_unfolded(
    tx: &mut Tx,
    mut part: Part,
    zones: &mut Unfinished,
) -> Result<(), StoreError> {
    for commit in read_commits(tx, &part).await? {
        if let Some(zone) = zones.get_mut(&commit.zone_id) {
            zone.advance(&commit)?;
        }
    }
    loop {
        let page = read_changes(tx, &part, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        part.after = last.place();
        for change in page {
            if let Some(zone) = zones.get_mut(&change.zone_id) {
                zone.lay_over(&change)?;
            }
        }
    }
}
