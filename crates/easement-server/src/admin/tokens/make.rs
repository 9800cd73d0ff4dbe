//! Making tokens, giving them other secrets, and ending them.

use std::time::Duration;

use apertodns::v1::paths;
use easement_core::{
    Account, NameLimit, Operation, PublicTokenId, TokenChain, TokenKind, TokenLimits,
};
use easement_store::CreateTokenError;
use easement_zone::{Name, RecordType};

use super::execute::{desk, email_of, find};
use super::{NewToken, SecretToken, TokenMade, TokenRevoked};
use crate::admin::execute::{AdminContext, ORIGIN};
use crate::admin::{AdminFailure, FailureKind, accounts};
use crate::api_tokens::{IssueError, Issued, Mint, Wanted, line};

fn mint(context: &AdminContext) -> Mint<'_> {
    Mint {
        store: &context.store,
        hashes: &context.passwords,
        random: context.random.as_ref(),
    }
}

pub(super) async fn create(
    context: &AdminContext,
    new: NewToken,
) -> Result<TokenMade, AdminFailure> {
    let parent = match &new.from {
        Some(id) => Some(find(context, id).await?.chain),
        None => None,
    };
    let account = account_of(context, &new, parent.as_ref()).await?;
    let mut limits = new.limits;
    limits.expires_at = new.end.map(|end| end.from(context.clock.now()));
    let wanted = Wanted {
        kind: new.kind,
        name: new.name,
        limits,
    };
    let issued = mint(context)
        .issue(account.id, parent.as_ref(), wanted, &ORIGIN)
        .await;
    let issued = issued.map_err(|error| refusal(&error, new.from.as_ref()))?;
    made(context, &issued, parent, account).await
}

/// Whose the token is to be.
async fn account_of(
    context: &AdminContext,
    new: &NewToken,
    parent: Option<&TokenChain>,
) -> Result<Account, AdminFailure> {
    let email = match (&new.account, parent) {
        (Some(email), _) => email.clone(),
        (None, Some(parent)) => email_of(context, parent.token()).await?,
        (None, None) => {
            let message = "an API token needs an account that it belongs to";
            let failure = AdminFailure::new(FailureKind::Invalid, message);
            return Err(failure.with_hint("name the account: --account EMAIL"));
        }
    };
    let account = accounts::find(context, &email).await?.account;
    match parent.map(TokenChain::token) {
        Some(token) if token.account != account.id => {
            let message = format!(
                "the API token {} does not belong to {email}",
                token.public_id
            );
            let hint =
                "leave --account out: a token belongs to whom the one does that it is made from";
            Err(AdminFailure::new(FailureKind::Invalid, message).with_hint(hint))
        }
        Some(_) | None => Ok(account),
    }
}

async fn made(
    context: &AdminContext,
    issued: &Issued,
    parent: Option<TokenChain>,
    account: Account,
) -> Result<TokenMade, AdminFailure> {
    let (token, now) = (&issued.token, context.clock.now());
    let ancestors = parent.iter().flat_map(TokenChain::iter).cloned().collect();
    let chain = TokenChain::new(token.clone(), ancestors);
    Ok(TokenMade {
        warnings: desk(context).warnings(token).await?,
        line: line(&chain, account.email, now),
        token: SecretToken::new(issued.text.reveal()),
        words: token.limits.sentences(),
        update_url: host_to_update(&token.limits).map(|host| {
            format!(
                "{}?hostname={host}",
                context.config.server.public_url.join(paths::LEGACY_DYNDNS2)
            )
        }),
        earlier_until: None,
    })
}

/// A host whose addresses the token may set.
fn host_to_update(limits: &TokenLimits) -> Option<String> {
    let has_addresses = [RecordType::A, RecordType::AAAA]
        .iter()
        .any(|rtype| limits.types.contains(rtype));
    if !has_addresses || !limits.operations.has(Operation::Update) {
        return None;
    }
    let mut hosts = limits.names.iter().map(NameLimit::name);
    let host = hosts.find(|name| !name.is_wildcard());
    host.map(Name::to_text)
}

pub(super) async fn rotate(
    context: &AdminContext,
    id: &PublicTokenId,
    overlap: Duration,
) -> Result<TokenMade, AdminFailure> {
    let chain = find(context, id).await?.chain;
    let email = email_of(context, chain.token()).await?;
    let account = accounts::find(context, &email).await?.account;
    let rotated = mint(context).rotate(chain.token(), overlap, &ORIGIN).await;
    let issued = rotated.map_err(|error| refusal(&error, Some(id)))?;
    let mut ancestors = chain.iter().skip(1).cloned();
    let parent = ancestors
        .next()
        .map(|parent| TokenChain::new(parent, ancestors.collect()));
    let made = made(context, &issued, parent, account).await?;
    Ok(TokenMade {
        earlier_until: Some(context.clock.now().plus(overlap)),
        ..made
    })
}

pub(super) async fn revoke(
    context: &AdminContext,
    id: &PublicTokenId,
) -> Result<TokenRevoked, AdminFailure> {
    let chain = find(context, id).await?.chain;
    let token = chain.token();
    let counted = mint(context).revoke(token, &ORIGIN).await?;
    Ok(TokenRevoked {
        id: token.public_id.clone(),
        name: token.name.clone(),
        counted,
    })
}

/// Why a token was not made; `id` is of the one that it was to be made from, or that was to be rotated.
fn refusal(error: &IssueError, id: Option<&PublicTokenId>) -> AdminFailure {
    let failure = |kind| AdminFailure::new(kind, error.to_string());
    match error {
        IssueError::Limits(_) | IssueError::Create(CreateTokenError::TooDeep) => {
            failure(FailureKind::Invalid)
        }
        IssueError::Wider(_) => {
            let shown = id.map(PublicTokenId::as_str).unwrap_or_default();
            let hint = format!("`easement token show {shown}` says what that one may do");
            failure(FailureKind::Invalid).with_hint(hint)
        }
        IssueError::OtherKind { parent, .. } => {
            failure(FailureKind::Invalid).with_hint(match parent {
                TokenKind::Test => "add --test",
                TokenKind::Live => "leave --test out, or make it from a test token",
            })
        }
        IssueError::NoSuchToken => {
            failure(FailureKind::Conflict).with_hint("make another one: easement token create")
        }
        IssueError::Create(CreateTokenError::Store(error)) | IssueError::Store(error) => {
            error.clone().into()
        }
        IssueError::Create(CreateTokenError::NoSuchAccount { .. }) => {
            failure(FailureKind::NotFound)
        }
        IssueError::Create(CreateTokenError::TooMany | CreateTokenError::ParentGone) => {
            failure(FailureKind::Conflict)
        }
        IssueError::Secret(_) | IssueError::Hash(_) => failure(FailureKind::Internal),
    }
}
