//! What permission is kept as.

use std::time::Duration;

use domain_connect::{ProviderId, ServiceId};
use easement_core::Timestamp;
use easement_zone::{Host, Name};
use serde::{Deserialize, Serialize};

use super::{CredentialsError, ProviderCredentials};
use crate::{HiddenText, ProviderSettings, UrlPrefix};

/// How long before its end a token counts as ended.
const MARGIN: Duration = Duration::from_mins(1);

/// Permission of a person, and where it counts: the provider is asked there and nowhere else. Holds secrets: to be
/// stored where others cannot read it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Tokens {
    /// The identifier of the DNS provider.
    pub provider_id: String,
    /// Where it is asked.
    pub url_api: UrlPrefix,
    /// As whom.
    pub client_id: String,
    /// Who wrote the templates.
    pub provider: ProviderId,
    /// Which templates may be applied.
    pub services: Vec<ServiceId>,
    /// The apex of the zone.
    pub domain: Name,
    /// At which hosts of it.
    pub hosts: Vec<Host>,
    /// What is shown with each call.
    pub access_token: HiddenText,
    /// When it ends; unknown when the provider did not say.
    pub expires_at: Option<Timestamp>,
    /// What the next one is asked for with.
    pub refresh_token: Option<HiddenText>,
}

impl Tokens {
    /// Whether a new access token is needed.
    pub fn is_due(&self, now: Timestamp) -> bool {
        let expires_at = self.expires_at;
        expires_at.is_some_and(|expires_at| now.plus(MARGIN) >= expires_at)
    }

    /// Refuses a provider that is said to be elsewhere now. Tokens are not sent there in any case; this tells the
    /// caller that the zone may have moved.
    pub fn check_discovery(&self, settings: &ProviderSettings) -> Result<(), CredentialsError> {
        let own = ProviderCredentials {
            provider_id: self.provider_id.clone(),
            url_api: self.url_api.clone(),
            client_id: self.client_id.clone(),
            client_secret: None,
        };
        ProviderCredentials::for_settings([&own], settings).map(drop)
    }

    /// Refuses credentials of another provider, or for another place.
    pub(super) fn check(&self, credentials: &ProviderCredentials) -> Result<(), CredentialsError> {
        check_same(
            (&self.provider_id, &self.url_api, &self.client_id),
            credentials,
        )
    }
}

/// Where something came from, and where the credentials are for.
pub(super) fn check_same(
    (provider_id, url_api, client_id): (&str, &UrlPrefix, &str),
    credentials: &ProviderCredentials,
) -> Result<(), CredentialsError> {
    let is_same_client = credentials.client_id == client_id;
    if credentials.provider_id != provider_id || !is_same_client {
        let provider_id = provider_id.to_owned();
        return Err(CredentialsError::NotRegistered { provider_id });
    }
    if credentials.url_api == *url_api {
        return Ok(());
    }
    Err(CredentialsError::OtherApi {
        provider_id: provider_id.to_owned(),
        registered: credentials.url_api.to_string(),
        discovered: url_api.to_string(),
    })
}
