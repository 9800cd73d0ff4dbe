//! `/namedrop/authorize` (NameDrop 0.4.0, "GET /authorize"): a person gives an app a name, or does not.
//!
//! Nobody registered the app, so its link says nothing about domains: the person picks one of theirs (`zones`), a host
//! in it (`host`), and then reads what exactly that opens (`question`). Each step is a form that carries those before
//! it; nothing is kept until the last one, and each step checks all again.

mod asked;
mod host;
mod question;
pub(super) mod zones;

use axum::extract::{OriginalUri, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use easement_core::{Actor, AuditEvent, GrantApp, HolderId, ZoneAction};

use self::asked::Asked;
use self::host::{HostStep, Picked};
use self::question::{Answers, Question};
use crate::api_tokens::ChangeLimitKey;
use crate::http::{Fields, Member, PostedForm, Visitor};
use crate::pages::PageError;
use crate::pages::views::{NameDropState, Problem};
use crate::pages::zone_access::ZoneAccess;
use crate::state::{ServerState, Shared};

/// GET
pub(crate) async fn show_authorize(
    State(state): State<Shared>,
    visitor: Visitor,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, PageError> {
    let asked = Asked::load(&state, &visitor, &uri)?;
    match visitor.member() {
        Some(member) => begin(&state, &member, &asked).await,
        None => asked.sign_in(&visitor),
    }
}

/// POST
pub(crate) async fn answer_authorize(
    State(state): State<Shared>,
    visitor: Visitor,
    OriginalUri(uri): OriginalUri,
    PostedForm(form): PostedForm,
) -> Result<Response, PageError> {
    let asked = Asked::load(&state, &visitor, &uri)?;
    // The session ended while the question was on the screen: it is asked again from the start.
    let Some(member) = visitor.member() else {
        return asked.sign_in(&visitor);
    };
    match form.text("answer") {
        "find" => zones::show_zones(&state, &member, &asked, (form.text("find"), None)).await,
        "zone" => take_zone(&state, &member, &asked, &form).await,
        "host" => take_host(&state, &member, &asked, &form).await,
        "other_host" => {
            let access = access(&state, &member, &form).await?;
            let step = HostStep::prepare(&state, &member, &asked, &access).await?;
            step.show(&Picked::of(&form), None)
        }
        "agree" => agree(&state, &member, &asked, &form).await,
        "decline" => decline(&state, &member, &asked, &form).await,
        _ => {
            let reason = "It lacks your answer.".to_owned();
            Err(PageError::BadForm { reason })
        }
    }
}

/// Asks for the domain; whoever has one is asked for the host at once.
async fn begin(state: &ServerState, member: &Member, asked: &Asked) -> Result<Response, PageError> {
    let found = zones::choosable(state, member, "").await?;
    match found.zones.as_slice() {
        [] if !found.is_cut => Err(zones::no_zone(member, asked)),
        [only] if !found.has_more && !found.is_cut => {
            let access = ZoneAccess::ask(state, member, &only.apex, ZoneAction::Change).await?;
            let step = HostStep::prepare(state, member, asked, &access).await?;
            step.show(&Picked::default(), None)
        }
        _ => zones::show_zones(state, member, asked, ("", None)).await,
    }
}

async fn take_zone(
    state: &ServerState,
    member: &Member,
    asked: &Asked,
    form: &Fields,
) -> Result<Response, PageError> {
    if form.text("zone").is_empty() {
        let problem = Problem {
            field: "zone-1",
            message: "Choose one of your domains.".to_owned(),
        };
        return zones::show_zones(state, member, asked, (form.text("find"), Some(problem))).await;
    }
    let access = access(state, member, form).await?;
    let step = HostStep::prepare(state, member, asked, &access).await?;
    step.show(&Picked::default(), None)
}

async fn take_host(
    state: &ServerState,
    member: &Member,
    asked: &Asked,
    form: &Fields,
) -> Result<Response, PageError> {
    let access = access(state, member, form).await?;
    let picked = Picked::of(form);
    match picked.read(state, &access) {
        Ok(host) => {
            let question = Question::prepare(state, member, asked, (access, host)).await?;
            question.show(NameDropState::First, &Answers::all_of(asked), Vec::new())
        }
        Err(problem) => {
            let step = HostStep::prepare(state, member, asked, &access).await?;
            step.show(&picked, Some(problem))
        }
    }
}

/// Keeps what was agreed to, when it is still what it would mean; else asks again.
async fn agree(
    state: &ServerState,
    member: &Member,
    asked: &Asked,
    form: &Fields,
) -> Result<Response, PageError> {
    let access = access(state, member, form).await?;
    let picked = Picked::of(form);
    let host = match picked.read(state, &access) {
        Ok(host) => host,
        Err(problem) => {
            let step = HostStep::prepare(state, member, asked, &access).await?;
            return step.show(&picked, Some(problem));
        }
    };
    let question = Question::prepare(state, member, asked, (access, host)).await?;
    let answers = Answers::of(form);
    if !question.is_the_shown(form) {
        return question.show(NameDropState::Changed, &answers, Vec::new());
    }
    match question.read(&answers, state.clock.now()) {
        Ok((permissions, expires_at)) => {
            // Each yes begins an epoch, in which every node asks for all rights once more.
            let key = ChangeLimitKey::Account(member.account.id);
            let taken = state.token_changes.take(key, state.clock.now());
            taken.map_err(|wait| PageError::TooOften { wait })?;
            let target = question.grant(state, permissions, expires_at).await?;
            let event = AuditEvent::GrantCreated {
                client: holder(asked),
                apex: question.apex().to_text(),
            };
            append(state, member, &event).await?;
            Ok(Redirect::to(&target).into_response())
        }
        Err(problems) => question.show(NameDropState::First, &answers, problems),
    }
}

async fn decline(
    state: &ServerState,
    member: &Member,
    asked: &Asked,
    form: &Fields,
) -> Result<Response, PageError> {
    let key = ChangeLimitKey::Account(member.account.id);
    let is_noted = state.token_changes.take(key, state.clock.now()).is_ok();
    if is_noted {
        // What the form says is only believed where the person has a say.
        let access = access(state, member, form).await.ok();
        let event = AuditEvent::GrantDeclined {
            client: holder(asked),
            apex: access.map(|access| access.entry.apex.to_text()),
        };
        append(state, member, &event).await?;
    }
    Ok(Redirect::to(&asked.declined()).into_response())
}

/// The zone that a form names, as far as it is this person's at this moment.
async fn access(
    state: &ServerState,
    member: &Member,
    form: &Fields,
) -> Result<ZoneAccess, PageError> {
    let apex = form.text("zone").parse().map_err(|_| PageError::BadForm {
        reason: "It does not say which domain.".to_owned(),
    })?;
    ZoneAccess::ask(state, member, &apex, ZoneAction::Change).await
}

fn holder(asked: &Asked) -> HolderId {
    HolderId::App(GrantApp::of(&asked.query.app))
}

async fn append(state: &ServerState, member: &Member, event: &AuditEvent) -> Result<(), PageError> {
    let actor = Some(Actor::Account(member.account.id));
    let address = Some(member.visitor.address);
    Ok(state.store.append_audit(actor, address, event).await?)
}
