//! How long names stay that stand for the address of an app without a name of its own.

use std::net::IpAddr;

use easement_zone::{ChangeSet, Name, RecordSet, RecordSetChange};
use namedrop::address_of_temp_name;

use crate::{ChangeSource, Network, Timestamp};

/// What a commit does to the lease of one name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NameLeaseChange {
    /// The name.
    pub owner: Name,
    /// How it goes on.
    pub then: NameLease,
}

/// How the lease of a name goes on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum NameLease {
    /// The name stays until then.
    Until {
        /// When.
        end: Timestamp,
        /// Whose it counts as.
        network: Network,
    },
    /// Its time is over, and its record goes for that reason.
    Over,
    /// Somebody changed its record: no lease may end what is there now.
    Gone,
}

/// What changes of a zone do to leases. Only names that stand for the address in their records have any.
pub fn name_lease_changes<'c>(
    changes: &'c ChangeSet,
    source: &'c ChangeSource,
) -> impl Iterator<Item = NameLeaseChange> + use<'c> {
    changes.iter().filter_map(move |(key, change)| {
        if !key.rtype.is_address() {
            return None;
        }
        let address = address_of_temp_name(&key.owner)?;
        stands_for(change, address).then(|| NameLeaseChange {
            owner: key.owner.clone(),
            then: match source {
                ChangeSource::TempNameMade { until } => NameLease::Until {
                    end: *until,
                    network: network_of_temp_name(address),
                },
                ChangeSource::TempNamesLapsed => NameLease::Over,
                ChangeSource::ZoneCreated
                | ChangeSource::ZoneImported
                | ChangeSource::ZoneRestored { .. }
                | ChangeSource::ServiceConnected { .. }
                | ChangeSource::DynamicUpdate { .. }
                | ChangeSource::RecordCall { .. }
                | ChangeSource::TextsLapsed
                | ChangeSource::ServiceRemoved { .. } => NameLease::Gone,
            },
        })
    })
}

/// Whether a record set held this address and nothing else, before or after a change.
fn stands_for(change: &RecordSetChange, address: IpAddr) -> bool {
    let holds = |set: &Option<RecordSet>| {
        let data = set.as_ref().map(RecordSet::data);
        let Some([data]) = data else { return false };
        let found = data.ipv4().map(IpAddr::from);
        found.or_else(|| data.ipv6().map(IpAddr::from)) == Some(address)
    };
    holds(&change.before) || holds(&change.after)
}

/// Whose a name counts as: one household or small site.
pub fn network_of_temp_name(address: IpAddr) -> Network {
    let bits = match address {
        IpAddr::V4(_) => 24,
        IpAddr::V6(_) => 56,
    };
    Network::new(address, bits).first()
}

#[cfg(test)]
mod tests {
    use easement_zone::{RecordData, Ttl};

    use super::*;

    fn set(owner: &str, addresses: &[&str]) -> Option<RecordSet> {
        let data = addresses.iter().map(|address| match address.parse() {
            Ok(IpAddr::V4(address)) => RecordData::a(address),
            Ok(IpAddr::V6(address)) => RecordData::aaaa(address),
            Err(error) => panic!("{address}: {error}"),
        });
        RecordSet::new(owner.parse().unwrap(), Ttl::MINUTE, data).ok()
    }

    #[test]
    fn a_lease_begins_and_ends_with_its_record() {
        let end = Timestamp::from_micros(7);
        let made = ChangeSource::TempNameMade { until: end };
        let lapsed = ChangeSource::TempNamesLapsed;
        let by_hand = ChangeSource::ZoneImported;
        let until = |network: &str| {
            Some(NameLease::Until {
                end,
                network: network.parse().unwrap(),
            })
        };
        let (v4, v6) = (
            "192-0-2-5.ip.example.",
            "2001-db8-0-1ff-0-0-0-1.ip.example.",
        );
        let (four, six) = (&["192.0.2.5"][..], &["2001:db8:0:1ff::1"][..]);
        for (owner, before, after, source, expected) in [
            (v4, &[][..], four, &made, until("192.0.2.0/24")),
            (v6, &[], six, &made, until("2001:db8:0:100::/56")),
            (v4, four, &[], &lapsed, Some(NameLease::Over)),
            (v4, four, &[], &by_hand, Some(NameLease::Gone)),
            (v4, four, &["192.0.2.6"], &by_hand, Some(NameLease::Gone)),
            (v4, &[], four, &by_hand, Some(NameLease::Gone)),
            // What was never one of these names.
            (v4, &["192.0.2.6"], &[], &by_hand, None),
            (v4, &["192.0.2.5", "192.0.2.6"], &[], &by_hand, None),
            ("www.ip.example.", four, &[], &by_hand, None),
            (v4, six, &[], &by_hand, None),
        ] {
            let mut changes = ChangeSet::new();
            changes.record(set(owner, before), set(owner, after));
            let mut found = name_lease_changes(&changes, source);
            let found = found.next().map(|change| change.then);
            assert_eq!(found, expected, "{owner} {before:?} {after:?} {source:?}");
        }
    }
}
