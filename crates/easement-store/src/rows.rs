//! Columns that several tables have, as values and back.
//!
//! What no value stands for is an error that names the table, the column and the row.

use std::fmt::Display;
use std::net::IpAddr;

use easement_core::{AccountId, Actor, ApiTokenId, GrantId};
use easement_zone::Name;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Corrupt, StoreError};

/// Where a value was read, for the message when it makes no sense.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At<I> {
    pub(crate) table: &'static str,
    pub(crate) id: I,
}

impl<I: Display> At<I> {
    pub(crate) fn corrupt(&self, column: &'static str, reason: impl Display) -> StoreError {
        StoreError::Corrupt(Corrupt {
            table: self.table,
            column,
            id: self.id.to_string(),
            reason: reason.to_string(),
        })
    }

    /// A number that is smaller than the column's.
    pub(crate) fn number<T: TryFrom<i64>>(
        &self,
        column: &'static str,
        number: i64,
    ) -> Result<T, StoreError> {
        T::try_from(number)
            .map_err(|_| self.corrupt(column, format_args!("{number} is out of range")))
    }

    /// A text that a value is read from.
    pub(crate) fn text<T>(&self, column: &'static str, text: &str) -> Result<T, StoreError>
    where
        T: std::str::FromStr<Err: Display>,
    {
        text.parse().map_err(|error| self.corrupt(column, error))
    }

    /// A JSON document.
    pub(crate) fn json<T: DeserializeOwned>(
        &self,
        column: &'static str,
        text: &str,
    ) -> Result<T, StoreError> {
        serde_json::from_str(text).map_err(|error| self.corrupt(column, error))
    }

    /// A name in wire form.
    pub(crate) fn name(&self, column: &'static str, wire: &[u8]) -> Result<Name, StoreError> {
        Name::from_wire(wire).map_err(|error| self.corrupt(column, error))
    }

    /// A network address, or none.
    pub(crate) fn address(&self, text: Option<String>) -> Result<Option<IpAddr>, StoreError> {
        text.map(|text| self.text("address", &text)).transpose()
    }

    /// Who acted.
    pub(crate) fn actor(&self, kind: &str, id: Option<i64>) -> Result<Actor, StoreError> {
        match (kind, id) {
            (ACCOUNT, Some(id)) => Ok(Actor::Account(AccountId::new(id))),
            (API_TOKEN, Some(id)) => Ok(Actor::ApiToken(ApiTokenId::new(id))),
            (GRANT, Some(id)) => Ok(Actor::Grant(GrantId::new(id))),
            (CONSOLE, None) => Ok(Actor::Console),
            (RULES, None) => Ok(Actor::Rules),
            (SERVER, None) => Ok(Actor::Server),
            (kind, id) => Err(self.corrupt(
                "actor_kind",
                format_args!("no actor is of the kind `{kind}` with the id {id:?}"),
            )),
        }
    }
}

const ACCOUNT: &str = "account";
const API_TOKEN: &str = "api_token";
const GRANT: &str = "grant";
const CONSOLE: &str = "console";
const RULES: &str = "rules";
const SERVER: &str = "server";

/// The columns `actor_kind` and `actor_id`.
pub(crate) fn actor_columns(actor: Actor) -> (&'static str, Option<i64>) {
    match actor {
        Actor::Account(id) => (ACCOUNT, Some(id.number())),
        Actor::ApiToken(id) => (API_TOKEN, Some(id.number())),
        Actor::Grant(id) => (GRANT, Some(id.number())),
        Actor::Console => (CONSOLE, None),
        Actor::Rules => (RULES, None),
        Actor::Server => (SERVER, None),
    }
}

/// A value as a JSON document.
pub(crate) fn to_json(doing: &'static str, value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Failed {
        doing,
        cause: std::sync::Arc::new(error),
    })
}
