//! `POST …/apply` and `POST …/revert` with an access token (Domain Connect 2.3, "OAuth Flow: Apply Template to Domain",
//! "OAuth Flow: Revert Template"): each call is planned anew against the zone of that moment.

use std::net::IpAddr;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest as _, Path, Request, State};
use axum::response::{IntoResponse as _, Response};
use domain_connect::foresight::with_fixed;
use domain_connect::{
    Application, AppliedService, Authenticity, CallParameters, ConflictAnswer, Force, Plan,
    Removal, TemplateCall, Variables, plan_application, plan_removal,
};
use easement_core::{
    AccessEpoch, AdmittedGrant, GrantTarget, OAuthTokenKind, OAuthTokenText, Origin, Permit,
    ServiceEntry, Version,
};
use easement_store::{DomainConnect, StoreError, ZoneEntry};
use easement_zone::{HostedZone, Zone, ZoneSnapshot};
use http::HeaderMap;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use hyper::body::Bytes;

use super::apply_consent::{NotPlanned, check_authority};
use super::call_error::CallFailed;
use super::template_query::approved;
use super::zone_plan::{is_overtaken, to_zone_plan};
use crate::http::address_of;
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
        let (grant, epoch) = self.admitted().await?;
        let taken = self
            .state
            .grant_calls
            .take(grant.grant().id, self.state.clock.now());
        taken.map_err(|wait| CallFailed::TooOften { wait })?;
        let call = self.read(query.as_deref().unwrap_or_default(), body)?;
        let ids = provider.parse().ok().zip(service.parse().ok());
        let (provider, service) = ids.ok_or(CallFailed::NoSuchTemplate)?;
        let target = GrantTarget {
            provider,
            service,
            host: call.host.clone(),
        };
        grant.allow(&target)?;
        let wish = Wish {
            call,
            target,
            doing,
        };
        self.carry_out((grant, epoch), &wish).await
    }

    /// The grant behind the access token, when it counts.
    async fn admitted(&self) -> Result<(AdmittedGrant, AccessEpoch), CallFailed> {
        let text = bearer(self.headers).ok_or(CallFailed::NoToken { reason: None })?;
        let unknown = || CallFailed::NoToken {
            reason: Some("this access token is not known, or does not count any more".to_owned()),
        };
        let hash = OAuthTokenText::hash_of(OAuthTokenKind::Access, text).ok_or_else(unknown)?;
        let store = &self.state.store;
        // Read before the token is: what changes after is noticed when the change is committed.
        let epoch = match store.access_epoch() {
            Some(epoch) => epoch,
            None => store.read_access_epoch().await?,
        };
        let found = store.oauth_token(OAuthTokenKind::Access, &hash).await?;
        let found = found.ok_or_else(unknown)?;
        let now = self.state.clock.now();
        if found.token.expires_at <= now {
            return Err(CallFailed::NoToken {
                reason: Some(
                    "this access token expired: get another with the refresh token".to_owned(),
                ),
            });
        }
        Ok((found.token.grant.admit(found.client, now)?, epoch))
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

    async fn carry_out(
        &self,
        (grant, epoch): (AdmittedGrant, AccessEpoch),
        wish: &Wish,
    ) -> Result<(), CallFailed> {
        let (entry, hosted) = self.zone(&grant, wish).await?;
        let role = self
            .state
            .store
            .role_of(entry.id, grant.grant().account)
            .await?;
        let place = (entry.id, &entry.apex);
        let permit = Permit::for_grant(&grant, wish.target.clone(), role, place, epoch)?;
        let mut has_removed = false;
        for _ in 0..MAX_TRIES {
            let snapshot = hosted.snapshot();
            let services = self.state.store.services_of(entry.id).await?;
            let planned = wish
                .plan(self.state, &grant, (snapshot.zone(), &services))
                .await;
            match planned {
                Err(CallFailed::Gone) if has_removed => return Ok(()),
                Err(failed) => return Err(failed),
                Ok(plan) => {
                    if !self.commit(&permit, (&plan, &services), &snapshot).await? {
                        continue;
                    }
                }
            }
            self.note(&grant, &entry, wish).await?;
            if !wish.is_for_all_instances() {
                return Ok(());
            }
            has_removed = true;
        }
        Err(CallFailed::TryAgain)
    }

    /// The zone that the call names, when it is the grant's.
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
        let found = entry.zip(self.state.hosted.get(apex));
        found.ok_or_else(|| CallFailed::Forbidden {
            reason: format!("this access is not for the zone {}", apex.to_text()),
        })
    }

    /// Commits a plan; says whether it was not overtaken.
    async fn commit(
        &self,
        permit: &Permit,
        (plan, services): (&Plan, &[ServiceEntry]),
        snapshot: &ZoneSnapshot,
    ) -> Result<bool, CallFailed> {
        let zone_plan = to_zone_plan(plan, services, Version(snapshot.version()));
        let origin = Origin {
            actor: permit.actor(),
            address: Some(self.address),
        };
        match self
            .state
            .store
            .commit(permit.clone(), zone_plan, origin)
            .await
        {
            Ok(_) => Ok(true),
            Err(easement_store::CommitError::AccessChanged) => Err(CallFailed::TryAgain),
            Err(error) if is_overtaken(&error) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    async fn note(
        &self,
        grant: &AdmittedGrant,
        entry: &ZoneEntry,
        wish: &Wish,
    ) -> Result<(), StoreError> {
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
        self.state.store.note_grant_use(grant.grant().id).await
    }
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
        zone: (&Zone, &[ServiceEntry]),
    ) -> Result<Plan, CallFailed> {
        match self.doing {
            Doing::Apply => self.plan_application(state, grant, zone).await,
            Doing::Revert => self.plan_removal(zone),
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
        let variables: Variables = with_fixed(&template, right.fixed(), &self.call.variables)
            .map_err(|error| CallFailed::Forbidden {
                reason: error.to_string(),
            })?;
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

    /// Whether there may be more to do: a removal that names no instance is of all of them, one by one.
    fn is_for_all_instances(&self) -> bool {
        self.doing == Doing::Revert && self.call.instance.is_none()
    }

    fn plan_removal(&self, (zone, services): (&Zone, &[ServiceEntry])) -> Result<Plan, CallFailed> {
        let target = &self.target;
        let is_meant = |entry: &ServiceEntry| {
            let key = &entry.service.key;
            let is_instance = self.call.instance.is_none() || key.instance == self.call.instance;
            (&key.provider_id, &key.service_id, &key.host)
                == (&target.provider, &target.service, &target.host)
                && is_instance
        };
        let index = services.iter().position(is_meant).ok_or(CallFailed::Gone)?;
        let removal = Removal {
            zone,
            services: &applied(services),
            special: &[],
            index,
        };
        plan_removal(&removal).map_err(|error| CallFailed::Invalid {
            reason: error.to_string(),
        })
    }
}

fn applied(services: &[ServiceEntry]) -> Vec<AppliedService> {
    services.iter().map(|entry| entry.service.clone()).collect()
}

/// The token in `Authorization: Bearer …` (RFC 6750 section 2.1); it is read from nowhere else.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
