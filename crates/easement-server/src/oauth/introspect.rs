//! `POST /oauth/introspect` (RFC 7662)

use axum::extract::{Request, State};
use axum::response::Response;
use domain_connect::ServiceId;
use easement_core::{GrantRight, OAuthTokenKind, Timestamp, TokenClient};
use easement_store::FoundOAuthToken;
use namedrop::Permissions;
use serde::Serialize;

use super::OAuthError;
use super::call::Call;
use super::revoke::find;
use super::token::not_stored;
use crate::state::{ServerState, Shared};

/// What a token is. One that does not count, or is another client's, is not active, and nothing else is told of it.
#[derive(Default, Serialize)]
pub(crate) struct Introspection {
    active: bool,
    #[serde(flatten)]
    facts: Option<Facts>,
}

#[derive(Serialize)]
struct Facts {
    client_id: String,
    token_type: &'static str,
    /// Seconds since 1970.
    exp: i64,
    iat: i64,
    scope: String,
    domain: String,
    /// With commas between them, as in the request; the apex is empty.
    host: String,
    /// Which scope is good at which host, for an app.
    #[serde(skip_serializing_if = "Permissions::is_empty")]
    permissions: Permissions,
}

/// Tells a client about a token of its own.
pub(crate) async fn introspect(
    State(state): State<Shared>,
    request: Request,
) -> Result<Response, OAuthError> {
    let call = Call::read(&state, request).await?;
    let client = call.authenticate_parameters(&state).await?.into();
    tell_about(&state, &client, call.token()?).await
}

/// What a token of this client is.
pub(crate) async fn tell_about(
    state: &ServerState,
    client: &TokenClient,
    text: &str,
) -> Result<Response, OAuthError> {
    let facts = match find(state, text, client).await? {
        Some(found) => tell(state, found).await?,
        None => None,
    };
    Ok(not_stored(&Introspection {
        active: facts.is_some(),
        facts,
    }))
}

async fn tell(state: &ServerState, found: FoundOAuthToken) -> Result<Option<Facts>, OAuthError> {
    let now = state.clock.now();
    let token = &found.token;
    let is_active =
        now < token.expires_at && token.spent.is_none() && token.grant.check(now).is_ok();
    if !is_active {
        return Ok(None);
    }
    let apex = state.store.apex_of_zone(token.grant.zone).await?;
    let seconds = |moment: Timestamp| moment.as_micros().div_euclid(1_000_000);
    let (scope, host) = scope_and_host(&token.grant.right);
    Ok(Some(Facts {
        client_id: found.holder.client_id().to_owned(),
        token_type: match token.form.kind() {
            OAuthTokenKind::Access => "bearer",
            OAuthTokenKind::Refresh | OAuthTokenKind::Code => "refresh_token",
        },
        exp: seconds(token.grant.until(token.expires_at)),
        iat: seconds(token.issued_at),
        scope,
        domain: apex.map_or_else(String::new, |apex| apex.to_text()),
        host,
        permissions: match found.token.grant.right {
            GrantRight::Names { permissions } => permissions,
            GrantRight::Templates { .. } => Permissions::default(),
        },
    }))
}

/// What of the right fits into the words that every kind of client reads.
fn scope_and_host(right: &GrantRight) -> (String, String) {
    match right {
        GrantRight::Templates {
            services, hosts, ..
        } => {
            let services: Vec<&str> = services.iter().map(ServiceId::as_str).collect();
            let hosts = hosts.iter().map(|host| {
                if host.is_apex() {
                    String::new()
                } else {
                    host.to_string()
                }
            });
            (services.join(" "), hosts.collect::<Vec<_>>().join(","))
        }
        GrantRight::Names { permissions } => {
            let once = |texts: &mut dyn Iterator<Item = String>| {
                let mut all: Vec<String> = Vec::new();
                for text in texts {
                    if !all.contains(&text) {
                        all.push(text);
                    }
                }
                all
            };
            let scopes = once(&mut permissions.iter().map(|one| one.scope().to_string()));
            let hosts = once(&mut permissions.iter().map(|one| one.host().to_string()));
            (scopes.join(" "), hosts.join(","))
        }
    }
}
