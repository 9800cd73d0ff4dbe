//! How the database is doing.

use easement_core::Timestamp;

use crate::database::{detached, on};
use crate::error::failed_to;
use crate::{Store, StoreError};

impl Store {
    /// Whether a change would be durable now: writes something that changes nothing, in a transaction of
    /// the kind that changes zones, to its very end. It is as much work for the disk as a commit.
    pub async fn try_to_commit(&self) -> Result<(), StoreError> {
        if self.queue().is_closed() {
            return Err(StoreError::Stopped);
        }
        let db = self.db().clone();
        detached(async move {
            let tried = Box::pin(async {
                let mut tx = db.begin_commits().await?;
                for step in [THERE, BACK] {
                    on!(tx.begun().await?, tx => sqlx::query(step).execute(&mut **tx).await.map(|_| ()))
                        .map_err(failed_to("write"))?;
                }
                tx.commit().await
            });
            db.unless_silent(tried).await.map_err(failed_to("write"))?
        })
        .await
    }

    /// When the newest commit of any zone was made.
    pub async fn newest_commit_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let micros: Option<i64> = on!(self.db().reading(), db => sqlx::query_scalar(NEWEST)
            .fetch_optional(db)
            .await)
        .map_err(failed_to("read the time of the newest commit"))?;
        Ok(micros.map(Timestamp::from_micros))
    }
}

/// The one row of the table, and what it was again. SQLite writes nothing for a value that is there already.
const THERE: &str = "UPDATE fold_position SET commit_id = commit_id + 1";
const BACK: &str = "UPDATE fold_position SET commit_id = commit_id - 1";
/// Ids follow the order of commits.
const NEWEST: &str = "SELECT committed_at FROM zone_commit ORDER BY id DESC LIMIT 1";
