//! Permits: the right to do one thing in one zone, as a value that later code asks for.

use easement_zone::Name;
use serde::{Deserialize, Serialize};

use crate::{AccountId, ZoneAction, ZoneId, ZoneRole};

/// Who acts.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "id")]
pub enum Actor {
    /// A person who is signed in.
    Account(AccountId),
    /// Whoever can run commands as the server's user on its machine.
    Console,
    /// The rules that an operator wrote into the configuration.
    Rules,
}

/// The right to do something in one zone.
///
/// It can only be had by asking ([`Permit::for_account`], [`Permit::for_console`]), so code that is
/// given one cannot have forgotten the check.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Permit {
    actor: Actor,
    zone: ZoneId,
    apex: Name,
    action: ZoneAction,
}

impl Permit {
    /// The permit of an account that has this role in the zone, or none.
    pub fn for_account(
        account: AccountId,
        role: Option<ZoneRole>,
        action: ZoneAction,
        zone: ZoneId,
        apex: &Name,
    ) -> Result<Self, Refused> {
        match role {
            None => Err(Refused::NoRole { apex: apex.clone() }),
            Some(role) if !role.allows(action) => Err(Refused::RoleTooLow {
                apex: apex.clone(),
                role,
            }),
            Some(_) => Ok(Self {
                actor: Actor::Account(account),
                zone,
                apex: apex.clone(),
                action,
            }),
        }
    }

    /// The permit of whoever runs commands on the server's machine, who could open the database just
    /// as well.
    pub fn for_console(action: ZoneAction, zone: ZoneId, apex: &Name) -> Self {
        Self {
            actor: Actor::Console,
            zone,
            apex: apex.clone(),
            action,
        }
    }

    /// Who acts.
    pub fn actor(&self) -> Actor {
        self.actor
    }

    /// In which zone.
    pub fn zone(&self) -> ZoneId {
        self.zone
    }

    /// The apex of that zone.
    pub fn apex(&self) -> &Name {
        &self.apex
    }

    /// What is allowed.
    pub fn action(&self) -> ZoneAction {
        self.action
    }
}

/// Why no permit was given.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Refused {
    /// The account has no role in the zone.
    #[error("this account has no role in the zone {}", apex.to_text())]
    NoRole {
        /// The apex.
        apex: Name,
    },
    /// The account's role does not reach.
    #[error("a {role} of the zone {} may not do this", apex.to_text())]
    RoleTooLow {
        /// The apex.
        apex: Name,
        /// The role.
        role: ZoneRole,
    },
}
