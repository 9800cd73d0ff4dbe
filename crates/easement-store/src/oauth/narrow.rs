//! Less of what was granted.

use easement_core::{Grant, GrantId, GrantRight, NotNarrower, NotShorter, Timestamp};

use super::rows::{GrantRow, grant_columns, rights_of};
use crate::database::{Tx, on};
use crate::error::failed_to;
use crate::rows::to_json;
use crate::{Store, StoreError};

const DOING: &str = "make a grant narrower";

impl Store {
    /// Leaves these names of a grant, each of which must be within one that it has, and takes the others away at once.
    /// Gives what it was before, when there was anything to take: what ended, or is like this already, stays as it is.
    pub async fn narrow_grant(
        &self,
        id: GrantId,
        kept: GrantRight,
    ) -> Result<Option<GrantRight>, NarrowGrantError> {
        // Changes of rights take turns, so nothing comes between reading and writing.
        self.change_access(move |mut tx| async move {
            let Some(grant) = read(&mut tx, id).await? else {
                return Ok((tx, None));
            };
            let right = grant.right.narrowed_to(&kept)?;
            if right == grant.right {
                return Ok((tx, None));
            }
            let rights = to_json(DOING, &rights_of(&grant.client, &right))?;
            on!(&mut tx, tx => sqlx::query(NARROW)
                .bind(id.number())
                .bind(rights)
                .execute(&mut **tx)
                .await
                .map(|_| ()))
            .map_err(failed_to(DOING))?;
            Ok((tx, Some(grant.right)))
        })
        .await
    }

    /// Lets a grant end at a moment, which must be earlier than it would. Says whether it had not ended by now.
    pub async fn shorten_grant(
        &self,
        id: GrantId,
        end: Timestamp,
    ) -> Result<bool, NarrowGrantError> {
        let now = self.now();
        self.change_access(move |mut tx| async move {
            let Some(grant) = read(&mut tx, id).await? else {
                return Ok((tx, false));
            };
            grant.check_shorter(end, now)?;
            on!(&mut tx, tx => sqlx::query(SHORTEN)
                .bind(id.number())
                .bind(end.as_micros())
                .execute(&mut **tx)
                .await
                .map(|_| ()))
            .map_err(failed_to("let a grant end earlier"))?;
            Ok((tx, true))
        })
        .await
    }
}

async fn read(tx: &mut Tx, id: GrantId) -> Result<Option<Grant>, StoreError> {
    let row: Option<GrantRow> = on!(tx, tx => sqlx::query_as(READ)
        .bind(id.number())
        .fetch_optional(&mut **tx)
        .await)
    .map_err(failed_to(DOING))?;
    row.map(Grant::try_from).transpose()
}

const READ: &str = concat!(
    "SELECT ",
    grant_columns!(),
    "FROM oauth_grant WHERE oauth_grant.id = $1 AND oauth_grant.ended_at IS NULL"
);
const SHORTEN: &str = "UPDATE oauth_grant SET expires_at = $2 WHERE id = $1";
const NARROW: &str = "UPDATE oauth_grant SET rights = $2 WHERE id = $1";

/// Why a grant was not made narrower.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NarrowGrantError {
    /// It would not be less.
    #[error(transparent)]
    Not(#[from] NotNarrower),
    /// It would not end earlier.
    #[error(transparent)]
    NotShorter(#[from] NotShorter),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
