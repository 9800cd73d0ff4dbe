//! Callers that commit, and the zones that they change.

use std::sync::Arc;

use easement_core::{
    Actor, ChangeSource, Origin, Permit, PlanBase, Version, ZoneAction, ZoneId, ZonePlan,
};
use easement_store::{CommitError, Committed, DomainConnect, NewZone, Store};
use easement_zone::{
    ChangeSet, Name, RecordData, RecordSet, RecordType, Serial, Soa, Ttl, Zone, ZoneBuilder,
};
use tokio::sync::Mutex;

use crate::{Caller, Failure};

/// Zones with as many hosts each.
#[derive(Clone)]
pub(crate) struct Zones {
    store: Store,
    all: Arc<[(ZoneId, Name)]>,
    hosts: usize,
    /// The version that the next plan for the first zone is to be made from.
    next: Arc<Mutex<Version>>,
}

impl Zones {
    pub(crate) async fn create(store: &Store, count: usize, hosts: usize) -> Result<Self, Failure> {
        let mut zones = Vec::with_capacity(count);
        for number in 0..count {
            let apex: Name = format!("z{number}.of{count}.test").parse()?;
            let zone = NewZone {
                owner: None,
                contents: contents(&apex, hosts)?,
                domain_connect: DomainConnect::Off,
                source: ChangeSource::ZoneImported,
            };
            zones.push((store.create_zone(zone, console()).await?.zone, apex));
        }
        Ok(Self {
            store: store.clone(),
            all: zones.into(),
            hosts,
            next: Arc::new(Mutex::new(Version::default().next())),
        })
    }

    fn pick(&self, number: usize) -> Result<&(ZoneId, Name), Failure> {
        self.all
            .get(number % self.all.len())
            .ok_or_else(|| "there is no zone".into())
    }

    /// What is served of one host in a zone, and the version.
    fn served(&self, apex: &Name, host: usize) -> Result<(Version, RecordSet), Failure> {
        let hosted = self.store.serving().hosted.get(apex);
        let snapshot = hosted.ok_or("the zone is not served")?.snapshot();
        let owner = apex.child(&format!("h{}", host % self.hosts))?;
        let set = snapshot.zone().get(&owner, RecordType::A);
        let set = set.ok_or("the host is not there")?;
        Ok((Version(snapshot.version()), set))
    }

    fn commit(
        &self,
        (zone, apex): &(ZoneId, Name),
        base: Version,
        changes: ChangeSet,
    ) -> impl Future<Output = Result<Committed, CommitError>> + Send + 'static {
        let permit = Permit::for_console(ZoneAction::Change, *zone, apex);
        let plan = ZonePlan {
            base: PlanBase::Version(base),
            changes,
            services: Vec::new(),
            source: ChangeSource::ZoneImported,
        };
        let store = self.store.clone();
        async move { store.commit(permit, plan, console()).await }
    }
}

/// Plans follow each other in the queue, each made from the version before it: what the queue can do
/// at most for one zone. Each caller has hosts of its own.
pub(crate) async fn commit_in_order(zones: Zones, caller: Caller) -> Result<u32, Failure> {
    let zone = zones.pick(0)?;
    let mut done = 0;
    let mut host = caller.number;
    while !caller.is_done() {
        let (_, before) = zones.served(&zone.1, host)?;
        let changes = change(&before, done);
        let mut next = zones.next.lock().await;
        let mut commit = Box::pin(zones.commit(zone, *next, changes));
        *next = next.next();
        // The first poll puts the plan into the queue, so that the order is that of the versions.
        let answer = tokio::select! {
            biased;
            answer = &mut commit => Some(answer),
            () = std::future::ready(()) => None,
        };
        drop(next);
        match answer {
            Some(answer) => answer?,
            None => commit.await?,
        };
        done += 1;
        host += caller.of;
        // 32 and 256 do not divide the hosts: without this, callers would come to each other's hosts.
        if host >= zones.hosts {
            host = caller.number;
        }
    }
    Ok(done)
}

/// Plans are made from what is served, and made again when another caller was faster.
pub(crate) async fn commit_until_done(zones: Zones, caller: Caller) -> Result<u32, Failure> {
    let zone = zones.pick(0)?;
    let mut done = 0;
    while !caller.is_done() {
        let (base, before) = zones.served(&zone.1, caller.number)?;
        match zones.commit(zone, base, change(&before, done)).await {
            Ok(committed) => {
                done += 1;
                let mut next = zones.next.lock().await;
                *next = committed.version.max(*next);
            }
            Err(CommitError::Stale(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(done)
}

/// Each caller has zones of its own.
pub(crate) async fn commit_to_own_zones(zones: Zones, caller: Caller) -> Result<u32, Failure> {
    let mut done = 0;
    let mut number = caller.number;
    while !caller.is_done() {
        let zone = zones.pick(number)?;
        let (base, before) = zones.served(&zone.1, 1)?;
        zones.commit(zone, base, change(&before, done)).await?;
        done += 1;
        number += caller.of;
        if number >= zones.all.len() {
            number = caller.number;
        }
    }
    Ok(done)
}

/// Another address than before.
fn change(before: &RecordSet, number: u32) -> ChangeSet {
    let mut changes = ChangeSet::new();
    let address = |number: u32| RecordData::a((0x0a00_0000 + number).into());
    let mut data = address(number);
    if before.data().contains(&data) {
        data = address(number + 1);
    }
    let after = RecordSet::single(before.owner().clone(), Ttl::HOUR, data);
    changes.record(Some(before.clone()), Some(after));
    changes
}

fn contents(apex: &Name, hosts: usize) -> Result<Zone, Failure> {
    let server: Name = "ns1.example.net".parse()?;
    let soa = Soa::new(
        server.clone(),
        "hostmaster.example.net".parse()?,
        Serial::new(1),
    );
    let mut builder = ZoneBuilder::new(apex.clone());
    for data in [soa.to_data(), RecordData::name(RecordType::NS, &server)] {
        builder.insert(RecordSet::single(apex.clone(), Ttl::HOUR, data))?;
    }
    for host in 0..hosts {
        let owner = apex.child(&format!("h{host}"))?;
        let data = RecordData::a([192, 0, 2, 1].into());
        builder.insert(RecordSet::single(owner, Ttl::HOUR, data))?;
    }
    Ok(builder.finish()?)
}

fn console() -> Origin {
    Origin {
        actor: Actor::Console,
        address: None,
    }
}
