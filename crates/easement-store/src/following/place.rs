//! How far a node has come.

use std::collections::HashMap;
use std::fmt;

use easement_core::ZoneId;
use easement_zone::Name;

use crate::StoreError;
use crate::commits::Known;
use crate::database::{Tx, on, row};
use crate::error::failed_to;
use crate::webhooks::Listeners;

/// What is known about what is served.
#[derive(Debug, Default)]
pub(crate) struct Published {
    pub(crate) place: Place,
    /// Which zone has which apex. That does not change while the history goes on.
    pub(crate) apexes: HashMap<ZoneId, Name>,
    /// Who is told of changes, as far as somebody asked.
    pub(crate) listeners: Listeners,
    /// What the last group of commits left.
    pub(crate) known: Known,
}

impl Published {
    /// Everything was read anew, as it is at this place.
    pub(crate) fn at(place: Place) -> Self {
        Self {
            place,
            apexes: HashMap::new(),
            listeners: Listeners::default(),
            known: Known::default(),
        }
    }
}

row! {
    /// The last rows that what is served stands on. Their ids are counted up by whoever commits; what
    /// else is here of the last commit tells it from that of another history.
    #[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
    pub(crate) struct Place {
        commit_id: i64,
        zone_id: i64,
        version: i64,
        committed_at: i64,
        switch_id: i64,
    }
}

impl Place {
    /// Whether everything up to the other place is covered, as far as the two can tell.
    pub(crate) fn covers(self, other: Self) -> bool {
        let has_its_commit = self.commit_id > other.commit_id || self.commit() == other.commit();
        has_its_commit && self.switch_id >= other.switch_id
    }

    /// Goes on to a commit, and gives its id.
    pub(crate) fn go_on(&mut self, (zone_id, version): (i64, i64), committed_at: i64) -> i64 {
        self.commit_id += 1;
        (self.zone_id, self.version) = (zone_id, version);
        self.committed_at = committed_at;
        self.commit_id
    }

    /// Counts a switch of Domain Connect, and gives its id.
    pub(crate) fn next_switch(&mut self) -> i64 {
        self.switch_id += 1;
        self.switch_id
    }

    /// What another node told; nothing when it makes no sense.
    pub(crate) fn from_news(news: &str) -> Option<Self> {
        let numbers: Result<Vec<i64>, _> = news.split(' ').map(str::parse).collect();
        let [commit_id, zone_id, version, committed_at, switch_id] =
            numbers.ok()?.try_into().ok()?;
        Some(Self {
            commit_id,
            zone_id,
            version,
            committed_at,
            switch_id,
        })
    }

    /// What tells the last commit from others.
    fn commit(self) -> [i64; 4] {
        [
            self.commit_id,
            self.zone_id,
            self.version,
            self.committed_at,
        ]
    }
}

/// As other nodes are told.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            commit_id,
            zone_id,
            version,
            committed_at,
            switch_id,
        } = self;
        write!(
            f,
            "{commit_id} {zone_id} {version} {committed_at} {switch_id}"
        )
    }
}

/// The place of everything that is durable.
pub(crate) async fn read_place(tx: &mut Tx) -> Result<Place, StoreError> {
    on!(tx, tx => sqlx::query_as(LAST).fetch_one(&mut **tx).await)
        .map_err(failed_to("find the end of the journal"))
}

/// Whether the commit of a place is still the one that it was.
pub(crate) async fn is_still_there(tx: &mut Tx, place: Place) -> Result<bool, StoreError> {
    if place.commit_id == 0 {
        return Ok(true);
    }
    let count: i64 = on!(tx, tx => sqlx::query_scalar(SAME)
        .bind(place.commit_id)
        .bind(place.zone_id)
        .bind(place.version)
        .bind(place.committed_at)
        .fetch_one(&mut **tx)
        .await)
    .map_err(failed_to("look for the commit that was followed last"))?;
    Ok(count == 1)
}

const LAST: &str = "SELECT coalesce(newest.id, 0) AS commit_id, coalesce(zone_id, 0) AS zone_id, \
     coalesce(version, 0) AS version, coalesce(committed_at, 0) AS committed_at, switch_id \
     FROM (SELECT coalesce(max(id), 0) AS switch_id FROM zone_switch) AS switch \
     LEFT JOIN (SELECT id, zone_id, version, committed_at FROM zone_commit \
     ORDER BY id DESC LIMIT 1) AS newest ON TRUE";
const SAME: &str = "SELECT count(*) FROM zone_commit \
     WHERE id = $1 AND zone_id = $2 AND version = $3 AND committed_at = $4";

#[cfg(test)]
mod tests {
    use super::*;

    fn at(commit_id: i64, switch_id: i64) -> Place {
        Place {
            commit_id,
            zone_id: 7,
            version: 4,
            committed_at: 1_795_301_748_000_000,
            switch_id,
        }
    }

    #[test]
    fn news_are_read_as_they_are_told() {
        let place = at(12, 3);
        assert_eq!(Place::from_news(&place.to_string()), Some(place));
        for news in [
            "",
            "12",
            "12 3",
            "12 7 4 1 x",
            "12 7 4 1 3 5",
            "twelve 7 4 1 3",
        ] {
            assert_eq!(Place::from_news(news), None, "{news}");
        }
    }

    #[test]
    fn a_place_covers_what_is_before_it_in_both_counts() {
        assert!(at(2, 1).covers(at(2, 1)));
        assert!(at(3, 1).covers(at(2, 0)));
        assert!(!at(3, 1).covers(at(2, 2)));
        assert!(!at(1, 2).covers(at(2, 2)));
    }

    #[test]
    fn a_place_does_not_cover_another_commit_with_the_same_id() {
        let place = at(2, 1);
        let others = [
            Place {
                zone_id: 8,
                ..place
            },
            Place {
                version: 5,
                ..place
            },
            Place {
                committed_at: 1,
                ..place
            },
        ];
        for other in others {
            assert!(!place.covers(other) && !other.covers(place), "{other:?}");
        }
    }
}
