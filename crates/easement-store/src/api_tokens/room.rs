//! Whether an account has room for one more token.

use std::collections::HashSet;

use easement_core::{AccountId, Timestamp, TokenChain, TokenLimits};

use super::rows::{TokenRow, chain_of};
use super::{CHAIN, CreateTokenError, NewApiToken};
use crate::database::{Tx, on, row};
use crate::error::failed_to;
use crate::zones::account_exists;
use crate::{Store, StoreError};

/// The account is there and has room, and what the token is made from counts.
pub(super) async fn check_room(
    tx: &mut Tx,
    new: &NewApiToken,
    now: Timestamp,
) -> Result<(), CreateTokenError> {
    let account = new.account;
    if !account_exists(tx, account).await? {
        return Err(CreateTokenError::NoSuchAccount { account });
    }
    if is_full(tx, account, now).await? {
        return Err(CreateTokenError::TooMany);
    }
    let Some(parent) = new.parent else {
        return Ok(());
    };
    let rows: Vec<TokenRow> = on!(&mut *tx, tx => sqlx::query_as(CHAIN)
        .bind(parent.number())
        .bind(i64::try_from(TokenChain::MAX_LENGTH).unwrap_or(i64::MAX))
        .fetch_all(&mut **tx)
        .await)
    .map_err(failed_to("read an API token"))?;
    let Some(chain) = chain_of(rows)? else {
        return Err(CreateTokenError::ParentGone);
    };
    if chain.iter().count() >= TokenChain::MAX_LENGTH {
        return Err(CreateTokenError::TooDeep);
    }
    let counts = chain
        .iter()
        .all(|token| token.revoked_at.is_none() && token.account == account);
    if counts {
        Ok(())
    } else {
        Err(CreateTokenError::ParentGone)
    }
}

/// Whether the account has all the tokens that it may have. Their ends are looked at only when there are so many that
/// it matters.
async fn is_full(tx: &mut Tx, account: AccountId, now: Timestamp) -> Result<bool, StoreError> {
    let most = usize::try_from(Store::MAX_API_TOKENS).unwrap_or(usize::MAX);
    let count: i64 = on!(&mut *tx, tx => sqlx::query_scalar(COUNT)
        .bind(account.number())
        .fetch_one(&mut **tx)
        .await)
    .map_err(failed_to("count API tokens"))?;
    if usize::try_from(count).is_ok_and(|count| count < most) {
        return Ok(false);
    }
    let rows: Vec<StandingRow> = on!(&mut *tx, tx => sqlx::query_as(STANDING)
        .bind(account.number())
        .fetch_all(&mut **tx)
        .await)
    .map_err(failed_to("count API tokens"))?;
    Ok(count_going(&rows, now) >= most)
}

/// How many have not ended, of all that were not revoked, the oldest first: a token is younger than the one that it
/// was made from, and ends with it.
fn count_going(rows: &[StandingRow], now: Timestamp) -> usize {
    let (mut going, mut count) = (HashSet::new(), 0_usize);
    for row in rows {
        let created_at = Timestamp::from_micros(row.created_at);
        let used_at = row.used_at.map(Timestamp::from_micros);
        // What cannot be read takes its place all the same.
        let limits: Option<TokenLimits> = serde_json::from_str(&row.limits).ok();
        let has_expired = limits.as_ref().is_some_and(|one| one.have_expired(now));
        let is_idle = limits.is_some_and(|one| one.are_idle(now, created_at, used_at));
        let has_parent = row.parent_id.is_none_or(|parent| going.contains(&parent));
        if has_expired || !has_parent {
            continue;
        }
        // One that others were made from is used through them.
        going.insert(row.id);
        count = count.saturating_add(usize::from(!is_idle));
    }
    count
}

const COUNT: &str = "SELECT count(*) FROM api_token WHERE account_id = $1 AND revoked_at IS NULL";
const STANDING: &str = "SELECT id, parent_id, limits, created_at, used_at FROM api_token \
     WHERE account_id = $1 AND revoked_at IS NULL ORDER BY id";

row! {
    struct StandingRow {
        id: i64,
        parent_id: Option<i64>,
        limits: String,
        created_at: i64,
        used_at: Option<i64>,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use easement_core::Operations;
    use easement_zone::RecordType;

    use super::*;

    #[test]
    fn what_has_ended_takes_no_room() {
        let day = Duration::from_hours(24);
        let made = Timestamp::from_micros(0);
        let now = made.plus(10 * day);
        let endless = TokenLimits::new(
            vec!["home.example.test".parse().unwrap()],
            vec![RecordType::A],
            Operations::all(),
        );
        let expiring = |days| TokenLimits {
            expires_at: Some(made.plus(days * day)),
            ..endless.clone()
        };
        let idle = TokenLimits {
            idle_seconds: Some(day.as_secs()),
            ..endless.clone()
        };
        let row = |id, parent_id, limits: &TokenLimits| StandingRow {
            id,
            parent_id,
            limits: serde_json::to_string(limits).unwrap(),
            created_at: made.as_micros(),
            used_at: None,
        };
        let used = StandingRow {
            used_at: Some(now.as_micros()),
            ..row(1, None, &idle)
        };
        let unreadable = StandingRow {
            limits: "{}".to_owned(),
            ..row(1, None, &idle)
        };
        for (what, rows, count) in [
            ("without an end", vec![row(1, None, &endless)], 1),
            ("expired", vec![row(1, None, &expiring(10))], 0),
            ("not yet", vec![row(1, None, &expiring(11))], 1),
            ("idle", vec![row(1, None, &idle)], 0),
            ("used", vec![used], 1),
            ("unreadable", vec![unreadable], 1),
            (
                "below an idle one",
                vec![row(1, None, &idle), row(2, Some(1), &endless)],
                1,
            ),
            (
                "below an expired one",
                vec![row(1, None, &expiring(1)), row(2, Some(1), &endless)],
                0,
            ),
            (
                "below a revoked one",
                vec![row(2, Some(1), &endless), row(3, Some(2), &endless)],
                0,
            ),
        ] {
            assert_eq!(count_going(&rows, now), count, "{what}");
        }
    }
}
