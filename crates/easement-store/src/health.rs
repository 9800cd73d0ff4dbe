//! How the database is doing.

use easement_core::Timestamp;

use crate::database::{detached, on};
use crate::error::failed_to;
use crate::{Store, StoreError};

impl Store {
    /// Whether the database takes changes now: begins one that changes nothing, and takes it back.
    pub async fn try_to_write(&self) -> Result<(), StoreError> {
        let db = self.db().clone();
        detached(async move {
            let mut tx = db.begin().await?;
            on!(&mut tx, tx => sqlx::query(NO_CHANGE).execute(&mut **tx).await.map(|_| ()))
                .map_err(failed_to("change something"))
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

/// No account has this id. A database that may only be read refuses the statement all the same.
const NO_CHANGE: &str = "UPDATE account SET created_at = created_at WHERE id = -1";
/// Ids follow the order of commits.
const NEWEST: &str = "SELECT committed_at FROM zone_commit ORDER BY id DESC LIMIT 1";
