//! Names that were to stay for a while. They go whatever the configuration says: when none are made any more, too.

use std::net::IpAddr;

use easement_core::{ChangeSource, ZoneId, change_of};
use easement_store::{LapsedName, Store, StoreError};
use easement_zone::{ChangeSet, Name, RecordSet, RecordType, Zone};
use namedrop::address_of_temp_name;

use crate::leases::Lapsed;

impl Lapsed for LapsedName {
    const SOURCE: ChangeSource = ChangeSource::TempNamesLapsed;

    fn place(&self) -> (ZoneId, &Name) {
        (self.zone, &self.apex)
    }

    fn owner(&self) -> &Name {
        &self.owner
    }

    fn removal(&self, zone: &Zone) -> ChangeSet {
        change_of(record_of(zone, &self.owner), None)
    }

    async fn zones(
        store: &Store,
        after: Option<ZoneId>,
        limit: u32,
    ) -> Result<Vec<ZoneId>, StoreError> {
        store.zones_with_lapsed_names(after, limit).await
    }

    async fn find(
        store: &Store,
        zone: ZoneId,
        limit: u32,
        skip: u32,
    ) -> Result<Vec<Self>, StoreError> {
        store.lapsed_names(zone, limit, skip).await
    }

    async fn forget(&self, store: &Store) -> Result<(), StoreError> {
        store.end_name_lease(self).await
    }
}

/// The record that was made for a name.
fn record_of(zone: &Zone, owner: &Name) -> Option<RecordSet> {
    let rtype = match address_of_temp_name(owner)? {
        IpAddr::V4(_) => RecordType::A,
        IpAddr::V6(_) => RecordType::AAAA,
    };
    zone.get(owner, rtype)
}
