//! The verification of a whole store.

use std::sync::Arc;
use std::time::Duration;

use easement_core::Version;
use easement_zone::HostedZone;
use tokio::time::{sleep, timeout};

use super::finding::Findings;
use super::read::read_ids;
use super::tables::{check_database, check_journal};
use super::zone::{Checked, ZoneChecker};
use super::{Problem, Verified, VerifyProgress};
use crate::database::{Db, detached};
use crate::{Corrupt, Store, StoreError};

/// How long a zone in memory may take to follow what another node committed.
const FOLLOW: Duration = Duration::from_secs(5);
/// How often it is looked at meanwhile.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Which zones are in memory, to be compared with what is stored.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Served {
    /// All of them, as in a server.
    EveryZone,
    /// None that counts: they could not be loaded.
    Nothing,
}

impl Store {
    /// Checks everything that is stored about zones, and the zones in memory. Changes nothing, and
    /// keeps nobody waiting: each zone is looked at as it is at one moment.
    ///
    /// What is wrong is in the answer. It fails only when the database cannot be asked; that it is
    /// damaged is an answer.
    pub async fn verify(
        &self,
        served: Served,
        progress: &Arc<VerifyProgress>,
    ) -> Result<Verified, StoreError> {
        let mut verified = Verified::default();
        if !self.verify_tables(progress, &mut verified).await? {
            return Ok(verified);
        }
        let checker = ZoneChecker {
            db: self.db().clone(),
            serving: self.serving().clone(),
            publishing: self.publishing(),
            served,
            progress: Arc::clone(progress),
        };
        let mut behind = Vec::new();
        let mut after = i64::MIN;
        loop {
            let ids = zone_ids(self.db(), after).await?;
            let Some(last) = ids.last() else {
                break;
            };
            after = *last;
            for zone in ids {
                let outcome = detached(checker.clone().check(zone)).await;
                behind.extend(add_zone(outcome, &mut verified)?);
                progress.finish_zone();
            }
        }
        for (zone, stored) in behind {
            wait_for(&zone, stored, &mut verified).await;
        }
        if served == Served::EveryZone {
            self.look_for_unstored(&mut verified).await?;
        }
        Ok(verified)
    }

    /// Checks what is not about one zone. Says whether it makes sense to go on.
    async fn verify_tables(
        &self,
        progress: &VerifyProgress,
        verified: &mut Verified,
    ) -> Result<bool, StoreError> {
        let mut findings = Findings::default();
        let checked = check_database(self.db(), &mut findings).await;
        let mut can_read = note_unreadable(checked, &mut findings)?.is_some();
        if can_read {
            let db = self.db().clone();
            let counted = detached(async move { count_zones(&db).await }).await;
            match note_unreadable(counted, &mut findings)? {
                Some((zones, more)) => {
                    progress.set_zones(zones);
                    more.move_to(verified);
                }
                None => can_read = false,
            }
        }
        findings.move_to(verified);
        Ok(can_read)
    }

    /// Zones in memory that no zone in the database stands behind.
    async fn look_for_unstored(&self, verified: &mut Verified) -> Result<(), StoreError> {
        let hosted = self.serving().hosted.load();
        let apexes: Vec<_> = hosted.values().map(|zone| zone.apex().clone()).collect();
        if u64::try_from(apexes.len()).unwrap_or(u64::MAX) <= verified.zones {
            // Every stored zone was found in memory, or is named as missing there.
            return Ok(());
        }
        for apex in apexes {
            if self.zone_by_apex(&apex).await?.is_none() {
                let mut findings = Findings::about(apex.to_text());
                findings.add(None, Problem::ServedOnly);
                findings.move_to(verified);
            }
        }
        Ok(())
    }
}

impl Verified {
    /// Adds that the zones cannot be loaded, which was found out before the verification.
    #[must_use]
    pub fn with_not_loadable(mut self, corrupt: Corrupt) -> Self {
        let mut findings = Findings::default();
        findings.add(None, Problem::NotLoadable(corrupt));
        findings.move_to(&mut self);
        self
    }
}

async fn count_zones(db: &Db) -> Result<(u64, Findings), StoreError> {
    let mut findings = Findings::default();
    let mut tx = db.begin_reading().await?;
    let zones = check_journal(&mut tx, &mut findings).await?;
    tx.commit().await?;
    Ok((zones, findings))
}

async fn zone_ids(db: &Db, after: i64) -> Result<Vec<i64>, StoreError> {
    let db = db.clone();
    detached(async move {
        let mut tx = db.begin_reading().await?;
        let ids = read_ids(&mut tx, after).await?;
        tx.commit().await?;
        Ok(ids)
    })
    .await
}

/// Adds what came of one zone; gives the zone in memory when it is to be looked at again.
fn add_zone(
    checked: Result<Option<Checked>, StoreError>,
    verified: &mut Verified,
) -> Result<Option<(Arc<HostedZone>, Version)>, StoreError> {
    let mut findings = Findings::default();
    let checked = note_unreadable(checked, &mut findings)?.flatten();
    findings.move_to(verified);
    let Some(checked) = checked else {
        return Ok(None);
    };
    verified.zones += 1;
    verified.commits += checked.commits;
    verified.changes += checked.changes;
    verified.record_sets += checked.record_sets;
    verified.services += checked.services;
    checked.findings.move_to(verified);
    Ok(checked.behind)
}

/// That the database cannot read its own tables is a finding. That it cannot be asked is an error.
fn note_unreadable<T>(
    outcome: Result<T, StoreError>,
    findings: &mut Findings,
) -> Result<Option<T>, StoreError> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(StoreError::Failed { doing, cause }) => {
            let said = format!("while trying to {doing}: {cause}");
            findings.add(None, Problem::Unreadable { said });
            Ok(None)
        }
        Err(StoreError::Corrupt(corrupt)) => {
            findings.add(None, Problem::Row(corrupt));
            Ok(None)
        }
        Err(error @ (StoreError::Unavailable { .. } | StoreError::Stopped)) => Err(error),
    }
}

/// Waits until a zone in memory has come to the version that is stored.
async fn wait_for(zone: &HostedZone, stored: Version, verified: &mut Verified) {
    let served = || Version(zone.snapshot().version());
    let follow = async {
        while served() < stored {
            sleep(LOOK_AGAIN).await;
        }
    };
    if timeout(FOLLOW, follow).await.is_err() {
        let mut findings = Findings::about(zone.apex().to_text());
        let served = served();
        findings.add(Some(stored), Problem::ServedVersion { served, stored });
        findings.move_to(verified);
    }
}
