//! Names for addresses: who waits for whom, and what holds up nothing else when their time is over.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use easement_core::{ChangeSource, ZoneId};
use easement_store::{Store, StoreError};
use easement_zone::{ChangeSet, Name, Zone};
use http::{Method, StatusCode};

use super::world::World;
use crate::leases::{Lapsed, take_away_lapsed};

const TEMP: &str = "/namedrop/temp-subdomain";

#[tokio::test]
async fn whoever_has_a_name_waits_for_nobody_to_keep_it() {
    let world = World::start_with(|config| {
        config.namedrop.temp_zone = Some("ip.example.test".parse().unwrap());
        config.namedrop.temp_allow_networks = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await;
    let state = world.app.state();
    let ask = async || world.send_plain(&Method::GET, TEMP, &[], "").await.status;
    assert_eq!(ask().await, StatusCode::OK);
    let apex = "example.test".parse().unwrap();
    let zone = state.store.zone_by_apex(&apex).await.unwrap().unwrap().id;
    let name: Name = "127-0-0-1.ip.example.test".parse().unwrap();
    let until = async || state.store.name_lease(zone, &name).await.unwrap().unwrap();
    let first = until().await;
    let minute = Duration::from_mins(1);
    world.advance(minute);
    // As long as somebody else makes one.
    let _turn = state.bootstrap.turn.lock().await;
    assert_eq!(ask().await, StatusCode::OK);
    assert_eq!(until().await, first.plus(minute));
}

/// In a zone that no node serves, and in one that is served.
struct Stuck {
    zone: ZoneId,
    apex: Name,
}

const NOT_SERVED: i64 = 901;
const SERVED: i64 = 902;
/// How often what is in the zone that is served was forgotten.
static FORGOTTEN: AtomicU32 = AtomicU32::new(0);

impl Lapsed for Stuck {
    const SOURCE: ChangeSource = ChangeSource::TextsLapsed;

    fn place(&self) -> (ZoneId, &Name) {
        (self.zone, &self.apex)
    }

    fn owner(&self) -> &Name {
        &self.apex
    }

    fn removal(&self, _zone: &Zone) -> ChangeSet {
        ChangeSet::new()
    }

    async fn zones(
        _store: &Store,
        after: Option<ZoneId>,
        _limit: u32,
    ) -> Result<Vec<ZoneId>, StoreError> {
        let all = [NOT_SERVED, SERVED].map(ZoneId::new);
        let rest = all.into_iter().filter(|zone| after < Some(*zone));
        Ok(rest.collect())
    }

    async fn find(
        _store: &Store,
        zone: ZoneId,
        limit: u32,
        _skip: u32,
    ) -> Result<Vec<Self>, StoreError> {
        let (apex, count) = if zone == ZoneId::new(SERVED) {
            let is_left = FORGOTTEN.load(Ordering::Relaxed) == 0;
            ("example.test", u32::from(is_left))
        } else {
            // However many are looked at, there are more.
            ("not-served.test", limit)
        };
        let one = |_| Self {
            zone,
            apex: apex.parse().unwrap(),
        };
        Ok((0..count).map(one).collect())
    }

    async fn forget(&self, _store: &Store) -> Result<(), StoreError> {
        assert_eq!(self.zone, ZoneId::new(SERVED));
        FORGOTTEN.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

#[tokio::test]
async fn a_zone_where_nothing_can_go_holds_up_no_other() {
    let world = World::start().await;
    take_away_lapsed::<Stuck>(world.app.state()).await.unwrap();
    assert_eq!(FORGOTTEN.load(Ordering::Relaxed), 1);
}
