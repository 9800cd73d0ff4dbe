//! `/txt`

use apertodns::v1::{
    ApiError, ErrorCode, MAX_TXT_VALUES, TxtDeleteReport, TxtDeleteRequest, TxtList, TxtName,
    TxtSetReport, TxtSetRequest, with_value, without_value,
};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use easement_core::UpdateProtocol;
use easement_zone::{ChangeSet, RecordType, Ttl, Zone};

use super::call::{Call, Told, moment, rules};
use super::failed::Failed;
use super::status::{Readable, readable};
use super::update::WishFault;
use crate::api_tokens::{Admitted, Changes, Update};
use crate::dynamic_dns::{Counted, NEW_TEXT_TTL, TextChange, carry_out, text_wish, texts_at};
use crate::state::{ServerState, Shared};

/// POST: adds a value; those that are there stay.
pub(crate) async fn set_txt(State(state): State<Shared>, request: Request) -> Response {
    let call = Call::read(&state, request).await;
    let outcome = set(&state, &call).await;
    call.answer(outcome)
}

async fn set(state: &ServerState, call: &Call) -> Result<Told<TxtSetReport>, Failed> {
    let admitted = call.admit(state).await?;
    let request = TxtSetRequest::parse(call.body()?, &rules(&admitted))?;
    let (name, ttl) = (&request.name, request.ttl.map(Into::into));
    let change = change_texts(state, call, admitted, (name, ttl), |now| {
        Ok(with_value(now, &request.value, MAX_TXT_VALUES)?)
    });
    let told = change.await?;
    let change = told.data.clone();
    Ok(told.with(TxtSetReport {
        hostname: request.name,
        value: request.value,
        ttl: change.ttl.as_secs(),
        record_count: change.after,
        timestamp: moment(state.clock.now()),
    }))
}

/// DELETE: one value goes, or all of them.
pub(crate) async fn delete_txt(State(state): State<Shared>, request: Request) -> Response {
    let call = Call::read(&state, request).await;
    let outcome = delete(&state, &call).await;
    call.answer(outcome)
}

async fn delete(state: &ServerState, call: &Call) -> Result<Told<TxtDeleteReport>, Failed> {
    let admitted = call.admit(state).await?;
    let request = TxtDeleteRequest::parse(call.body()?, &rules(&admitted))?;
    let change = change_texts(state, call, admitted, (&request.name, None), |now| {
        Ok(without_value(now, request.value.as_ref()))
    });
    let told = change.await?;
    let change = told.data.clone();
    Ok(told.with(TxtDeleteReport {
        hostname: request.name,
        values_removed: change.before.saturating_sub(change.after),
        remaining_count: change.after,
        timestamp: moment(state.clock.now()),
    }))
}

async fn change_texts(
    state: &ServerState,
    call: &Call,
    admitted: Admitted,
    (name, ttl): (&TxtName, Option<Ttl>),
    then: impl Fn(&[Vec<u8>]) -> Result<Vec<Vec<u8>>, WishFault>,
) -> Result<Told<TextChange>, Failed> {
    let ttls = admitted.chain.ttl_range();
    let counted = Counted::new(state, admitted, Changes::ONE_TEXT)?;
    let told = Told::new((), counted.admitted());
    let wish = |zone: &Zone| -> Result<(ChangeSet, TextChange), WishFault> {
        let (now, _) = texts_at(zone, name.as_name());
        Ok(text_wish(zone, name.as_name(), &then(&now)?, (ttl, ttls))?)
    };
    let work = (call.presented()?, counted);
    let make = |_: &_| {
        let name = name.as_name().clone();
        vec![Update {
            subjects: vec![(name.clone(), vec![RecordType::TXT])],
            name,
            wish: &wish,
        }]
    };
    let outcomes = carry_out(state, work, UpdateProtocol::Apertodns, make).await;
    let done = outcomes
        .into_iter()
        .next()
        .ok_or(ErrorCode::ServerError)??;
    Ok(told.with(done.told))
}

/// GET: the values at a name.
pub(crate) async fn list_txt(
    State(state): State<Shared>,
    hostname: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let call = Call::read(&state, request).await;
    // What cannot be decoded is no name.
    let hostname = hostname.map_or_else(|_| String::new(), |Path(hostname)| hostname);
    let outcome = list(&state, &call, &hostname).await;
    call.answer(outcome)
}

async fn list(state: &ServerState, call: &Call, hostname: &str) -> Result<Told<TxtList>, Failed> {
    let admitted = call.admit(state).await?;
    let name = TxtName::parse(hostname, &rules(&admitted)).map_err(|error| {
        ApiError::new(ErrorCode::TxtInvalidName).with_message(error.to_string())
    })?;
    let Readable { hosted, .. } =
        readable(state, &admitted, name.as_name(), &[RecordType::TXT]).await?;
    let (texts, ttl) = texts_at(hosted.load().zone(), name.as_name());
    let texts = texts
        .iter()
        .map(|text| String::from_utf8_lossy(text).into_owned())
        .collect();
    let ttl = ttl.unwrap_or(NEW_TEXT_TTL).as_secs();
    Ok(Told::new(TxtList::new(name, texts, ttl), &admitted))
}
