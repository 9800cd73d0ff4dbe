//! Who has proven to control a domain with signing keys.

use easement_core::{KeyControl, Timestamp};
use easement_zone::Name;

use crate::database::{on, row};
use crate::error::failed_to;
use crate::{Store, StoreError};

impl Store {
    /// The challenge of a domain, and whether it was seen there. A domain that has none yet gets this one.
    pub async fn key_control(
        &self,
        domain: &Name,
        challenge: &str,
    ) -> Result<KeyControl, StoreError> {
        let found: Option<ControlRow> = on!(self.db().reading(), db => sqlx::query_as(FIND)
            .bind(key(domain))
            .fetch_optional(db)
            .await)
        .map_err(failed_to("find the challenge of a domain"))?;
        // Pages ask each time: what is there is only read.
        let row = match found {
            Some(row) => row,
            None => on!(self.db().writing(), db => sqlx::query_as(FIND_OR_MAKE)
                .bind(key(domain))
                .bind(challenge)
                .bind(self.now().as_micros())
                .fetch_one(db)
                .await)
            .map_err(failed_to("make the challenge of a domain"))?,
        };
        Ok(KeyControl {
            domain: domain.clone(),
            challenge: row.challenge,
            proven_at: row.proven_at.map(Timestamp::from_micros),
        })
    }

    /// Notes that the challenge of a domain was seen, or is gone.
    pub async fn set_key_control(
        &self,
        domain: &Name,
        proven_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        on!(self.db().writing(), db => sqlx::query(SET)
            .bind(key(domain))
            .bind(proven_at.map(Timestamp::as_micros))
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(failed_to("note who controls a domain"))
    }
}

fn key(domain: &Name) -> String {
    domain.to_lowercase().to_string()
}

const FIND: &str = "SELECT challenge, proven_at FROM key_control WHERE domain = $1";
/// The update changes nothing; without it nothing would be returned for a domain that is there.
const FIND_OR_MAKE: &str = "INSERT INTO key_control (domain, challenge, made_at) \
     VALUES ($1, $2, $3) ON CONFLICT (domain) DO UPDATE SET domain = excluded.domain \
     RETURNING challenge, proven_at";
const SET: &str = "UPDATE key_control SET proven_at = $2 WHERE domain = $1";

row! {
    struct ControlRow {
        challenge: String,
        proven_at: Option<i64>,
    }
}
