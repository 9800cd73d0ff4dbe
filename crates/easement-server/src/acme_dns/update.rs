//! `POST /update`

use std::collections::HashMap;

use apertodns::acme_dns::{RequestError, UpdateReport, UpdateRequest};
use axum::extract::{Request, State};
use axum::response::Response;
use easement_core::{ApiTokenText, Timestamp, UpdateProtocol, ZoneAction};
use easement_zone::{Name, RecordType, Zone};
use http::StatusCode;

use super::call::{Call, answer, denied, no_rights, not_updated};
use crate::api_tokens::{Admitted, Carrier, Changes, Update};
use crate::dynamic_dns::{Counted, Presented, carry_out, host_rules, text_wish, texts_at};
use crate::state::{ServerState, Shared};

/// Adds a text at the name of an account, which keeps its two newest.
pub(crate) async fn update(State(state): State<Shared>, request: Request) -> Response {
    let call = Call::read(&state, request).await;
    answer(StatusCode::OK, run(&state, &call).await)
}

async fn run(state: &ServerState, call: &Call) -> Result<UpdateReport, RequestError> {
    let key = key_of(call)?;
    let presented = Presented {
        text: key,
        carrier: Carrier::Hidden,
        address: call.address,
    };
    let admitted = presented
        .admit(state)
        .await
        .map_err(|error| denied(&error))?;
    let request = UpdateRequest::parse(call.body()?)?;
    let limits = &admitted.chain.token().limits;
    let name = limits.only_name_with_label(request.subdomain.as_str());
    let name = name.cloned().ok_or(RequestError::Forbidden)?;
    let counted = Counted::new(state, admitted, Changes::ONE_TEXT);
    let counted = counted.map_err(|error| denied(&error))?;
    let admitted = counted.admitted();
    let ages = ages_at(state, admitted, &name).await?;
    let ttls = host_rules(&admitted.chain).ttls;
    let make = |_: &_| {
        vec![Update {
            subjects: vec![(name.clone(), vec![RecordType::TXT])],
            name: name.clone(),
            wish: |zone: &Zone| {
                let (mut now, _) = texts_at(zone, &name);
                now.sort_by_key(|text| ages.get(text));
                text_wish(zone, &name, &request.apply(&now), (None, ttls))
            },
        }]
    };
    let outcomes = carry_out(state, (presented, counted), UpdateProtocol::Acmedns, make).await;
    match outcomes.into_iter().next() {
        Some(Ok(_)) => Ok(UpdateReport { txt: request.txt }),
        Some(Err(error)) => Err(not_updated(&error)),
        None => Err(RequestError::Server),
    }
}

/// Until when each text at a name stays: those that were set first go first. Others have no such time, and come
/// before them.
async fn ages_at(
    state: &ServerState,
    admitted: &Admitted,
    name: &Name,
) -> Result<HashMap<Vec<u8>, Timestamp>, RequestError> {
    let rights = state.updater.rights();
    let permit = rights.permit(admitted, name, ZoneAction::Change).await;
    let (_, permit) = permit.map_err(|error| no_rights(&error))?;
    let leases = state.store.text_leases_at(permit.zone(), name).await;
    let leases = leases.map_err(|error| no_rights(&error.into()))?;
    let of_text = leases
        .into_iter()
        .filter_map(|(data, ends_at)| Some((data.text()?, ends_at)));
    Ok(of_text.collect())
}

/// The token of an account: `X-Api-Key`, with its public id as `X-Api-User`.
fn key_of(call: &Call) -> Result<&str, RequestError> {
    let header = |name| call.headers.get(name)?.to_str().ok();
    let (user, key) = header("x-api-user")
        .zip(header("x-api-key"))
        .ok_or(RequestError::Forbidden)?;
    let text: ApiTokenText = key.parse().map_err(|_| RequestError::Forbidden)?;
    if text.id.as_str() == user {
        Ok(key)
    } else {
        Err(RequestError::Forbidden)
    }
}
