//! What is said about clients.

use easement_core::{ClientId, ClientTemplates, OAuthClient, RedirectUri, RefreshRule, Timestamp};
use serde::{Deserialize, Serialize};

use crate::admin::SecretToken;
use crate::oauth::ClientChange;

/// A client of OAuth.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct ClientLine {
    /// What it is called in requests.
    pub id: ClientId,
    /// What it is called by people.
    pub name: String,
    /// Whose templates it may ask for.
    pub provider: String,
    /// Which of them; nothing means all.
    pub templates: Option<Vec<String>>,
    /// Where browsers may be sent with a code.
    pub redirect_uris: Vec<RedirectUri>,
    /// confidential, public or published.
    pub authentication: String,
    /// How long access tokens last.
    pub access_seconds: u64,
    /// How long refresh tokens last.
    pub refresh_seconds: u64,
    /// What becomes of a refresh token that was used.
    pub refresh_rule: RefreshRule,
    /// When it was registered.
    pub created_at: Timestamp,
    /// Since when it may do nothing, if so.
    pub disabled_at: Option<Timestamp>,
}

impl From<&OAuthClient> for ClientLine {
    fn from(client: &OAuthClient) -> Self {
        let registration = &client.registration;
        Self {
            id: registration.client.clone(),
            name: registration.name.to_string(),
            provider: registration.provider.to_string(),
            templates: match &registration.templates {
                ClientTemplates::All => None,
                ClientTemplates::Listed(services) => {
                    Some(services.iter().map(ToString::to_string).collect())
                }
            },
            redirect_uris: registration.redirects.clone(),
            authentication: registration.authentication.as_str().to_owned(),
            access_seconds: registration.lifetimes.access().as_secs(),
            refresh_seconds: registration.lifetimes.refresh().as_secs(),
            refresh_rule: registration.refresh,
            created_at: client.created_at,
            disabled_at: client.disabled_at,
        }
    }
}

/// A client that was registered, or has another secret.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct ClientMade {
    /// The client.
    #[serde(flatten)]
    pub line: ClientLine,
    /// Its secret, when one was made: it is shown once.
    pub secret: Option<SecretToken>,
    /// Until when the secret that it had counts, when it had one.
    pub earlier_until: Option<Timestamp>,
}

/// What was done with a client.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct ClientChanged {
    /// What it is called in requests.
    pub id: ClientId,
    /// What was asked for.
    pub change: ClientChange,
    /// Whether it was otherwise until now.
    pub changed: bool,
}
