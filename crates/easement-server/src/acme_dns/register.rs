//! `POST /register`

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use apertodns::acme_dns::{Account, RegisterRequest, RequestError, Subdomain};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use easement_core::{
    Actor, Excess, Network, Origin, Random, TokenChain, TokenLimits, TokenName, ZoneAction,
};
use easement_store::CreateTokenError;
use easement_zone::Name;
use http::StatusCode;

use super::call::{Call, answer, denied, no_rights};
use crate::accounts::HashError;
use crate::api_tokens::{Admitted, Carrier, IssueError, Mint, Wanted};
use crate::dynamic_dns::Presented;
use crate::http::{NetworkLimit, is_of_a_foreign_page};
use crate::state::{ServerState, Shared};

/// How many accounts one network may make in an hour: a machine with many certificates needs one for each.
const MAX_ACCOUNTS: u32 = 30;
const WINDOW: Duration = Duration::from_hours(1);

/// How many accounts strangers may make in an hour, all together.
const MAX_STRANGERS: u32 = 60;
/// After so long without use an account of a stranger ends: certificates are renewed more often.
const STRANGERS_IDLE: Duration = Duration::from_hours(24 * 200);
/// After so long an account of a stranger ends that was never used: whoever makes one wants a certificate now, and
/// those that nobody wants are not to take the place of others.
const STRANGERS_UNUSED: Duration = Duration::from_hours(24 * 7);

/// Counts the accounts of strangers.
pub(crate) fn open_registration_limit() -> NetworkLimit {
    NetworkLimit::new(MAX_STRANGERS, WINDOW)
}

/// Counts the accounts that each network makes.
pub(crate) fn registration_limit() -> NetworkLimit {
    NetworkLimit::new(MAX_ACCOUNTS, WINDOW)
}

/// Without an invitation: when the configuration names a token that strangers' accounts are made from.
pub(crate) async fn register(State(state): State<Shared>, request: Request) -> Response {
    let call = Call::read(&state, request).await;
    answer(StatusCode::CREATED, run(&state, &call, None).await)
}

/// With an invitation in the path, which every client can send as a part of its base URL.
pub(crate) async fn register_invited(
    State(state): State<Shared>,
    invitation: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let call = Call::read(&state, request).await;
    let invitation = invitation.map_or_else(|_| String::new(), |Path(text)| text);
    answer(
        StatusCode::CREATED,
        run(&state, &call, Some(&invitation)).await,
    )
}

async fn run(
    state: &ServerState,
    call: &Call,
    invitation: Option<&str>,
) -> Result<Account, RequestError> {
    if is_of_a_foreign_page(&call.headers) {
        return Err(RequestError::Forbidden);
    }
    let request = RegisterRequest::parse(call.body()?)?;
    let admitted = admit(state, call, invitation).await?;
    let chain = Arc::clone(&admitted.chain);
    let base = chain.token().limits.only_subtree().ok_or_else(|| {
        tracing::warn!(
            token.id = %chain.token().public_id,
            "no account of acme-dns can be made from an API token that is not for the names below one name"
        );
        RequestError::Forbidden
    })?;
    let subdomain = new_subdomain(state.random.as_ref())?;
    let name = base
        .child(subdomain.as_str())
        .map_err(|_| RequestError::Server)?;
    let rights = state.updater.rights();
    let permit = rights.permit(&admitted, &name, ZoneAction::Change).await;
    permit.map_err(|error| no_rights(&error))?;
    let networks = networks_of(&request)?;
    let invited_by = &chain.token().limits;
    let mut limits = invited_by.for_acme_dns_account(name.clone(), networks);
    let wait = state.registrations.take(call.address, state.clock.now());
    wait.map_err(|_| RequestError::TooOften)?;
    if invitation.is_none() {
        // After the network's own limit: what that refuses takes no place of anybody else.
        take_open_place(state)?;
        let idle = Some(STRANGERS_IDLE.as_secs());
        limits.idle_seconds = limits.idle_seconds.or(idle);
        let unused = Some(STRANGERS_UNUSED.as_secs());
        limits.unused_seconds = limits.unused_seconds.or(unused);
    } else {
        check_room(state, &chain).await?;
    }
    let account = make_account(state, call, (&chain, limits), &name, subdomain).await?;
    Ok(Account {
        allowfrom: request.allow_from,
        ..account
    })
}

/// Whether there is room for one more account below an invitation: the room of whoever made it is not for its
/// holders to fill.
async fn check_room(state: &ServerState, chain: &TokenChain) -> Result<(), RequestError> {
    let invitation = chain.token();
    let below = state.store.api_tokens_below(invitation.id).await;
    let below = below.map_err(|error| {
        tracing::error!(%error, "no account of acme-dns was made");
        RequestError::Server
    })?;
    let now = state.clock.now();
    let most = state.settings.dynamic_dns.acme_dns_accounts;
    let going = below
        .iter()
        .filter(|account| !account.has_ended(now))
        .count();
    if going < most {
        return Ok(());
    }
    tracing::warn!(
        token.id = %invitation.public_id,
        accounts = going,
        "no account of acme-dns was made: there are as many below this invitation as may be \
         (dynamic_dns.acme_dns_accounts); revoke some that are not used"
    );
    Err(RequestError::TooOften)
}

/// Counts an account of a stranger, whatever network it is in.
fn take_open_place(state: &ServerState) -> Result<(), RequestError> {
    let everywhere = Ipv4Addr::UNSPECIFIED.into();
    let wait = state.open_registrations.take(everywhere, state.clock.now());
    wait.map_err(|_| RequestError::TooOften)
}

/// The token that the account is made from.
async fn admit(
    state: &ServerState,
    call: &Call,
    invitation: Option<&str>,
) -> Result<Admitted, RequestError> {
    let open = &state.settings.dynamic_dns.acme_dns_open_token;
    let admitted = match (invitation, open) {
        (Some(text), _) => {
            let presented = Presented {
                text,
                carrier: Carrier::Url,
                address: call.address,
            };
            presented.admit(state).await
        }
        (None, Some(id)) => state.tokens.admit_configured(id, call.address).await,
        (None, None) => return Err(RequestError::Forbidden),
    };
    admitted.map_err(|error| denied(&error))
}

async fn make_account(
    state: &ServerState,
    call: &Call,
    (chain, limits): (&TokenChain, TokenLimits),
    name: &Name,
    subdomain: Subdomain,
) -> Result<Account, RequestError> {
    let parent = chain.token();
    let label = format!("acme-dns {subdomain}", subdomain = subdomain.as_str());
    let wanted = Wanted {
        kind: parent.kind,
        name: label
            .parse::<TokenName>()
            .map_err(|_| RequestError::Server)?,
        limits,
    };
    let origin = Origin {
        actor: Actor::ApiToken(parent.id),
        address: Some(call.address),
    };
    let mint = Mint {
        store: &state.store,
        hashes: state.tokens.hashes(),
        random: state.random.as_ref(),
    };
    let issued = mint
        .issue(parent.account, Some(chain), wanted, &origin)
        .await;
    let issued = issued.map_err(|error| not_issued(&error))?;
    Ok(Account {
        username: issued.token.public_id.to_string(),
        password: issued.text.reveal(),
        fulldomain: name.to_text(),
        subdomain,
        allowfrom: Vec::new(),
    })
}

fn not_issued(error: &IssueError) -> RequestError {
    tracing::info!(%error, "no account of acme-dns was made");
    match error {
        IssueError::Wider(Excess::Network { .. }) => RequestError::Networks,
        IssueError::Hash(HashError::Busy) => RequestError::TooOften,
        IssueError::Create(CreateTokenError::TooMany) => {
            tracing::warn!(%error, "the account that an invitation of acme-dns belongs to is full");
            RequestError::TooOften
        }
        IssueError::Wider(_)
        | IssueError::Create(CreateTokenError::TooDeep | CreateTokenError::ParentGone) => {
            RequestError::Forbidden
        }
        IssueError::Limits(_)
        | IssueError::OtherKind { .. }
        | IssueError::Secret(_)
        | IssueError::Hash(HashError::Failed)
        | IssueError::NoSuchToken
        | IssueError::Create(CreateTokenError::NoSuchAccount { .. } | CreateTokenError::Store(_))
        | IssueError::Store(_) => RequestError::Server,
    }
}

/// A label that nobody else has, in the form of a UUID of version 4 (RFC 9562 section 5.4), which some clients
/// look for.
fn new_subdomain(random: &dyn Random) -> Result<Subdomain, RequestError> {
    let octets: [u8; 16] = random
        .octets(16)
        .try_into()
        .map_err(|_| RequestError::Server)?;
    let bits = (u128::from_be_bytes(octets) & !(0xf << 76) & !(0x3 << 62)) | 0x4 << 76 | 0x2 << 62;
    let hex = format!("{bits:032x}");
    let (time, rest) = hex.split_at(8);
    let (middle, rest) = rest.split_at(4);
    let (version, rest) = rest.split_at(4);
    let (variant, node) = rest.split_at(4);
    format!("{time}-{middle}-{version}-{variant}-{node}").parse()
}

fn networks_of(request: &RegisterRequest) -> Result<Vec<Network>, RequestError> {
    let texts = request.allow_from.iter().map(ToString::to_string);
    texts
        .map(|text| text.parse().map_err(|_| RequestError::Networks))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(u8);

    impl Random for Fixed {
        fn octets(&self, count: usize) -> Vec<u8> {
            vec![self.0; count]
        }
    }

    #[test]
    fn a_subdomain_is_a_uuid_of_version_4() {
        for (octet, expected) in [
            (0x00, "00000000-0000-4000-8000-000000000000"),
            (0xff, "ffffffff-ffff-4fff-bfff-ffffffffffff"),
        ] {
            assert_eq!(new_subdomain(&Fixed(octet)).unwrap().as_str(), expected);
        }
    }
}
