//! Asking a person for permission.

use std::fmt;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain_connect::{ApplyQuery, DisplayName, ProviderId, ServiceId, Variables, canonical_query};
use easement_core::Random;
use easement_zone::{Host, Name};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{CredentialsError, ProviderCredentials};
use crate::apply::{Parameters, check_redirect, common_parameters, one_line};
use crate::{ApplyRequestError, HiddenText, ProviderSettings, ReturnError, UrlPrefix};

/// How many random octets a state and a verifier have.
const RANDOM_OCTETS: usize = 32;
/// The longest code that is taken.
const MAX_CODE: usize = 4096;

/// What permission is asked for: to apply these templates at these hosts of a zone, at any later time.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ConsentRequest {
    /// Who wrote the templates.
    pub provider: ProviderId,
    /// Which templates; at least one.
    pub services: Vec<ServiceId>,
    /// The apex of the zone.
    pub domain: Name,
    /// The hosts in the zone; none means the apex.
    pub hosts: Vec<Host>,
    /// The values of variables that decide about conflicts: those in names, and in some texts.
    pub variables: Variables,
    /// Where the browser comes back, as it was registered.
    pub redirect_uri: Url,
    /// A name to show beside the service provider's, where the templates allow it.
    pub provider_name: Option<DisplayName>,
    /// A name to show beside the service's, where the templates allow it.
    pub service_name: Option<DisplayName>,
}

impl ConsentRequest {
    /// The link that the owner of the zone follows, and what must be kept until the browser comes back. State and
    /// verifier (PKCE with S256, RFC 7636) are new each time.
    ///
    /// ```
    /// use easement_client::{ConsentRequest, HiddenText, PlainHttp, ProviderCredentials, ProviderSettings};
    /// # use easement_outbound::SystemRandom;
    ///
    /// let settings = br#"{"providerId": "dns.example", "urlAPI": "https://api.dns.example",
    ///     "urlAsyncUX": "https://dns.example"}"#;
    /// let settings = ProviderSettings::read(settings, "example.com", PlainHttp::Refuse)?;
    /// let own = ProviderCredentials {
    ///     provider_id: "dns.example".to_owned(),
    ///     url_api: settings.url_api.clone(),
    ///     client_id: "exampleservice.example".to_owned(),
    ///     client_secret: Some(HiddenText::new("s3cret")),
    /// };
    /// let request = ConsentRequest {
    ///     provider: "exampleservice.example".parse()?,
    ///     services: vec!["website".parse()?, "mail".parse()?],
    ///     domain: "example.com".parse()?,
    ///     hosts: vec!["@".parse()?, "shop".parse()?],
    ///     variables: [].into_iter().collect(),
    ///     redirect_uri: "https://exampleservice.example/oauth".parse()?,
    ///     provider_name: None,
    ///     service_name: None,
    /// };
    /// let (url, pending) = request.begin(&settings, &own, &SystemRandom)?;
    /// let query = url.query().unwrap();
    /// assert!(query.contains("&host=%2Cshop&"));
    /// assert!(query.contains("&scope=website%20mail&"));
    /// assert!(!query.contains("s3cret"));
    ///
    /// let back = format!("code=abc&state={}", pending.state());
    /// assert!(pending.read_return(&back).is_ok());
    /// assert!(pending.read_return("code=abc&state=stolen").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn begin(
        self,
        settings: &ProviderSettings,
        credentials: &ProviderCredentials,
        random: &dyn Random,
    ) -> Result<(Url, PendingConsent), ConsentError> {
        ProviderCredentials::for_settings([credentials], settings)?;
        let ux = settings.url_async_ux.as_ref();
        let ux = ux.ok_or_else(|| ConsentError::NotOffered {
            provider: settings.shown_name().to_owned(),
        })?;
        if self.services.is_empty() {
            return Err(ConsentError::NoService);
        }
        check_redirect(&self.redirect_uri)?;
        let text = || secret_text(random);
        let pending = PendingConsent {
            provider_id: credentials.provider_id.clone(),
            url_api: credentials.url_api.clone(),
            client_id: credentials.client_id.clone(),
            state: HiddenText::new(text()),
            verifier: HiddenText::new(text()),
            redirect_uri: self.redirect_uri.to_string(),
            provider: self.provider.clone(),
            services: self.services.clone(),
            domain: self.domain.clone(),
            hosts: self.hosts_or_apex(),
        };
        let url = self.url(ux, &pending)?;
        Ok((url, pending))
    }

    fn hosts_or_apex(&self) -> Vec<Host> {
        if self.hosts.is_empty() {
            vec![Host::apex()]
        } else {
            self.hosts.clone()
        }
    }

    /// Domain Connect 2.3, "OAuth Flow: Getting an Authorization Code".
    fn url(&self, ux: &UrlPrefix, pending: &PendingConsent) -> Result<Url, ConsentError> {
        let mut parameters = common_parameters(&self.variables)?;
        let services: Vec<&str> = self.services.iter().map(ServiceId::as_str).collect();
        parameters.extend([
            ("domain", self.domain.to_lowercase().to_text()),
            ("client_id", pending.client_id.clone()),
            ("redirect_uri", pending.redirect_uri.clone()),
            ("response_type", "code".to_owned()),
            ("scope", services.join(" ")),
            ("state", pending.state().to_owned()),
            ("code_challenge", challenge(pending.verifier.reveal())),
            ("code_challenge_method", "S256".to_owned()),
        ]);
        let hosts = host_list(&pending.hosts);
        let display = |name: &Option<DisplayName>| name.as_ref().map(ToString::to_string);
        let optional = [
            ("host", (!hosts.is_empty()).then_some(hosts)),
            ("providerName", display(&self.provider_name)),
            ("serviceName", display(&self.service_name)),
        ];
        for (name, value) in optional {
            parameters.extend(value.map(|value| (name, value)));
        }
        let pairs = parameters
            .iter()
            .map(|(name, value)| (*name, value.as_str()));
        let query = canonical_query(pairs);
        if query.len() > ApplyQuery::MAX_OCTETS {
            let octets = query.len();
            return Err(ApplyRequestError::TooLong { octets }.into());
        }
        let mut url = ux.join(&format!("/v2/domainTemplates/providers/{}", self.provider));
        url.set_query(Some(&query));
        Ok(url)
    }
}

/// Hosts with commas between them; the apex is an empty entry, and alone it is nothing at all.
fn host_list(hosts: &[Host]) -> String {
    let text = |host: &Host| {
        let named = (!host.is_apex()).then(|| host.to_string());
        named.unwrap_or_default()
    };
    hosts.iter().map(text).collect::<Vec<_>>().join(",")
}

/// A text that nobody guesses.
pub(crate) fn secret_text(random: &dyn Random) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(random.octets(RANDOM_OCTETS))
}

/// RFC 7636 section 4.2.
pub(crate) fn challenge(verifier: &str) -> String {
    let hash = digest::digest(&digest::SHA256, verifier.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(hash)
}

//------------ PendingConsent --------------------------------------------------------------------

/// What is kept while a person decides: bound to their browser, for as long as a code is worth something. Holds
/// secrets, and can be stored.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct PendingConsent {
    pub(super) provider_id: String,
    pub(super) url_api: UrlPrefix,
    pub(super) client_id: String,
    pub(super) state: HiddenText,
    pub(super) verifier: HiddenText,
    pub(super) redirect_uri: String,
    pub(super) provider: ProviderId,
    pub(super) services: Vec<ServiceId>,
    pub(super) domain: Name,
    pub(super) hosts: Vec<Host>,
}

impl PendingConsent {
    /// What comes back with the browser, by which the request is found again.
    pub fn state(&self) -> &str {
        self.state.reveal()
    }

    /// Reads the query of the URL that the browser came back to.
    pub fn read_return(&self, query: &str) -> Result<AuthorizationCode, ConsentError> {
        read_return(query, self.state())
    }

    /// Reads what a person copied, where no browser can come back: the code, or the whole URL with it. A state that is
    /// there must be the right one; some pages show none.
    pub fn read_pasted(&self, text: &str) -> Result<AuthorizationCode, ConsentError> {
        read_pasted(text, self.state())
    }
}

/// Reads the query of the URL that a browser came back to.
pub(crate) fn read_return(query: &str, state: &str) -> Result<AuthorizationCode, ConsentError> {
    let parameters = Parameters::read(query)?;
    parameters.check_state(state)?;
    code_of(&parameters)
}

/// Reads what a person copied.
pub(crate) fn read_pasted(text: &str, state: &str) -> Result<AuthorizationCode, ConsentError> {
    let text = text.trim();
    let query = match Url::parse(text) {
        Ok(url) => url.query().unwrap_or_default().to_owned(),
        Err(_) if text.contains("code=") || text.contains("error=") => {
            text.trim_start_matches('?').to_owned()
        }
        Err(_) => return AuthorizationCode::new(text),
    };
    let parameters = Parameters::read(&query)?;
    if parameters.get("state").is_some() {
        parameters.check_state(state)?;
    }
    code_of(&parameters)
}

fn code_of(parameters: &Parameters) -> Result<AuthorizationCode, ConsentError> {
    if let Some(error) = parameters.get("error") {
        return Err(ConsentError::Refused {
            error: one_line(error),
            description: parameters.get("error_description").map(one_line),
        });
    }
    AuthorizationCode::new(parameters.get("code").unwrap_or_default())
}

/// What a person's consent is worth: tokens, once, for some minutes.
#[derive(Clone, Eq, PartialEq)]
pub struct AuthorizationCode(String);

impl AuthorizationCode {
    fn new(text: &str) -> Result<Self, ConsentError> {
        let is_code = !text.is_empty()
            && text.len() <= MAX_CODE
            && text.chars().all(|c| matches!(c, '\u{20}'..='\u{7e}'));
        if is_code {
            Ok(Self(text.to_owned()))
        } else {
            Err(ConsentError::NoCode)
        }
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AuthorizationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthorizationCode(hidden)")
    }
}

/// Why there is no permission.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ConsentError {
    /// The provider has no asynchronous flow for this zone.
    #[error(
        "{provider} does not offer the asynchronous flow for this domain: use the synchronous one"
    )]
    NotOffered {
        /// Its name.
        provider: String,
    },
    /// No template is named.
    #[error("no template is asked for: name one at least")]
    NoService,
    /// Nothing is asked for (NameDrop).
    #[error("no scope is asked for: name one at least")]
    NoScope,
    /// The credentials are not for this provider.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// The link cannot be made.
    #[error(transparent)]
    Request(#[from] ApplyRequestError),
    /// What came back cannot be believed.
    #[error(transparent)]
    Return(#[from] ReturnError),
    /// The person, or the provider, says no.
    #[error("the DNS provider gives no permission: {error}{}", description.as_deref().map(|text| format!(" ({text})")).unwrap_or_default())]
    Refused {
        /// The code, such as `access_denied`.
        error: String,
        /// What the provider says about it, safe to show on one line.
        description: Option<String>,
    },
    /// There is no code.
    #[error("there is no code in what came back: begin again")]
    NoCode,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PlainHttp;
    use domain_connect::GrantQuery;
    use easement_outbound::SystemRandom;

    fn settings(api: &str) -> ProviderSettings {
        let json = format!(
            r#"{{"providerId":"dns.example","urlAPI":"{api}","urlAsyncUX":"https://dns.example/ux"}}"#
        );
        ProviderSettings::read(json.as_bytes(), "example.com", PlainHttp::Refuse).unwrap()
    }

    fn credentials() -> ProviderCredentials {
        let settings = settings("https://api.dns.example");
        ProviderCredentials::of_published_client(&settings, "app", Some("s3cret"))
    }

    fn request() -> ConsentRequest {
        ConsentRequest {
            provider: "exampleservice.example".parse().unwrap(),
            services: vec!["b".parse().unwrap(), "a".parse().unwrap()],
            domain: "Example.com".parse().unwrap(),
            hosts: vec!["@".parse().unwrap(), "sub".parse().unwrap()],
            variables: [("IP".parse().unwrap(), "192.0.2.1".to_owned())]
                .into_iter()
                .collect(),
            redirect_uri: "http://127.0.0.1:7/back?x=1".parse().unwrap(),
            provider_name: None,
            service_name: Some("Ä & B".parse().unwrap()),
        }
    }

    fn begin(request: ConsentRequest) -> Result<(Url, PendingConsent), ConsentError> {
        request.begin(
            &settings("https://api.dns.example"),
            &credentials(),
            &SystemRandom,
        )
    }

    #[test]
    fn a_provider_reads_what_was_asked() {
        let (url, _) = begin(request()).unwrap();
        assert_eq!(
            url.path(),
            "/ux/v2/domainTemplates/providers/exampleservice.example"
        );
        let read = GrantQuery::parse(url.query().unwrap()).unwrap();
        let expected = request();
        assert_eq!(read.domain, expected.domain);
        assert_eq!(read.hosts, expected.hosts.into_iter().collect());
        assert_eq!(read.services, expected.services.into_iter().collect());
        assert_eq!(read.service_name, expected.service_name);
        assert_eq!(read.variables, expected.variables);
        let mut apex = request();
        apex.hosts = Vec::new();
        let (url, _) = begin(apex).unwrap();
        assert!(!url.as_str().contains("host="), "{url}");
    }

    #[test]
    fn state_and_verifier_are_new_and_hidden() {
        let (url, one) = begin(request()).unwrap();
        let (_, two) = begin(request()).unwrap();
        assert_ne!(one.state(), two.state());
        assert_ne!(one.verifier, two.verifier);
        assert!(one.verifier.reveal().len() >= 43);
        assert!(!url.as_str().contains(one.verifier.reveal()));
        assert!(url.as_str().contains(&challenge(one.verifier.reveal())));
        let shown = format!("{one:?}");
        assert!(!shown.contains(one.state()) && !shown.contains(one.verifier.reveal()));
        let stored = serde_json::to_string(&one).unwrap();
        assert_eq!(
            serde_json::from_str::<PendingConsent>(&stored).unwrap(),
            one
        );
    }

    /// RFC 7636 appendix B.
    #[test]
    fn the_challenge_is_that_of_the_specification() {
        assert_eq!(
            challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn nobody_is_asked_at_a_provider_that_is_elsewhere_now() {
        let refused = request().begin(
            &settings("https://evil.example"),
            &credentials(),
            &SystemRandom,
        );
        assert!(matches!(
            refused,
            Err(ConsentError::Credentials(CredentialsError::OtherApi { .. }))
        ));
    }

    #[test]
    fn what_comes_back_is_a_code_a_refusal_or_nothing() {
        let (_, pending) = begin(request()).unwrap();
        let with_state = |rest: &str| format!("{rest}&state={}", pending.state());
        assert_eq!(
            pending.read_return(&with_state("code=c")).unwrap().reveal(),
            "c"
        );
        assert_eq!(
            pending.read_return("code=c"),
            Err(ConsentError::Return(ReturnError::OtherState))
        );
        assert_eq!(
            pending.read_return(&with_state("code=")),
            Err(ConsentError::NoCode)
        );
        let refused = pending.read_return(&with_state("error=access_denied&code=c"));
        assert!(matches!(refused, Err(ConsentError::Refused { .. })));
        for pasted in [
            "c",
            " c\n",
            "code=c",
            "https://dynamicdns.example/ddnscode?code=c",
            "?code=c&x=y",
        ] {
            assert_eq!(
                pending.read_pasted(pasted).unwrap().reveal(),
                "c",
                "{pasted}"
            );
        }
        assert!(
            pending
                .read_pasted("https://a.example/?code=c&state=other")
                .is_err()
        );
        assert!(pending.read_pasted("").is_err());
        assert!(pending.read_pasted("a\u{1b}b").is_err());
    }
}
