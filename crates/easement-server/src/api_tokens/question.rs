//! Whether a token may do something: asked as the protocols do it, and nothing is changed.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use easement_core::{
    DynamicUpdate, Operation, PublicTokenId, TokenChain, TokenUse, ZoneAction, change_of,
};
use easement_store::{FoundApiToken, StoreError};
use easement_zone::{DataError, Name, RecordData, RecordSet, RecordType, Ttl};
use serde::{Deserialize, Serialize};

use super::{Admitted, NoRights, Rights, TokenDesk};
use crate::dynamic_dns::{NEW_TEXT_TTL, NEW_TTL, documentation_ranges};

/// Whether a token may do something.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct TokenQuestion {
    /// Which.
    pub id: PublicTokenId,
    /// Records at which name.
    pub name: Name,
    /// Of which type.
    pub rtype: RecordType,
    /// What it would do with them.
    pub wish: TokenWish,
    /// From where.
    pub address: Option<IpAddr>,
}

/// What a token would do.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenWish {
    /// Look at the records.
    Read,
    /// Make them these.
    Set {
        /// Their values, as zone files write them; a text may stand without quotation marks.
        values: Vec<String>,
        /// Their TTL; nothing means the one that is there, or that of a new record.
        ttl: Option<Ttl>,
    },
    /// Take them away.
    Delete,
}

/// Whether a token may do something.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct TokenAnswer {
    /// Whether it may.
    pub allowed: bool,
    /// Why not.
    pub reason: Option<String>,
    /// Whether it would change any record.
    pub changes: bool,
}

/// Why there is no answer.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum QuestionError {
    /// It matters from where the token is used, and nobody said.
    #[error("the API token {id} may be used from some networks only")]
    AddressNeeded {
        /// Which token.
        id: PublicTokenId,
    },
    /// A value is none of its type.
    #[error(transparent)]
    Value(#[from] DataError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl TokenDesk<'_> {
    /// Whether the token that was found may do something.
    pub(crate) async fn answer(
        self,
        found: FoundApiToken,
        question: &TokenQuestion,
    ) -> Result<TokenAnswer, QuestionError> {
        let now = self.now;
        if found.secret_expires_at.is_some_and(|at| now >= at) {
            return Ok(no(
                "the token got another secret, and this one does not count any more",
            ));
        }
        let chain = Arc::new(found.chain);
        let address = source(&chain, question)?;
        let usage = TokenUse {
            now,
            address,
            in_url: false,
            noted_at: None,
        };
        if let Err(refused) = chain.admit(usage) {
            return Ok(no(&refused));
        }
        let data = match &question.wish {
            TokenWish::Set { values, .. } => read_values(question, values)?,
            TokenWish::Read | TokenWish::Delete => Vec::new(),
        };
        let action = match question.wish {
            TokenWish::Read => ZoneAction::View,
            TokenWish::Set { .. } | TokenWish::Delete => ZoneAction::Change,
        };
        let epoch = match self.store.access_epoch() {
            Some(epoch) => epoch,
            None => self.store.read_access_epoch().await?,
        };
        let admitted = Admitted {
            chain,
            epoch,
            address,
            rate: None,
        };
        let rights = Rights::new(self.store.clone(), Arc::clone(self.hosted));
        let (hosted, permit) = match rights.permit(&admitted, &question.name, action).await {
            Ok(permitted) => permitted,
            Err(NoRights::Store(error)) => return Err(error.into()),
            Err(NoRights::NoZone { name }) => {
                return Ok(no(&format_args!(
                    "the account of this token has no role in a zone that {} is in",
                    name.to_text()
                )));
            }
            Err(NoRights::Refused(refused)) => return Ok(no(&refused)),
        };
        let services = self.store.services_of(permit.zone()).await?;
        let snapshot = hosted.snapshot();
        let mut planned = DynamicUpdate::new(&permit, snapshot.zone(), &services);
        Ok(decide(&admitted.chain, &mut planned, question, data))
    }
}

fn no(reason: &(impl ToString + ?Sized)) -> TokenAnswer {
    TokenAnswer {
        allowed: false,
        reason: Some(reason.to_string()),
        changes: false,
    }
}

/// From where the token is used. Where it does not matter, any address will do.
fn source(chain: &TokenChain, question: &TokenQuestion) -> Result<IpAddr, QuestionError> {
    if let Some(address) = question.address {
        return Ok(address);
    }
    if chain.limits().all(|limits| limits.networks.is_empty()) {
        return Ok(Ipv4Addr::UNSPECIFIED.into());
    }
    Err(QuestionError::AddressNeeded {
        id: question.id.clone(),
    })
}

fn read_values(question: &TokenQuestion, values: &[String]) -> Result<Vec<RecordData>, DataError> {
    let read = |value: &String| match question.rtype {
        RecordType::TXT if !value.starts_with('"') => RecordData::txt(value.as_bytes()),
        rtype => RecordData::from_text(rtype, value),
    };
    values.iter().map(read).collect()
}

/// Whether it may, by what limits it and what the zone allows.
fn decide(
    chain: &TokenChain,
    planned: &mut DynamicUpdate<'_>,
    question: &TokenQuestion,
    data: Vec<RecordData>,
) -> TokenAnswer {
    let (name, rtype) = (&question.name, question.rtype);
    let before = planned.zone().get(name, rtype);
    let after = match &question.wish {
        TokenWish::Read => return allowed_to(chain, Operation::Read, question),
        TokenWish::Delete if before.is_none() => {
            return allowed_to(chain, Operation::Delete, question);
        }
        TokenWish::Delete => None,
        TokenWish::Set { ttl, .. } => {
            if let Err(reason) = check_public(chain, before.as_ref(), &data) {
                return no(&reason);
            }
            let ttl = ttl.unwrap_or_else(|| ttl_of(before.as_ref(), rtype));
            match RecordSet::new(name.clone(), ttl, data) {
                Ok(set) => Some(set),
                Err(error) => return no(&error),
            }
        }
    };
    let wish = change_of(before, after);
    if wish.is_empty() {
        return allowed_to(chain, Operation::Update, question);
    }
    match planned.add(&wish) {
        Ok(changes) => TokenAnswer {
            allowed: true,
            reason: None,
            changes,
        },
        Err(refused) => no(&refused),
    }
}

/// Of what changes nothing: whether every link of the chain may do it at all.
fn allowed_to(chain: &TokenChain, operation: Operation, question: &TokenQuestion) -> TokenAnswer {
    let mut limits = chain.limits();
    match limits.try_for_each(|one| one.allow(operation, &question.name, question.rtype)) {
        Ok(()) => TokenAnswer {
            allowed: true,
            reason: None,
            changes: false,
        },
        Err(refused) => no(&refused),
    }
}

/// Addresses that come are public ones, as the protocols want them.
fn check_public(
    chain: &TokenChain,
    before: Option<&RecordSet>,
    data: &[RecordData],
) -> Result<(), apertodns::address::NotPublic> {
    let stays = |one: &RecordData| before.is_some_and(|set| set.data().contains(one));
    let come = data.iter().filter(|one| !stays(one));
    come.filter_map(|one| {
        one.ipv4()
            .map(IpAddr::from)
            .or(one.ipv6().map(IpAddr::from))
    })
    .try_for_each(|address| apertodns::address::check_public(address, documentation_ranges(chain)))
}

fn ttl_of(before: Option<&RecordSet>, rtype: RecordType) -> Ttl {
    let new = match rtype {
        RecordType::TXT => NEW_TEXT_TTL,
        _ => NEW_TTL,
    };
    before.map_or(new, RecordSet::ttl)
}
