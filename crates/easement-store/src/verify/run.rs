//! The verification of a whole store.

use std::collections::HashSet;
use std::sync::Arc;

use easement_zone::Name;

use super::finding::Findings;
use super::read::read_ids;
use super::references::check_references;
use super::tables::{check_database, check_journal};
use super::zone::ZoneChecker;
use super::{Problem, Verified, VerifyProgress};
use crate::database::{Db, detached};
use crate::{Store, StoreError};

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
        self.verify_tables(progress, &mut verified).await?;
        let checker = ZoneChecker {
            db: self.db().clone(),
            serving: self.serving().clone(),
            publishing: self.publishing(),
            served,
            progress: Arc::clone(progress),
            is_left_behind: Arc::default(),
        };
        let mut apexes = HashSet::new();
        let mut after = i64::MIN;
        loop {
            let ids = note(zone_ids(self.db(), after).await, &mut verified)?;
            let ids = ids.unwrap_or_default();
            let Some(last) = ids.last() else {
                break;
            };
            after = *last;
            for zone in ids {
                let outcome = detached(checker.clone().check(zone)).await;
                if let Some(found) = note(outcome, &mut verified)?.flatten() {
                    apexes.extend(found.apex.clone());
                    found.add_to(&mut verified);
                }
                progress.finish_zone();
            }
        }
        if served == Served::EveryZone {
            self.look_for_unstored(&apexes, &mut verified).await?;
        }
        Ok(verified)
    }

    /// Checks what is not about one zone.
    async fn verify_tables(
        &self,
        progress: &VerifyProgress,
        verified: &mut Verified,
    ) -> Result<(), StoreError> {
        let mut findings = Findings::default();
        check_database(self.db(), &mut findings).await?;
        check_references(self.db(), &mut findings).await?;
        findings.move_to(verified);
        let db = self.db().clone();
        let (zones, findings) = detached(async move { count_zones(&db).await }).await?;
        findings.move_to(verified);
        progress.set_zones(zones.unwrap_or_default());
        Ok(())
    }

    /// Zones in memory that no zone in the database stands behind. Those with these apexes are there.
    async fn look_for_unstored(
        &self,
        stored: &HashSet<Name>,
        verified: &mut Verified,
    ) -> Result<(), StoreError> {
        let hosted = self.serving().hosted.load();
        let apexes: Vec<Name> = hosted.values().map(|zone| zone.apex().clone()).collect();
        for apex in apexes.iter().filter(|apex| !stored.contains(*apex)) {
            let mut findings = Findings::about(apex.to_text());
            // It may be one that was made meanwhile.
            if let Some(None) = findings.note(self.zone_by_apex(apex).await)? {
                findings.add(None, Problem::ServedOnly);
            }
            findings.move_to(verified);
        }
        Ok(())
    }
}

impl Verified {
    /// Adds that the zones cannot be loaded, which was found out before the verification.
    #[must_use]
    pub fn with_not_loadable(mut self, error: &StoreError) -> Self {
        let mut findings = Findings::default();
        let said = match error {
            StoreError::Failed { cause, .. } => format!("{error}: {cause}"),
            StoreError::Corrupt(_) | StoreError::Unavailable { .. } | StoreError::Stopped => {
                error.to_string()
            }
        };
        findings.add(None, Problem::NotLoadable { said });
        findings.move_to(&mut self);
        self
    }
}

/// How many zones there are, when they can be counted.
async fn count_zones(db: &Db) -> Result<(Option<u64>, Findings), StoreError> {
    let mut findings = Findings::default();
    let mut tx = db.begin_reading().await?;
    let zones = check_journal(&mut tx, &mut findings).await;
    let zones = findings.note(zones)?;
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

/// Notes what is not about one zone, and goes on.
fn note<T>(
    outcome: Result<T, StoreError>,
    verified: &mut Verified,
) -> Result<Option<T>, StoreError> {
    let mut findings = Findings::default();
    let noted = findings.note(outcome)?;
    findings.move_to(verified);
    Ok(noted)
}
