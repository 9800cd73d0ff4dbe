//! Every template at every host that a link asks for, planned for the zone as it is. That can be 64 plans of a large
//! zone, so it is done off the threads that answer requests, and not for everybody at once.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain_connect::foresight::{Foreseen, GrantedRecord, foresee, granted_records};
use domain_connect::{Application, AppliedService, Authenticity, Checksum, Policy, Template};
use easement_core::ServiceEntry;
use easement_zone::{Host, HostedZones, ZoneSnapshot};
use tokio::sync::Semaphore;

use super::apply_consent::check_authority;
use super::grant_link::{GrantLink, LinkRefused};
use crate::pages::PageError;
use crate::pages::views::GrantPlace;
use crate::pages::zone_access::ZoneAccess;
use crate::state::ServerState;

/// The most places of one question: nobody reads more.
const MAX_PLACES: usize = 64;
/// How many questions are planned at the same time.
const AT_ONCE: usize = 2;
/// How many may wait for that.
const WAITING: usize = 32;

/// One template at one host.
pub(super) struct Place {
    pub(super) checksum: Checksum,
    pub(super) host: Host,
    pub(super) granted: Vec<GrantedRecord>,
    pub(super) foreseen: Foreseen,
    pub(super) view: GrantPlace,
}

impl Place {
    /// Looks at every combination.
    pub(super) async fn all(
        state: &ServerState,
        link: &Arc<GrantLink>,
        (access, services): (&ZoneAccess, &[ServiceEntry]),
    ) -> Result<Vec<Self>, LinkRefused> {
        let count = link.templates.len() * link.wish.query.hosts.len();
        if count > MAX_PLACES {
            return Err(link.refuse_invalid(format!(
                "{count} combinations of template and host are asked for, and at most {MAX_PLACES} may be"
            )));
        }
        let site = Site {
            link: Arc::clone(link),
            snapshot: Arc::clone(&access.snapshot),
            services: services.iter().map(|entry| entry.service.clone()).collect(),
            hosted: Arc::clone(&state.hosted),
            policy: state.settings.policy.clone(),
        };
        let places = state.grant_plans.run(move || site.places()).await?;
        places.map_err(|reason| link.refuse_invalid(reason))
    }
}

/// What the plans are made of.
struct Site {
    link: Arc<GrantLink>,
    snapshot: Arc<ZoneSnapshot>,
    services: Vec<AppliedService>,
    hosted: Arc<HostedZones>,
    policy: Policy,
}

impl Site {
    /// The places, or why one of them cannot be.
    fn places(&self) -> Result<Vec<Place>, String> {
        let mut places = Vec::new();
        for template in self.link.templates.values() {
            for host in &self.link.wish.query.hosts {
                places.push(self.place(template, host)?);
            }
        }
        Ok(places)
    }

    fn place(&self, template: &Template, host: &Host) -> Result<Place, String> {
        let (link, zone) = (&self.link, self.snapshot.zone());
        let wrong = |error: &dyn std::fmt::Display| {
            let (provider, service) = (template.provider_id(), template.service_id());
            format!(
                "the template {provider}/{service} cannot be applied at the host {host}: {error}"
            )
        };
        let foreseen = foresee(&Application {
            zone,
            services: &self.services,
            special: &[],
            template,
            host,
            groups: &BTreeSet::new(),
            instance: None,
            variables: &link.wish.query.variables,
            authenticity: Authenticity::Signed,
            policy: &self.policy,
        })
        .map_err(|error| wrong(&error))?;
        for planned in &foreseen.plans {
            check_authority(&self.hosted, planned.plan.clone()).map_err(|error| wrong(&error))?;
        }
        let granted = granted_records(template, zone.apex(), host, &link.fixed)
            .map_err(|error| wrong(&error))?;
        let provider = link.provider_name();
        let view = GrantPlace::of(zone.apex(), host, template, &provider, &granted);
        Ok(Place {
            checksum: template.checksum(),
            host: host.clone(),
            view: view.with(zone, &foreseen),
            granted,
            foreseen,
        })
    }
}

/// Who may plan, and who waits for it.
#[derive(Debug)]
pub(crate) struct GrantPlans {
    /// Of those who plan and those who wait.
    places: Arc<Semaphore>,
    /// Of those who plan.
    workers: Arc<Semaphore>,
}

impl GrantPlans {
    pub(crate) fn new() -> Self {
        Self::with(AT_ONCE, WAITING)
    }

    fn with(at_once: usize, waiting: usize) -> Self {
        Self {
            places: Arc::new(Semaphore::new(at_once + waiting)),
            workers: Arc::new(Semaphore::new(at_once)),
        }
    }

    /// Does the work when it is its turn. The turn ends with the work, also when nobody waits for it any more.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PageError> {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            return Err(PageError::Unavailable {
                cause: "too many questions about access are planned at this moment".to_owned(),
            });
        };
        let worker = Arc::clone(&self.workers).acquire_owned().await;
        let worker = worker.map_err(|error| PageError::failure(error.to_string()))?;
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop((place, worker));
            done
        });
        // What it panicked about may hold what a link says, so the log does not hear it.
        done.await
            .map_err(|_| PageError::failure("the plans of a question about access failed"))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[tokio::test]
    async fn some_plan_some_wait_and_the_others_are_told_to_come_back() {
        let plans = Arc::new(GrantPlans::with(1, 1));
        let (go, gone) = channel::<()>();
        let start = |work: Box<dyn FnOnce() -> u8 + Send>| {
            let plans = Arc::clone(&plans);
            tokio::spawn(async move { plans.run(work).await })
        };
        let first = start(Box::new(move || {
            let _ = gone.recv();
            1
        }));
        let second = start(Box::new(|| 2));
        while plans.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let third = plans.run(|| 3).await;
        assert!(matches!(third, Err(PageError::Unavailable { .. })));
        assert!(!second.is_finished(), "it waits for the first");
        go.send(()).unwrap();
        assert_eq!(first.await.unwrap().unwrap(), 1);
        assert_eq!(second.await.unwrap().unwrap(), 2);
        assert_eq!(plans.run(|| 4).await.unwrap(), 4);
        let broken = plans.run(|| -> u8 { panic!("for the test") }).await;
        assert!(matches!(broken, Err(PageError::Failure { .. })));
        assert_eq!(plans.run(|| 5).await.unwrap(), 5, "its turn ended");
    }
}
