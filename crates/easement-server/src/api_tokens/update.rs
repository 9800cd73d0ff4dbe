//! Plans and commits what a token wants: one change for each zone, and an outcome for each wish.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use easement_core::{
    Actor, ChangeSource, DynamicUpdate, Origin, Permit, ServiceEntry, TokenRefused, UpdateProtocol,
    UpdateRefused, Version, ZoneAction, ZoneId,
};
use easement_store::{CommitError, Store, StoreError};
use easement_zone::{ChangeSet, HostedZone, Name, RecordType, Zone};
use futures_util::future::join_all;

use super::{Admitted, NoRights, Rights};
use crate::domain_connect::is_overtaken;

/// How often a wish is planned again when something else in the zone was committed first.
const MAX_TRIES: u32 = 16;

/// What is wanted at one name. `wish` looks at the zone as it is then, since it may be asked again, and says
/// what to change and what to tell about it.
pub(crate) struct Update<W> {
    /// Its zone is changed.
    pub(crate) name: Name,
    /// Which records the wish is about: at each name, of one of these types. The token must be for them
    /// before the wish is looked at.
    pub(crate) subjects: Vec<(Name, Vec<RecordType>)>,
    pub(crate) wish: W,
}

/// What became of a wish.
pub(crate) struct Done<T> {
    /// In which zone.
    pub(crate) zone: ZoneId,
    /// Whether any record is different now.
    pub(crate) changed: bool,
    /// What the wish tells.
    pub(crate) told: T,
}

/// Why a wish was not done.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum UpdateError<E> {
    /// The wish itself makes no sense for the zone.
    #[error("{0}")]
    Wish(E),
    /// There is no permit for it.
    #[error(transparent)]
    NoRights(#[from] NoRights),
    /// A plan refuses it.
    #[error(transparent)]
    Refused(#[from] UpdateRefused),
    /// So much happens in the zone that it was overtaken every time.
    #[error("too much changes in this zone at this moment: try again in a few seconds")]
    Overtaken,
    /// It changed who may do what: the token has to be looked at again.
    #[error("it changed meanwhile what this API token may do: try again")]
    AccessChanged,
    /// It was not committed.
    #[error("the change was not stored: {0}")]
    Commit(String),
    /// The store is not available.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl<E> UpdateError<E> {
    /// Why the update of a host of the account was not made, for whoever the account tells of that. What the
    /// device can simply try again is no news, and what is not the account's is not its business.
    pub(crate) fn reason_to_tell(&self) -> Option<String> {
        match self {
            Self::NoRights(NoRights::Refused(refused)) => Some(refused.to_string()),
            Self::Refused(refused) => Some(refused.to_string()),
            Self::Commit(message) => Some(message.clone()),
            Self::NoRights(NoRights::NoZone { .. } | NoRights::Store(_))
            | Self::Wish(_)
            | Self::Overtaken
            | Self::AccessChanged
            | Self::Store(_) => None,
        }
    }

    /// What the token was refused, when it was that.
    pub(crate) fn refused(&self) -> Option<&TokenRefused> {
        match self {
            Self::NoRights(NoRights::Refused(refused))
            | Self::Refused(UpdateRefused::Token(refused)) => Some(refused),
            Self::Wish(_)
            | Self::NoRights(NoRights::NoZone { .. } | NoRights::Store(_))
            | Self::Refused(_)
            | Self::Overtaken
            | Self::AccessChanged
            | Self::Commit(_)
            | Self::Store(_) => None,
        }
    }
}

/// Takes wishes to their zones.
#[derive(Debug)]
pub(crate) struct Updater {
    store: Store,
    rights: Rights,
    /// Zones in which services are connected, as far as that was noticed: they are planned with those.
    with_services: Mutex<HashSet<ZoneId>>,
}

impl Updater {
    pub(crate) fn new(store: Store, rights: Rights) -> Self {
        Self {
            store,
            rights,
            with_services: Mutex::default(),
        }
    }

    /// Who may do what.
    pub(crate) fn rights(&self) -> &Rights {
        &self.rights
    }

    /// Plans and commits wishes: those for one zone as one change of it, those for several zones together.
    /// The outcomes are in the order of the wishes.
    pub(crate) async fn commit<W, T, E>(
        &self,
        admitted: &Admitted,
        protocol: UpdateProtocol,
        updates: &[Update<W>],
    ) -> Vec<Result<Done<T>, UpdateError<E>>>
    where
        W: Fn(&Zone) -> Result<(ChangeSet, T), E>,
    {
        let mut outcomes = BTreeMap::new();
        let mut of_zones: BTreeMap<Name, ZoneWork> = BTreeMap::new();
        for (index, update) in updates.iter().enumerate() {
            match self.permit(admitted, update).await {
                Err(error) => {
                    outcomes.insert(index, Err(error));
                }
                Ok((hosted, permit)) => of_zones
                    .entry(hosted.apex().clone())
                    .or_insert_with(|| ZoneWork::new(hosted, permit))
                    .indices
                    .push(index),
            }
        }
        let source = ChangeSource::DynamicUpdate {
            token: admitted.chain.token().name.clone(),
            protocol,
        };
        let origin = Origin {
            actor: Actor::ApiToken(admitted.chain.token().id),
            address: Some(admitted.address),
        };
        let works = of_zones.values();
        let done = works.map(|work| self.commit_zone(work, updates, (&source, &origin)));
        outcomes.extend(join_all(done).await.into_iter().flatten());
        outcomes.into_values().collect()
    }

    /// The zone of a wish, and the permit for it. Whether the token is for the names at all is asked first, so
    /// that the answer does not tell in which other zones its account has a role.
    async fn permit<W, E>(
        &self,
        admitted: &Admitted,
        update: &Update<W>,
    ) -> Result<(Arc<HostedZone>, Permit), UpdateError<E>> {
        for (name, _) in &update.subjects {
            admitted.covers(name).map_err(UpdateRefused::from)?;
        }
        let permit = self
            .rights
            .permit(admitted, &update.name, ZoneAction::Change);
        Ok(permit.await?)
    }

    /// Commits the wishes for one zone; gives the outcome of each with its index.
    async fn commit_zone<W, T, E>(
        &self,
        work: &ZoneWork,
        updates: &[Update<W>],
        (source, origin): (&ChangeSource, &Origin),
    ) -> Vec<(usize, Result<Done<T>, UpdateError<E>>)>
    where
        W: Fn(&Zone) -> Result<(ChangeSet, T), E>,
    {
        let mut failure = Failure::Overtaken;
        for _ in 0..MAX_TRIES {
            // Before the services: what is connected after it is a version that the plan is not for.
            let snapshot = work.hosted.snapshot();
            let services = match self.services_of(work.permit.zone()).await {
                Ok(services) => services,
                Err(error) => return work.fail(&Failure::Store(error)),
            };
            let mut planned = DynamicUpdate::new(&work.permit, snapshot.zone(), &services);
            let wishes = work
                .indices
                .iter()
                .filter_map(|index| Some((*index, updates.get(*index)?)));
            let outcomes = wishes
                .map(|(index, update)| (index, try_one(&work.permit, &mut planned, update)))
                .collect();
            let plan = planned.finish(Version(snapshot.version()), source.clone());
            if plan.is_empty() {
                return outcomes;
            }
            match self
                .store
                .commit(work.permit.clone(), plan, origin.clone())
                .await
            {
                Ok(_) => return outcomes,
                Err(CommitError::ServiceConnected { .. }) => self.note_services(work.permit.zone()),
                Err(error) => {
                    failure = Failure::from(error);
                    if !matches!(failure, Failure::Overtaken) {
                        break;
                    }
                }
            }
        }
        work.fail(&failure)
    }

    /// The services of a zone, when it is known to have any; the queue of commits knows in any case.
    async fn services_of(&self, zone: ZoneId) -> Result<Vec<ServiceEntry>, StoreError> {
        let has_services = self.zones_with_services().contains(&zone);
        if !has_services {
            return Ok(Vec::new());
        }
        let services = self.store.services_of(zone).await?;
        if services.is_empty() {
            self.zones_with_services().remove(&zone);
        }
        Ok(services)
    }

    fn note_services(&self, zone: ZoneId) {
        self.zones_with_services().insert(zone);
    }

    fn zones_with_services(&self) -> std::sync::MutexGuard<'_, HashSet<ZoneId>> {
        self.with_services
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tries one wish on the zone as the ones before it leave it.
fn try_one<T, E>(
    permit: &Permit,
    planned: &mut DynamicUpdate<'_>,
    update: &Update<impl Fn(&Zone) -> Result<(ChangeSet, T), E>>,
) -> Result<Done<T>, UpdateError<E>> {
    for (name, types) in &update.subjects {
        permit
            .allow_subject(name, types)
            .map_err(UpdateRefused::from)?;
    }
    let (changes, told) = (update.wish)(planned.zone()).map_err(UpdateError::Wish)?;
    Ok(Done {
        zone: permit.zone(),
        changed: planned.add(&changes)?,
        told,
    })
}

/// The wishes for one zone.
struct ZoneWork {
    hosted: Arc<HostedZone>,
    permit: Permit,
    indices: Vec<usize>,
}

impl ZoneWork {
    fn new(hosted: Arc<HostedZone>, permit: Permit) -> Self {
        Self {
            hosted,
            permit,
            indices: Vec::new(),
        }
    }

    fn fail<T, E>(&self, failure: &Failure) -> Vec<(usize, Result<T, UpdateError<E>>)> {
        let indices = self.indices.iter();
        indices
            .map(|index| (*index, Err(failure.clone().into())))
            .collect()
    }
}

/// Why the wishes for a zone were not committed, all of them.
#[derive(Clone, Debug)]
enum Failure {
    Overtaken,
    AccessChanged,
    Token(TokenRefused),
    Commit(String),
    Store(StoreError),
}

impl From<CommitError> for Failure {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::AccessChanged => Self::AccessChanged,
            CommitError::Store(error) => Self::Store(error),
            CommitError::Token(refused) => Self::Token(refused),
            CommitError::Stale(_)
            | CommitError::Grant(_)
            | CommitError::Refused(_)
            | CommitError::ServiceConnected { .. }
            | CommitError::NotPermitted { .. }
            | CommitError::NoSuchZone { .. }
            | CommitError::ZoneExists { .. }
            | CommitError::NoSuchAccount { .. }
            | CommitError::NoSuchService { .. } => {
                if is_overtaken(&error) {
                    Self::Overtaken
                } else {
                    Self::Commit(error.to_string())
                }
            }
        }
    }
}

impl<E> From<Failure> for UpdateError<E> {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Overtaken => Self::Overtaken,
            Failure::AccessChanged => Self::AccessChanged,
            Failure::Token(refused) => Self::Refused(refused.into()),
            Failure::Commit(message) => Self::Commit(message),
            Failure::Store(error) => Self::Store(error),
        }
    }
}
