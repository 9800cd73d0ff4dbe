//! Whether a token may do something: asked as the protocols do it, and nothing is changed.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use easement_core::{DynamicUpdate, Operation, TokenChain, TokenUse, ZoneAction, change_of};
use easement_zone::{RecordData, RecordSet, RecordType, Ttl};

use super::execute::find;
use super::{TokenAnswer, TokenQuestion, TokenWish};
use crate::admin::execute::AdminContext;
use crate::admin::{AdminFailure, FailureKind};
use crate::api_tokens::{Admitted, NoRights, Rights};
use crate::dynamic_dns::{NEW_TEXT_TTL, NEW_TTL, documentation_ranges};

pub(super) async fn answer(
    context: &AdminContext,
    question: TokenQuestion,
) -> Result<TokenAnswer, AdminFailure> {
    let found = find(context, &question.id).await?;
    let now = context.clock.now();
    if found.secret_expires_at.is_some_and(|at| now >= at) {
        return Ok(no(
            "the token got another secret, and this one does not count any more",
        ));
    }
    let chain = Arc::new(found.chain);
    let address = source(&chain, &question)?;
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
        TokenWish::Set { values, .. } => read_values(&question, values)?,
        TokenWish::Read | TokenWish::Delete => Vec::new(),
    };
    let action = match question.wish {
        TokenWish::Read => ZoneAction::View,
        TokenWish::Set { .. } | TokenWish::Delete => ZoneAction::Change,
    };
    let epoch = match context.store.access_epoch() {
        Some(epoch) => epoch,
        None => context.store.read_access_epoch().await?,
    };
    let admitted = Admitted {
        chain,
        epoch,
        address,
        rate: None,
    };
    let rights = Rights::new(context.store.clone(), Arc::clone(&context.hosted));
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
    let services = context.store.services_of(permit.zone()).await?;
    let snapshot = hosted.snapshot();
    let mut planned = DynamicUpdate::new(&permit, snapshot.zone(), &services);
    Ok(decide(&admitted.chain, &mut planned, &question, data))
}

fn no(reason: &(impl ToString + ?Sized)) -> TokenAnswer {
    TokenAnswer {
        allowed: false,
        reason: Some(reason.to_string()),
        changes: false,
    }
}

/// From where the token is used. Where it does not matter, any address will do.
fn source(chain: &TokenChain, question: &TokenQuestion) -> Result<IpAddr, AdminFailure> {
    if let Some(address) = question.address {
        return Ok(address);
    }
    if chain.limits().all(|limits| limits.networks.is_empty()) {
        return Ok(Ipv4Addr::UNSPECIFIED.into());
    }
    let message = format!(
        "the API token {} may be used from some networks only",
        question.id
    );
    Err(AdminFailure::new(FailureKind::Invalid, message)
        .with_hint("say from where it would be used: --address ADDRESS"))
}

fn read_values(
    question: &TokenQuestion,
    values: &[String],
) -> Result<Vec<RecordData>, AdminFailure> {
    let read = |value: &String| match question.rtype {
        RecordType::TXT if !value.starts_with('"') => RecordData::txt(value.as_bytes()),
        rtype => RecordData::from_text(rtype, value),
    };
    let data: Result<Vec<_>, _> = values.iter().map(read).collect();
    data.map_err(|error| AdminFailure::new(FailureKind::Invalid, error.to_string()))
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
