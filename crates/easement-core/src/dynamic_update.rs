//! Plans of what devices and programs want: many small wishes, each with an outcome of its own.

use domain_connect::{AppliedService, Edit, PlanError, UpdatedService, plan_edit};
use easement_zone::{ApplyError, ChangeSet, Name, RecordSet, RecordType, Zone};

use crate::{
    ChangeSource, Permit, PlanBase, ServiceChange, ServiceEntry, TokenRefused, Version, ZonePlan,
};

/// A plan in the making. Each wish is tried on the zone as the ones before it leave it; one that is
/// refused changes nothing, and those after it are tried all the same.
///
/// A zone in which services are connected is planned as a whole: no device ends a service, and what a
/// service needs is noted as it changes. In any other zone the plan rests on the record sets that it
/// changes and on nothing else, so many plans for one zone can be made and committed at once.
#[derive(Debug)]
pub struct DynamicUpdate<'a> {
    permit: &'a Permit,
    base: &'a Zone,
    services: &'a [ServiceEntry],
    /// The zone, as the wishes so far leave it.
    zone: Zone,
    changes: ChangeSet,
    updated: Vec<UpdatedService>,
}

impl<'a> DynamicUpdate<'a> {
    /// Of a zone in which these services are connected.
    pub fn new(permit: &'a Permit, base: &'a Zone, services: &'a [ServiceEntry]) -> Self {
        Self {
            permit,
            base,
            services,
            zone: base.clone(),
            changes: ChangeSet::new(),
            updated: Vec::new(),
        }
    }

    /// The zone, as the wishes so far leave it.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// Tries one wish: record sets before and after, `before` as they are in [`zone`](Self::zone). Says
    /// whether it changes anything.
    pub fn add(&mut self, wish: &ChangeSet) -> Result<bool, UpdateRefused> {
        if wish.is_empty() {
            return Ok(false);
        }
        let zone = self.zone.apply(wish)?;
        self.permit.allow(wish, &zone)?;
        check_name_servers(wish, &self.zone, &zone)?;
        let mut changes = self.changes.clone();
        for (_, change) in wish.iter() {
            changes.record(change.before.clone(), change.after.clone());
        }
        // What is stored is all of it, as one change.
        self.permit.allow(&changes, &zone)?;
        self.updated = self.look_at_services(&changes)?;
        self.changes = changes;
        self.zone = zone;
        Ok(true)
    }

    /// What the services of the zone need after these changes; none of them may end.
    fn look_at_services(&self, changes: &ChangeSet) -> Result<Vec<UpdatedService>, UpdateRefused> {
        if self.services.is_empty() {
            return Ok(Vec::new());
        }
        let services: Vec<AppliedService> = self
            .services
            .iter()
            .map(|entry| entry.service.clone())
            .collect();
        let plan = plan_edit(&Edit {
            zone: self.base,
            services: &services,
            special: &[],
            changes,
        })?;
        if let Some(ended) = plan.ended.first() {
            return Err(UpdateRefused::NeededByService {
                service: ended.title.clone(),
            });
        }
        match plan.updated.iter().find(|one| self.loses_spf_terms(one)) {
            Some(updated) => Err(UpdateRefused::NeedsSpfTerms {
                service: updated.service.title(),
            }),
            None => Ok(plan.updated),
        }
    }

    /// Whether a service would forget what it added to an SPF record, and its mail be refused.
    fn loses_spf_terms(&self, updated: &UpdatedService) -> bool {
        let count = |service: &AppliedService| -> usize {
            service.spf.iter().map(|spf| spf.terms.len()).sum()
        };
        let before = self.services.get(updated.index);
        before.is_some_and(|before| count(&before.service) > count(&updated.service))
    }

    /// The plan of all wishes that were not refused, for the version of the zone that it was begun with.
    pub fn finish(self, version: Version, source: ChangeSource) -> ZonePlan {
        let id_at = |index: usize| self.services.get(index).map(|entry| entry.id);
        let services = self.updated.into_iter().filter_map(|updated| {
            let service = Box::new(updated.service);
            id_at(updated.index).map(|id| ServiceChange::Update(id, service))
        });
        ZonePlan {
            base: if self.services.is_empty() {
                PlanBase::RecordSets
            } else {
                PlanBase::Version(version)
            },
            changes: self.changes,
            services: services.collect(),
            source,
        }
    }
}

/// No name server that the zone names loses its last address in it: whoever is sent there would find nothing.
fn check_name_servers(wish: &ChangeSet, before: &Zone, after: &Zone) -> Result<(), UpdateRefused> {
    let has_address = |zone: &Zone, host: &Name| {
        let types = [RecordType::A, RecordType::AAAA];
        types.iter().any(|rtype| zone.get(host, *rtype).is_some())
    };
    let lost = wish
        .iter()
        .filter(|(key, change)| key.rtype.is_address() && change.after.is_none())
        .map(|(key, _)| &key.owner)
        .find(|host| {
            has_address(before, host) && !has_address(after, host) && is_name_server(after, host)
        });
    match lost {
        Some(host) => Err(UpdateRefused::NeededByNameServer { host: host.clone() }),
        None => Ok(()),
    }
}

/// Whether NS records at the host, or at a name above it, name it: the zone itself or a delegation is served by it.
/// Those of other delegations are not looked for: that would take a look at the whole zone.
fn is_name_server(zone: &Zone, host: &Name) -> bool {
    let mut names = Some(host.clone());
    std::iter::from_fn(|| {
        let name = names.take()?;
        names = name
            .parent()
            .filter(|parent| parent.is_at_or_below(zone.apex()));
        Some(name)
    })
    .filter_map(|name| zone.get(&name, RecordType::NS))
    .flat_map(|servers| servers.data().to_vec())
    .any(|data| data.target().as_ref() == Some(host))
}

/// The change of one record set of a zone to this one; nothing takes the set away.
pub fn change_of(before: Option<RecordSet>, after: Option<RecordSet>) -> ChangeSet {
    let mut changes = ChangeSet::new();
    changes.record(before, after);
    changes
}

/// Why a wish was refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum UpdateRefused {
    /// The token is not for it.
    #[error(transparent)]
    Token(#[from] TokenRefused),
    /// A connected service cannot do without a record that would go.
    #[error(
        "the service {service} needs a record that this would take away: remove the service first, on \
         the page of the zone"
    )]
    NeededByService {
        /// The names that are shown: provider and service.
        service: String,
    },
    /// A connected service added terms to an SPF record that would go.
    #[error(
        "the service {service} needs its terms in the SPF record: keep them, or remove the service first, \
         on the page of the zone"
    )]
    NeedsSpfTerms {
        /// The names that are shown: provider and service.
        service: String,
    },
    /// It is a name server of the zone, and would have no address there.
    #[error(
        "{} is a name server of its zone, and would be left without an address: change its addresses, or \
         take it out of the NS records first",
        host.to_text()
    )]
    NeededByNameServer {
        /// The name server.
        host: Name,
    },
    /// The zone would break a rule.
    #[error(transparent)]
    Zone(#[from] ApplyError),
    /// What services need could not be found out.
    #[error(transparent)]
    Plan(#[from] PlanError),
}

#[cfg(test)]
mod tests {
    use easement_zone::{RecordData, Serial, Soa, Ttl, ZoneBuilder};

    use super::*;

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    /// Served by `ns1`, which has an address of each family; `cut` is delegated to `ns.cut`.
    fn zone() -> Zone {
        let apex = name("example.test.");
        let soa = Soa::new(apex.clone(), apex.clone(), Serial::new(1));
        let server = |host: &str| RecordData::name(RecordType::NS, &name(host));
        let mut builder = ZoneBuilder::new(apex.clone());
        for (owner, data) in [
            (apex.clone(), soa.to_data()),
            (apex, server("NS1.example.test.")),
            (name("cut.example.test."), server("ns.cut.example.test.")),
            (
                name("ns.cut.example.test."),
                RecordData::a([9, 9, 9, 9].into()),
            ),
            (
                name("ns1.example.test."),
                RecordData::a([9, 9, 9, 9].into()),
            ),
            (
                name("ns1.example.test."),
                RecordData::aaaa(std::net::Ipv6Addr::LOCALHOST),
            ),
            (
                name("home.example.test."),
                RecordData::a([9, 9, 9, 9].into()),
            ),
        ] {
            let set = RecordSet::single(owner, Ttl::HOUR, data);
            builder.insert(set).unwrap();
        }
        builder.finish().unwrap()
    }

    #[test]
    fn no_name_server_loses_its_last_address() {
        let (ipv4, ipv6) = (RecordType::A, RecordType::AAAA);
        for (host, types, is_refused) in [
            ("ns1.example.test.", &[ipv4, ipv6][..], true),
            ("ns1.example.test.", &[ipv4], false),
            ("ns1.example.test.", &[ipv6], false),
            ("ns.cut.example.test.", &[ipv4], true),
            ("home.example.test.", &[ipv4], false),
        ] {
            let (zone, host) = (zone(), name(host));
            let mut wish = ChangeSet::new();
            for rtype in types {
                wish.record(zone.get(&host, *rtype), None);
            }
            let after = zone.apply(&wish).unwrap();
            let found = check_name_servers(&wish, &zone, &after);
            assert_eq!(found.is_err(), is_refused, "{host:?} {types:?}");
        }
    }

    #[test]
    fn a_name_server_may_move() {
        let (zone, host) = (zone(), name("ns1.example.test."));
        let moved = RecordSet::single(host.clone(), Ttl::HOUR, RecordData::a([8, 8, 8, 8].into()));
        let mut wish = ChangeSet::new();
        wish.record(zone.get(&host, RecordType::A), Some(moved));
        wish.record(zone.get(&host, RecordType::AAAA), None);
        let after = zone.apply(&wish).unwrap();
        assert_eq!(check_name_servers(&wish, &zone, &after), Ok(()));
    }
}
