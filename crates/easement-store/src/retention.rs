//! Forgetting from which addresses people and devices came.

use easement_core::Timestamp;

use crate::database::{Tx, detached, on, row};
use crate::error::failed_to;
use crate::{Store, StoreError};

/// How far a walk through the journals came. A new one begins at their beginning.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Forgotten {
    audit: i64,
    commits: i64,
}

impl Store {
    /// Forgets the addresses that stand in the audit trail and in the history of zones from before a moment,
    /// and the networks from which no API token was used since, but for the last of each. Goes on after an
    /// earlier walk, and notes how far it came as it goes: it may be stopped at any time.
    pub async fn forget_addresses(
        &self,
        before: Timestamp,
        place: &mut Forgotten,
    ) -> Result<(), StoreError> {
        on!(self.db().writing(), db => sqlx::query(NETWORKS)
            .bind(before.as_micros())
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(failed_to("forget the networks of API tokens"))?;
        self.walk(&AUDIT, before, &mut place.audit).await?;
        self.walk(&COMMITS, before, &mut place.commits).await
    }

    /// Walks as long as there is anything old. The place is that up to which everything is.
    async fn walk(
        &self,
        journal: &'static Journal,
        before: Timestamp,
        place: &mut i64,
    ) -> Result<(), StoreError> {
        let mut after = *place;
        let mut all_was_old = true;
        loop {
            let db = self.db().clone();
            let part = detached(async move {
                let mut tx = db.begin().await?;
                let part = forget_some(&mut tx, journal, before, after).await?;
                tx.commit().await?;
                Ok::<_, StoreError>(part)
            });
            let Some(Part {
                last,
                oldest,
                newest,
            }) = part.await?
            else {
                return Ok(());
            };
            all_was_old &= newest < before;
            if all_was_old {
                *place = last;
            }
            if oldest >= before {
                return Ok(());
            }
            after = last;
        }
    }
}

/// One of the journals: rows with an id that grows with time, but for a clock that was wrong.
struct Journal {
    /// The last id, and the first and last moment, of the rows after this one.
    part: &'static str,
    forget: &'static str,
}

/// Rows that follow each other.
struct Part {
    last: i64,
    oldest: Timestamp,
    newest: Timestamp,
}

/// Some rows at a time; nothing when there are no more.
async fn forget_some(
    tx: &mut Tx,
    journal: &'static Journal,
    before: Timestamp,
    after: i64,
) -> Result<Option<Part>, StoreError> {
    let row: PartRow = on!(&mut *tx, tx => sqlx::query_as(journal.part)
        .bind(after)
        .bind(ROWS_AT_ONCE)
        .fetch_one(&mut **tx)
        .await)
    .map_err(failed_to("look for old addresses"))?;
    let (Some(last), Some(oldest), Some(newest)) = (row.last_id, row.oldest, row.newest) else {
        return Ok(None);
    };
    on!(&mut *tx, tx => sqlx::query(journal.forget)
        .bind(after)
        .bind(last)
        .bind(before.as_micros())
        .execute(&mut **tx)
        .await
        .map(|_| ()))
    .map_err(failed_to("forget old addresses"))?;
    Ok(Some(Part {
        last,
        oldest: Timestamp::from_micros(oldest),
        newest: Timestamp::from_micros(newest),
    }))
}

/// How many rows one transaction looks at.
const ROWS_AT_ONCE: i64 = 2_000;
const AUDIT: Journal = Journal {
    part: "SELECT max(id) AS last_id, min(at) AS oldest, max(at) AS newest FROM \
         (SELECT id, at FROM audit_entry WHERE id > $1 ORDER BY id LIMIT $2) AS part",
    forget: "UPDATE audit_entry SET address = NULL \
         WHERE id > $1 AND id <= $2 AND at < $3 AND address IS NOT NULL",
};
const COMMITS: Journal = Journal {
    part: "SELECT max(id) AS last_id, min(committed_at) AS oldest, \
         max(committed_at) AS newest FROM \
         (SELECT id, committed_at FROM zone_commit WHERE id > $1 ORDER BY id LIMIT $2) AS part",
    forget: "UPDATE zone_commit SET address = NULL \
         WHERE id > $1 AND id <= $2 AND committed_at < $3 AND address IS NOT NULL",
};
const NETWORKS: &str = "DELETE FROM api_token_network WHERE last_at < $1 AND EXISTS ( \
     SELECT 1 FROM api_token_network AS later WHERE later.token_id = api_token_network.token_id \
     AND later.last_at > api_token_network.last_at)";

row! {
    struct PartRow {
        last_id: Option<i64>,
        oldest: Option<i64>,
        newest: Option<i64>,
    }
}
