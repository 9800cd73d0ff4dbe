//! A client, and whether it is the one that it says it is.

use super::{ClientRegistration, ClientSecret, RedirectTarget, TokenRequestRefused};
use crate::{OAuthClientId, SecretHash, Timestamp};

/// A program of a service provider that may ask owners for access, as an operator registered it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OAuthClient {
    /// Its id in the database.
    pub id: OAuthClientId,
    /// What the operator said about it.
    pub registration: ClientRegistration,
    /// When it was registered.
    pub created_at: Timestamp,
    /// Since when it may do nothing, if so.
    pub disabled_at: Option<Timestamp>,
}

/// How a client proves that it is the one (RFC 6749 section 2.1).
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ClientAuthentication {
    /// By a secret. For a while after a new one was made, that before counts too.
    Confidential {
        /// The hash of the secret.
        secret: SecretHash,
        /// The hash of the one before, and until when it counts.
        before: Option<(SecretHash, Timestamp)>,
    },
    /// Not at all: it runs where it can keep no secret, and proves with each code that it asked for it (RFC 7636).
    Public,
    /// By a secret that everybody knows, which proves nothing. A known client of dynamic DNS is so, and can do no
    /// better; see [`KnownClient`](super::KnownClient).
    PublishedSecret {
        /// The hash of the secret.
        secret: SecretHash,
    },
}

impl ClientAuthentication {
    /// The word for it, in the store and for people.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Confidential { .. } => "confidential",
            Self::Public => "public",
            Self::PublishedSecret { .. } => "published",
        }
    }

    /// Whether each request for a code must name a challenge.
    pub fn needs_challenge(&self) -> bool {
        match self {
            Self::Public => true,
            Self::Confidential { .. } | Self::PublishedSecret { .. } => false,
        }
    }

    fn accepts(&self, shown: Option<&ClientSecret>, now: Timestamp) -> bool {
        let is = |hash: &SecretHash| shown.is_some_and(|shown| shown.hash().is_same(hash));
        match self {
            Self::Confidential { secret, before } => {
                let is_before = before
                    .as_ref()
                    .is_some_and(|(hash, until)| is(hash) && now < *until);
                is(secret) || is_before
            }
            Self::Public => shown.is_none(),
            Self::PublishedSecret { secret } => shown.is_none() || is(secret),
        }
    }
}

/// A client that proved to be the one, as far as it can.
#[derive(Clone, Debug)]
pub struct AuthenticatedClient(OAuthClient);

impl AuthenticatedClient {
    /// The client.
    pub fn client(&self) -> &OAuthClient {
        &self.0
    }
}

impl OAuthClient {
    /// The client, when it may do something and shows what it must. Every refusal is the same one, so nobody
    /// learns which clients there are.
    pub fn authenticate(
        self,
        shown: Option<&ClientSecret>,
        now: Timestamp,
    ) -> Result<AuthenticatedClient, TokenRequestRefused> {
        let is_fine =
            self.registration.authentication.accepts(shown, now) && self.disabled_at.is_none();
        if is_fine {
            Ok(AuthenticatedClient(self))
        } else {
            Err(TokenRequestRefused::Client)
        }
    }

    /// The place that a request asks to be answered at, when it is one of the client's.
    pub fn redirect(&self, asked: &str) -> Option<RedirectTarget> {
        let mut listed = self.registration.redirects.iter();
        listed.find_map(|uri| uri.accept(asked))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::time::Duration;

    use super::super::{ClientTemplates, RefreshRule, TokenLifetimes};
    use super::*;

    pub(in super::super) fn secret(text: &str) -> ClientSecret {
        text.parse().unwrap()
    }

    pub(in super::super) fn at(seconds: u64) -> Timestamp {
        Timestamp::from_micros(0).plus(Duration::from_secs(seconds))
    }

    pub(in super::super) fn confidential() -> ClientAuthentication {
        ClientAuthentication::Confidential {
            secret: secret("new").hash(),
            before: Some((secret("old").hash(), at(100))),
        }
    }

    pub(in super::super) fn client(authentication: ClientAuthentication) -> OAuthClient {
        OAuthClient {
            id: OAuthClientId::new(1),
            registration: ClientRegistration {
                client: "app.example".parse().unwrap(),
                name: "The app".parse().unwrap(),
                provider: "host.example".parse().unwrap(),
                templates: ClientTemplates::Listed(vec![
                    "web".parse().unwrap(),
                    "mail".parse().unwrap(),
                ]),
                redirects: vec!["https://app.example/done".parse().unwrap()],
                authentication,
                lifetimes: TokenLifetimes::default(),
                refresh: RefreshRule::Rotate,
            },
            created_at: at(0),
            disabled_at: None,
        }
    }

    #[test]
    fn a_client_shows_what_it_must() {
        let published = ClientAuthentication::PublishedSecret {
            secret: secret("known").hash(),
        };
        for (authentication, shown, now, is_accepted) in [
            (confidential(), Some("new"), 0, true),
            (confidential(), Some("new"), 500, true),
            (confidential(), Some("old"), 99, true),
            (confidential(), Some("old"), 100, false),
            (confidential(), Some("new "), 0, false),
            (confidential(), None, 0, false),
            (ClientAuthentication::Public, None, 0, true),
            (ClientAuthentication::Public, Some("new"), 0, false),
            (published.clone(), Some("known"), 0, true),
            (published.clone(), None, 0, true),
            (published, Some("other"), 0, false),
        ] {
            let shown = shown.map(secret);
            let word = authentication.as_str();
            let live = client(authentication);
            let disabled = OAuthClient {
                disabled_at: Some(at(0)),
                ..live.clone()
            };
            let outcome = live.authenticate(shown.as_ref(), at(now));
            assert_eq!(outcome.is_ok(), is_accepted, "{word} {now}");
            assert!(disabled.authenticate(shown.as_ref(), at(now)).is_err());
        }
    }

    #[test]
    fn the_parts_of_a_registration_fit_each_other() {
        let public = client(ClientAuthentication::Public).registration;
        assert_eq!(public.check(), Ok(()));
        let keeps = ClientRegistration {
            refresh: RefreshRule::Keep,
            ..public.clone()
        };
        assert!(keeps.check().is_err());
        let nowhere = ClientRegistration {
            redirects: vec![],
            ..public.clone()
        };
        assert!(nowhere.check().is_err());
        let nothing = ClientRegistration {
            templates: ClientTemplates::Listed(vec![]),
            ..public
        };
        assert!(nothing.check().is_err());
        let (minute, year) = (Duration::from_mins(1), Duration::from_hours(24 * 365));
        for (access, refresh, is_fine) in [
            (minute, year, true),
            (Duration::from_secs(59), year, false),
            (Duration::from_hours(25), year, false),
            (Duration::from_millis(60_500), year, false),
            (minute, minute, false),
            (minute, 11 * year, false),
        ] {
            let outcome = TokenLifetimes::new(access, refresh);
            assert_eq!(outcome.is_ok(), is_fine, "{access:?} {refresh:?}");
        }
    }
}
