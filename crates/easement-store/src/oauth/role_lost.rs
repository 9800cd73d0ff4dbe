//! The end of grants with the role that they rest on.

use easement_core::{AccountId, GrantEnd, Timestamp, ZoneId, ZoneRole};

use super::grants::{EntryRow, GrantEntry, entries};
use super::rows::{client_columns, grant_columns};
use crate::StoreError;
use crate::database::{Tx, on};
use crate::error::failed_to;

const DOING: &str = "end the grants of a role";

/// Ends what an account granted in a zone, when the role that it has there from now on does not bear it. Gives what
/// ended.
pub(crate) async fn end_grants_of_role(
    tx: &mut Tx,
    (zone, account): (ZoneId, AccountId),
    role: Option<ZoneRole>,
    now: Timestamp,
) -> Result<Vec<GrantEntry>, StoreError> {
    let Some(because) = GrantEnd::of_role(role) else {
        return Ok(Vec::new());
    };
    let rows: Vec<EntryRow> = on!(&mut *tx, tx => sqlx::query_as(LIVE)
        .bind(zone.number())
        .bind(account.number())
        .bind(now.as_micros())
        .fetch_all(&mut **tx)
        .await)
    .map_err(failed_to(DOING))?;
    on!(tx, tx => sqlx::query(END)
        .bind(zone.number())
        .bind(account.number())
        .bind(now.as_micros())
        .bind(because.as_str())
        .execute(&mut **tx)
        .await
        .map(|_| ()))
    .map_err(failed_to(DOING))?;
    rows.into_iter().map(GrantEntry::try_from).collect()
}

const LIVE: &str = concat!(
    entries!(),
    "WHERE oauth_grant.zone_id = $1 AND oauth_grant.account_id = $2 \
     AND oauth_grant.ended_at IS NULL \
     AND (oauth_grant.expires_at IS NULL OR oauth_grant.expires_at > $3) ORDER BY oauth_grant.id"
);
const END: &str = "UPDATE oauth_grant SET ended_at = $3, ended_because = $4 \
     WHERE zone_id = $1 AND account_id = $2 AND ended_at IS NULL \
     AND (expires_at IS NULL OR expires_at > $3)";
