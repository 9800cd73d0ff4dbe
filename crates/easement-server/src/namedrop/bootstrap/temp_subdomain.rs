//! `GET /temp-subdomain`, and in version 0.2.0 `GET` and `POST /ip-domain`

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use easement_core::{
    Actor, ChangeSource, DynamicUpdate, Origin, Permit, Version, ZoneId, network_of_temp_name,
};
use easement_zone::{ChangeSet, HostedZone, Name, ZoneSnapshot};
use http::{Method, StatusCode};
use namedrop::{Held, NameTaken, TempName, TempPlan};

use super::plain::{plain, refuse_method};
use super::refused::Refused;
use super::settings::BootstrapSettings;
use crate::domain_connect::is_overtaken;
use crate::http::address_of;
use crate::state::{ServerState, Shared};

/// How often a name is planned again when something else was committed first.
const MAX_TRIES: u32 = 8;

/// Makes a name for the address that a request came from, or lets it stay longer.
pub(crate) async fn make_temp_name(State(state): State<Shared>, request: Request) -> Response {
    if *request.method() == Method::HEAD {
        return refuse_method().await;
    }
    let address = address_of(&request, &state.settings.trusted_proxies).to_canonical();
    match run(&state, address).await {
        Ok(name) => plain(StatusCode::OK, name.to_text()),
        Err(refused) => {
            refused.note(address);
            refused.into_response()
        }
    }
}

async fn run(state: &ServerState, address: IpAddr) -> Result<Name, Refused> {
    let bootstrap = &state.bootstrap;
    let settings = bootstrap.settings.as_ref().ok_or(Refused::Off)?;
    bootstrap
        .limit
        .take(address, state.clock.now())
        .map_err(|wait| Refused::TooOften { address, wait })?;
    settings.check_address(address)?;
    let base = settings.names.base();
    let not_hosted = || Refused::NotHosted { base: base.clone() };
    // Each address fits: that was seen when the server started.
    let name = settings.names.of(address).map_err(|_| not_hosted())?;
    for _ in 0..MAX_TRIES {
        let hosted = state.hosted.zone_over(name.name()).ok_or_else(not_hosted)?;
        let entry = state.store.zone_by_apex(hosted.apex()).await?;
        let work = Work {
            state,
            settings,
            name: &name,
            zone: entry.ok_or_else(not_hosted)?.id,
            hosted,
        };
        if let Some(done) = work.attempt().await? {
            tracing::info!(client.address = %address, name = %name.name().to_text(), "{}", done.words());
            return Ok(name.name().clone());
        }
    }
    Err(Refused::Overtaken)
}

/// What became of a name.
enum Done {
    Made,
    Renewed,
}

impl Done {
    fn words(&self) -> &'static str {
        match self {
            Self::Made => "a name was made for an address",
            Self::Renewed => "a name for an address stays longer",
        }
    }
}

/// One name, in the zone where it would be.
struct Work<'a> {
    state: &'a ServerState,
    settings: &'a BootstrapSettings,
    name: &'a TempName,
    zone: ZoneId,
    hosted: Arc<HostedZone>,
}

impl Work<'_> {
    /// Nothing when somebody else was first: the zone has to be looked at again.
    async fn attempt(&self) -> Result<Option<Done>, Refused> {
        // A zone of its own at a name belongs to somebody else.
        if !self
            .settings
            .names
            .base()
            .is_at_or_below(self.hosted.apex())
        {
            let name = self.name.name().clone();
            return Err(NameTaken { name }.into());
        }
        match self.plan().await? {
            None => Ok(None),
            Some((TempPlan::Renew, _)) => self.renew().await,
            // One after the other, from counting to the record. Whoever has a name already waits for nobody.
            Some((TempPlan::Make(_), _)) => {
                let _turn = self.state.bootstrap.turn.lock().await;
                match self.plan().await? {
                    None => Ok(None),
                    Some((TempPlan::Renew, _)) => self.renew().await,
                    Some((TempPlan::Make(changes), snapshot)) => {
                        self.make(&snapshot, &changes).await
                    }
                }
            }
        }
    }

    /// What to do in the zone as it is.
    async fn plan(&self) -> Result<Option<(TempPlan, Arc<ZoneSnapshot>)>, Refused> {
        // Before the lease: one that was read after it may be of a later zone.
        let snapshot = self.hosted.snapshot();
        let lease = self.state.store.name_lease(self.zone, self.name.name());
        let held = match lease.await? {
            Some(_) => Held::ForThis,
            None => Held::No,
        };
        match self.name.plan(snapshot.zone(), held) {
            Ok(planned) => Ok(Some((planned, snapshot))),
            Err(taken) if self.state.is_newest(self.zone, &snapshot).await? => Err(taken.into()),
            // Its own record may have gone a moment ago, or come.
            Err(_) => Ok(None),
        }
    }

    async fn renew(&self) -> Result<Option<Done>, Refused> {
        let (store, owner) = (&self.state.store, self.name.name());
        let is_there = store
            .renew_name_lease(self.zone, owner, self.until())
            .await?;
        Ok(is_there.then_some(Done::Renewed))
    }

    /// The services are read after the records: what is connected later is a version that the plan is not for.
    async fn make(
        &self,
        snapshot: &ZoneSnapshot,
        changes: &ChangeSet,
    ) -> Result<Option<Done>, Refused> {
        self.check_room().await?;
        let permit = Permit::for_server(self.zone, self.hosted.apex());
        let services = self.state.store.services_of(self.zone).await?;
        let mut planned = DynamicUpdate::new(&permit, snapshot.zone(), &services);
        planned.add(changes)?;
        let until = self.until();
        let source = ChangeSource::TempNameMade { until };
        let plan = planned.finish(Version(snapshot.version()), source);
        let origin = Origin {
            actor: Actor::Server,
            address: Some(self.name.address()),
        };
        match self.state.store.commit(permit.clone(), plan, origin).await {
            Ok(_) => Ok(Some(Done::Made)),
            Err(error) if is_overtaken(&error) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether there may be one more name.
    async fn check_room(&self) -> Result<(), Refused> {
        let network = network_of_temp_name(self.name.address());
        let counts = self.state.store.count_name_leases(network).await?;
        let (per_network, total) = (self.settings.per_network, self.settings.total);
        if counts.of_network >= per_network {
            return Err(Refused::NetworkFull {
                network,
                most: per_network,
            });
        }
        if counts.of_all >= total {
            return Err(Refused::Full { most: total });
        }
        Ok(())
    }

    fn until(&self) -> easement_core::Timestamp {
        self.state.clock.now().plus(self.settings.lifetime)
    }
}
