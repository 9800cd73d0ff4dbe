//! `/zones/{apex}/services/{service}/remove`

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use domain_connect::{AppliedService, Plan, PlanError, Removal, plan_removal};
use easement_core::{AppliedServiceId, Origin, ServiceEntry, Version, ZoneAction};
use easement_store::CommitError;

use super::views::{
    PlanView, RemovalState, RemoveServicePage, Section, ShownName, ShownTime, paths,
};
use super::zone_access::{ZoneAccess, parse_apex};
use super::{PageError, plan_digest, show, zone};
use crate::domain_connect::zone_plan::{is_overtaken, to_zone_plan};
use crate::http::{Member, PathParts, PostedForm};
use crate::state::{ServerState, Shared};

/// How often a removal is planned before the person is asked again.
const ATTEMPTS: usize = 2;

/// GET
pub(crate) async fn show_removal(
    State(state): State<Shared>,
    member: Member,
    PathParts((apex, service)): PathParts<(String, String)>,
) -> Result<Response, PageError> {
    let question = Question::load(&state, &member, &apex, &service).await?;
    show(&question.page(&state, &member, RemovalState::First))
}

/// POST
pub(crate) async fn remove_service(
    State(state): State<Shared>,
    member: Member,
    PathParts((apex, service)): PathParts<(String, String)>,
    PostedForm(form): PostedForm,
) -> Result<Response, PageError> {
    for _ in 0..ATTEMPTS {
        let question = Question::load(&state, &member, &apex, &service).await?;
        if !plan_digest::is_the_shown(&question.plan, &form) {
            return show(&question.page(&state, &member, RemovalState::ZoneChanged));
        }
        match question.commit(&state, &member).await {
            Ok(()) => {
                let zone = paths::zone(&question.access.entry.apex);
                return Ok(Redirect::to(&zone).into_response());
            }
            Err(error) if is_overtaken(&error) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let question = Question::load(&state, &member, &apex, &service).await?;
    show(&question.page(&state, &member, RemovalState::ZoneChanged))
}

/// A service, and what its removal would change.
struct Question {
    access: ZoneAccess,
    services: Vec<ServiceEntry>,
    entry: ServiceEntry,
    plan: Plan,
}

impl Question {
    async fn load(
        state: &ServerState,
        member: &Member,
        apex: &str,
        service: &str,
    ) -> Result<Self, PageError> {
        let apex = parse_apex(apex)?;
        let id: AppliedServiceId = service.parse().map_err(|_| PageError::NotFound)?;
        let access = ZoneAccess::ask(state, member, &apex, ZoneAction::Change).await?;
        let services = state.store.services_of(access.entry.id).await?;
        let index = services.iter().position(|entry| entry.id == id);
        let index = index.ok_or(PageError::NotFound)?;
        let applied: Vec<AppliedService> =
            services.iter().map(|entry| entry.service.clone()).collect();
        let plan = plan_removal(&Removal {
            zone: access.snapshot.zone(),
            services: &applied,
            special: &[],
            index,
        })?;
        let entry = services.get(index).cloned().ok_or(PageError::NotFound)?;
        Ok(Self {
            access,
            services,
            entry,
            plan,
        })
    }

    async fn commit(&self, state: &ServerState, member: &Member) -> Result<(), CommitError> {
        let base = Version(self.access.snapshot.version());
        let plan = to_zone_plan(&self.plan, &self.services, base);
        let permit = self.access.permit.clone();
        let origin = Origin {
            actor: permit.actor(),
            address: Some(member.visitor.address),
        };
        state.store.commit(permit, plan, origin).await.map(|_| ())
    }

    fn page(
        &self,
        state: &ServerState,
        member: &Member,
        removal: RemovalState,
    ) -> RemoveServicePage {
        let apex = &self.access.entry.apex;
        RemoveServicePage {
            shell: member.shell(Section::Zones),
            zone: ShownName::new(apex),
            zone_href: paths::zone(apex),
            host: zone::full_name(apex, &self.entry),
            title: self.entry.service.title(),
            connected: ShownTime::new(self.entry.connected_at, state.clock.now()),
            plan: PlanView::of(self.access.snapshot.zone(), &self.plan),
            state: removal,
            action: paths::remove_service(apex, self.entry.id),
            hidden: vec![plan_digest::hidden(&self.plan)],
        }
    }
}

impl From<PlanError> for PageError {
    fn from(error: PlanError) -> Self {
        Self::failure(error.to_string())
    }
}
