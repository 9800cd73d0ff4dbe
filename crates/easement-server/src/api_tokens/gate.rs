//! From the text of a token to a token that counts.

use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use easement_core::{
    AccessEpoch, ApiTokenId, ApiTokenText, Clock, NotAnApiToken, Password, PublicTokenId, Random,
    RateLimit, Timestamp, TokenChain, TokenRefused, TokenScope, TokenUse,
};
use easement_store::{FoundApiToken, Store, StoreError};
use easement_zone::Name;

use super::change_rates::{ChangeRates, Changes, take_from};
use super::remembered::{Fingerprint, Remembered, VerifiedToken};
use super::usage::Usage;
use crate::accounts::{HashError, Passwords};
use crate::http::NetworkLimit;

/// How many tokens that do not count one network may show in a minute, before it has to wait.
const MAX_FAILURES: u32 = 30;
const FAILURE_WINDOW: Duration = Duration::from_mins(1);

/// Knows tokens, and from where and how often each is used.
pub(crate) struct TokenGate {
    store: Store,
    clock: Arc<dyn Clock>,
    hashes: Passwords,
    remembered: Remembered,
    /// Of tokens that have a limit of their own.
    rates: Mutex<RateLimit<ApiTokenId>>,
    /// Of the others.
    changes: ChangeRates,
    failures: NetworkLimit,
    /// Of what is written down about tokens that count and are refused something.
    refusals: NetworkLimit,
    usage: Usage,
}

/// Where in a request a token stood.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Carrier {
    /// In a header, or in a form that was posted.
    Hidden,
    /// In the URL, which proxies and browsers write down.
    Url,
}

/// A token that counts at this moment, from this address.
#[derive(Clone, Debug)]
pub(crate) struct Admitted {
    pub(crate) chain: Arc<TokenChain>,
    pub(crate) epoch: AccessEpoch,
    pub(crate) address: IpAddr,
    /// What is left of its own rate, when it has one, and else of that for what it changes, when that was counted.
    pub(crate) rate: Option<RateLeft>,
}

impl Admitted {
    /// Whether the token, and all that it was made from, is for a name.
    pub(crate) fn covers(&self, name: &Name) -> Result<(), TokenRefused> {
        let is_for_it = self.chain.limits().all(|limits| limits.covers(name));
        let owner = || TokenRefused::Name {
            owner: name.clone(),
        };
        is_for_it.then_some(()).ok_or_else(owner)
    }

    /// What the token is refused when it does not have a scope, for any name at all.
    pub(crate) fn without_scope(&self, scope: TokenScope) -> Option<TokenRefused> {
        let has = self.chain.limits().all(|limits| scope.is_within(limits));
        (!has).then_some(TokenRefused::Scope { scope })
    }
}

/// What is left of a rate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct RateLeft {
    /// So many uses in a window.
    pub(crate) limit: u32,
    /// So many are left.
    pub(crate) remaining: u32,
    /// When the window ends.
    pub(crate) reset_at: Timestamp,
}

impl RateLeft {
    /// That of which less is left.
    pub(super) fn least(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        one.into_iter()
            .chain(other)
            .min_by_key(|rate| rate.remaining)
    }
}

/// Why a token was not admitted.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Denied {
    /// It is no token, or its secret is wrong. Which of the two is not told.
    #[error("this API token is not valid: look whether it was copied whole, or make another one")]
    Unknown,
    /// It does not count, or not from here.
    #[error(transparent)]
    Refused(#[from] TokenRefused),
    /// It is used more often than it may be.
    #[error("this API token is used more often than it may be")]
    RateSpent {
        /// How long to wait.
        wait: Duration,
        /// How the token stands.
        spent: RateLeft,
    },
    /// The network showed too many tokens that do not count.
    #[error("your network sent too many API tokens that do not count")]
    TooManyFailures {
        /// How long to wait.
        wait: Duration,
        /// How the network stands.
        spent: RateLeft,
    },
    /// Too many tokens are verified at this moment.
    #[error("too many API tokens are verified at this moment: try again in a few seconds")]
    Busy,
    /// What is stored makes no sense.
    #[error("the server failed to verify the API token")]
    Failed,
    /// The store is not available.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl TokenGate {
    /// With a limit of its own on how many tokens are verified at a time, so that a flood of wrong ones does
    /// not keep people from signing in.
    pub(crate) fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        hashes: Passwords,
        random: &dyn Random,
        changes: ChangeRates,
    ) -> Self {
        Self {
            changes,
            usage: Usage::new(store.clone()),
            store,
            clock,
            hashes,
            remembered: Remembered::new(random),
            // Each token's own rule counts.
            rates: Mutex::new(RateLimit::of_known_keys(u32::MAX, FAILURE_WINDOW)),
            failures: NetworkLimit::new(MAX_FAILURES, FAILURE_WINDOW),
            refusals: NetworkLimit::new(MAX_FAILURES, FAILURE_WINDOW),
        }
    }

    /// The token with this text, when it counts.
    pub(crate) async fn admit(
        &self,
        text: &str,
        carrier: Carrier,
        address: IpAddr,
    ) -> Result<Admitted, Denied> {
        let mut admitted = self.look_again(text, carrier, address).await?;
        admitted.rate = self.take_rates(&admitted.chain, self.clock.now())?;
        Ok(admitted)
    }

    /// The same for a use that was counted before.
    pub(crate) async fn look_again(
        &self,
        text: &str,
        carrier: Carrier,
        address: IpAddr,
    ) -> Result<Admitted, Denied> {
        let verified = match self.verify(text, address).await {
            Err(denied @ Denied::Unknown) => {
                self.count_failure(address)?;
                return Err(denied);
            }
            outcome => outcome?,
        };
        let public_id = &verified.chain.token().public_id;
        tracing::Span::current().record("token.id", tracing::field::display(public_id));
        let now = self.clock.now();
        let usage = TokenUse {
            now,
            address,
            in_url: carrier == Carrier::Url,
            noted_at: verified.noted_at().map(|(at, _)| at),
        };
        if let Err(refused) = verified.chain.admit(usage) {
            self.note_refusal(verified.chain.token().id, address, &refused);
            return Err(refused.into());
        }
        self.usage.note(&verified, address, now);
        Ok(Admitted {
            chain: Arc::clone(&verified.chain),
            epoch: verified.epoch,
            address,
            rate: None,
        })
    }

    /// The token with this public id, when it counts: one that the operator named in the configuration, so
    /// that nobody has to show its secret.
    pub(crate) async fn admit_configured(
        &self,
        id: &PublicTokenId,
        address: IpAddr,
    ) -> Result<Admitted, Denied> {
        let epoch = self.epoch().await?;
        let found = self.store.api_token_by_public_id(id).await?;
        let chain = found.ok_or(Denied::Unknown)?.chain;
        let now = self.clock.now();
        chain.admit(TokenUse {
            now,
            address,
            in_url: false,
            noted_at: None,
        })?;
        Ok(Admitted {
            rate: self.take_rates(&chain, now)?,
            chain: Arc::new(chain),
            epoch,
            address,
        })
    }

    /// Where secrets of tokens are hashed.
    pub(crate) fn hashes(&self) -> &Passwords {
        &self.hashes
    }

    /// Notes that a token was refused something that it asked for. A network that does nothing else is not
    /// written down any more after a while.
    pub(crate) fn note_refusal(&self, token: ApiTokenId, address: IpAddr, refused: &TokenRefused) {
        if self.refusals.take(address, self.clock.now()).is_ok() {
            self.usage.note_refusal(token, address, refused.kept());
        }
    }

    fn count_failure(&self, address: IpAddr) -> Result<(), Denied> {
        self.failures
            .take(address, self.clock.now())
            .map_err(|wait| self.too_many_failures(wait))
    }

    fn too_many_failures(&self, wait: Duration) -> Denied {
        let spent = RateLeft {
            limit: MAX_FAILURES,
            remaining: 0,
            reset_at: self.clock.now().plus(wait),
        };
        Denied::TooManyFailures { wait, spent }
    }

    /// When who may do what changed last.
    async fn epoch(&self) -> Result<AccessEpoch, StoreError> {
        match self.store.access_epoch() {
            Some(epoch) => Ok(epoch),
            None => self.store.read_access_epoch().await,
        }
    }

    // The secret

    /// The token with this text, as it is in the epoch of this moment.
    async fn verify(&self, text: &str, address: IpAddr) -> Result<Arc<VerifiedToken>, Denied> {
        let text: ApiTokenText = text.parse().map_err(|NotAnApiToken| Denied::Unknown)?;
        let epoch = self.epoch().await?;
        let fingerprint = self.remembered.fingerprint(&text);
        let known = self.remembered.get(&fingerprint);
        if let Some(known) = &known
            && known.epoch == epoch
        {
            return self.still_counts(known, &fingerprint);
        }
        if known.is_none()
            && let Some(wait) = self.failures.wait(address, self.clock.now())
        {
            return Err(self.too_many_failures(wait));
        }
        let found = self.store.api_token_by_public_id(&text.id).await?;
        let found = found.filter(|found| found.chain.token().kind == text.kind);
        let Some(found) = found else {
            self.remembered.forget(&fingerprint);
            return Err(Denied::Unknown);
        };
        if known.is_none() {
            self.verify_secret(&text, &found).await?;
        }
        let verified = Arc::new(VerifiedToken {
            chain: Arc::new(found.chain),
            epoch,
            secret_expires_at: found.secret_expires_at,
            noted: Mutex::new(known.and_then(|known| known.noted_at())),
        });
        self.remembered.put(fingerprint, Arc::clone(&verified));
        self.still_counts(&verified, &fingerprint)
    }

    /// A secret that was replaced counts for a while only.
    fn still_counts(
        &self,
        token: &Arc<VerifiedToken>,
        fingerprint: &Fingerprint,
    ) -> Result<Arc<VerifiedToken>, Denied> {
        if token
            .secret_expires_at
            .is_some_and(|at| self.clock.now() >= at)
        {
            self.remembered.forget(fingerprint);
            return Err(Denied::Unknown);
        }
        Ok(Arc::clone(token))
    }

    async fn verify_secret(
        &self,
        text: &ApiTokenText,
        found: &FoundApiToken,
    ) -> Result<(), Denied> {
        let secret = Password::given(text.secret.reveal()).map_err(|_| Denied::Unknown)?;
        match self.hashes.verify(secret, Some(found.hash.clone())).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Denied::Unknown),
            Err(HashError::Busy) => Err(Denied::Busy),
            Err(HashError::Failed) => Err(Denied::Failed),
        }
    }

    // How often

    /// Counts what a token that was admitted is about to change, when neither it nor one that it was made from has
    /// a rate of its own.
    pub(crate) fn count(&self, admitted: &mut Admitted, changes: Changes) -> Result<(), Denied> {
        if admitted.chain.limits().any(|limits| limits.rate.is_some()) {
            return Ok(());
        }
        let token = admitted.chain.token().id;
        admitted.rate = self.changes.take(token, changes, self.clock.now())?;
        Ok(())
    }

    /// Counts one use of the token and of those that it was made from; gives what is left of the least.
    fn take_rates(&self, chain: &TokenChain, now: Timestamp) -> Result<Option<RateLeft>, Denied> {
        let mut least: Option<RateLeft> = None;
        for token in chain.iter() {
            let Some(rule) = token.limits.rate else {
                continue;
            };
            let left = take_from(&self.rates, (token.id, 1), rule, now)?;
            least = RateLeft::least(least, Some(left));
        }
        Ok(least)
    }
}
