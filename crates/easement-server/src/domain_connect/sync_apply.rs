//! `/v2/domainTemplates/providers/{providerId}/services/{serviceId}/apply`
//! (draft-ietf-dconn-domainconnect-05 section 8.3): a person is asked, and what they agree to is done.

use axum::extract::{OriginalUri, Request, State};
use axum::handler::Handler as _;
use axum::response::{IntoResponse as _, Redirect, Response};
use easement_core::{Actor, AuditEvent};
use http::header::{AUTHORIZATION, COOKIE, HeaderName, ORIGIN};

use super::apply_consent::Consent;
use super::apply_refusal::Refusal;
use super::apply_request::ApplyRequest;
use super::template_call::apply_with_token;
use super::zone_plan::is_overtaken;
use crate::http::security_headers::FormTarget;
use crate::http::{Fields, Member, PathParts, PostedForm, Visitor};
use crate::pages::views::{
    ConsentState, DeclinedPage, DonePage, DoneWhat, PlanView, Section, ShownName, SignInPage,
    SignInState, Words, count, old_answers, paths,
};
use crate::pages::{PageError, show, show_last};
use crate::state::{ServerState, Shared};

/// What browsers say of themselves with every request.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// How often a change that was agreed to is planned before the person is asked again.
const ATTEMPTS: usize = 2;

/// Provider and service, as the address names them.
type Ids = PathParts<(String, String)>;

/// GET
pub(crate) async fn show_apply(
    State(state): State<Shared>,
    visitor: Visitor,
    ids: Ids,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, PageError> {
    let asked = ask(&state, &visitor, &ids, &uri).await;
    asked.or_else(|refusal| refusal.answer(&visitor))
}

/// POST: the answer of a person, or the call of a program, which has a token and nothing of a browser.
pub(crate) async fn apply_by_either(State(state): State<Shared>, request: Request) -> Response {
    let headers = request.headers();
    let is_of_browser = [COOKIE, ORIGIN, SEC_FETCH_SITE]
        .iter()
        .any(|name| headers.contains_key(name));
    // A proxy in front may have its own reasons for another scheme.
    let has_token = headers.get(AUTHORIZATION).is_some_and(|value| {
        let scheme = value.as_bytes().get(..7).unwrap_or_default();
        scheme.eq_ignore_ascii_case(b"bearer ")
    });
    if has_token || !is_of_browser {
        apply_with_token.call(request, state).await
    } else {
        apply.call(request, state).await
    }
}

async fn apply(
    State(state): State<Shared>,
    visitor: Visitor,
    ids: Ids,
    OriginalUri(uri): OriginalUri,
    PostedForm(form): PostedForm,
) -> Result<Response, PageError> {
    let answered = take_answer(&state, &visitor, &ids, &uri, &form).await;
    answered.or_else(|refusal| refusal.answer(&visitor))
}

async fn load(
    state: &ServerState,
    visitor: &Visitor,
    PathParts((provider, service)): &Ids,
    uri: &http::Uri,
) -> Result<ApplyRequest, Refusal> {
    let query = uri.query().unwrap_or_default();
    ApplyRequest::load(state, visitor, provider, service, query).await
}

async fn ask(
    state: &ServerState,
    visitor: &Visitor,
    ids: &Ids,
    uri: &http::Uri,
) -> Result<Response, Refusal> {
    let request = load(state, visitor, ids, uri).await?;
    let Some(member) = visitor.member() else {
        let mut page = show(&sign_in_page(visitor, &request, uri))?;
        // What is not right about the request is told to the service provider, and signing in may lead
        // straight to that.
        if let Some(url) = request.way_back.success() {
            page.extensions_mut().insert(FormTarget(url));
        }
        return Ok(page);
    };
    let consent = Consent::prepare(state, &member, &request).await;
    let shown = consent
        .and_then(|consent| Ok(consent.show(&member, &own_address(uri), ConsentState::First)?));
    shown.map_err(|refusal| refusal.told_to(&request))
}

async fn take_answer(
    state: &ServerState,
    visitor: &Visitor,
    ids: &Ids,
    uri: &http::Uri,
    form: &Fields,
) -> Result<Response, Refusal> {
    let request = load(state, visitor, ids, uri).await?;
    let member = visitor.member().ok_or(PageError::SignedOut)?;
    let answered = match form.text("answer") {
        "agree" => agree(state, &member, &request, uri, form).await,
        "decline" => decline(state, &member, &request).await,
        _ => {
            let reason = "It lacks your answer.".to_owned();
            Err(PageError::BadForm { reason }.into())
        }
    };
    answered.map_err(|refusal| refusal.told_to(&request))
}

/// Does what was agreed to, when it is still what would be done; else asks again.
async fn agree(
    state: &ServerState,
    member: &Member,
    request: &ApplyRequest,
    uri: &http::Uri,
    form: &Fields,
) -> Result<Response, Refusal> {
    for _ in 0..ATTEMPTS {
        let consent = Consent::prepare(state, member, request).await?;
        if !crate::pages::plan_digest::is_the_shown(&consent.plan, form) {
            return Ok(consent.show(member, &own_address(uri), ConsentState::ZoneChanged)?);
        }
        match consent.commit(state, member).await {
            Ok(()) => return Ok(finish(member, &consent)?),
            Err(error) if is_overtaken(&error) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let consent = Consent::prepare(state, member, request).await?;
    Ok(consent.show(member, &own_address(uri), ConsentState::ZoneChanged)?)
}

/// Back to the service provider, or a closing page.
fn finish(member: &Member, consent: &Consent<'_>) -> Result<Response, PageError> {
    let request = consent.request;
    if let Some(target) = request.way_back.success() {
        return Ok(Redirect::to(target.as_str()).into_response());
    }
    let zone = consent.access.snapshot.zone();
    let changed = PlanView::of(zone, &consent.plan).changed() as u64;
    show_last(&DonePage {
        shell: member.shell(Section::Zones),
        what: if consent.is_connected_already() {
            DoneWhat::AlreadyConnected
        } else {
            DoneWhat::Connected
        },
        service: consent.plan.service().title(),
        place: place(request),
        zone_href: paths::zone(&consent.access.entry.apex),
        changed: format!("{} changed", count(changed, "record")),
        old_answers: old_answers(&consent.plan.changes),
    })
}

async fn decline(
    state: &ServerState,
    member: &Member,
    request: &ApplyRequest,
) -> Result<Response, Refusal> {
    let event = AuditEvent::ApplyDeclined {
        template: request.template_id(),
        zone: request.query.domain.to_text(),
    };
    let actor = Some(Actor::Account(member.account.id));
    let address = Some(member.visitor.address);
    state.store.append_audit(actor, address, &event).await?;
    if let Some(target) = request.way_back.cancelled() {
        return Ok(Redirect::to(target.as_str()).into_response());
    }
    let page = DeclinedPage {
        shell: member.shell(Section::Zones),
        provider: request.template.provider_name().to_string(),
        place: place(request),
        zone_href: paths::zone(&request.query.domain),
    };
    Ok(show_last(&page)?)
}

/// The zone, or the full name of the host.
fn place(request: &ApplyRequest) -> ShownName {
    let apex = &request.query.domain;
    let name = request.query.host.below(apex);
    ShownName::new(name.as_ref().unwrap_or(apex))
}

/// Signing in happens at this very address, so that the person comes back to the same request.
fn sign_in_page(visitor: &Visitor, request: &ApplyRequest, uri: &http::Uri) -> SignInPage {
    let errand = Words::new("to connect ")
        .name(place(request).text)
        .plain(" to ")
        .strong(request.template.provider_name().as_str());
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
