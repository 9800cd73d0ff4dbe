//! `/api/tokens`: what a holder can do with its own token besides using it: make narrower ones, see those, and
//! revoke them. The path is the one that ApertoDNS 1.4.0 (section 15) leaves to providers for this.

use apertodns::Timestamp;
use apertodns::v1::{ApiError, ErrorCode, FieldError, FieldFault, RequestError};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use easement_core::{
    Actor, ApiTokenText, Origin, PublicTokenId, SecretInUrl, TokenChain, TokenKind, TokenName,
    WebhookRight, WrittenLimits,
};
use easement_store::CreateTokenError;
use serde::Serialize;

use super::call::{Call, Told, moment};
use super::failed::Failed;
use super::mint_request::MintRequest;
use crate::accounts::HashError;
use crate::api_tokens::{Admitted, ChangeLimitKey, IssueError, Mint, TokenDesk, TokenLine, line};
use crate::state::{ServerState, Shared};

/// The tokens that were made from one's own.
pub(crate) const TOKENS: &str = "/api/tokens";
/// One of them.
pub(crate) const TOKEN: &str = "/api/tokens/{id}";

//------------ Answers ---------------------------------------------------------------------------

/// A token, as documents have it.
#[derive(Serialize)]
pub(crate) struct TokenDocument {
    id: PublicTokenId,
    name: TokenName,
    kind: TokenKind,
    /// The token that it was made from.
    from: Option<PublicTokenId>,
    limits: LimitsDocument,
    words: Vec<String>,
    created_at: Timestamp,
    revoked_at: Option<Timestamp>,
    last_used_at: Option<Timestamp>,
    /// Why it does not count any more.
    ended: Option<String>,
}

/// Limits as a request can have them.
#[derive(Serialize)]
pub(crate) struct LimitsDocument {
    names: Vec<String>,
    types: Vec<String>,
    operations: Vec<String>,
    values: Vec<String>,
    ttl: Option<String>,
    records: Option<u32>,
    networks: Vec<String>,
    expires: Option<String>,
    idle: Option<String>,
    rate: Option<String>,
    in_url: bool,
    webhooks: bool,
}

impl From<TokenLine> for TokenDocument {
    fn from(line: TokenLine) -> Self {
        let written = WrittenLimits::of(&line.limits);
        let said = |text: String| Some(text).filter(|text| !text.is_empty());
        Self {
            words: line.limits.sentences(),
            limits: LimitsDocument {
                names: written.names,
                types: written.types,
                operations: written.operations,
                values: written.values,
                ttl: said(written.ttl),
                records: line.limits.max_records,
                networks: written.networks,
                expires: said(written.expires),
                idle: said(written.idle),
                rate: said(written.rate),
                in_url: line.limits.in_url == SecretInUrl::Allowed,
                webhooks: line.limits.webhooks == WebhookRight::Manage,
            },
            id: line.id,
            name: line.name,
            kind: line.kind,
            from: line.from,
            created_at: moment(line.created_at),
            revoked_at: line.revoked_at.map(moment),
            last_used_at: line.last_use.map(|used| moment(used.at)),
            ended: line.ended,
        }
    }
}

/// A token that was made, with its secret, which is told once.
#[derive(Serialize)]
pub(crate) struct MintedDocument {
    token: String,
    #[serde(flatten)]
    document: TokenDocument,
}

/// One's own token, and those that were made from it.
#[derive(Serialize)]
pub(crate) struct TokensDocument {
    own: TokenDocument,
    tokens: Vec<TokenDocument>,
}

/// A token that was revoked.
#[derive(Serialize)]
pub(crate) struct RevokedDocument {
    id: PublicTokenId,
    /// Whether it was not revoked until now.
    counted: bool,
}

//------------ Endpoints -------------------------------------------------------------------------

/// POST: makes a narrower token.
pub(crate) async fn mint_token(State(state): State<Shared>, request: Request) -> Response {
    let call = Call::read(&state, request).await;
    let outcome = mint(&state, &call).await;
    call.answer(outcome)
}

async fn mint(state: &ServerState, call: &Call) -> Result<Told<MintedDocument>, Failed> {
    let admitted = call.admit(state).await?;
    let now = state.clock.now();
    let parent = admitted.chain.token();
    let wanted = MintRequest::parse(call.body()?)?.wanted(parent, now)?;
    check_room(state, &admitted.chain).await?;
    take_turn(state, &admitted.chain)?;
    let issued = tokens_of(state)
        .issue(
            parent.account,
            Some(&admitted.chain),
            wanted,
            &origin(&admitted),
        )
        .await;
    let issued = issued.map_err(not_issued)?;
    let ancestors = admitted.chain.iter().cloned().collect();
    let chain = TokenChain::new(issued.token, ancestors);
    let data = minted(state, &chain, &issued.text).await?;
    Ok(Told {
        status: 201,
        ..Told::new(data, &admitted)
    })
}

async fn minted(
    state: &ServerState,
    chain: &TokenChain,
    text: &ApiTokenText,
) -> Result<MintedDocument, Failed> {
    let email = email_of(state, chain).await?;
    Ok(MintedDocument {
        token: text.reveal(),
        document: line(chain, email, state.clock.now()).into(),
    })
}

/// GET: one's own token, and those that were made from it, directly or through others.
pub(crate) async fn list_tokens(State(state): State<Shared>, request: Request) -> Response {
    let call = Call::read(&state, request).await;
    let outcome = list(&state, &call).await;
    call.answer(outcome)
}

async fn list(state: &ServerState, call: &Call) -> Result<Told<TokensDocument>, Failed> {
    let admitted = call.admit(state).await?;
    let desk = TokenDesk {
        store: &state.store,
        hosted: &state.hosted,
        now: state.clock.now(),
    };
    let email = email_of(state, &admitted.chain).await?;
    let below = desk.children(&admitted.chain, &email).await?;
    let data = TokensDocument {
        own: line(&admitted.chain, email, desk.now).into(),
        tokens: below.into_iter().map(Into::into).collect(),
    };
    Ok(Told::new(data, &admitted))
}

/// DELETE: revokes one that was made from one's own, directly or through others.
pub(crate) async fn revoke_token(
    State(state): State<Shared>,
    id: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let call = Call::read(&state, request).await;
    let id = id.map_or_else(|_| String::new(), |Path(id)| id);
    let outcome = revoke(&state, &call, &id).await;
    call.answer(outcome)
}

async fn revoke(
    state: &ServerState,
    call: &Call,
    id: &str,
) -> Result<Told<RevokedDocument>, Failed> {
    let admitted = call.admit(state).await?;
    let own = admitted.chain.token().id;
    // One that is not there and one of somebody else look the same.
    let unknown = || Failed::from(ErrorCode::TokenNotFound);
    let id: PublicTokenId = id.parse().map_err(|_| unknown())?;
    let found = state.store.api_token_by_public_id(&id).await?;
    let chain = found.ok_or_else(unknown)?.chain;
    if !chain.iter().skip(1).any(|ancestor| ancestor.id == own) {
        return Err(unknown());
    }
    let token = chain.token();
    // Not counted: each token is revoked once, and making them is.
    let counted =
        token.revoked_at.is_none() && tokens_of(state).revoke(token, &origin(&admitted)).await?;
    let data = RevokedDocument {
        id: token.public_id.clone(),
        counted,
    };
    Ok(Told::new(data, &admitted))
}

//------------ What they share -------------------------------------------------------------------

fn tokens_of(state: &ServerState) -> Mint<'_> {
    Mint {
        store: &state.store,
        hashes: state.tokens.hashes(),
        random: state.random.as_ref(),
    }
}

fn origin(admitted: &Admitted) -> Origin {
    Origin {
        actor: Actor::ApiToken(admitted.chain.token().id),
        address: Some(admitted.address),
    }
}

/// How many tokens that count there may be below one that was made from no other, when holders make more.
const MOST_BELOW: usize = 100;

/// Whether a holder may make one more: the room of the account is not for holders to fill, and accounts of
/// strangers make none.
async fn check_room(state: &ServerState, chain: &TokenChain) -> Result<(), Failed> {
    let open = &state.settings.dynamic_dns.acme_dns_open_token;
    if chain
        .iter()
        .any(|token| Some(&token.public_id) == open.as_ref())
    {
        let message = "no tokens are made from accounts that everybody can have";
        return Err(refuse(ErrorCode::Forbidden, message.to_owned()));
    }
    let root = chain.iter().last().unwrap_or(chain.token()).id;
    let below = state.store.api_tokens_below(root).await?;
    let now = state.clock.now();
    let counting = below.iter().filter(|token| !token.has_ended(now));
    if counting.count() < MOST_BELOW {
        return Ok(());
    }
    let message = format!(
        "there are {MOST_BELOW} tokens below the one that yours comes from: revoke some that are not used"
    );
    Err(refuse(ErrorCode::Forbidden, message))
}

fn take_turn(state: &ServerState, chain: &TokenChain) -> Result<(), Failed> {
    let key = ChangeLimitKey::holder(chain);
    let taken = state.token_changes.take(key, state.clock.now());
    taken.map_err(|wait| Failed::too_often("too many tokens were made with this one", wait, None))
}

async fn email_of(
    state: &ServerState,
    chain: &TokenChain,
) -> Result<easement_core::EmailAddress, Failed> {
    let stored = state.store.account(chain.token().account).await?;
    let stored = stored.ok_or(ErrorCode::TokenRevoked)?;
    Ok(stored.account.email)
}

fn refuse(code: ErrorCode, message: String) -> Failed {
    ApiError::new(code).with_message(message).into()
}

/// Why no token was made.
fn not_issued(error: IssueError) -> Failed {
    let message = error.to_string();
    match error {
        IssueError::Limits(limits) => {
            let field = FieldError {
                field: limits.field().as_str().to_owned(),
                fault: FieldFault::Value { reason: message },
                provided: None,
            };
            RequestError::Fields(vec![field]).into()
        }
        IssueError::Wider(excess) => refuse(
            ErrorCode::Forbidden,
            format!("{}: {message}", excess.field().as_str()),
        ),
        IssueError::OtherKind { .. }
        | IssueError::Create(CreateTokenError::TooMany | CreateTokenError::TooDeep) => {
            refuse(ErrorCode::Forbidden, message)
        }
        IssueError::NoSuchToken
        | IssueError::Create(
            CreateTokenError::ParentGone | CreateTokenError::NoSuchAccount { .. },
        ) => refuse(ErrorCode::TokenRevoked, message),
        IssueError::Hash(HashError::Busy) => {
            Failed::too_often(message, std::time::Duration::from_secs(1), None)
        }
        IssueError::Hash(HashError::Failed) | IssueError::Secret(_) => {
            tracing::error!(error = %message, "no API token was made");
            ErrorCode::ServerError.into()
        }
        IssueError::Create(CreateTokenError::Store(error)) | IssueError::Store(error) => {
            error.into()
        }
    }
}
