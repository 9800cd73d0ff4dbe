//! What is stored about one account, for whoever it is about.

use easement_core::{Account, AccountId, AuditEntry, CommitEntry, Timestamp};

use crate::audit::AuditRow;
use crate::database::{on, row};
use crate::error::failed_to;
use crate::history::CommitRow;
use crate::rows::to_json;
use crate::{Store, StoreError};

/// When a session began, and when it was used last.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SessionTimes {
    /// When it began.
    pub created_at: Timestamp,
    /// When it was used last.
    pub seen_at: Timestamp,
}

impl Store {
    /// The sessions of an account, the newest first.
    pub async fn sessions_of(&self, account: AccountId) -> Result<Vec<SessionTimes>, StoreError> {
        let rows: Vec<SessionTimesRow> = on!(self.db().reading(), db => sqlx::query_as(SESSIONS)
            .bind(account.number())
            .fetch_all(db)
            .await)
        .map_err(failed_to("list the sessions of an account"))?;
        let times = |row: SessionTimesRow| SessionTimes {
            created_at: Timestamp::from_micros(row.created_at),
            seen_at: Timestamp::from_micros(row.seen_at),
        };
        Ok(rows.into_iter().map(times).collect())
    }

    /// What an account, one of its API tokens, or a client that it granted access did besides changes of zones: so many entries, the newest
    /// first.
    pub async fn audit_of(
        &self,
        account: AccountId,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let rows: Vec<AuditRow> = on!(self.db().reading(), db => sqlx::query_as(AUDIT)
            .bind(account.number())
            .bind(i64::from(limit))
            .fetch_all(db)
            .await)
        .map_err(failed_to("list what an account did"))?;
        rows.into_iter().map(AuditEntry::try_from).collect()
    }

    /// What others, and people who were not signed in, did about an account since it was made: so many entries, the
    /// newest first. They are those that name its address.
    pub async fn audit_about(
        &self,
        account: &Account,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let email = to_json("look for an address", &account.email)?;
        let rows: Vec<AuditRow> = on!(self.db().reading(), db => sqlx::query_as(AUDIT_ABOUT)
            .bind(account.id.number())
            .bind(format!("\"email\":{email}"))
            .bind(account.created_at.as_micros())
            .bind(i64::from(limit))
            .fetch_all(db)
            .await)
        .map_err(failed_to("list what others did about an account"))?;
        rows.into_iter().map(AuditEntry::try_from).collect()
    }

    /// The changes of zones that an account, one of its API tokens, or a client that it granted access made: so many, the newest first.
    pub async fn commits_by(
        &self,
        account: AccountId,
        limit: u32,
    ) -> Result<Vec<CommitEntry>, StoreError> {
        let rows: Vec<CommitRow> = on!(self.db().reading(), db => sqlx::query_as(COMMITS)
            .bind(account.number())
            .bind(i64::from(limit))
            .fetch_all(db)
            .await)
        .map_err(failed_to("list the changes that an account made"))?;
        rows.into_iter().map(CommitRow::into_entry).collect()
    }
}

const SESSIONS: &str =
    "SELECT created_at, seen_at FROM session WHERE account_id = $1 ORDER BY created_at DESC";

/// Of the account, of its tokens, and of what it granted.
macro_rules! by_account {
    () => {
        "(actor_kind = 'account' AND actor_id = $1 OR actor_kind = 'api_token' AND actor_id IN \
         (SELECT id FROM api_token WHERE account_id = $1) OR actor_kind = 'grant' AND actor_id IN \
         (SELECT id FROM oauth_grant WHERE account_id = $1)) "
    };
}

const AUDIT: &str = concat!(
    "SELECT id, at, actor_kind, actor_id, address, event FROM audit_entry WHERE ",
    by_account!(),
    "ORDER BY id DESC LIMIT $2"
);
/// One that had the address before is not told of: an address is free again when its account is deleted. Both databases
/// have `replace`, and no other search of a text.
const AUDIT_ABOUT: &str = concat!(
    "SELECT id, at, actor_kind, actor_id, address, event FROM audit_entry WHERE at >= $3 \
     AND replace(event, $2, '') <> event AND (actor_kind IS NULL OR NOT ",
    by_account!(),
    ") ORDER BY id DESC LIMIT $4"
);
const COMMITS: &str = concat!(
    "SELECT id, zone_id, version, serial, committed_at, actor_kind, actor_id, address, source, \
     sets_changed, records_added, records_removed, NULL AS email, NULL AS client_name FROM zone_commit WHERE ",
    by_account!(),
    "ORDER BY id DESC LIMIT $2"
);

row! {
    struct SessionTimesRow {
        created_at: i64,
        seen_at: i64,
    }
}
