//! What an operator says about a client.

use std::time::Duration;

use domain_connect::{DisplayName, ProviderId, ServiceId};
use serde::{Deserialize, Serialize};

use super::{ClientAuthentication, ClientId, RedirectUri};

/// A client as an operator describes it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ClientRegistration {
    /// What it is called in requests.
    pub client: ClientId,
    /// What it is called by people.
    pub name: DisplayName,
    /// Whose templates it may ask for.
    pub provider: ProviderId,
    /// Which of them.
    pub templates: ClientTemplates,
    /// Where browsers may be sent with a code.
    pub redirects: Vec<RedirectUri>,
    /// How it proves that it is the one.
    pub authentication: ClientAuthentication,
    /// How long its tokens last.
    pub lifetimes: TokenLifetimes,
    /// What becomes of a refresh token that was used.
    pub refresh: RefreshRule,
}

impl ClientRegistration {
    /// The most redirect URIs.
    pub const MAX_REDIRECTS: usize = 20;
    /// The most templates in a list.
    pub const MAX_TEMPLATES: usize = 50;

    /// Whether the parts fit each other.
    pub fn check(&self) -> Result<(), RegistrationError> {
        let is_within = |count: usize, most: usize| (1..=most).contains(&count);
        if !is_within(self.redirects.len(), Self::MAX_REDIRECTS) {
            return Err(RegistrationError::Redirects);
        }
        if let ClientTemplates::Listed(services) = &self.templates
            && !is_within(services.len(), Self::MAX_TEMPLATES)
        {
            return Err(RegistrationError::Templates);
        }
        match (&self.authentication, self.refresh) {
            // Nothing else would tell that a token of a public client was stolen (RFC 9700 section 2.2.2).
            (ClientAuthentication::Public, RefreshRule::Keep) => {
                Err(RegistrationError::PublicKeeps)
            }
            (ClientAuthentication::Public, RefreshRule::Rotate)
            | (
                ClientAuthentication::Confidential { .. }
                | ClientAuthentication::PublishedSecret { .. },
                RefreshRule::Rotate | RefreshRule::Keep,
            ) => Ok(()),
        }
    }
}

/// Which templates of its provider a client may ask for.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientTemplates {
    /// All of them, also later ones.
    All,
    /// These.
    Listed(Vec<ServiceId>),
}

impl ClientTemplates {
    /// Whether it may ask for this one.
    pub fn contains(&self, service: &ServiceId) -> bool {
        match self {
            Self::All => true,
            Self::Listed(services) => services.contains(service),
        }
    }
}

/// What becomes of a refresh token that was used.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RefreshRule {
    /// Another takes its place, and using it again ends the grant (RFC 9700 section 4.14.2).
    Rotate,
    /// It stays, and its time begins anew.
    Keep,
}

impl RefreshRule {
    /// The word for it, in the store and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rotate => "rotate",
            Self::Keep => "keep",
        }
    }

    /// The rule with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Rotate, Self::Keep]
            .into_iter()
            .find(|rule| rule.as_str() == word)
    }
}

/// How long the tokens of a client last, in whole seconds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TokenLifetimes {
    access: Duration,
    refresh: Duration,
}

impl TokenLifetimes {
    /// The shortest and the longest time of an access token.
    pub const ACCESS: (Duration, Duration) = (Duration::from_mins(1), Duration::from_hours(24));
    /// The shortest and the longest time of a refresh token since it was used last.
    pub const REFRESH: (Duration, Duration) =
        (Duration::from_hours(1), Duration::from_hours(24 * 3650));

    /// These, when they are within the bounds.
    pub fn new(access: Duration, refresh: Duration) -> Result<Self, LifetimeError> {
        let is_within = |one: Duration, (least, most): (Duration, Duration)| {
            (least..=most).contains(&one) && one.subsec_nanos() == 0
        };
        if !is_within(access, Self::ACCESS) {
            return Err(LifetimeError::Access);
        }
        if !is_within(refresh, Self::REFRESH) {
            return Err(LifetimeError::Refresh);
        }
        Ok(Self { access, refresh })
    }

    /// Of an access token.
    pub fn access(self) -> Duration {
        self.access
    }

    /// Of a refresh token, since it was made or used.
    pub fn refresh(self) -> Duration {
        self.refresh
    }
}

impl Default for TokenLifetimes {
    fn default() -> Self {
        Self {
            access: Duration::from_hours(1),
            refresh: Duration::from_hours(24 * 365),
        }
    }
}

/// A time that tokens may not have.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum LifetimeError {
    /// Of access tokens.
    #[error("access tokens last 1 minute to 24 hours, in whole seconds")]
    Access,
    /// Of refresh tokens.
    #[error("refresh tokens last 1 hour to 3650 days, in whole seconds")]
    Refresh,
}

/// Why a client cannot be registered so.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RegistrationError {
    /// None, or too many.
    #[error(
        "a client has 1 to {} redirect URIs",
        ClientRegistration::MAX_REDIRECTS
    )]
    Redirects,
    /// None, or too many.
    #[error(
        "a client has 1 to {} templates, or all of its provider",
        ClientRegistration::MAX_TEMPLATES
    )]
    Templates,
    /// A public client whose refresh tokens stay.
    #[error("the refresh tokens of a public client must be replaced at each use: choose rotate")]
    PublicKeeps,
}
