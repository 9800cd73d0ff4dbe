//! Permits: the right to do one thing in one zone, as a value that later code asks for.

use std::sync::Arc;

use easement_zone::{ChangeSet, Name, RecordType, Zone};
use serde::{Deserialize, Serialize};

use crate::{
    AccountId, ApiTokenId, Operation, TokenChain, TokenKind, TokenRefused, ZoneAction, ZoneId,
    ZoneRole,
};

/// Who acts.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "id")]
pub enum Actor {
    /// A person who is signed in.
    Account(AccountId),
    /// A device or program, with a secret that an account made for it.
    ApiToken(ApiTokenId),
    /// Whoever can run commands as the server's user on its machine.
    Console,
    /// The rules that an operator wrote into the configuration.
    Rules,
    /// This server by itself, since it was time.
    Server,
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
    /// What limits it within the zone, when something does.
    token: Option<(Arc<TokenChain>, AccessEpoch)>,
}

/// How often it changed who may do what: tokens, roles, accounts. What was decided in one epoch is asked
/// again in the next.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct AccessEpoch(pub u64);

/// Whether a zone may be used with test tokens.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ZonePurpose {
    /// It is in use: test tokens are refused.
    Live,
    /// It is for trying out: test tokens may change it.
    Testing,
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
                token: None,
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
            token: None,
        }
    }

    /// The permit of this server itself, to take away what was to stay for a while.
    pub fn for_server(zone: ZoneId, apex: &Name) -> Self {
        Self {
            actor: Actor::Server,
            ..Self::for_console(ZoneAction::Change, zone, apex)
        }
    }

    /// The permit of a token that was admitted ([`TokenChain::admit`]). It reaches no further than the role
    /// that the token's account has in the zone, and counts in this epoch alone.
    pub fn for_token(
        token: Arc<TokenChain>,
        role: Option<ZoneRole>,
        action: ZoneAction,
        (zone, apex, purpose): (ZoneId, &Name, ZonePurpose),
        epoch: AccessEpoch,
    ) -> Result<Self, TokenRefused> {
        let as_account = Self::for_account(token.token().account, role, action, zone, apex)?;
        if (token.token().kind, purpose) == (TokenKind::Test, ZonePurpose::Live) {
            return Err(TokenRefused::ZoneNotForTesting { apex: apex.clone() });
        }
        Ok(Self {
            actor: Actor::ApiToken(token.token().id),
            token: Some((token, epoch)),
            ..as_account
        })
    }

    /// Whether somebody who may change something may speak of records of one of these types at a name: asked
    /// before a wish is looked at, so that an answer tells nothing of other names.
    pub fn allow_subject(&self, owner: &Name, types: &[RecordType]) -> Result<(), TokenRefused> {
        const CHANGES: [Operation; 3] = [Operation::Update, Operation::Create, Operation::Delete];
        let limits = self.token.iter().flat_map(|(token, _)| token.limits());
        for limits in limits {
            let mut refusal = None;
            let mut is_allowed = |rtype: &RecordType| {
                CHANGES.iter().any(|operation| {
                    let outcome = limits.allow(*operation, owner, *rtype);
                    match outcome {
                        Ok(()) => true,
                        Err(refused) => {
                            refusal.get_or_insert(refused);
                            false
                        }
                    }
                })
            };
            if !types.iter().any(&mut is_allowed)
                && let Some(refused) = refusal
            {
                return Err(refused);
            }
        }
        Ok(())
    }

    /// Whether these changes are within what the permit is limited to; `after` is the zone as they leave it.
    pub fn allow(&self, changes: &ChangeSet, after: &Zone) -> Result<(), TokenRefused> {
        let Some(token) = self.token() else {
            return Ok(());
        };
        let adds =
            |(_, change)| matches!(Operation::of(change), Operation::Create | Operation::Update);
        for limits in token.limits() {
            changes
                .iter()
                .try_for_each(|(key, change)| limits.allow_change(key, change))?;
            if changes.iter().any(adds) {
                limits.allow_count(after)?;
            }
        }
        Ok(())
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

    /// The token that it comes from, when it does.
    pub fn token(&self) -> Option<&TokenChain> {
        self.token.as_ref().map(|(token, _)| &**token)
    }

    /// The only epoch in which it counts; nothing, when it was given to somebody who waits for the change.
    pub fn epoch(&self) -> Option<AccessEpoch> {
        self.token.as_ref().map(|(_, epoch)| *epoch)
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
