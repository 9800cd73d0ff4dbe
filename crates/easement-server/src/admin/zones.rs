//! Requests about zones.

use std::sync::Arc;

use domain_connect::{AppliedService, Edit, plan_edit};
use easement_core::{
    Account, AuditEvent, ChangeSource, EmailAddress, Permit, ServiceChange, Version, ZoneAction,
    ZonePlan,
};
use easement_store::{CommitError, DomainConnect, NewZone};
use easement_zone::{
    ChangeSet, Name, RecordData, RecordSet, RecordType, Serial, Soa, Ttl, Zone, ZoneBuilder,
    ZoneSnapshot, diff, zonefile,
};

use super::accounts;
use super::execute::{AdminContext, ORIGIN};
use super::{
    AdminFailure, AdminReply, ExistingZone, FailureKind, RecordSetLine, ZoneDetail, ZoneImported,
    ZoneLine,
};
use crate::config::DnsSection;

//------------ Make ------------------------------------------------------------------------------

pub(super) async fn create(
    context: &AdminContext,
    apex: &Name,
    owner: &EmailAddress,
) -> Result<AdminReply, AdminFailure> {
    let contents = bare_zone(apex, &context.config.dns)?;
    let owner = accounts::find(context, owner).await?.account;
    add(context, contents, Some(owner), ChangeSource::ZoneCreated).await?;
    Ok(AdminReply::ZoneCreated(line(&*snapshot(context, apex)?)))
}

/// A zone with nothing but what every zone has.
fn bare_zone(apex: &Name, dns: &DnsSection) -> Result<Zone, AdminFailure> {
    let invalid = |message: String| AdminFailure::new(FailureKind::Invalid, message);
    let Some(primary) = dns.name_servers.first() else {
        let message = "no name servers are configured, and a zone needs at least one";
        let hint = "set dns.name_servers in the configuration, or import a zone file";
        return Err(invalid(message.to_owned()).with_hint(hint));
    };
    let mailbox = match &dns.hostmaster {
        Some(mailbox) => mailbox.clone(),
        None => apex
            .child("hostmaster")
            .map_err(|error| invalid(error.to_string()))?,
    };
    let soa = Soa::new(primary.clone(), mailbox, Serial::new(1));
    let servers = dns.name_servers.iter();
    let servers = servers.map(|server| RecordData::name(RecordType::NS, server));
    let mut builder = ZoneBuilder::new(apex.clone());
    let soa = RecordSet::single(apex.clone(), Ttl::HOUR, soa.to_data());
    let servers = RecordSet::new(apex.clone(), Ttl::HOUR, servers)
        .map_err(|error| invalid(error.to_string()))?;
    for set in [soa, servers] {
        builder
            .insert(set)
            .map_err(|error| invalid(error.to_string()))?;
    }
    builder.finish().map_err(|error| invalid(error.to_string()))
}

async fn add(
    context: &AdminContext,
    contents: Zone,
    owner: Option<Account>,
    source: ChangeSource,
) -> Result<(), AdminFailure> {
    let apex = contents.apex().to_text();
    let zone = NewZone {
        owner: owner.map(|account| account.id),
        contents,
        domain_connect: DomainConnect::On,
        source,
    };
    context.store.create_zone(zone, ORIGIN).await?;
    let event = AuditEvent::ZoneCreated { apex };
    context
        .store
        .append_audit(Some(ORIGIN.actor), None, &event)
        .await?;
    Ok(())
}

//------------ Import ----------------------------------------------------------------------------

/// Reads a zone file; every error names its line and column.
pub(super) fn read_file(apex: &Name, text: &str) -> Result<Zone, AdminFailure> {
    let options = zonefile::ReadOptions {
        origin: Some(apex.clone()),
        ..zonefile::ReadOptions::default()
    };
    match zonefile::read(text, &options) {
        Ok(file) => Ok(file.zone),
        Err(errors) => {
            let message = format!("the zone file was not imported:\n{errors}");
            Err(AdminFailure::new(FailureKind::Invalid, message))
        }
    }
}

pub(super) async fn import(
    context: &AdminContext,
    file: Zone,
    owner: Option<&EmailAddress>,
    existing: ExistingZone,
) -> Result<AdminReply, AdminFailure> {
    let apex = file.apex().clone();
    let Some(hosted) = context.hosted.get(&apex) else {
        return import_new(context, file, owner).await;
    };
    let current = hosted.snapshot();
    let changes = diff(current.zone(), &file);
    let source = ChangeSource::ZoneImported;
    let outcome = change(context, &current, changes, (existing, source)).await?;
    Ok(AdminReply::ZoneImported(outcome))
}

/// Makes a change of a zone that is there, or says what it would do.
pub(super) async fn change(
    context: &AdminContext,
    current: &ZoneSnapshot,
    changes: ChangeSet,
    (existing, source): (ExistingZone, ChangeSource),
) -> Result<ZoneImported, AdminFailure> {
    let applied = existing == ExistingZone::Replace && !changes.is_empty();
    let touched = touched_services(context, current, &changes).await?;
    let (shown, count) = (shown(&changes), changes.len());
    if applied {
        let services = touched.changes;
        replace(context, current, (changes, services), source).await?;
    }
    Ok(ZoneImported {
        zone: line(&*snapshot(context, current.zone().apex())?),
        changes: shown,
        count,
        ended: touched.ended,
        applied,
    })
}

/// How many changed record sets a reply names: a zone may have a million.
const SHOWN: usize = 10_000;

fn shown(changes: &ChangeSet) -> ChangeSet {
    let mut shown = ChangeSet::new();
    for (_, change) in changes.iter().take(SHOWN) {
        shown.record(change.before.clone(), change.after.clone());
    }
    shown
}

async fn import_new(
    context: &AdminContext,
    file: Zone,
    owner: Option<&EmailAddress>,
) -> Result<AdminReply, AdminFailure> {
    let apex = file.apex().clone();
    let Some(owner) = owner else {
        let message = format!("the zone {} is new, so it needs an owner", apex.to_text());
        let hint = "name the account: --owner EMAIL";
        return Err(AdminFailure::new(FailureKind::Invalid, message).with_hint(hint));
    };
    let owner = accounts::find(context, owner).await?.account;
    let mut changes = ChangeSet::new();
    for set in file.sets().take(SHOWN) {
        changes.record(None, Some(set));
    }
    let count = file.set_count();
    add(context, file, Some(owner), ChangeSource::ZoneImported).await?;
    Ok(AdminReply::ZoneImported(ZoneImported {
        zone: line(&*snapshot(context, &apex)?),
        changes,
        count,
        ended: Vec::new(),
        applied: true,
    }))
}

/// What an edit does to the services of a zone.
#[derive(Default)]
struct TouchedServices {
    /// What changes about them.
    changes: Vec<ServiceChange>,
    /// The names of those that end, for people.
    ended: Vec<String>,
}

/// Which services end because a record is gone that they cannot do without, and which need less from now
/// on. The zone file has the last word: what it keeps of a service that ends stays, as the owner's own.
async fn touched_services(
    context: &AdminContext,
    current: &ZoneSnapshot,
    changes: &ChangeSet,
) -> Result<TouchedServices, AdminFailure> {
    let apex = current.zone().apex();
    let Some(entry) = context.store.zone_by_apex(apex).await? else {
        return Ok(TouchedServices::default());
    };
    let entries = context.store.services_of(entry.id).await?;
    if entries.is_empty() || changes.is_empty() {
        return Ok(TouchedServices::default());
    }
    let services: Vec<AppliedService> = entries.iter().map(|one| one.service.clone()).collect();
    let plan = plan_edit(&Edit {
        zone: current.zone(),
        services: &services,
        special: &[],
        changes,
    });
    let plan = plan.map_err(|error| AdminFailure::new(FailureKind::Invalid, error.to_string()))?;
    let id_at = |index: usize| entries.get(index).map(|one| one.id);
    let ended = plan.ended.iter();
    let removed = ended.filter_map(|one| id_at(one.index).map(ServiceChange::Remove));
    let updated = plan.updated.iter().filter_map(|one| {
        let service = Box::new(one.service.clone());
        id_at(one.index).map(|id| ServiceChange::Update(id, service))
    });
    Ok(TouchedServices {
        changes: removed.chain(updated).collect(),
        ended: plan.ended.iter().map(|one| one.title.clone()).collect(),
    })
}

async fn replace(
    context: &AdminContext,
    current: &ZoneSnapshot,
    (changes, services): (ChangeSet, Vec<ServiceChange>),
    source: ChangeSource,
) -> Result<(), AdminFailure> {
    let apex = current.zone().apex();
    let entry = context.store.zone_by_apex(apex).await?;
    let entry = entry.ok_or_else(|| no_such_zone(apex))?;
    let permit = Permit::for_console(ZoneAction::Change, entry.id, &entry.apex);
    let plan = ZonePlan {
        base: Version(current.version()),
        changes,
        services,
        source,
    };
    context.store.commit(permit, plan, ORIGIN).await?;
    Ok(())
}

//------------ Look ------------------------------------------------------------------------------

pub(super) fn export(context: &AdminContext, apex: &Name) -> Result<AdminReply, AdminFailure> {
    let snapshot = snapshot(context, apex)?;
    Ok(AdminReply::ZoneFile(zonefile::write(snapshot.zone())))
}

pub(super) fn list(context: &AdminContext) -> AdminReply {
    let zones = context.hosted.load();
    AdminReply::Zones(zones.values().map(|hosted| line(&hosted.load())).collect())
}

pub(super) async fn show(context: &AdminContext, apex: &Name) -> Result<AdminReply, AdminFailure> {
    let snapshot = snapshot(context, apex)?;
    let entry = context.store.zone_by_apex(apex).await?;
    let entry = entry.ok_or_else(|| no_such_zone(apex))?;
    let services = context.store.services_of(entry.id).await?;
    Ok(AdminReply::Zone(ZoneDetail {
        line: line(&snapshot),
        records: snapshot
            .zone()
            .sets()
            .map(|set| record_line(&set))
            .collect(),
        services: services
            .iter()
            .map(|entry| entry.service.key.to_string())
            .collect(),
    }))
}

pub(super) fn snapshot(
    context: &AdminContext,
    apex: &Name,
) -> Result<Arc<ZoneSnapshot>, AdminFailure> {
    let hosted = context.hosted.get(apex).ok_or_else(|| no_such_zone(apex))?;
    Ok(hosted.snapshot())
}

pub(super) fn no_such_zone(apex: &Name) -> AdminFailure {
    let message = format!("this server does not host the zone {}", apex.to_text());
    AdminFailure::new(FailureKind::NotFound, message)
        .with_hint("`easement zone list` names those that it does")
}

fn line(snapshot: &ZoneSnapshot) -> ZoneLine {
    ZoneLine {
        apex: snapshot.zone().apex().clone(),
        version: Version(snapshot.version()),
        serial: snapshot.zone().serial().number(),
        record_sets: snapshot.zone().set_count(),
    }
}

fn record_line(set: &RecordSet) -> RecordSetLine {
    RecordSetLine {
        owner: set.owner().clone(),
        rtype: set.rtype(),
        ttl: set.ttl(),
        data: set.data().to_vec(),
    }
}

impl From<CommitError> for AdminFailure {
    fn from(error: CommitError) -> Self {
        let kind = match &error {
            CommitError::Store(error) => return error.clone().into(),
            CommitError::Stale(_) | CommitError::ZoneExists { .. } => FailureKind::Conflict,
            CommitError::Refused(_) => FailureKind::Invalid,
            CommitError::NoSuchZone { .. }
            | CommitError::NoSuchAccount { .. }
            | CommitError::NoSuchService { .. } => FailureKind::NotFound,
            CommitError::NotPermitted { .. } => FailureKind::Internal,
        };
        Self::new(kind, error.to_string())
    }
}
