//! `GET /update`, as `DuckDNS` has it.

use std::sync::Arc;

use apertodns::Hostname;
use apertodns::address::{AddressChanges, NotPublic};
use apertodns::duckdns::{CallError, Change, Detail, Reply, UpdateCall, Wish};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use easement_core::UpdateProtocol;
use easement_zone::{ChangeSet, DataError, Name, RecordType, Zone};
use http::StatusCode;

use super::asker::Asker;
use super::plain::{plain, refuse_a_look};
use crate::api_tokens::{Carrier, Changes, Denied, Done, Update, UpdateError};
use crate::dynamic_dns::{
    AboutHost, Counted, HostChange, HostRules, HostWish, Presented, carry_out, host_rules,
    host_wish, text_wish,
};
use crate::http::{Fields, is_of_a_foreign_page};
use crate::state::{ServerState, Shared};

/// Where the texts of a host are: at the name that certificate authorities look at, so that no text of the
/// host itself (its SPF record, say) is ever replaced.
const TEXT_LABEL: &str = "_acme-challenge";

/// With parameters.
pub(crate) async fn update(State(state): State<Shared>, request: Request) -> Response {
    let query = Fields::parse(request.uri().query().unwrap_or_default().as_bytes());
    let call = UpdateCall::parse(query.iter(), state.settings.dynamic_dns.base.as_ref());
    respond(&state, request, call).await
}

/// With everything in the path.
pub(crate) async fn update_by_path(
    State(state): State<Shared>,
    path: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let path = path.map_or_else(|_| String::new(), |Path(path)| path);
    let call = UpdateCall::parse_path(&path, state.settings.dynamic_dns.base.as_ref());
    respond(&state, request, call).await
}

async fn respond(
    state: &ServerState,
    request: Request,
    call: Result<UpdateCall, CallError>,
) -> Response {
    let asker = Asker::of(&request, &state.settings.trusted_proxies);
    let (parts, _) = request.into_parts();
    if let Some(refusal) = refuse_a_look(&parts.method) {
        return refusal;
    }
    if is_of_a_foreign_page(&parts.headers) {
        return plain(StatusCode::OK, Reply::Ko.to_string());
    }
    let outcome = match call {
        Ok(call) => run(state, &call, asker).await,
        Err(error) => Err(error.into()),
    };
    let reply = outcome.unwrap_or_else(|error| {
        tracing::info!(%error, "an update was refused");
        Reply::Ko
    });
    plain(StatusCode::OK, reply.to_string())
}

/// The answer when there is none of a handler.
pub(crate) fn no_answer() -> Response {
    plain(StatusCode::OK, Reply::Ko.to_string())
}

/// Why a call fails. Its sender is told `KO`, this is for the log.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error(transparent)]
    Call(#[from] CallError),
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error(transparent)]
    Update(#[from] UpdateError<WishFault>),
    #[error("{0} cannot have a name for texts below it")]
    TextName(Hostname),
}

/// Why a wish makes no sense for its zone.
#[derive(Clone, Debug, thiserror::Error)]
enum WishFault {
    #[error(transparent)]
    NotPublic(#[from] NotPublic),
    #[error(transparent)]
    Data(#[from] DataError),
}

/// What is there now.
enum Told {
    Addresses(HostChange),
    Text(String),
}

impl AboutHost for Told {
    fn host(&self) -> Option<&HostChange> {
        match self {
            Self::Addresses(host) => Some(host),
            Self::Text(_) => None,
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
    let rules = host_rules(&chain);
    let changes = call
        .changes(asker.source, rules.documentation)
        .map_err(CallError::from)?;
    let works: Vec<Work> = call
        .hosts
        .iter()
        .map(|host| Work::new(host, &call.wish, &changes))
        .collect::<Result<_, _>>()?;
    let make = |_: &_| works.iter().map(|work| work.to_update(rules)).collect();
    let count = u32::try_from(works.len()).unwrap_or(u32::MAX);
    let changes = match call.wish {
        Wish::Addresses { .. } | Wish::Clear => Changes {
            hosts: count,
            texts: 0,
        },
        Wish::SetTxt(_) | Wish::ClearTxt => Changes {
            hosts: 0,
            texts: count,
        },
    };
    let work = (presented, Counted::new(state, admitted, changes)?);
    let outcomes = carry_out(state, work, UpdateProtocol::Duckdns, make).await;
    let done: Vec<Done<Told>> = outcomes.into_iter().collect::<Result<_, _>>()?;
    let change = if done.iter().any(|done| done.changed) {
        Change::Updated
    } else {
        Change::NoChange
    };
    Ok(match (call.detail, done.into_iter().next()) {
        (Detail::Short, _) | (Detail::Verbose, None) => Reply::Ok,
        (Detail::Verbose, Some(done)) => match done.told {
            Told::Addresses(host) => Reply::Addresses {
                now: host.seen_with(&chain).after,
                change,
            },
            Told::Text(now) => Reply::Txt { now, change },
        },
    })
}

/// What is wanted at one name.
#[derive(Clone)]
struct Work {
    name: Name,
    wish: WorkWish,
}

#[derive(Clone)]
enum WorkWish {
    Host(HostWish),
    Texts(Vec<Vec<u8>>),
}

impl Work {
    fn new(host: &Hostname, wish: &Wish, changes: &AddressChanges) -> Result<Self, Failed> {
        let texts = match wish {
            Wish::Addresses { .. } | Wish::Clear => {
                let changes = changes.clone();
                return Ok(Self {
                    name: host.as_name().clone(),
                    wish: WorkWish::Host(HostWish { changes, ttl: None }),
                });
            }
            Wish::SetTxt(text) => vec![text.as_str().as_bytes().to_vec()],
            Wish::ClearTxt => Vec::new(),
        };
        let name = host.as_name().child(TEXT_LABEL);
        Ok(Self {
            name: name.map_err(|_| Failed::TextName(host.clone()))?,
            wish: WorkWish::Texts(texts),
        })
    }

    fn to_update(
        &self,
        rules: HostRules,
    ) -> Update<impl Fn(&Zone) -> Result<(ChangeSet, Told), WishFault> + use<>> {
        let types = match &self.wish {
            WorkWish::Host(wish) => wish.types(),
            WorkWish::Texts(_) => vec![RecordType::TXT],
        };
        let work = self.clone();
        Update {
            name: self.name.clone(),
            subjects: vec![(self.name.clone(), types)],
            wish: move |zone: &Zone| match &work.wish {
                WorkWish::Host(wish) => {
                    let (changes, told) = host_wish(zone, &work.name, wish, rules)?;
                    Ok((changes, Told::Addresses(told)))
                }
                WorkWish::Texts(texts) => {
                    let ttl = (None, rules.ttls);
                    let (changes, _) = text_wish(zone, &work.name, texts, ttl)?;
                    Ok((changes, Told::Text(first_text(texts))))
                }
            },
        }
    }
}

fn first_text(texts: &[Vec<u8>]) -> String {
    let first = texts.first().map(|text| String::from_utf8_lossy(text));
    first.unwrap_or_default().into_owned()
}
