//! Looking at tokens.

use std::collections::HashMap;

use easement_core::{
    AccountId, ApiToken, ApiTokenId, EmailAddress, PublicTokenId, Timestamp, TokenChain,
};

use super::execute::find;
use super::{ParentLine, RefusalsLine, TokenDetail, TokenLine, TokenNetworkLine, TokenUseLine};
use crate::admin::execute::AdminContext;
use crate::admin::{AdminFailure, FailureKind, accounts};

/// The newest tokens, of one account or of all.
pub(super) async fn list(
    context: &AdminContext,
    account: Option<&EmailAddress>,
) -> Result<Vec<TokenLine>, AdminFailure> {
    let store = &context.store;
    let tokens = match account {
        Some(email) => {
            let account = accounts::find(context, email).await?.account;
            store.api_tokens_of(account.id).await?
        }
        None => store.all_api_tokens(TokenLine::MAX_LISTED).await?,
    };
    let accounts = store.accounts().await?;
    let emails: HashMap<AccountId, EmailAddress> = accounts
        .into_iter()
        .map(|one| (one.id, one.email))
        .collect();
    let now = context.clock.now();
    let known: HashMap<ApiTokenId, &ApiToken> = tokens.iter().map(|one| (one.id, one)).collect();
    let lines = tokens.iter().filter_map(|token| {
        let email = emails.get(&token.account)?.clone();
        Some(line(&chain_of(token, &known), email, now))
    });
    Ok(lines.collect())
}

/// A token and those that it was made from, as far as they are known here.
fn chain_of(token: &ApiToken, known: &HashMap<ApiTokenId, &ApiToken>) -> TokenChain {
    let parent_of = |token: &&ApiToken| token.parent.and_then(|id| known.get(&id).copied());
    let ancestors = std::iter::successors(parent_of(&token), parent_of);
    let ancestors = ancestors.take(TokenChain::MAX_LENGTH).cloned().collect();
    TokenChain::new(token.clone(), ancestors)
}

pub(super) fn line(chain: &TokenChain, account: EmailAddress, now: Timestamp) -> TokenLine {
    let token = chain.token();
    TokenLine {
        id: token.public_id.clone(),
        name: token.name.clone(),
        account,
        kind: token.kind,
        limits: token.limits.clone(),
        created_at: token.created_at,
        revoked_at: token.revoked_at,
        last_use: token
            .last_use
            .map(|(at, address)| TokenUseLine { at, address }),
        ended: chain
            .admit_at(now, None)
            .err()
            .map(|refused| refused.to_string()),
    }
}

pub(super) async fn show(
    context: &AdminContext,
    id: &PublicTokenId,
) -> Result<TokenDetail, AdminFailure> {
    let chain = find(context, id).await?.chain;
    let token = chain.token();
    let networks = context.store.token_networks(token.id).await?;
    let refusals = context.store.token_refusals(token.id).await?;
    let made_from = chain.iter().skip(1).map(|parent| ParentLine {
        id: parent.public_id.clone(),
        name: parent.name.clone(),
        words: parent.limits.sentences(),
    });
    Ok(TokenDetail {
        line: line(&chain, email_of(context, token).await?, context.clock.now()),
        words: token.limits.sentences(),
        made_from: made_from.collect(),
        networks: networks
            .into_iter()
            .map(|one| TokenNetworkLine {
                network: one.network,
                first_at: one.first_at,
                last_at: one.last_at,
            })
            .collect(),
        refusals: refusals
            .filter(|(count, _, _)| *count > 0)
            .map(|(count, last_at, reason)| RefusalsLine {
                count,
                last_at,
                reason,
            }),
    })
}

/// The address of the account that a token belongs to.
pub(super) async fn email_of(
    context: &AdminContext,
    token: &ApiToken,
) -> Result<EmailAddress, AdminFailure> {
    let stored = context.store.account(token.account).await?;
    let stored = stored.ok_or_else(|| {
        let message = format!("the account of the API token {} is gone", token.public_id);
        AdminFailure::new(FailureKind::NotFound, message)
    })?;
    Ok(stored.account.email)
}
