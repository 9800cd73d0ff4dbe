//! What access is kept as.

use easement_core::Timestamp;
use namedrop::Permissions;
use serde::{Deserialize, Serialize};

use super::service::MARGIN;
use crate::{HiddenText, UrlPrefix};

/// What an owner gave an app, and where it counts. Holds secrets: to be stored where others cannot read it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct NamesAccess {
    /// Where it came from. It is shown there and nowhere else.
    pub api: UrlPrefix,
    /// As whom.
    pub client_id: String,
    /// What is shown with each call.
    pub access_token: HiddenText,
    /// When it ends; unknown when the server did not say.
    pub expires_at: Option<Timestamp>,
    /// What the next one is asked for with.
    pub refresh_token: Option<HiddenText>,
    /// What may be changed, as the server said last.
    pub permissions: Permissions,
}

impl NamesAccess {
    /// Whether a new access token is needed.
    pub fn is_due(&self, now: Timestamp) -> bool {
        let expires_at = self.expires_at;
        expires_at.is_some_and(|expires_at| now.plus(MARGIN) >= expires_at)
    }
}
