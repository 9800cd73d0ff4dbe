//! What a person sees of grants, and how many count.

use easement_core::{AccountId, EmailAddress, GrantId, OAuthClientId, Timestamp, ZoneId};
use easement_zone::Name;

use super::grants::{EntryRow, GrantEntry};
use super::rows::{client_columns, grant_columns};
use crate::database::{on, row};
use crate::error::failed_to;
use crate::rows::At;
use crate::{Store, StoreError};

/// A grant as a list shows it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ListedGrant {
    /// The grant and its client.
    pub entry: GrantEntry,
    /// The apex of its zone.
    pub apex: Name,
    /// Who gave it.
    pub giver: EmailAddress,
    /// Where the list goes on after it.
    pub cursor: GrantCursor,
}

/// A place in the list of grants, which has those that count before those that do not.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct GrantCursor {
    /// Whether those are listed that do not count any more.
    pub is_over: bool,
    /// The last one that was listed.
    pub grant: GrantId,
}

impl GrantCursor {
    /// Before the first.
    const START: Self = Self {
        is_over: false,
        grant: GrantId::new(i64::MAX),
    };
}

impl Store {
    /// What an account granted, and what others granted in zones that it owns: those that count first, and of each
    /// kind the newest first.
    pub async fn grants_seen_by(
        &self,
        account: AccountId,
        after: Option<GrantCursor>,
        limit: u32,
    ) -> Result<Vec<ListedGrant>, StoreError> {
        let now = self.now();
        let after = after.unwrap_or(GrantCursor::START);
        let rows: Vec<ListedRow> = on!(self.db().reading(), db => sqlx::query_as(SEEN)
            .bind(account.number())
            .bind(now.as_micros())
            .bind(after.is_over)
            .bind(after.grant.number())
            .bind(i64::from(limit))
            .fetch_all(db)
            .await)
        .map_err(failed_to("list grants"))?;
        rows.into_iter().map(ListedGrant::try_from).collect()
    }

    /// Whether a client has a grant of this account in this zone that counts.
    pub async fn has_live_grant(
        &self,
        account: AccountId,
        zone: ZoneId,
        client: OAuthClientId,
    ) -> Result<bool, StoreError> {
        let now = self.now();
        let count: i64 = on!(self.db().reading(), db => sqlx::query_scalar(COUNT_BETWEEN)
            .bind(account.number())
            .bind(zone.number())
            .bind(client.number())
            .bind(now.as_micros())
            .fetch_one(db)
            .await)
        .map_err(failed_to("count grants"))?;
        Ok(count > 0)
    }

    /// How many grants of a client count.
    pub async fn count_live_grants(&self, client: OAuthClientId) -> Result<u64, StoreError> {
        let now: Timestamp = self.now();
        let count: i64 = on!(self.db().reading(), db => sqlx::query_scalar(COUNT_OF_CLIENT)
            .bind(client.number())
            .bind(now.as_micros())
            .fetch_one(db)
            .await)
        .map_err(failed_to("count grants"))?;
        Ok(u64::try_from(count).unwrap_or_default())
    }
}

const SEEN: &str = concat!(
    "SELECT ",
    grant_columns!(),
    ", ",
    client_columns!(),
    ", zone.spelling, account.email, listed.is_over \
     FROM (SELECT id, (ended_at IS NOT NULL OR COALESCE(expires_at <= $2, FALSE)) AS is_over \
     FROM oauth_grant WHERE account_id = $1 OR zone_id IN \
     (SELECT zone_id FROM zone_role WHERE account_id = $1 AND role = 'owner')) AS listed \
     JOIN oauth_grant ON oauth_grant.id = listed.id \
     LEFT JOIN oauth_client ON oauth_client.id = oauth_grant.client_id \
     JOIN zone ON zone.id = oauth_grant.zone_id \
     JOIN account ON account.id = oauth_grant.account_id \
     WHERE listed.is_over > $3 OR (listed.is_over = $3 AND listed.id < $4) \
     ORDER BY listed.is_over, listed.id DESC LIMIT $5"
);
const COUNT_BETWEEN: &str = "SELECT count(*) FROM oauth_grant \
     WHERE account_id = $1 AND zone_id = $2 AND client_id = $3 \
     AND ended_at IS NULL AND (expires_at IS NULL OR expires_at > $4)";
const COUNT_OF_CLIENT: &str = "SELECT count(*) FROM oauth_grant WHERE client_id = $1 \
     AND ended_at IS NULL AND (expires_at IS NULL OR expires_at > $2)";

row! {
    struct PlaceRow {
        spelling: String,
        email: String,
        is_over: bool,
    }
}

/// A grant beside its client, its zone and who gave it.
struct ListedRow {
    entry: EntryRow,
    place: PlaceRow,
}

impl<'r, R: sqlx::Row> sqlx::FromRow<'r, R> for ListedRow
where
    EntryRow: sqlx::FromRow<'r, R>,
    PlaceRow: sqlx::FromRow<'r, R>,
{
    fn from_row(row: &'r R) -> sqlx::Result<Self> {
        Ok(Self {
            entry: EntryRow::from_row(row)?,
            place: PlaceRow::from_row(row)?,
        })
    }
}

impl TryFrom<ListedRow> for ListedGrant {
    type Error = StoreError;

    fn try_from(row: ListedRow) -> Result<Self, StoreError> {
        let entry = GrantEntry::try_from(row.entry)?;
        let of = |table| At {
            table,
            id: entry.grant.id,
        };
        Ok(Self {
            apex: of("zone").text("spelling", &row.place.spelling)?,
            giver: of("account").text("email", &row.place.email)?,
            cursor: GrantCursor {
                is_over: row.place.is_over,
                grant: entry.grant.id,
            },
            entry,
        })
    }
}
