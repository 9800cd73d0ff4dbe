//! What a service provider registered at a DNS provider.

use serde::{Deserialize, Serialize};

use crate::{HiddenText, ProviderSettings, UrlPrefix};

/// What was agreed with one DNS provider: who we are to it, and where it is asked. Kept by the caller; nothing of it is
/// taken from discovery.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ProviderCredentials {
    /// The identifier of the DNS provider, as its settings have it.
    pub provider_id: String,
    /// Where it is asked.
    pub url_api: UrlPrefix,
    /// Who we are.
    pub client_id: String,
    /// What proves it; nothing for a public client, which has PKCE alone.
    pub client_secret: Option<HiddenText>,
}

impl ProviderCredentials {
    /// The credentials for the provider that was discovered, of those that the caller has. A provider that says it is
    /// one of them but is asked elsewhere is refused: that is how a secret would be stolen.
    ///
    /// ```
    /// use easement_client::{CredentialsError, HiddenText, PlainHttp, ProviderCredentials, ProviderSettings};
    ///
    /// let settings = |api: &str| {
    ///     let json = format!(r#"{{"providerId": "dns.example", "urlAPI": "{api}"}}"#);
    ///     ProviderSettings::read(json.as_bytes(), "example.com", PlainHttp::Refuse).unwrap()
    /// };
    /// let own = [ProviderCredentials {
    ///     provider_id: "dns.example".to_owned(),
    ///     url_api: settings("https://api.dns.example").url_api,
    ///     client_id: "exampleservice.example".to_owned(),
    ///     client_secret: Some(HiddenText::new("s3cret")),
    /// }];
    /// assert!(ProviderCredentials::for_settings(&own, &settings("https://api.dns.example/")).is_ok());
    /// let stolen = ProviderCredentials::for_settings(&own, &settings("https://evil.example"));
    /// assert!(matches!(stolen, Err(CredentialsError::OtherApi { .. })));
    /// ```
    pub fn for_settings<'a>(
        own: impl IntoIterator<Item = &'a Self>,
        settings: &ProviderSettings,
    ) -> Result<&'a Self, CredentialsError> {
        let mut of_provider = own
            .into_iter()
            .filter(|one| one.provider_id.eq_ignore_ascii_case(&settings.provider_id))
            .peekable();
        let Some(first) = of_provider.peek().copied() else {
            let provider_id = settings.provider_id.clone();
            return Err(CredentialsError::NotRegistered { provider_id });
        };
        let mut at_api = of_provider.filter(|one| one.url_api == settings.url_api);
        at_api.next().ok_or_else(|| CredentialsError::OtherApi {
            provider_id: settings.provider_id.clone(),
            registered: first.url_api.to_string(),
            discovered: settings.url_api.to_string(),
        })
    }

    /// Credentials that everybody has, at whatever provider was discovered: for clients whose secret is published, such
    /// as those of dynamic DNS, where nothing is lost when a stranger is told it. Never for a secret of one's own.
    #[must_use]
    pub fn of_published_client(
        settings: &ProviderSettings,
        client_id: &str,
        published_secret: Option<&str>,
    ) -> Self {
        Self {
            provider_id: settings.provider_id.clone(),
            url_api: settings.url_api.clone(),
            client_id: client_id.to_owned(),
            client_secret: published_secret.map(HiddenText::new),
        }
    }
}

/// Why there are no credentials for a provider.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CredentialsError {
    /// The caller has none for it.
    #[error("nothing is registered at the DNS provider {}: ask it for a client id, or use the synchronous flow", provider_id.escape_debug())]
    NotRegistered {
        /// The provider.
        provider_id: String,
    },
    /// It is asked elsewhere.
    #[error(
        "the DNS provider {} was registered at {registered}, and is said to be at {discovered} now: nothing is sent \
         there; if it really moved, register it anew",
        provider_id.escape_debug()
    )]
    OtherApi {
        /// The provider.
        provider_id: String,
        /// Where it was.
        registered: String,
        /// Where it is said to be.
        discovered: String,
    },
}
