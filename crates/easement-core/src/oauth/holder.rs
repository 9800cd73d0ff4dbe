//! Who holds a grant: a client that an operator registered, or an app that nobody did.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    AuthenticatedClient, ClientId, Grant, GrantApp, OAuthClient, RefreshRule, TokenLifetimes,
};
use crate::OAuthClientId;

/// Who may act with a grant.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum GrantClient {
    /// A client that an operator registered.
    Registered(OAuthClientId),
    /// An app that nobody registered.
    App(GrantApp),
}

/// Who may act with a grant, with everything that is known about it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum GrantHolder {
    /// A client that an operator registered.
    Registered(Box<OAuthClient>),
    /// An app that nobody registered.
    App(GrantApp),
}

impl GrantHolder {
    /// The client, when it is a registered one.
    pub fn client(&self) -> Option<&OAuthClient> {
        match self {
            Self::Registered(client) => Some(client),
            Self::App(_) => None,
        }
    }

    /// The app, when nobody registered it.
    pub fn app(&self) -> Option<&GrantApp> {
        match self {
            Self::Registered(_) => None,
            Self::App(app) => Some(app),
        }
    }

    /// What it is called in requests, as it says that itself.
    pub fn client_id(&self) -> &str {
        match self {
            Self::Registered(client) => client.registration.client.as_str(),
            Self::App(app) => app.client_id(),
        }
    }

    /// What it is called in requests, for people and logs.
    pub fn id(&self) -> HolderId {
        match self {
            Self::Registered(client) => HolderId::Client(client.registration.client.clone()),
            Self::App(app) => HolderId::App(app.clone()),
        }
    }

    /// What it is called by people: the name that an operator gave it, or where the app is.
    pub fn name(&self) -> &str {
        match self {
            Self::Registered(client) => client.registration.name.as_str(),
            Self::App(app) => app.origin().ascii(),
        }
    }

    /// Whether an operator lets it do nothing.
    pub fn is_disabled(&self) -> bool {
        self.client()
            .is_some_and(|client| client.disabled_at.is_some())
    }

    /// Whether a grant is of this one.
    pub fn holds(&self, grant: &Grant) -> bool {
        match (self, &grant.client) {
            (Self::Registered(client), GrantClient::Registered(id)) => client.id == *id,
            (Self::App(app), GrantClient::App(of)) => app == of,
            (Self::Registered(_), GrantClient::App(_))
            | (Self::App(_), GrantClient::Registered(_)) => false,
        }
    }
}

impl From<OAuthClient> for GrantHolder {
    fn from(client: OAuthClient) -> Self {
        Self::Registered(Box::new(client))
    }
}

/// What a client or an app is called in requests. Neither passes for the other: the name of an app is an address, and
/// no id of a client has a colon.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(untagged)]
pub enum HolderId {
    /// A client that an operator registered.
    Client(ClientId),
    /// An app that nobody registered.
    App(GrantApp),
}

impl fmt::Display for HolderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Client(client) => client.fmt(f),
            Self::App(app) => app.fmt(f),
        }
    }
}

//------------ TokenClient -----------------------------------------------------------------------

/// Who asks for a token, as far as it can prove that.
#[derive(Clone, Debug)]
pub enum TokenClient {
    /// A registered client that showed what it must.
    Registered(Box<AuthenticatedClient>),
    /// An app, which has nothing to show but the code and its verifier, or the refresh token.
    App {
        /// What it says that it is called. Some leave it out.
        client_id: Option<String>,
    },
}

impl TokenClient {
    /// Whether a grant is of this one.
    pub fn may_hold(&self, grant: &Grant) -> bool {
        match (self, &grant.client) {
            (Self::Registered(client), GrantClient::Registered(id)) => client.client().id == *id,
            (Self::App { client_id }, GrantClient::App(app)) => {
                client_id.as_deref().is_none_or(|said| app.is(said))
            }
            (Self::Registered(_), GrantClient::App(_))
            | (Self::App { .. }, GrantClient::Registered(_)) => false,
        }
    }

    /// How long its tokens last, and what becomes of a refresh token. Those of apps are always replaced: nothing else
    /// would tell that one was stolen (RFC 9700 section 2.2.2).
    pub(super) fn terms(&self) -> (TokenLifetimes, RefreshRule) {
        match self {
            Self::Registered(client) => {
                let registration = &client.client().registration;
                (registration.lifetimes, registration.refresh)
            }
            Self::App { .. } => (TokenLifetimes::default(), RefreshRule::Rotate),
        }
    }
}

impl From<AuthenticatedClient> for TokenClient {
    fn from(client: AuthenticatedClient) -> Self {
        Self::Registered(Box::new(client))
    }
}

#[cfg(test)]
mod tests {
    use super::super::app::tests::app;
    use super::*;

    #[test]
    fn no_client_passes_for_an_app_and_no_app_for_a_client() {
        for id in [
            HolderId::Client("app.example".parse().unwrap()),
            HolderId::App(app("https://app.example/")),
        ] {
            let json = serde_json::to_string(&id).unwrap();
            assert_eq!(serde_json::from_str::<HolderId>(&json).unwrap(), id);
        }
        assert!(serde_json::from_str::<HolderId>("\"http://app.example/\"").is_err());
    }
}
