//! The question that a person is asked: a checked request, a zone that they may change, and the plan.

use axum::response::Response;
use domain_connect::{
    Application, AppliedService, ErrorCode, Plan, PlanError, PlanKind, Template, plan_application,
};
use easement_core::{AuditEvent, Origin, ServiceEntry, Version, ZoneAction, ZonePlan};
use easement_store::{CommitError, DomainConnect};
use easement_zone::{HostedZones, Name};

use super::apply_refusal::Refusal;
use super::apply_request::ApplyRequest;
use super::zone_plan::to_zone_plan;
use crate::http::Member;
use crate::http::security_headers::FormTarget;
use crate::pages::views::{
    ConsentPage, ConsentState, ErrorPage, PlanView, Section, ShownName, Signature,
};
use crate::pages::zone_access::ZoneAccess;
use crate::pages::{PageError, plan_digest, show};
use crate::state::ServerState;

/// A question that can be put to this person.
pub(super) struct Consent<'a> {
    pub(super) request: &'a ApplyRequest,
    pub(super) access: ZoneAccess,
    pub(super) plan: Plan,
    services: Vec<ServiceEntry>,
}

impl<'a> Consent<'a> {
    /// Asks for a permit, and plans.
    pub(super) async fn prepare(
        state: &ServerState,
        member: &Member,
        request: &'a ApplyRequest,
    ) -> Result<Self, Refusal> {
        let access = ask_for_access(state, member, request).await?;
        let services = state.store.services_of(access.entry.id).await?;
        let planned = plan(state, &access, &services, request)
            .map_err(NotPlanned::from)
            .and_then(|plan| check_authority(&state.hosted, plan));
        match planned {
            Ok(plan) => Ok(Self {
                request,
                access,
                plan,
                services,
            }),
            Err(error) => {
                note_refusal(state, member, request, &error).await?;
                Err(request.refuse(&error.to_string(), &error.told()))
            }
        }
    }

    /// Commits the plan.
    pub(super) async fn commit(
        &self,
        state: &ServerState,
        member: &Member,
    ) -> Result<(), CommitError> {
        let permit = self.access.permit.clone();
        let origin = Origin {
            actor: permit.actor(),
            address: Some(member.visitor.address),
        };
        let committed = state.store.commit(permit, self.zone_plan(), origin).await?;
        tracing::info!(
            zone.name = %self.access.entry.apex,
            zone.version = committed.version.0,
            template.provider = %self.request.template.provider_id(),
            template.service = %self.request.template.service_id(),
            account.id = member.account.id.number(),
            "a template was applied"
        );
        Ok(())
    }

    fn zone_plan(&self) -> ZonePlan {
        let base = Version(self.access.snapshot.version());
        to_zone_plan(&self.plan, &self.services, base)
    }

    /// The page. Its form leads on to the service provider, which browsers have to be told.
    pub(super) fn show(
        &self,
        member: &Member,
        action: &str,
        state: ConsentState,
    ) -> Result<Response, PageError> {
        let mut response = show(&self.page(member, action, state))?;
        if let Some(url) = self.request.way_back.success() {
            response.extensions_mut().insert(FormTarget(url));
        }
        Ok(response)
    }

    fn page(&self, member: &Member, action: &str, state: ConsentState) -> ConsentPage {
        let template = &self.request.template;
        let query = &self.request.query;
        let apex = &self.access.entry.apex;
        let host = query
            .host
            .below(apex)
            .ok()
            .filter(|_| !query.host.is_apex());
        ConsentPage {
            shell: member.shell(Section::Zones),
            provider: template.provider_name().to_string(),
            service: template.service_name().to_string(),
            called: called(self.request),
            template_version: template.version(),
            signature: signature(template),
            zone: ShownName::new(apex),
            host: host.map(|host| ShownName::new(&host)),
            plan: PlanView::of(self.access.snapshot.zone(), &self.plan),
            state: self.state_to_show(state),
            return_to: self.request.way_back.host().map(str::to_owned),
            unlisted_return: self.request.way_back.unlisted().map(str::to_owned),
            action: action.to_owned(),
            hidden: vec![plan_digest::hidden(&self.plan)],
        }
    }

    fn state_to_show(&self, state: ConsentState) -> ConsentState {
        match state {
            ConsentState::First if self.is_connected_already() => ConsentState::AlreadyConnected,
            ConsentState::First | ConsentState::ZoneChanged | ConsentState::AlreadyConnected => {
                state
            }
        }
    }

    /// Whether the service is connected, and nothing is missing.
    pub(super) fn is_connected_already(&self) -> bool {
        let replaces = match &self.plan.kind {
            PlanKind::Application { replaces, .. } => replaces.is_some(),
            PlanKind::Removal { .. } => false,
        };
        replaces && self.plan.changes_nothing() && self.plan.ended.is_empty()
    }
}

async fn ask_for_access(
    state: &ServerState,
    member: &Member,
    request: &ApplyRequest,
) -> Result<ZoneAccess, Refusal> {
    let apex = &request.query.domain;
    let asked = ZoneAccess::ask(state, member, apex, ZoneAction::Change).await;
    match asked {
        Ok(access) if access.entry.domain_connect == DomainConnect::On => Ok(access),
        Ok(_) | Err(PageError::NotYourZone { .. }) => {
            let shell = member.shell(Section::Elsewhere);
            let mut page = ErrorPage::not_your_zone(shell, &ShownName::new(apex));
            // A page and no redirect: another account of the same person may be the right one.
            let told = "the request was denied";
            if let Some(target) = request.way_back.failed(ErrorCode::AccessDenied, told) {
                let label = format!("Back to {}", request.template.provider_name());
                page = page.with_link(&label, target.as_str());
            }
            Err(PageError::Custom(Box::new(page)).into())
        }
        Err(error) => Err(error.into()),
    }
}

fn plan(
    state: &ServerState,
    access: &ZoneAccess,
    services: &[ServiceEntry],
    request: &ApplyRequest,
) -> Result<Plan, PlanError> {
    let applied: Vec<AppliedService> = services.iter().map(|entry| entry.service.clone()).collect();
    plan_application(&Application {
        zone: access.snapshot.zone(),
        services: &applied,
        special: &[],
        template: &request.template,
        host: &request.query.host,
        groups: &request.query.groups,
        instance: request.query.instance.as_ref(),
        variables: &request.query.variables,
        authenticity: request.authenticity,
        policy: &state.settings.policy,
    })
}

/// Refuses to write what nobody would be answered: records at names that belong to another zone of
/// this server, below the one that is changed.
pub(super) fn check_authority(hosted: &HostedZones, plan: Plan) -> Result<Plan, NotPlanned> {
    let written = plan
        .changes
        .iter()
        .filter(|(_, change)| change.after.is_some());
    for (key, _) in written {
        let nearest = hosted.zone_over(&key.owner).map(|zone| zone.apex().clone());
        if let Some(apex) = nearest.filter(|apex| *apex != plan.base.apex) {
            return Err(NotPlanned::OtherZone { apex });
        }
    }
    Ok(plan)
}

/// Why nobody is asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotPlanned {
    /// The template cannot be applied.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// Another zone answers for a name that the template writes.
    #[error("{} is a zone of its own: connect that zone instead", apex.to_text())]
    OtherZone {
        /// Its apex.
        apex: Name,
    },
}

impl NotPlanned {
    /// What the service provider is told: nothing of what else the zone or this server holds
    /// (draft-05 section 8.3.6).
    fn told(&self) -> String {
        match self {
            Self::OtherZone { .. } => "the records do not belong into this zone".to_owned(),
            Self::Plan(error) => error.to_string(),
        }
    }

    /// The stable name of the reason.
    fn code(&self) -> &'static str {
        match self {
            Self::Plan(error) => error.code(),
            Self::OtherZone { .. } => "other_zone",
        }
    }
}

async fn note_refusal(
    state: &ServerState,
    member: &Member,
    request: &ApplyRequest,
    error: &NotPlanned,
) -> Result<(), Refusal> {
    let event = AuditEvent::ApplyRefused {
        template: request.template_id(),
        zone: request.query.domain.to_text(),
        code: error.code().to_owned(),
    };
    let actor = Some(easement_core::Actor::Account(member.account.id));
    let address = Some(member.visitor.address);
    Ok(state.store.append_audit(actor, address, &event).await?)
}

/// The names that the link brings along, where the template lets it.
fn called(request: &ApplyRequest) -> Option<String> {
    let template = &request.template;
    let provider = request.query.provider_name.as_ref();
    let service = request.query.service_name.as_ref();
    let names: Vec<String> = [
        provider.filter(|_| template.allows_provider_name()),
        service.filter(|_| template.allows_service_name()),
    ]
    .into_iter()
    .flatten()
    .map(ToString::to_string)
    .collect();
    (!names.is_empty()).then(|| names.join(": "))
}

fn signature(template: &Template) -> Signature {
    match template.public_key_domain() {
        Some(domain) => Signature::Verified {
            domain: domain.to_unicode(),
        },
        None => Signature::Missing,
    }
}
