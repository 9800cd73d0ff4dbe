//! Requests about zones.

use std::sync::Arc;

use easement_core::{Account, AuditEvent, ChangeSource, EmailAddress, Version};
use easement_store::{CommitError, DomainConnect, NewZone};
use easement_zone::{
    Name, RecordData, RecordSet, RecordType, Serial, Soa, Ttl, Zone, ZoneBuilder, ZoneSnapshot,
    zonefile,
};

use super::accounts;
use super::execute::{AdminContext, ORIGIN};
use super::{AdminFailure, AdminReply, FailureKind, RecordSetLine, ZoneDetail, ZoneLine};
use crate::aside::aside;
use crate::config::DnsSection;

/// How many record sets a reply names, of a zone or of a change: there may be a million.
pub(super) const SHOWN: usize = 10_000;

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

pub(super) async fn add(
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

//------------ Look ------------------------------------------------------------------------------

pub(super) async fn export(
    context: &AdminContext,
    apex: &Name,
) -> Result<AdminReply, AdminFailure> {
    let snapshot = snapshot(context, apex)?;
    let text = aside(move || zonefile::write(snapshot.zone())).await?;
    Ok(AdminReply::ZoneFile(text))
}

pub(super) async fn list(context: &AdminContext) -> Result<AdminReply, AdminFailure> {
    let hosted = Arc::clone(&context.hosted);
    let lines = move || {
        let zones = hosted.load();
        zones.values().map(|zone| line(&zone.load())).collect()
    };
    Ok(AdminReply::Zones(aside(lines).await?))
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
            .take(SHOWN)
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

pub(super) fn line(snapshot: &ZoneSnapshot) -> ZoneLine {
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
            CommitError::Stale(_)
            | CommitError::ServiceConnected { .. }
            | CommitError::AccessChanged
            | CommitError::ZoneExists { .. } => FailureKind::Conflict,
            CommitError::Refused(_) => FailureKind::Invalid,
            CommitError::NoSuchZone { .. }
            | CommitError::NoSuchAccount { .. }
            | CommitError::NoSuchService { .. } => FailureKind::NotFound,
            CommitError::NotPermitted { .. } | CommitError::Token(_) | CommitError::Grant(_) => {
                FailureKind::Internal
            }
        };
        Self::new(kind, error.to_string())
    }
}
