//! One group of requests: each is checked against the zone as those before it leave it.

use std::collections::HashMap;

use easement_core::{
    AccessEpoch, AccountId, AppliedServiceId, ChangeSource, Origin, Permit, PlanBase, PlanStale,
    Timestamp, Version, ZoneAction, ZoneId, ZonePlan, ZoneRole, lease_changes, name_lease_changes,
};
use easement_zone::{ChangeSet, Name, Zone, ZoneSnapshot};

use super::journal::{CommitRow, Contents, Journal};
use super::{CommitError, Committed, NewZone, Work};
use crate::access::lock_epoch;
use crate::database::{GroupTx, on};
use crate::error::failed_to;
use crate::following::{Place, Published};
use crate::load::{LoadedZone, load_zone_in};
use crate::name_leases::{is_name_over, write_name_lease};
use crate::roles::put_role;
use crate::text_leases::{are_over, write_leases};
use crate::webhooks::{Outbox, ZoneListeners};
use crate::zones::{account_exists, apex_key, apex_of};
use crate::{DomainConnect, Serving, StoreError, StoreStats, services};

/// A transaction, and the zones as it will leave them.
pub(super) struct Batch<'w> {
    tx: GroupTx,
    serving: &'w Serving,
    /// Which zone has which apex, remembered from one group to the next.
    apexes: &'w mut HashMap<ZoneId, Name>,
    zones: HashMap<ZoneId, LoadedZone>,
    known: Known,
    /// Where it is remembered for the next group.
    known_after: &'w mut Known,
    journal: Journal,
    outbox: Outbox<'w>,
    now: Timestamp,
}

impl<'w> Batch<'w> {
    /// Goes on after what is served.
    pub(super) fn new(tx: GroupTx, serving: &'w Serving, published: &'w mut Published) -> Self {
        let known = std::mem::take(&mut published.known);
        Self {
            known: known.at_turn(tx.turn()),
            known_after: &mut published.known,
            tx,
            serving,
            journal: Journal::after(published.place),
            outbox: Outbox::new(&mut published.listeners),
            apexes: &mut published.apexes,
            zones: HashMap::new(),
            now: serving.clock.now(),
        }
    }

    /// Adds one request. After an error that is not [`CommitError::Store`] the group is as it was.
    pub(super) async fn add(&mut self, work: Work) -> Result<Committed, CommitError> {
        match work {
            Work::Commit {
                permit,
                plan,
                origin,
            } => self.add_commit(&permit, *plan, &origin).await,
            Work::Create { zone, origin } => self.add_zone(*zone, &origin).await,
            Work::Switch {
                zone,
                domain_connect,
            } => self.add_switch(zone, domain_connect).await,
        }
    }

    /// Makes the group durable, and gives what is to be served from now on and the place of that.
    pub(super) async fn commit(
        mut self,
        stats: &StoreStats,
    ) -> Result<(Vec<ZoneSnapshot>, Place), StoreError> {
        let place = self.journal.write(&mut self.tx, stats).await?;
        if !self.outbox.is_empty() {
            self.outbox.write(self.tx.begun().await?, self.now).await?;
        }
        self.tx.commit().await?;
        self.outbox.remember();
        *self.known_after = self.known;
        let serving = self.serving;
        let snapshots = self
            .zones
            .into_values()
            .map(|zone| zone.into_snapshot(serving));
        Ok((snapshots.collect(), place))
    }

    // A plan

    async fn add_commit(
        &mut self,
        permit: &Permit,
        plan: ZonePlan,
        origin: &Origin,
    ) -> Result<Committed, CommitError> {
        let zone = self.zone(permit.zone()).await?;
        check_permit(permit, origin, &zone)?;
        self.check_epoch(permit).await?;
        permit.allow_plan(&plan)?;
        self.check_base(plan.base, &zone).await?;
        if plan.is_empty() {
            return Ok(committed(&zone, Vec::new()));
        }
        let listeners = self.listeners(zone.id, &plan.changes).await?;
        let before = zone.contents.clone();
        let next = LoadedZone {
            contents: contents_after(&before, &plan.changes)?,
            version: zone.version.next(),
            ..zone
        };
        permit.allow(&plan.changes, &next.contents)?;
        self.check_lapsed(&plan, &next).await?;
        let services = self.write_beside(&next, &plan).await?;
        let answer = committed(&next, services);
        let events = listeners.events(&before, &next.contents, &plan.changes);
        let contents = Contents::Changes(plan.changes);
        let commit = self.note(&next, contents, &plan.source, origin)?;
        self.outbox.add(&listeners, &events, commit, self.now)?;
        self.zones.insert(next.id, next);
        Ok(answer)
    }

    /// Writes what goes with the records; gives the ids of services.
    async fn write_beside(
        &mut self,
        next: &LoadedZone,
        plan: &ZonePlan,
    ) -> Result<Vec<AppliedServiceId>, CommitError> {
        let mut services = Vec::new();
        if !plan.services.is_empty() {
            self.known.with_services.remove(&next.id);
            let tx = self.tx.begun().await?;
            services = services::change_in(tx, next.id, &plan.services, self.now).await?;
        }
        for change in lease_changes(&plan.changes, &plan.source) {
            write_leases(self.tx.begun().await?, next.id, &change, self.now).await?;
        }
        for change in name_lease_changes(&plan.changes, &plan.source) {
            write_name_lease(self.tx.begun().await?, next.id, &change).await?;
        }
        Ok(services)
    }

    /// What is taken away because its time is over was not set anew meanwhile.
    async fn check_lapsed(
        &mut self,
        plan: &ZonePlan,
        next: &LoadedZone,
    ) -> Result<(), CommitError> {
        let mut is_over = true;
        if plan.source == ChangeSource::TextsLapsed {
            for change in lease_changes(&plan.changes, &plan.source) {
                let tx = self.tx.begun().await?;
                is_over &= are_over(tx, next.id, &change, self.now).await?;
            }
        }
        if plan.source == ChangeSource::TempNamesLapsed {
            for change in name_lease_changes(&plan.changes, &plan.source) {
                let tx = self.tx.begun().await?;
                is_over &= is_name_over(tx, next.id, &change.owner, self.now).await?;
            }
        }
        if is_over {
            return Ok(());
        }
        Err(CommitError::Stale(PlanStale {
            apex: next.contents.apex().clone(),
            planned: next.version,
            current: next.version,
        }))
    }

    /// Nobody changed who may do what since the permit was given, and nobody will until the group is durable.
    async fn check_epoch(&mut self, permit: &Permit) -> Result<(), CommitError> {
        let Some(permitted) = permit.epoch() else {
            return Ok(());
        };
        if permitted == self.lock_epoch().await? {
            Ok(())
        } else {
            Err(CommitError::AccessChanged)
        }
    }

    /// When who may do what changed last: it does not change until the group is durable.
    async fn lock_epoch(&mut self) -> Result<AccessEpoch, StoreError> {
        if let Some(epoch) = self.known.epoch {
            return Ok(epoch);
        }
        let epoch = lock_epoch(self.tx.begun().await?).await?;
        self.known.epoch = Some(epoch);
        Ok(epoch)
    }

    /// Who is to be told of changes of addresses. That is asked for once in an epoch, and a change of anything
    /// else costs nothing.
    async fn listeners(
        &mut self,
        zone: ZoneId,
        changes: &ChangeSet,
    ) -> Result<ZoneListeners, StoreError> {
        if !changes.iter().any(|(key, _)| key.rtype.is_address()) {
            return Ok(ZoneListeners::default());
        }
        let epoch = self.lock_epoch().await?;
        self.outbox.listeners(&mut self.tx, zone, epoch).await
    }

    /// What the plan was made from is as it was. The record sets themselves are compared as they change.
    async fn check_base(&mut self, base: PlanBase, zone: &LoadedZone) -> Result<(), CommitError> {
        let apex = zone.contents.apex();
        match base {
            PlanBase::Version(planned) if planned != zone.version => {
                Err(CommitError::Stale(PlanStale {
                    apex: apex.clone(),
                    planned,
                    current: zone.version,
                }))
            }
            PlanBase::RecordSets if self.has_services(zone.id).await? => {
                let apex = apex.clone();
                Err(CommitError::ServiceConnected { apex })
            }
            PlanBase::Version(_) | PlanBase::RecordSets => Ok(()),
        }
    }

    async fn has_services(&mut self, zone: ZoneId) -> Result<bool, StoreError> {
        if let Some(known) = self.known.with_services.get(&zone) {
            return Ok(*known);
        }
        let found = services::has_any(self.tx.begun().await?, zone).await?;
        self.known.with_services.insert(zone, found);
        Ok(found)
    }

    /// The zone as the requests before this one leave it.
    async fn zone(&mut self, id: ZoneId) -> Result<LoadedZone, CommitError> {
        if let Some(zone) = self.zones.get(&id) {
            return Ok(zone.clone());
        }
        let apex = self.apex(id).await?;
        if let Some(hosted) = self.serving.hosted.get(&apex) {
            return Ok(LoadedZone::from_snapshot(id, &hosted.snapshot()));
        }
        load_zone_in(self.tx.begun().await?, id)
            .await?
            .ok_or(CommitError::NoSuchZone { zone: id })
    }

    async fn apex(&mut self, id: ZoneId) -> Result<Name, CommitError> {
        if let Some(apex) = self.apexes.get(&id) {
            return Ok(apex.clone());
        }
        let apex = apex_of(self.tx.begun().await?, id)
            .await?
            .ok_or(CommitError::NoSuchZone { zone: id })?;
        self.apexes.insert(id, apex.clone());
        Ok(apex)
    }

    fn note(
        &mut self,
        zone: &LoadedZone,
        contents: Contents,
        source: &ChangeSource,
        origin: &Origin,
    ) -> Result<i64, StoreError> {
        let row = CommitRow::new(zone, contents.size(), source, origin, self.now)?;
        Ok(self.journal.add(row, contents))
    }

    // A new zone

    async fn add_zone(&mut self, new: NewZone, origin: &Origin) -> Result<Committed, CommitError> {
        // Changes of rights take the epoch before the row of an account, and so must this.
        if new.owner.is_some() {
            self.lock_epoch().await?;
        }
        if let Some(account) = new.owner
            && !account_exists(self.tx.begun().await?, account).await?
        {
            return Err(CommitError::NoSuchAccount { account });
        }
        let apex = new.contents.apex().clone();
        let id = self.insert_zone(&apex, new.domain_connect).await?;
        let id = id.ok_or_else(|| CommitError::ZoneExists { apex: apex.clone() })?;
        self.give_to_owner(id, new.owner).await?;
        let zone = LoadedZone {
            id,
            contents: new.contents,
            version: Version::default().next(),
            domain_connect: new.domain_connect,
        };
        let contents = Contents::New(zone.contents.clone());
        self.note(&zone, contents, &new.source, origin)?;
        let answer = committed(&zone, Vec::new());
        self.zones.insert(id, zone);
        Ok(answer)
    }

    async fn insert_zone(
        &mut self,
        apex: &Name,
        domain_connect: DomainConnect,
    ) -> Result<Option<ZoneId>, StoreError> {
        let id: Option<i64> = on!(self.tx.begun().await?, tx => sqlx::query_scalar(INSERT_ZONE)
            .bind(apex_key(apex))
            .bind(apex.to_string())
            .bind(domain_connect.is_on())
            .bind(self.now.as_micros())
            .fetch_optional(&mut **tx)
            .await)
        .map_err(failed_to("make a zone"))?;
        Ok(id.map(ZoneId::new))
    }

    async fn give_to_owner(
        &mut self,
        zone: ZoneId,
        owner: Option<AccountId>,
    ) -> Result<(), StoreError> {
        match owner {
            Some(owner) => {
                put_role(self.tx.begun().await?, zone, owner, Some(ZoneRole::Owner)).await
            }
            None => Ok(()),
        }
    }

    // Domain Connect

    async fn add_switch(
        &mut self,
        id: ZoneId,
        domain_connect: DomainConnect,
    ) -> Result<Committed, CommitError> {
        let zone = LoadedZone {
            domain_connect,
            ..self.zone(id).await?
        };
        // Changes of rights take the epoch before the row of a zone, and so must this.
        self.lock_epoch().await?;
        on!(self.tx.begun().await?, tx => sqlx::query(SWITCH)
            .bind(id.number())
            .bind(domain_connect.is_on())
            .execute(&mut **tx)
            .await
            .map(|_| ()))
        .map_err(failed_to("switch Domain Connect"))?;
        self.journal.add_switch(id);
        let answer = committed(&zone, Vec::new());
        self.zones.insert(id, zone);
        Ok(answer)
    }
}

const INSERT_ZONE: &str = "INSERT INTO zone \
     (apex, spelling, domain_connect, created_at, folded_version, folded_serial) \
     VALUES ($1, $2, $3, $4, 0, 0) ON CONFLICT (apex) DO NOTHING RETURNING id";
const SWITCH: &str = "UPDATE zone SET domain_connect = $2 WHERE id = $1";

//------------ Known -----------------------------------------------------------------------------

/// What was asked for and is still so.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// When who may do what changed last.
    epoch: Option<AccessEpoch>,
    /// Whether zones have services.
    with_services: HashMap<ZoneId, bool>,
    /// Whose turn it was at a file.
    turn: Option<u64>,
}

impl Known {
    /// What is still known at this turn: everything after one's own, since nobody else wrote.
    fn at_turn(self, turn: Option<u64>) -> Self {
        let follows = self.turn.is_some() && self.turn.map(|own| own.wrapping_add(1)) == turn;
        let known = if follows { self } else { Self::default() };
        Self { turn, ..known }
    }
}

//------------ Rules -----------------------------------------------------------------------------

/// The permit is for this zone, for changing it, and for the one who is noted as the actor.
fn check_permit(permit: &Permit, origin: &Origin, zone: &LoadedZone) -> Result<(), CommitError> {
    let is_permitted = permit.apex() == zone.contents.apex()
        && permit.action() == ZoneAction::Change
        && permit.actor() == origin.actor;
    if is_permitted {
        Ok(())
    } else {
        Err(CommitError::NotPermitted {
            apex: permit.apex().clone(),
        })
    }
}

/// A commit of services alone leaves the records, and so the serial number, as they are.
fn contents_after(contents: &Zone, changes: &ChangeSet) -> Result<Zone, CommitError> {
    if changes.is_empty() {
        Ok(contents.clone())
    } else {
        Ok(contents.apply(changes)?)
    }
}

fn committed(zone: &LoadedZone, services: Vec<AppliedServiceId>) -> Committed {
    Committed {
        zone: zone.id,
        version: zone.version,
        serial: zone.contents.serial(),
        services,
    }
}
