//! `/v2/domainTemplates/providers/{providerId}` (Domain Connect 2.3, "OAuth Flow: Getting an Authorization Code"): a
//! person is asked whether a client may change some records at any later time.

use std::sync::Arc;

use axum::extract::{OriginalUri, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use easement_core::{Actor, AuditEvent, HolderId};
use easement_zone::Name;
use url::Url;

use super::grant_consent::GrantConsent;
use super::grant_link::{GrantLink, LinkRefused};
use crate::api_tokens::ChangeLimitKey;
use crate::http::security_headers::FormTarget;
use crate::http::{Fields, Member, PathParts, PostedForm, Visitor};
use crate::pages::grants::Until;
use crate::pages::views::{
    ErrorPage, GrantState, Section, ShownName, SignInPage, SignInState, Words, with_capital,
};
use crate::pages::{PageError, show};
use crate::state::{ServerState, Shared};

/// GET
pub(crate) async fn show_grant(
    State(state): State<Shared>,
    visitor: Visitor,
    PathParts(provider): PathParts<String>,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, PageError> {
    let asked = ask(&state, &visitor, &provider, &uri).await;
    asked.or_else(|refused| answer_refused(refused, &visitor))
}

/// POST
pub(crate) async fn decide_grant(
    State(state): State<Shared>,
    visitor: Visitor,
    PathParts(provider): PathParts<String>,
    OriginalUri(uri): OriginalUri,
    PostedForm(form): PostedForm,
) -> Result<Response, PageError> {
    let answered = take_answer(&state, &visitor, &provider, (&uri, &form)).await;
    answered.or_else(|refused| answer_refused(refused, &visitor))
}

async fn ask(
    state: &ServerState,
    visitor: &Visitor,
    provider: &str,
    uri: &http::Uri,
) -> Result<Response, LinkRefused> {
    let link = GrantLink::load(state, provider, uri.query().unwrap_or_default()).await?;
    let link = Arc::new(link);
    let Some(member) = visitor.member() else {
        let mut page = show(&sign_in_page(visitor, &link, uri))?;
        // What is not right about the link is told to the client, and signing in may lead straight to that.
        if let Ok(url) = Url::parse(link.request.binding.redirect.as_str()) {
            page.extensions_mut().insert(FormTarget(url));
        }
        return Ok(page);
    };
    let consent = GrantConsent::prepare(state, &member, &link).await?;
    let first = (own_address(uri), GrantState::First);
    Ok(consent.show(
        &member,
        (&first.0, first.1),
        (&Until::default(), Vec::new()),
    )?)
}

async fn take_answer(
    state: &ServerState,
    visitor: &Visitor,
    provider: &str,
    (uri, form): (&http::Uri, &Fields),
) -> Result<Response, LinkRefused> {
    let link = GrantLink::load(state, provider, uri.query().unwrap_or_default()).await?;
    let link = Arc::new(link);
    let member = visitor.member().ok_or(PageError::SignedOut)?;
    match form.text("answer") {
        "agree" => agree(state, &member, &link, (uri, form)).await,
        "decline" => decline(state, &member, &link).await,
        _ => {
            let reason = "It lacks your answer.".to_owned();
            Err(PageError::BadForm { reason }.into())
        }
    }
}

/// Keeps what was agreed to, when it is still what it would mean; else asks again.
async fn agree(
    state: &ServerState,
    member: &Member,
    link: &Arc<GrantLink>,
    (uri, form): (&http::Uri, &Fields),
) -> Result<Response, LinkRefused> {
    let consent = GrantConsent::prepare(state, member, link).await?;
    let until = Until::of(form);
    let again =
        |shown, problems| consent.show(member, (&own_address(uri), shown), (&until, problems));
    if !consent.is_the_shown(form) {
        return Ok(again(GrantState::Changed, Vec::new())?);
    }
    match until.read(state.clock.now()) {
        Ok(expires_at) => {
            // Each yes begins an epoch, in which every node asks for all rights once more.
            let key = ChangeLimitKey::Account(member.account.id);
            let taken = state.token_changes.take(key, state.clock.now());
            taken.map_err(|wait| PageError::TooOften { wait })?;
            let target = consent.grant(state, member, expires_at).await?;
            note(state, member, link).await?;
            Ok(Redirect::to(&target).into_response())
        }
        Err(problem) => Ok(again(GrantState::First, vec![problem])?),
    }
}

async fn note(state: &ServerState, member: &Member, link: &GrantLink) -> Result<(), LinkRefused> {
    let event = AuditEvent::GrantCreated {
        client: HolderId::Client(link.client.registration.client.clone()),
        apex: link.wish.query.domain.to_text(),
    };
    append(state, member, &event).await
}

async fn decline(
    state: &ServerState,
    member: &Member,
    link: &GrantLink,
) -> Result<Response, LinkRefused> {
    let event = AuditEvent::GrantDeclined {
        client: HolderId::Client(link.client.registration.client.clone()),
        apex: Some(link.wish.query.domain.to_text()),
    };
    // Of a zone that is somebody else's, or not here, there is nothing to write down.
    if may_see(state, member, &link.wish.query.domain).await? {
        append(state, member, &event).await?;
    }
    Ok(Redirect::to(&link.declined()).into_response())
}

async fn may_see(state: &ServerState, member: &Member, apex: &Name) -> Result<bool, LinkRefused> {
    let Some(zone) = state.store.zone_by_apex(apex).await? else {
        return Ok(false);
    };
    let role = state.store.role_of(zone.id, member.account.id).await?;
    Ok(role.is_some())
}

async fn append(
    state: &ServerState,
    member: &Member,
    event: &AuditEvent,
) -> Result<(), LinkRefused> {
    let actor = Some(Actor::Account(member.account.id));
    let address = Some(member.visitor.address);
    Ok(state.store.append_audit(actor, address, event).await?)
}

/// What the browser gets. Query strings are not logged: they hold values of people.
fn answer_refused(refused: LinkRefused, visitor: &Visitor) -> Result<Response, PageError> {
    match refused {
        LinkRefused::Redirect { target } => Ok(Redirect::to(&target).into_response()),
        LinkRefused::Error(error) => Err(error),
        LinkRefused::Page(fault) => {
            let reason = with_capital(&fault.to_string());
            let page = ErrorPage::bad_request(
                visitor.shell(Section::Elsewhere),
                "This link does not work",
                &format!("{reason}."),
                "Nothing was allowed. Go back to the program that sent you here. If that does not help, send \
                 whoever made it the text above.",
            );
            Err(PageError::Custom(Box::new(page)))
        }
    }
}

/// Signing in happens at this very address, so that the person comes back to the same question.
fn sign_in_page(visitor: &Visitor, link: &GrantLink, uri: &http::Uri) -> SignInPage {
    let errand = Words::new("to let ")
        .strong(link.provider_name())
        .plain(" change records of ")
        .name(ShownName::new(&link.wish.query.domain).text);
    SignInPage {
        shell: visitor.shell(Section::Elsewhere),
        email: String::new(),
        next: Some(own_address(uri)),
        errand: Some(errand),
        state: SignInState::Fresh,
    }
}

fn own_address(uri: &http::Uri) -> String {
    uri.path_and_query()
        .map(ToString::to_string)
        .unwrap_or_default()
}
