//! Counters of failed tries to sign in.

use std::fmt;
use std::net::IpAddr;

use easement_core::{Attempts, EmailAddress, ThrottlePolicy, Timestamp};

use crate::database::{on, row};
use crate::error::failed_to;
use crate::rows::At;
use crate::{Store, StoreError};

/// What failed tries are counted under.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ThrottleKey {
    /// An account, by the fingerprint of the address that was given: also one that does not exist, so
    /// that nobody can tell the difference.
    Account(EmailAddress),
    /// A network address, or the first of a network.
    Address(IpAddr),
}

impl fmt::Display for ThrottleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(email) => write!(f, "account:{}", email.fingerprint()),
            Self::Address(address) => write!(f, "address:{address}"),
        }
    }
}

impl Store {
    /// The failed tries under a key.
    pub async fn attempts(&self, key: &ThrottleKey) -> Result<Attempts, StoreError> {
        let row: Option<AttemptRow> = on!(self.db().reading(), db => sqlx::query_as(FIND)
            .bind(key.to_string())
            .fetch_optional(db)
            .await)
        .map_err(failed_to("look up failed tries"))?;
        row.map_or(Ok(Attempts::default()), |row| row.into_attempts(key))
    }

    /// Counts one more failure, as [`ThrottlePolicy::after_failure`] does, in one statement: tries
    /// that come at the same time are all counted.
    pub async fn note_failure(
        &self,
        key: &ThrottleKey,
        policy: &ThrottlePolicy,
    ) -> Result<Attempts, StoreError> {
        let now = self.now();
        let row: AttemptRow = on!(self.db().writing(), db => sqlx::query_as(COUNT)
            .bind(key.to_string())
            .bind(now.as_micros())
            .bind(now.minus(policy.forget_after).as_micros())
            .fetch_one(db)
            .await)
        .map_err(failed_to("count a failed try"))?;
        row.into_attempts(key)
    }

    /// Forgets the failures under a key, after a success.
    pub async fn clear_attempts(&self, key: &ThrottleKey) -> Result<(), StoreError> {
        on!(self.db().writing(), db => sqlx::query(CLEAR)
            .bind(key.to_string())
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(failed_to("forget failed tries"))
    }

    /// Forgets all failures of before this moment, and says how many keys had some.
    pub async fn purge_attempts(&self, before: Timestamp) -> Result<u64, StoreError> {
        on!(self.db().writing(), db => sqlx::query(PURGE)
            .bind(before.as_micros())
            .execute(db)
            .await
            .map(|done| done.rows_affected()))
        .map_err(failed_to("forget old failed tries"))
    }
}

const FIND: &str = "SELECT failures, last_at FROM sign_in_attempt WHERE throttle_key = $1";
const COUNT: &str = "INSERT INTO sign_in_attempt (throttle_key, failures, last_at) \
     VALUES ($1, 1, $2) ON CONFLICT (throttle_key) DO UPDATE SET last_at = excluded.last_at, \
     failures = CASE WHEN sign_in_attempt.last_at > $3 THEN sign_in_attempt.failures + 1 ELSE 1 END \
     RETURNING failures, last_at";
const CLEAR: &str = "DELETE FROM sign_in_attempt WHERE throttle_key = $1";
const PURGE: &str = "DELETE FROM sign_in_attempt WHERE last_at < $1";

row! {
    struct AttemptRow {
        failures: i64,
        last_at: i64,
    }
}

impl AttemptRow {
    fn into_attempts(self, key: &ThrottleKey) -> Result<Attempts, StoreError> {
        let at = At {
            table: "sign_in_attempt",
            id: key,
        };
        Ok(Attempts {
            failures: at.number("failures", self.failures)?,
            last_at: Some(Timestamp::from_micros(self.last_at)),
        })
    }
}
