//! `/account/export` and `/account/delete`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use easement_core::{Actor, Password};
use easement_store::DeleteAccountError;
use http::header::CONTENT_DISPOSITION;
use http::{HeaderValue, StatusCode};

use super::views::{DeleteAccountPage, Problem, Section, ShownName};
use super::{PageError, account, problems, show, sign_in};
use crate::accounts::export::export;
use crate::accounts::sessions::NewCookie;
use crate::http::{Member, PostedForm};
use crate::state::{ServerState, Shared};

/// How many zones are named.
const MAX_NAMED: u32 = 100;

/// GET: everything that is stored about the account.
pub(crate) async fn download(
    State(state): State<Shared>,
    member: Member,
) -> Result<Response, PageError> {
    let now = state.clock.now();
    let taken = state.exports.take(member.account.id, now);
    taken.map_err(|wait| PageError::TooOften { wait })?;
    let document = export(&state.store, &state.hosted, &member.account, now).await?;
    let mut response = Json(document).into_response();
    let attachment = HeaderValue::from_static("attachment; filename=\"easement-account.json\"");
    response
        .headers_mut()
        .insert(CONTENT_DISPOSITION, attachment);
    Ok(response)
}

/// GET: what would happen.
pub(crate) async fn show_deletion(
    State(state): State<Shared>,
    member: Member,
) -> Result<Response, PageError> {
    show(&page(&state, &member, Vec::new()).await?)
}

/// POST, with the password.
pub(crate) async fn delete_account(
    State(state): State<Shared>,
    member: Member,
    PostedForm(form): PostedForm,
) -> Result<Response, PageError> {
    if state.store.is_last_operator(member.account.id).await? {
        return refuse(&state, &member, Vec::new()).await;
    }
    let field = "current_password";
    let turn = state.sign_in_turns.wait_for(member.account.email.clone());
    let turn = turn.await;
    let refused = match Password::given(form.text(field)) {
        Ok(password) => account::check_password(&state, &member, &turn, password, field).await?,
        Err(error) => Some(problems::problem(field, &error)),
    };
    if let Some(problem) = refused {
        return refuse(&state, &member, vec![problem]).await;
    }
    let who = (
        Actor::Account(member.account.id),
        Some(member.visitor.address),
    );
    let email = member.account.email.clone();
    match state
        .store
        .delete_account(member.account.id, email, who)
        .await
    {
        Ok(()) => tracing::info!(
            account.id = member.account.id.number(),
            "an account was deleted"
        ),
        // Another operator stepped down a moment ago.
        Err(DeleteAccountError::LastOperator(_)) => {
            return refuse(&state, &member, Vec::new()).await;
        }
        // Somebody else deleted it a moment ago.
        Err(DeleteAccountError::NoSuchAccount) => {}
        Err(DeleteAccountError::Store(error)) => return Err(error.into()),
    }
    let response = Redirect::to(&sign_in::after_deletion()).into_response();
    Ok(match NewCookie::none() {
        Some(cookie) => cookie.with(response),
        None => response,
    })
}

async fn refuse(
    state: &ServerState,
    member: &Member,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let page = page(state, member, problems).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
}

async fn page(
    state: &ServerState,
    member: &Member,
    problems: Vec<Problem>,
) -> Result<DeleteAccountPage, PageError> {
    let id = member.account.id;
    let zones = state.store.zones_only_of(id, MAX_NAMED).await?;
    let tokens = state.store.api_tokens_of(id).await?;
    let counting = tokens.iter().filter(|token| token.revoked_at.is_none());
    Ok(DeleteAccountPage {
        shell: member.shell(Section::Account),
        email: member.account.email.to_string(),
        tokens: counting.count(),
        has_more_zones: zones.len() == MAX_NAMED as usize,
        zones: zones.iter().map(ShownName::new).collect(),
        is_last_operator: state.store.is_last_operator(id).await?,
        address_days: state.settings.keep_addresses.as_secs() / 86_400,
        problems,
    })
}
