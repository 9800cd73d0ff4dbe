//! What a token may do with a name: its zone, and the permit there.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use easement_core::{
    AccessEpoch, AccountId, Permit, Refused, TokenRefused, ZoneAction, ZoneId, ZonePurpose,
    ZoneRole,
};
use easement_store::{Store, StoreError};
use easement_zone::{HostedZone, HostedZones, Name};

use super::Admitted;

/// The most zones of accounts that are remembered.
const MAX_REMEMBERED: usize = 65_536;

/// Finds the zone of a name, and what an account may do there. What it found is remembered for one epoch.
#[derive(Debug)]
pub(crate) struct Rights {
    store: Store,
    hosted: Arc<HostedZones>,
    known: RwLock<Known>,
}

#[derive(Debug)]
struct Known {
    epoch: AccessEpoch,
    zones: HashMap<(AccountId, Name), ZoneRights>,
}

/// What an account may do in a zone.
#[derive(Clone, Copy, Debug)]
struct ZoneRights {
    zone: ZoneId,
    role: Option<ZoneRole>,
    purpose: ZonePurpose,
}

/// Why there is no permit.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum NoRights {
    /// No zone that this server hosts has the name, or the account has no role in it. Which of the two is
    /// not told: the names of others' zones are not the business of whoever holds a token.
    #[error("there is no zone of yours that {} is in", name.to_text())]
    NoZone {
        /// The name.
        name: Name,
    },
    /// The token may not.
    #[error(transparent)]
    Refused(TokenRefused),
    /// The store is not available.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Rights {
    pub(crate) fn new(store: Store, hosted: Arc<HostedZones>) -> Self {
        Self {
            store,
            hosted,
            known: RwLock::new(Known {
                epoch: AccessEpoch(0),
                zones: HashMap::new(),
            }),
        }
    }

    /// The zone that a name is in, and the permit of a token there.
    pub(crate) async fn permit(
        &self,
        admitted: &Admitted,
        name: &Name,
        action: ZoneAction,
    ) -> Result<(Arc<HostedZone>, Permit), NoRights> {
        let no_zone = || NoRights::NoZone { name: name.clone() };
        let hosted = self.hosted.zone_over(name).ok_or_else(no_zone)?;
        let account = admitted.chain.token().account;
        let rights = self.find(account, hosted.apex(), admitted.epoch).await?;
        let rights = rights.ok_or_else(no_zone)?;
        let permit = Permit::for_token(
            Arc::clone(&admitted.chain),
            rights.role,
            action,
            (rights.zone, hosted.apex(), rights.purpose),
            admitted.epoch,
        );
        match permit {
            Ok(permit) => Ok((hosted, permit)),
            Err(TokenRefused::Account(Refused::NoRole { .. })) => Err(no_zone()),
            Err(refused) => Err(NoRights::Refused(refused)),
        }
    }

    async fn find(
        &self,
        account: AccountId,
        apex: &Name,
        epoch: AccessEpoch,
    ) -> Result<Option<ZoneRights>, StoreError> {
        let key = (account, apex.clone());
        if let Some(known) = self.remembered(&key, epoch) {
            return Ok(Some(known));
        }
        let Some(entry) = self.store.zone_by_apex(apex).await? else {
            return Ok(None);
        };
        let rights = ZoneRights {
            zone: entry.id,
            role: self.store.role_of(entry.id, account).await?,
            purpose: entry.purpose,
        };
        self.remember(key, epoch, rights);
        Ok(Some(rights))
    }

    fn remembered(&self, key: &(AccountId, Name), epoch: AccessEpoch) -> Option<ZoneRights> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        (known.epoch == epoch).then(|| known.zones.get(key).copied())?
    }

    fn remember(&self, key: (AccountId, Name), epoch: AccessEpoch, rights: ZoneRights) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.epoch < epoch || known.zones.len() >= MAX_REMEMBERED {
            known.zones.clear();
            known.epoch = epoch;
        }
        // What was asked for in an earlier epoch may be too old by now.
        if known.epoch == epoch {
            known.zones.insert(key, rights);
        }
    }
}
