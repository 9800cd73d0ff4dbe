//! `GET /u/TOKEN/`, as the second version of `FreeDNS` (afraid.org) has it.

use std::sync::Arc;

use apertodns::Hostname;
use apertodns::address::NotPublic;
use apertodns::afraid::{CallError, Reply, UpdateCall};
use apertodns::dyndns2::TargetFault;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use easement_core::{TokenChain, UpdateProtocol};
use easement_zone::Zone;
use http::StatusCode;

use super::asker::Asker;
use super::plain::{plain, refuse_a_look};
use crate::api_tokens::{Carrier, Changes, Denied, NoRights, Update, UpdateError};
use crate::dynamic_dns::{Counted, HostWish, Presented, carry_out, host_rules, host_wish};
use crate::http::{Fields, is_of_a_foreign_page};
use crate::state::{ServerState, Shared};

/// The address of the host that the token is for.
pub(crate) async fn update(
    State(state): State<Shared>,
    token: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    if let Some(refusal) = refuse_a_look(request.method()) {
        return refusal;
    }
    let token = token.map_or_else(|_| String::new(), |Path(token)| token);
    let asker = Asker::of(&request, &state.settings.trusted_proxies);
    let query = Fields::parse(request.uri().query().unwrap_or_default().as_bytes());
    let outcome = if is_of_a_foreign_page(request.headers()) {
        Err(Failed::ForeignPage)
    } else {
        match UpdateCall::parse(&token, query.iter()) {
            Ok(call) => run(&state, &call, asker).await,
            Err(error) => Err(error.into()),
        }
    };
    let reply = outcome.unwrap_or_else(|error| {
        tracing::info!(%error, "an update was refused");
        Reply::Error {
            message: error.for_strangers(),
        }
    });
    plain(StatusCode::OK, format!("{reply}\n"))
}

/// The answer when there is none of a handler.
pub(crate) fn no_answer() -> Response {
    let reply = Reply::Error {
        message: Failed::Server.for_strangers(),
    };
    plain(StatusCode::OK, format!("{reply}\n"))
}

/// Why a call fails.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error(transparent)]
    Call(#[from] CallError),
    #[error(transparent)]
    Address(#[from] TargetFault),
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error(transparent)]
    Update(#[from] UpdateError<NotPublic>),
    #[error(
        "this address says no host, and the API token is not for one host alone: use one that is, or \
         /nic/update"
    )]
    ManyNames,
    #[error("a page of somebody else sent this")]
    ForeignPage,
    #[error("the server failed to carry this out")]
    Server,
}

impl Failed {
    /// What is said to whoever asks: nothing of how the server is doing inside.
    fn for_strangers(&self) -> String {
        let is_ours = matches!(
            self,
            Self::Denied(Denied::Store(_) | Denied::Failed)
                | Self::Update(
                    UpdateError::Store(_)
                        | UpdateError::Commit(_)
                        | UpdateError::NoRights(NoRights::Store(_)),
                )
                | Self::Server
        );
        if is_ours {
            "something is broken here: try again later".to_owned()
        } else {
            self.to_string()
        }
    }
}

async fn run(state: &ServerState, call: &UpdateCall, asker: Asker) -> Result<Reply, Failed> {
    let presented = Presented {
        text: call.token.reveal(),
        carrier: Carrier::Url,
        address: asker.address,
    };
    let admitted = presented.admit(state).await?;
    let chain = Arc::clone(&admitted.chain);
    let hostname = host_of(&chain).ok_or(Failed::ManyNames)?;
    let rules = host_rules(&chain);
    let wish = HostWish {
        changes: call.changes(asker.source, rules.documentation)?,
        ttl: None,
    };
    let name = hostname.as_name();
    let make = |_: &_| {
        vec![Update {
            name: name.clone(),
            subjects: vec![(name.clone(), wish.types())],
            wish: |zone: &Zone| host_wish(zone, name, &wish, rules),
        }]
    };
    let counted = Counted::new(state, admitted, Changes::ONE_HOST)?;
    let work = (presented, counted);
    let outcomes = carry_out(state, work, UpdateProtocol::Afraid, make).await;
    let done = outcomes.into_iter().next().ok_or(Failed::Server)??;
    let told = done.told.seen_with(&chain);
    Ok(if done.changed {
        Reply::Updated {
            before: told.before,
            now: told.after,
            hostname,
        }
    } else {
        Reply::NoChange {
            now: told.after,
            hostname,
        }
    })
}

/// The host that the token is for.
fn host_of(chain: &TokenChain) -> Option<Hostname> {
    let name = chain.token().limits.only_name()?;
    Hostname::from_form(&name.to_text()).ok()
}
