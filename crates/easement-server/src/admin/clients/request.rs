//! What is asked about clients.

use std::time::Duration;

use domain_connect::{DisplayName, ProviderId};
use easement_core::{ClientId, ClientTemplates, RedirectUri, RefreshRule};
use serde::{Deserialize, Serialize};

use crate::oauth::ClientChange;

/// Something about clients of OAuth.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", tag = "client", deny_unknown_fields)]
pub enum ClientRequest {
    /// Register one that is described.
    Create(Box<ClientDescription>),
    /// Register one that many servers know.
    CreateKnown {
        /// Its client id.
        known: String,
    },
    /// List all.
    List,
    /// Show one.
    Show {
        /// Its client id.
        id: ClientId,
    },
    /// Give one another secret.
    Rotate {
        /// Its client id.
        id: ClientId,
        /// How long the secret that it had counts as well.
        overlap: Duration,
    },
    /// Disable, enable or delete one.
    Change {
        /// Its client id.
        id: ClientId,
        /// Which of them.
        change: ClientChange,
    },
}

/// A client that is to be registered.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct ClientDescription {
    /// What it is called in requests.
    pub id: ClientId,
    /// What it is called by people.
    pub name: DisplayName,
    /// Whose templates it may ask for.
    pub provider: ProviderId,
    /// Which of them.
    pub templates: ClientTemplates,
    /// Where browsers may be sent with a code.
    pub redirects: Vec<RedirectUri>,
    /// Whether it can keep no secret.
    pub public: bool,
    /// How long access tokens last.
    pub access: Option<Duration>,
    /// How long refresh tokens last.
    pub refresh: Option<Duration>,
    /// What becomes of a refresh token that was used.
    pub rule: RefreshRule,
}
