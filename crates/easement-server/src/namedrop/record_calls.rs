//! `POST {base}/get-records`, `/create-records`, `/set-records`, `/delete-records` (NameDrop 0.4.0, "Getting and setting
//! records"), and `/records` of version 0.2.0.

use axum::Json;
use axum::extract::{Request, State};
use namedrop::{Action, CallError, RecordCall, SuccessDocument};

use super::RecordsError;
use super::caller::Incoming;
use crate::state::{ServerState, Shared};

type Answer = Result<Json<SuccessDocument>, RecordsError>;

/// Tells which records are there, as far as the token is for them.
pub(crate) async fn get_records(State(state): State<Shared>, request: Request) -> Answer {
    answer(&state, request, |body| RecordCall::parse(Action::Get, body)).await
}

/// Adds records.
pub(crate) async fn create_records(State(state): State<Shared>, request: Request) -> Answer {
    answer(&state, request, |body| {
        RecordCall::parse(Action::Create, body)
    })
    .await
}

/// Puts records in the place of others.
pub(crate) async fn set_records(State(state): State<Shared>, request: Request) -> Answer {
    answer(&state, request, |body| RecordCall::parse(Action::Set, body)).await
}

/// Takes records away.
pub(crate) async fn delete_records(State(state): State<Shared>, request: Request) -> Answer {
    answer(&state, request, |body| {
        RecordCall::parse(Action::Delete, body)
    })
    .await
}

/// Adds the one record that the body is.
pub(crate) async fn create_one_record(State(state): State<Shared>, request: Request) -> Answer {
    answer(&state, request, RecordCall::parse_single).await
}

async fn answer(
    state: &ServerState,
    request: Request,
    parse: impl FnOnce(&[u8]) -> Result<RecordCall, CallError>,
) -> Answer {
    let incoming = Incoming::read(state, request).await?;
    let call = parse(&incoming.body)?;
    let caller = incoming.admit(state, call.token.as_ref()).await?;
    let records = match call.action {
        Action::Get => caller.list(&call).await?,
        Action::Create | Action::Set | Action::Delete => caller.change(&call).await?,
    };
    Ok(Json(SuccessDocument::new(records)))
}
