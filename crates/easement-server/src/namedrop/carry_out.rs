//! From a call to a commit: planned against the zone of that moment, all of it or nothing.

use easement_core::{ChangeSource, DynamicUpdate, Origin, PlanBase, Version, ZonePlan};
use easement_store::CommitError;
use easement_zone::{Name, Zone};
use namedrop::{Permissions, RecordCall, RecordDocument, ResolvedCall, list_records, plan_call};

use super::RecordsError;
use super::caller::{Caller, Place};
use crate::domain_connect::is_overtaken;
use crate::state::ServerState;

/// How often a call is planned again when something else in the zone was committed first.
const MAX_TRIES: u32 = 16;

impl Caller<'_> {
    /// The records that a call may be told.
    pub(super) async fn list(
        &self,
        call: &RecordCall,
    ) -> Result<Vec<RecordDocument>, RecordsError> {
        let place = self.place().await?;
        // Whoever said yes must still be able to see it.
        self.permit(&place).await?;
        let (_, permissions) = self.names()?;
        let listing = call.resolve_listing(permissions)?;
        check_domain(listing.domain(), &place)?;
        Ok(list_records(&listing, place.hosted.snapshot().zone())?)
    }

    /// Does what a call says, or nothing; gives the records that it is about.
    pub(super) async fn change(
        mut self,
        call: &RecordCall,
    ) -> Result<Vec<RecordDocument>, RecordsError> {
        let place = self.place().await?;
        for _ in 0..MAX_TRIES {
            match self.try_once(call, &place).await {
                Ok(records) => {
                    self.note(&place, call).await;
                    return Ok(records);
                }
                Err(Failed::Commit(CommitError::AccessChanged)) => self.again().await?,
                Err(Failed::Commit(error)) if is_overtaken(&error) => {}
                Err(Failed::Commit(error)) => return Err(error.into()),
                Err(Failed::Refused(error)) => return Err(error),
            }
        }
        Err(RecordsError::TryAgain)
    }

    async fn try_once(
        &self,
        call: &RecordCall,
        place: &Place,
    ) -> Result<Vec<RecordDocument>, Failed> {
        let permit = self.permit(place).await?;
        let (app, permissions) = self.names()?;
        let snapshot = place.hosted.snapshot();
        let resolved = resolve(call, permissions, place)?;
        let zone = snapshot.zone();
        let planned = plan_call(&resolved, zone, &other_zones(self.state, &resolved, zone))
            .map_err(RecordsError::from)?;
        if planned.changes.is_empty() {
            return Ok(planned.records);
        }
        let services = self.state.store.services_of(place.entry.id).await;
        let services = services.map_err(RecordsError::from)?;
        let mut update = DynamicUpdate::new(&permit, zone, &services);
        update.add(&planned.changes).map_err(RecordsError::from)?;
        let version = Version(snapshot.version());
        let source = ChangeSource::RecordCall { app: app.clone() };
        let plan = ZonePlan {
            // What was refused or named depends on more than the record sets that change.
            base: PlanBase::Version(version),
            ..update.finish(version, source)
        };
        let origin = Origin {
            actor: permit.actor(),
            address: Some(self.address),
        };
        let committed = self.state.store.commit(permit, plan, origin).await;
        committed.map_err(Failed::Commit)?;
        Ok(planned.records)
    }

    /// The change is made by now, whatever becomes of the note.
    async fn note(&self, place: &Place, call: &RecordCall) {
        let grant = self.bearer.admitted.grant();
        tracing::info!(
            zone.name = %place.entry.apex,
            grant.id = grant.id.number(),
            doing = ?call.action,
            records = call.records.len(),
            "a call for records was carried out"
        );
        if let Err(error) = self.state.store.note_grant_use(grant.id).await {
            tracing::error!(%error, "that an access was used is not noted");
        }
    }
}

/// Why one try did not work.
enum Failed {
    Refused(RecordsError),
    Commit(CommitError),
}

impl From<RecordsError> for Failed {
    fn from(error: RecordsError) -> Self {
        Self::Refused(error)
    }
}

fn resolve(
    call: &RecordCall,
    permissions: &Permissions,
    place: &Place,
) -> Result<ResolvedCall, RecordsError> {
    let resolved = call.resolve(permissions)?;
    check_domain(resolved.domain(), place)?;
    Ok(resolved)
}

/// A permission that names another domain than its zone opens nothing.
fn check_domain(domain: &Name, place: &Place) -> Result<(), RecordsError> {
    if *domain == place.entry.apex {
        Ok(())
    } else {
        Err(RecordsError::NoZone)
    }
}

/// The zones of their own that the names of a call are in.
fn other_zones(state: &ServerState, call: &ResolvedCall, zone: &Zone) -> Vec<Name> {
    let records = call.records().iter();
    let over = records.filter_map(|record| state.hosted.zone_over(&record.owner));
    let apexes = over.map(|hosted| hosted.apex().clone());
    apexes.filter(|apex| apex != zone.apex()).collect()
}
