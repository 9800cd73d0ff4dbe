//! Texts that were to stay for a while.

use easement_core::{ChangeSource, ZoneId, without_text};
use easement_store::{LapsedText, Store, StoreError};
use easement_zone::{ChangeSet, Name, RecordType, Zone};

use crate::leases::Lapsed;

impl Lapsed for LapsedText {
    const SOURCE: ChangeSource = ChangeSource::TextsLapsed;

    fn place(&self) -> (ZoneId, &Name) {
        (self.zone, &self.apex)
    }

    fn owner(&self) -> &Name {
        &self.owner
    }

    fn removal(&self, zone: &Zone) -> ChangeSet {
        let set = zone.get(&self.owner, RecordType::TXT);
        set.map(|set| without_text(&set, &self.data))
            .unwrap_or_default()
    }

    async fn zones(
        store: &Store,
        after: Option<ZoneId>,
        limit: u32,
    ) -> Result<Vec<ZoneId>, StoreError> {
        store.zones_with_lapsed_texts(after, limit).await
    }

    async fn find(
        store: &Store,
        zone: ZoneId,
        limit: u32,
        skip: u32,
    ) -> Result<Vec<Self>, StoreError> {
        store.lapsed_texts(zone, limit, skip).await
    }

    async fn forget(&self, store: &Store) -> Result<(), StoreError> {
        store.end_text_lease(self).await
    }
}
