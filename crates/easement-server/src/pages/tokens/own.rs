//! The token that a page is about.

use std::time::Duration;

use easement_core::{Actor, ApiToken, Origin, PublicTokenId, Timestamp, TokenChain, TokenKind};
use easement_store::FoundApiToken;

use super::super::PageError;
use super::super::views::{ParentView, Section, ShownTime, TokenMadePage, TokenRow, paths};
use super::settings::settings_for;
use crate::api_tokens::{ChangeLimitKey, Issued, Mint, ParentLine, TokenDesk, TokenLine};
use crate::http::Member;
use crate::state::ServerState;

pub(super) fn desk(state: &ServerState) -> TokenDesk<'_> {
    TokenDesk {
        store: &state.store,
        hosted: &state.hosted,
        now: state.clock.now(),
    }
}

pub(super) fn mint(state: &ServerState) -> Mint<'_> {
    Mint {
        store: &state.store,
        hashes: state.tokens.hashes(),
        random: state.random.as_ref(),
    }
}

pub(super) fn origin(member: &Member) -> Origin {
    Origin {
        actor: Actor::Account(member.account.id),
        address: Some(member.visitor.address),
    }
}

/// Counts one change of the tokens of an account.
pub(super) fn take_turn(state: &ServerState, member: &Member) -> Result<(), PageError> {
    let key = ChangeLimitKey::Account(member.account.id);
    let taken = state.token_changes.take(key, state.clock.now());
    taken.map_err(|wait| PageError::TooOften { wait })
}

/// The person's token that has, or had, this id.
pub(super) async fn find(
    state: &ServerState,
    member: &Member,
    id: &str,
) -> Result<FoundApiToken, PageError> {
    let id: PublicTokenId = id.parse().map_err(|_| PageError::NotFound)?;
    let found = state.store.api_token_by_public_id(&id).await?;
    found
        .filter(|found| found.chain.token().account == member.account.id)
        .ok_or(PageError::NotFound)
}

/// A token in short, as pages show it.
pub(super) fn row(line: &TokenLine, now: Timestamp) -> TokenRow {
    TokenRow {
        name: line.name.to_string(),
        id: line.id.to_string(),
        href: paths::token(&line.id),
        is_test: line.kind == TokenKind::Test,
        is_derived: line.from.is_some(),
        words: line.limits.sentences(),
        last_use: line
            .last_use
            .map(|used| (ShownTime::new(used.at, now), used.address.to_string())),
        ended: line.ended.clone(),
    }
}

/// A token that another was made from, as pages show it.
pub(super) fn parent_view(line: ParentLine) -> ParentView {
    ParentView {
        name: line.name.to_string(),
        href: paths::token(&line.id),
        id: line.id.to_string(),
        words: line.words,
    }
}

/// The page with the secret. It is the answer to the form itself, so no address shows it again.
pub(super) async fn made_page(
    state: &ServerState,
    member: &Member,
    (issued, ancestors): (Issued, Vec<ApiToken>),
    overlap: Option<Duration>,
) -> Result<TokenMadePage, PageError> {
    let now = state.clock.now();
    let secret = issued.text.reveal();
    let chain = TokenChain::new(issued.token, ancestors);
    let token = chain.token();
    Ok(TokenMadePage {
        shell: member.shell(Section::Tokens),
        name: token.name.to_string(),
        href: paths::token(&token.public_id),
        is_test: token.kind == TokenKind::Test,
        earlier_until: overlap
            .filter(|overlap| !overlap.is_zero())
            .map(|overlap| ShownTime::new(now.plus(overlap), now).absolute),
        words: token.limits.sentences(),
        warnings: desk(state).warnings(token).await?,
        settings: settings_for(&chain, &state.settings.public_url.origin(), Some(&secret)),
        secret,
    })
}
