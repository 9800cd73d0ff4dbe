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
    /// and the networks from which no API token was used since. Goes on after an earlier walk, and gives how
    /// far it came.
    pub async fn forget_addresses(
        &self,
        before: Timestamp,
        after: Forgotten,
    ) -> Result<Forgotten, StoreError> {
        on!(self.db().writing(), db => sqlx::query(NETWORKS)
            .bind(before.as_micros())
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(failed_to("forget the networks of API tokens"))?;
        Ok(Forgotten {
            audit: self.walk(&AUDIT, before, after.audit).await?,
            commits: self.walk(&COMMITS, before, after.commits).await?,
        })
    }

    async fn walk(
        &self,
        journal: &'static Journal,
        before: Timestamp,
        mut after: i64,
    ) -> Result<i64, StoreError> {
        loop {
            let db = self.db().clone();
            let next = detached(async move {
                let mut tx = db.begin().await?;
                let next = forget_some(&mut tx, journal, before, after).await?;
                tx.commit().await?;
                Ok::<_, StoreError>(next)
            });
            match next.await? {
                Some(next) => after = next,
                None => return Ok(after),
            }
        }
    }
}

/// One of the journals: rows with an id that grows with time.
struct Journal {
    /// The last id and the last moment of the rows after this one.
    part: &'static str,
    forget: &'static str,
}

/// Some rows at a time; gives the last, or nothing when what follows is not old enough.
async fn forget_some(
    tx: &mut Tx,
    journal: &'static Journal,
    before: Timestamp,
    after: i64,
) -> Result<Option<i64>, StoreError> {
    let part: PartRow = on!(&mut *tx, tx => sqlx::query_as(journal.part)
        .bind(after)
        .fetch_one(&mut **tx)
        .await)
    .map_err(failed_to("look for old addresses"))?;
    let Some((last, newest)) = part.last_id.zip(part.newest) else {
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
    Ok((newest < before.as_micros()).then_some(last))
}

const AUDIT: Journal = Journal {
    part: "SELECT max(id) AS last_id, max(at) AS newest FROM \
         (SELECT id, at FROM audit_entry WHERE id > $1 ORDER BY id LIMIT 5000) AS part",
    forget: "UPDATE audit_entry SET address = NULL \
         WHERE id > $1 AND id <= $2 AND at < $3 AND address IS NOT NULL",
};
const COMMITS: Journal = Journal {
    part: "SELECT max(id) AS last_id, max(committed_at) AS newest FROM \
         (SELECT id, committed_at FROM zone_commit WHERE id > $1 ORDER BY id LIMIT 5000) AS part",
    forget: "UPDATE zone_commit SET address = NULL \
         WHERE id > $1 AND id <= $2 AND committed_at < $3 AND address IS NOT NULL",
};
const NETWORKS: &str = "DELETE FROM api_token_network WHERE last_at < $1";

row! {
    struct PartRow {
        last_id: Option<i64>,
        newest: Option<i64>,
    }
}
