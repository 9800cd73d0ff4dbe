//! Less of what was granted.

use easement_core::{
    AuditEvent, GrantId, GrantRight, NotNarrower, NotShorter, Origin, Timestamp, ZoneId,
};

use super::grants::{EntryRow, GrantEntry, entries};
use super::rows::{client_columns, grant_columns, rights_of};
use crate::audit::note;
use crate::database::{Tx, on};
use crate::error::failed_to;
use crate::rows::to_json;
use crate::zones::apex_of;
use crate::{Store, StoreError};

const DOING: &str = "make a grant narrower";

impl Store {
    /// Leaves these names of a grant, each of which must be within one that it has, and takes the others away at once.
    /// Gives what it was before, when there was anything to take: what ended, or is like this already, stays as it is.
    /// What ended is in the audit trail then.
    pub async fn narrow_grant(
        &self,
        id: GrantId,
        kept: GrantRight,
        origin: &Origin,
    ) -> Result<Option<GrantRight>, NarrowGrantError> {
        let (now, origin) = (self.now(), origin.clone());
        // Changes of rights take turns, so nothing comes between reading and writing.
        self.change_access(move |mut tx| async move {
            let Some(GrantEntry { grant, holder }) = read(&mut tx, id).await? else {
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
            let event = AuditEvent::GrantNarrowed {
                client: holder.id(),
                apex: apex(&mut tx, grant.zone).await?,
                ended: grant.right.lost_in(&right),
            };
            note(&mut tx, now, &origin, &event).await?;
            Ok((tx, Some(grant.right)))
        })
        .await
    }

    /// Lets a grant end at a moment, which must be earlier than it would. Says whether it had not ended by now; then it
    /// is in the audit trail, too.
    pub async fn shorten_grant(
        &self,
        id: GrantId,
        end: Timestamp,
        origin: &Origin,
    ) -> Result<bool, NarrowGrantError> {
        let (now, origin) = (self.now(), origin.clone());
        self.change_access(move |mut tx| async move {
            let Some(GrantEntry { grant, holder }) = read(&mut tx, id).await? else {
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
            let event = AuditEvent::GrantShortened {
                client: holder.id(),
                apex: apex(&mut tx, grant.zone).await?,
                end: end.to_string(),
            };
            note(&mut tx, now, &origin, &event).await?;
            Ok((tx, true))
        })
        .await
    }
}

/// The name of a zone as the audit trail has it.
pub(super) async fn apex(tx: &mut Tx, zone: ZoneId) -> Result<String, StoreError> {
    let apex = apex_of(tx, zone).await?;
    Ok(apex.map(|apex| apex.to_text()).unwrap_or_default())
}

/// A grant that did not end.
pub(super) async fn read(tx: &mut Tx, id: GrantId) -> Result<Option<GrantEntry>, StoreError> {
    let row: Option<EntryRow> = on!(tx, tx => sqlx::query_as(READ)
        .bind(id.number())
        .fetch_optional(&mut **tx)
        .await)
    .map_err(failed_to(DOING))?;
    row.map(GrantEntry::try_from).transpose()
}

const READ: &str = concat!(
    entries!(),
    "WHERE oauth_grant.id = $1 AND oauth_grant.ended_at IS NULL"
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
