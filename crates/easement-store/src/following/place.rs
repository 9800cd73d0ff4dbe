//! How far a node has come.

use std::fmt;

use crate::StoreError;
use crate::database::{Tx, on, row};
use crate::error::failed_to;

row! {
    /// The last rows that what is served stands on. Their ids are counted up by whoever commits.
    #[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
    pub(crate) struct Place {
        commit_id: i64,
        switch_id: i64,
    }
}

impl Place {
    /// Whether everything up to the other place is covered.
    pub(crate) fn covers(self, other: Self) -> bool {
        self.commit_id >= other.commit_id && self.switch_id >= other.switch_id
    }

    /// Counts a commit, and gives its id.
    pub(crate) fn next_commit(&mut self) -> i64 {
        self.commit_id += 1;
        self.commit_id
    }

    /// Counts a switch of Domain Connect, and gives its id.
    pub(crate) fn next_switch(&mut self) -> i64 {
        self.switch_id += 1;
        self.switch_id
    }

    /// What another node told; nothing when it makes no sense.
    pub(crate) fn from_news(news: &str) -> Option<Self> {
        let (commit, switch) = news.split_once(' ')?;
        Some(Self {
            commit_id: commit.parse().ok()?,
            switch_id: switch.parse().ok()?,
        })
    }
}

/// As other nodes are told.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.commit_id, self.switch_id)
    }
}

/// The place of everything that is durable.
pub(crate) async fn read_place(tx: &mut Tx) -> Result<Place, StoreError> {
    on!(tx, tx => sqlx::query_as(LAST).fetch_one(&mut **tx).await)
        .map_err(failed_to("find the end of the journal"))
}

const LAST: &str = "SELECT (SELECT coalesce(max(id), 0) FROM zone_commit) AS commit_id, \
     (SELECT coalesce(max(id), 0) FROM zone_switch) AS switch_id";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_are_read_as_they_are_told() {
        let place = Place {
            commit_id: 12,
            switch_id: 3,
        };
        assert_eq!(Place::from_news(&place.to_string()), Some(place));
        for news in ["", "12", "12 x", "12 3 4", "twelve 3"] {
            assert_eq!(Place::from_news(news), None, "{news}");
        }
    }

    #[test]
    fn a_place_covers_what_is_before_it_in_both_counts() {
        let at = |commit_id, switch_id| Place {
            commit_id,
            switch_id,
        };
        assert!(at(2, 1).covers(at(2, 1)));
        assert!(at(3, 1).covers(at(2, 0)));
        assert!(!at(3, 1).covers(at(2, 2)));
        assert!(!at(1, 2).covers(at(2, 2)));
    }
}
