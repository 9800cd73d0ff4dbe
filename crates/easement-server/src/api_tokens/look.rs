//! Looking at tokens.

use std::collections::HashMap;
use std::sync::Arc;

use easement_core::{AccountId, ApiToken, ApiTokenId, EmailAddress, Timestamp, TokenChain};
use easement_store::{Store, StoreError};
use easement_zone::HostedZones;

use super::{ParentLine, RefusalsLine, TokenDetail, TokenLine, TokenNetworkLine, TokenUseLine};

/// Where people look at tokens: on the command line, and on pages.
#[derive(Clone, Copy)]
pub(crate) struct TokenDesk<'a> {
    pub(crate) store: &'a Store,
    pub(crate) hosted: &'a Arc<HostedZones>,
    pub(crate) now: Timestamp,
}

impl TokenDesk<'_> {
    /// The tokens of an account, the newest first.
    pub(crate) async fn list_of(self, account: AccountId) -> Result<Vec<TokenLine>, StoreError> {
        let tokens = self
            .store
            .some_api_tokens_of(account, TokenLine::MAX_LISTED);
        let tokens = tokens.await?;
        self.lines(&tokens).await
    }

    /// The newest tokens of all accounts.
    pub(crate) async fn list_all(self) -> Result<Vec<TokenLine>, StoreError> {
        let tokens = self.store.all_api_tokens(TokenLine::MAX_LISTED).await?;
        self.lines(&tokens).await
    }

    async fn lines(self, tokens: &[ApiToken]) -> Result<Vec<TokenLine>, StoreError> {
        let accounts = self.store.accounts().await?;
        let emails: HashMap<AccountId, EmailAddress> = accounts
            .into_iter()
            .map(|one| (one.id, one.email))
            .collect();
        let known = tokens.iter().map(|one| (one.id, one)).collect();
        let mut lines = Vec::with_capacity(tokens.len());
        for token in tokens {
            if let Some(email) = emails.get(&token.account)
                && let Some(chain) = self.chain_of(token, &known).await?
            {
                lines.push(line(&chain, email.clone(), self.now));
            }
        }
        Ok(lines)
    }

    /// A token and those that it was made from; asked for only when they are not all known.
    async fn chain_of(
        self,
        token: &ApiToken,
        known: &HashMap<ApiTokenId, &ApiToken>,
    ) -> Result<Option<TokenChain>, StoreError> {
        let parent_of = |token: &&ApiToken| token.parent.and_then(|id| known.get(&id).copied());
        let ancestors = std::iter::successors(parent_of(&token), parent_of);
        let ancestors: Vec<ApiToken> = ancestors.take(TokenChain::MAX_LENGTH).cloned().collect();
        let oldest = ancestors.last().unwrap_or(token);
        if oldest.parent.is_some() {
            return self.store.api_token(token.id).await;
        }
        Ok(Some(TokenChain::new(token.clone(), ancestors)))
    }

    /// Everything that is known about a token of this account.
    pub(crate) async fn detail(
        self,
        chain: &TokenChain,
        account: EmailAddress,
    ) -> Result<TokenDetail, StoreError> {
        let token = chain.token();
        let networks = self.store.token_networks(token.id).await?;
        let refusals = self.store.token_refusals(token.id).await?;
        let made_from = chain.iter().skip(1).map(|parent| ParentLine {
            id: parent.public_id.clone(),
            name: parent.name.clone(),
            words: parent.limits.sentences(),
        });
        Ok(TokenDetail {
            children: self.children(chain, &account).await?,
            line: line(chain, account, self.now),
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
            refusals: refusals.filter(|(count, _, _)| *count > 0).map(
                |(count, last_at, reason)| RefusalsLine {
                    count,
                    last_at,
                    reason,
                },
            ),
        })
    }

    /// What was made from a token, and from those, the newest first.
    pub(crate) async fn children(
        self,
        chain: &TokenChain,
        account: &EmailAddress,
    ) -> Result<Vec<TokenLine>, StoreError> {
        let below = self.store.api_tokens_below(chain.token().id).await?;
        let known: HashMap<ApiTokenId, &ApiToken> = below
            .iter()
            .chain(chain.iter())
            .map(|one| (one.id, one))
            .collect();
        let mut lines = Vec::with_capacity(below.len());
        for token in &below {
            if let Some(chain) = self.chain_of(token, &known).await? {
                lines.push(line(&chain, account.clone(), self.now));
            }
        }
        Ok(lines)
    }
}

/// A token in short.
pub(crate) fn line(chain: &TokenChain, account: EmailAddress, now: Timestamp) -> TokenLine {
    let token = chain.token();
    TokenLine {
        id: token.public_id.clone(),
        name: token.name.clone(),
        account,
        kind: token.kind,
        from: chain.iter().nth(1).map(|parent| parent.public_id.clone()),
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
