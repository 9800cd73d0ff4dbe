//! Changes of zones: the one way in, and the queue behind it.
//!
//! **What it is for.** Every change of a zone is a request in one queue with one writer. The writer
//! takes all requests that wait, checks each against the zone as the ones before it leave it, writes
//! what they change into the journal in one transaction, and only when that is durable it publishes
//! the new snapshots and answers each caller. A request that is refused does not touch the others; a
//! transaction that fails fails all of them, and nothing is published.
//!
//! **What it is not for.** Deciding what should change: that is a [`ZonePlan`].
//!
//! **To add a kind of request**, add a variant to [`Work`] and a function to `batch.rs`.

mod batch;
mod journal;
mod writer;

use easement_core::{
    AccountId, AppliedServiceId, ChangeSource, GrantRefused, Origin, Permit, PlanStale,
    TokenRefused, Version, ZoneId, ZonePlan,
};
use easement_zone::{ApplyError, Name, Serial, Zone};
use serde::Serialize;
use tokio::sync::oneshot;

pub(crate) use self::batch::Known;
pub(crate) use self::writer::Writer;
use crate::error::in_doubt;
use crate::{DomainConnect, Store, StoreError};

impl Store {
    /// Commits a plan. When this returns, the change is durable and DNS answers with it.
    ///
    /// A caller that goes away does not stop its commit: it happens as a whole, or not at all when it
    /// was not in the queue yet. A plan of nothing is no commit: the answer is the zone as it is.
    pub async fn commit(
        &self,
        permit: Permit,
        plan: ZonePlan,
        origin: Origin,
    ) -> Result<Committed, CommitError> {
        let plan = Box::new(plan);
        self.ask(Work::Commit {
            permit,
            plan,
            origin,
        })
        .await
    }

    /// Makes a zone, as its first version.
    pub async fn create_zone(
        &self,
        zone: NewZone,
        origin: Origin,
    ) -> Result<Committed, CommitError> {
        let zone = Box::new(zone);
        self.ask(Work::Create { zone, origin }).await
    }

    /// Turns Domain Connect on or off for a zone.
    pub async fn set_domain_connect(
        &self,
        zone: ZoneId,
        domain_connect: DomainConnect,
    ) -> Result<Committed, CommitError> {
        self.ask(Work::Switch {
            zone,
            domain_connect,
        })
        .await
    }

    async fn ask(&self, work: Work) -> Result<Committed, CommitError> {
        let (reply, answer) = oneshot::channel();
        let request = Request { work, reply };
        let _waiting = self.stats().wait();
        if self.queue().send(request).await.is_err() {
            return Err(StoreError::Stopped.into());
        }
        answer
            .await
            .unwrap_or_else(|lost| Err(in_doubt(lost).into()))
    }
}

/// A zone that is to be made.
#[derive(Clone, Debug)]
pub struct NewZone {
    /// Who becomes its owner.
    pub owner: Option<AccountId>,
    /// What it holds.
    pub contents: Zone,
    /// Whether templates may be applied to it.
    pub domain_connect: DomainConnect,
    /// Where its contents come from, for the history.
    pub source: ChangeSource,
}

/// A change that is durable and served.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Committed {
    /// The zone.
    pub zone: ZoneId,
    /// The version that it made.
    pub version: Version,
    /// The serial number of that version.
    pub serial: Serial,
    /// The id of each service that the plan changed, in the plan's order.
    pub services: Vec<AppliedServiceId>,
}

/// One request in the queue.
pub(crate) struct Request {
    work: Work,
    reply: oneshot::Sender<Result<Committed, CommitError>>,
}

/// What is asked for.
enum Work {
    Commit {
        permit: Permit,
        plan: Box<ZonePlan>,
        origin: Origin,
    },
    Create {
        zone: Box<NewZone>,
        origin: Origin,
    },
    Switch {
        zone: ZoneId,
        domain_connect: DomainConnect,
    },
}

/// Why a zone was not changed. It is as it was, but for [`CommitError::Store`], after which it may
/// have changed when the connection was lost at the wrong moment.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CommitError {
    /// The zone moved on since the plan was made.
    #[error(transparent)]
    Stale(#[from] PlanStale),
    /// The zone would break a rule, or a record is not what the plan says it was.
    #[error(transparent)]
    Refused(#[from] ApplyError),
    /// A service was connected to a zone for which a plan looked at its record sets alone.
    #[error("a service was connected to the zone {} meanwhile: look at the change again", apex.to_text())]
    ServiceConnected {
        /// The zone.
        apex: Name,
    },
    /// The token that the permit comes from is not for this change.
    #[error(transparent)]
    Token(#[from] TokenRefused),
    /// The grant that the permit comes from is not for this change.
    #[error(transparent)]
    Grant(#[from] GrantRefused),
    /// It changed who may do what since the permit was given: ask for it again.
    #[error("it changed meanwhile who may do what: try again")]
    AccessChanged,
    /// The permit is for something else.
    #[error("the permit does not allow this change of the zone {}", apex.to_text())]
    NotPermitted {
        /// The zone that the permit is for.
        apex: Name,
    },
    /// There is no such zone.
    #[error("there is no zone with the id {zone}")]
    NoSuchZone {
        /// The id.
        zone: ZoneId,
    },
    /// There is a zone with this apex already.
    #[error("this server hosts the zone {} already", apex.to_text())]
    ZoneExists {
        /// The apex.
        apex: Name,
    },
    /// The account that is to own the zone does not exist.
    #[error("there is no account with the id {account}")]
    NoSuchAccount {
        /// The id.
        account: AccountId,
    },
    /// A service that is to be changed is not there, or is changed twice.
    #[error("the service {service} is not connected to this zone any more: look again")]
    NoSuchService {
        /// The id.
        service: AppliedServiceId,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
