//! `POST …/apply` and `POST …/revert` with an access token (Domain Connect 2.3, "OAuth Flow: Apply Template to Domain",
//! "OAuth Flow: Revert Template"): each call is planned anew against the zone of that moment.

use std::net::IpAddr;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest as _, Path, Request, State};
use axum::response::{IntoResponse as _, Response};
use domain_connect::foresight::{GrantedRecord, granted_records, with_fixed};
use domain_connect::{
    Application, AppliedService, Authenticity, CallParameters, ConflictAnswer, Force, Plan,
    TemplateCall, Variables, plan_application,
};
use easement_core::{AdmittedGrant, GrantTarget, Origin, Permit, ServiceEntry, Version, ZonePlan};
use easement_store::{CommitError, DomainConnect, ZoneEntry};
use easement_zone::{HostedZone, Zone, ZoneSnapshot};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use hyper::body::Bytes;

use super::apply_consent::{NotPlanned, check_authority};
use super::call_error::CallFailed;
use super::template_query::approved;
use super::zone_plan::{is_overtaken, plan_removals, to_zone_plan};
use crate::http::address_of;
use crate::oauth::Bearer;
use crate::state::{ServerState, Shared};

/// How often a call is planned again when something else in the zone was committed first.
const MAX_TRIES: u32 = 16;

/// Provider and service, as the address names them.
type Ids = Result<Path<(String, String)>, PathRejection>;

/// Applies a template.
pub(crate) async fn apply_with_token(
    State(state): State<Shared>,
    ids: Ids,
    request: Request,
) -> Response {
    answer(&state, ids, request, Doing::Apply).await
}

/// Removes what was applied.
pub(crate) async fn revert_with_token(
    State(state): State<Shared>,
    ids: Ids,
    request: Request,
) -> Response {
    answer(&state, ids, request, Doing::Revert).await
}

/// A success has a body, too: real clients read it as JSON.
async fn answer(state: &ServerState, ids: Ids, request: Request, doing: Doing) -> Response {
    let address = address_of(&request, &state.settings.trusted_proxies);
    let (headers, query) = (
        request.headers().clone(),
        request.uri().query().map(str::to_owned),
    );
    let asked = Asked {
        state,
        address,
        headers: &headers,
    };
    let done = match Bytes::from_request(request, &()).await {
        Ok(body) => asked.run(ids, (query, &body), doing).await,
        Err(refused) => Err(CallFailed::Invalid {
            reason: refused.body_text(),
        }),
    };
    done.map_or_else(CallFailed::into_response, |()| {
        Json(serde_json::json!({})).into_response()
    })
}

/// What is done with a template.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Doing {
    Apply,
    Revert,
}

/// Whose call it is, and from where.
struct Asked<'a> {
    state: &'a ServerState,
    address: IpAddr,
    headers: &'a HeaderMap,
}

impl Asked<'_> {
    async fn run(
        &self,
        ids: Ids,
        (query, body): (Option<String>, &[u8]),
        doing: Doing,
    ) -> Result<(), CallFailed> {
        let Path((provider, service)) = ids.map_err(|_| CallFailed::NoSuchTemplate)?;
        // Before anything about templates and zones is told.
        let bearer = Bearer::read(self.state, self.headers, self.address).await?;
        let grant = bearer.admitted.grant().id;
        let taken = self.state.grant_calls.take(grant, self.state.clock.now());
        taken.map_err(|wait| CallFailed::TooOften { wait })?;
        let call = self.read(query.as_deref().unwrap_or_default(), body)?;
        let ids = provider.parse().ok().zip(service.parse().ok());
        let (provider, service) = ids.ok_or(CallFailed::NoSuchTemplate)?;
        let target = GrantTarget {
            provider,
            service,
            host: call.host.clone(),
        };
        bearer.admitted.allow(&target)?;
        let wish = Wish {
            call,
            target,
            doing,
        };
        self.carry_out(bearer, &wish).await
    }

    /// The parameters, from the query and from a body of JSON or of a form.
    fn read(&self, query: &str, body: &[u8]) -> Result<TemplateCall, CallFailed> {
        let invalid = |error: &dyn std::fmt::Display| CallFailed::Invalid {
            reason: error.to_string(),
        };
        let mut parameters = CallParameters::new();
        parameters
            .add_query(query)
            .map_err(|error| invalid(&error))?;
        let is_form = self.headers.get(CONTENT_TYPE).is_some_and(|kind| {
            kind.as_bytes()
                .starts_with(b"application/x-www-form-urlencoded")
        });
        if is_form {
            let text = std::str::from_utf8(body).map_err(|error| invalid(&error))?;
            parameters
                .add_query(text)
                .map_err(|error| invalid(&error))?;
        } else if !body.trim_ascii().is_empty() {
            parameters.add_json(body).map_err(|error| invalid(&error))?;
        }
        TemplateCall::read(&parameters).map_err(|error| invalid(&error))
    }

    async fn carry_out(&self, mut bearer: Bearer, wish: &Wish) -> Result<(), CallFailed> {
        let (entry, hosted) = self.zone(&bearer.admitted, wish).await?;
        let place = (entry.id, &entry.apex);
        for _ in 0..MAX_TRIES {
            let permit = bearer
                .permit(self.state, place, wish.target.clone())
                .await?;
            let snapshot = hosted.snapshot();
            let services = self.state.store.services_of(entry.id).await?;
            let zone = (&*snapshot, services.as_slice());
            let plan = match wish.plan(self.state, &bearer.admitted, zone).await {
                Ok(plan) => plan,
                Err(refused) if self.state.is_newest(entry.id, &snapshot).await? => {
                    return Err(refused);
                }
                // The services are of a later zone than the records: what is the program's own looked like
                // somebody else's.
                Err(_) => continue,
            };
            match self.commit(&permit, plan).await? {
                Committed::Done => {
                    self.note(&bearer.admitted, &entry, wish).await;
                    return Ok(());
                }
                Committed::Overtaken => {}
                Committed::AccessChanged => {
                    self.state.store.read_access_epoch().await?;
                    bearer = Bearer::read(self.state, self.headers, self.address).await?;
                }
            }
        }
        Err(CallFailed::TryAgain)
    }

    /// The zone that the call names, when it is the grant's. One that this node does not serve yet comes in a moment.
    async fn zone(
        &self,
        grant: &AdmittedGrant,
        wish: &Wish,
    ) -> Result<(ZoneEntry, std::sync::Arc<HostedZone>), CallFailed> {
        let apex = &wish.call.domain;
        let entry = self.state.store.zone_by_apex(apex).await?;
        let entry = entry.filter(|entry| {
            entry.id == grant.grant().zone && entry.domain_connect == DomainConnect::On
        });
        let entry = entry.ok_or_else(|| CallFailed::Forbidden {
            reason: format!("this access is not for the zone {}", apex.to_text()),
        })?;
        let hosted = self.state.hosted.get(apex).ok_or(CallFailed::TryAgain)?;
        Ok((entry, hosted))
    }

    async fn commit(&self, permit: &Permit, plan: ZonePlan) -> Result<Committed, CallFailed> {
        let origin = Origin {
            actor: permit.actor(),
            address: Some(self.address),
        };
        let store = &self.state.store;
        match store.commit(permit.clone(), plan, origin).await {
            Ok(_) => Ok(Committed::Done),
            Err(CommitError::AccessChanged) => Ok(Committed::AccessChanged),
            Err(error) if is_overtaken(&error) => Ok(Committed::Overtaken),
            Err(error) => Err(error.into()),
        }
    }

    /// The change is made by now, whatever becomes of the note.
    async fn note(&self, grant: &AdmittedGrant, entry: &ZoneEntry, wish: &Wish) {
        let GrantTarget {
            provider,
            service,
            host,
        } = &wish.target;
        tracing::info!(
            zone.name = %entry.apex,
            template.provider = %provider,
            template.service = %service,
            template.host = %host,
            grant.id = grant.grant().id.number(),
            doing = ?wish.doing,
            "a call with an access token was carried out"
        );
        if let Err(error) = self.state.store.note_grant_use(grant.grant().id).await {
            tracing::error!(%error, "that an access was used is not noted");
        }
    }
}

/// What became of a plan.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Committed {
    /// It is stored.
    Done,
    /// Something else in the zone was committed first.
    Overtaken,
    /// It changed who may do what: the token has to be looked at again.
    AccessChanged,
}

/// What one call is for.
struct Wish {
    call: TemplateCall,
    target: GrantTarget,
    doing: Doing,
}

impl Wish {
    async fn plan(
        &self,
        state: &ServerState,
        grant: &AdmittedGrant,
        (snapshot, services): (&ZoneSnapshot, &[ServiceEntry]),
    ) -> Result<ZonePlan, CallFailed> {
        let zone = (snapshot.zone(), services);
        let base = Version(snapshot.version());
        match self.doing {
            Doing::Apply => {
                let plan = self.plan_application(state, grant, zone).await?;
                Ok(to_zone_plan(&plan, services, base))
            }
            Doing::Revert => self.plan_removal(zone, base),
        }
    }

    async fn plan_application(
        &self,
        state: &ServerState,
        grant: &AdmittedGrant,
        (zone, services): (&Zone, &[ServiceEntry]),
    ) -> Result<Plan, CallFailed> {
        let invalid = |error: &dyn std::fmt::Display| CallFailed::Invalid {
            reason: error.to_string(),
        };
        let template = approved(state, &self.target.provider, &self.target.service).await?;
        let template = template.ok_or(CallFailed::NoSuchTemplate)?;
        let right = &grant.grant().right;
        let given = self.call.variables(&template);
        let given = given.map_err(|error| invalid(&error))?;
        let variables: Variables =
            with_fixed(&template, right.fixed(), &given).map_err(|error| {
                CallFailed::Forbidden {
                    reason: error.to_string(),
                }
            })?;
        let granted = granted_records(&template, zone.apex(), &self.target.host, right.fixed())
            .map_err(|error| invalid(&error))?;
        let is_asked_for = |record: &GrantedRecord| {
            let (group, groups) = (record.group.as_ref(), &self.call.groups);
            groups.is_empty() || group.is_none_or(|group| groups.contains(group))
        };
        let asked_for: Vec<GrantedRecord> = granted.into_iter().filter(is_asked_for).collect();
        if let Some(record) = right.first_not_agreed(&asked_for) {
            let (rtype, owner) = (&record.rtype, record.owner.to_text());
            return Err(CallFailed::Forbidden {
                reason: format!(
                    "the template asks for {rtype} at {owner} by now, and the owner did not agree to that: ask again"
                ),
            });
        }
        let applied = applied(services);
        let plan = plan_application(&Application {
            zone,
            services: &applied,
            special: &[],
            template: &template,
            host: &self.target.host,
            groups: &self.call.groups,
            instance: self.call.instance.as_ref(),
            variables: &variables,
            authenticity: Authenticity::Signed,
            policy: &state.settings.policy,
        })
        .map_err(|error| invalid(&error))?;
        let plan =
            check_authority(&state.hosted, plan).map_err(|error: NotPlanned| invalid(&error))?;
        let in_the_way = right.not_agreed(&plan.conflicts);
        match self.call.force {
            Force::No if !in_the_way.is_empty() => {
                let answer = ConflictAnswer::of(&in_the_way, zone.apex());
                Err(CallFailed::Conflict(answer))
            }
            Force::No | Force::Yes => Ok(plan),
        }
    }

    /// A removal that names no instance is of all of them, and happens as a whole.
    fn plan_removal(
        &self,
        zone: (&Zone, &[ServiceEntry]),
        base: Version,
    ) -> Result<ZonePlan, CallFailed> {
        let target = &self.target;
        let is_meant = |service: &AppliedService| {
            let key = &service.key;
            let is_instance = self.call.instance.is_none() || key.instance == self.call.instance;
            (&key.provider_id, &key.service_id, &key.host)
                == (&target.provider, &target.service, &target.host)
                && is_instance
        };
        let plan = plan_removals(zone, &is_meant, base).map_err(|error| CallFailed::Invalid {
            reason: error.to_string(),
        })?;
        plan.ok_or(CallFailed::Gone)
    }
}

fn applied(services: &[ServiceEntry]) -> Vec<AppliedService> {
    services.iter().map(|entry| entry.service.clone()).collect()
}
