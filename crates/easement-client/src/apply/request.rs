//! The link of the synchronous flow.

use domain_connect::{
    ApplyQuery, DisplayName, GroupId, InstanceId, KeyLabel, SignError, SigningKey, VariableName,
    Variables, canonical_query,
};
use easement_zone::{Host, Name};
use url::Url;

use crate::url_prefix::is_loopback;
use crate::{Discovery, TemplateId, UrlPrefix};

/// Names of parameters that this version of the protocol gives a meaning in some flow, besides those that
/// [`VariableName::is_reserved`] knows.
const ALSO_RESERVED: [&str; 6] = [
    "code",
    "grant_type",
    "client_secret",
    "refresh_token",
    "code_challenge",
    "code_challenge_method",
];

/// A template that shall be applied.
///
/// ```
/// use easement_client::{ApplyRequest, PlainHttp, UrlPrefix};
///
/// let mut request = ApplyRequest::new(
///     "exampleservice.example/template1".parse()?,
///     "example.com".parse()?,
///     "www".parse()?,
/// );
/// request.variables.insert("RANDOMTEXT".parse()?, "shm:1542108821:Hello world");
/// let ux = UrlPrefix::read("https://dns.example/connect", PlainHttp::Refuse)?;
/// let url = request.sync_url(&ux, None)?;
/// assert_eq!(
///     url.as_str(),
///     "https://dns.example/connect/v2/domainTemplates/providers/exampleservice.example/services/template1\
///      /apply?RANDOMTEXT=shm%3A1542108821%3AHello%20world&domain=example.com&host=www"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ApplyRequest {
    /// Which template.
    pub template: TemplateId,
    /// The apex of the zone.
    pub domain: Name,
    /// The host in the zone.
    pub host: Host,
    /// The values of the template's variables.
    pub variables: Variables,
    /// The groups of records that are wanted; none means all.
    pub groups: Vec<GroupId>,
    /// Which instance, of a template that allows several.
    pub instance: Option<InstanceId>,
    /// Where the browser shall go in the end.
    pub redirect_uri: Option<Url>,
    /// What shall come back with it: a new random text for each request.
    pub state: Option<String>,
    /// A name to show beside the service provider's, where the template allows it.
    pub provider_name: Option<DisplayName>,
    /// A name to show beside the service's, where the template allows it.
    pub service_name: Option<DisplayName>,
}

/// With which key a link is signed.
#[derive(Clone, Copy, Debug)]
pub struct Signing<'a> {
    /// The private key.
    pub key: &'a SigningKey,
    /// Where its public half is, below the domain that the template names.
    pub label: &'a KeyLabel,
}

impl ApplyRequest {
    /// A request with nothing but what every request has.
    pub fn new(template: TemplateId, domain: Name, host: Host) -> Self {
        Self {
            template,
            domain,
            host,
            variables: Variables::new(),
            groups: Vec::new(),
            instance: None,
            redirect_uri: None,
            state: None,
            provider_name: None,
            service_name: None,
        }
    }

    /// A request for what was discovered.
    pub fn at(template: TemplateId, discovery: &Discovery) -> Self {
        Self::new(template, discovery.zone.clone(), discovery.host.clone())
    }

    /// The link that the owner of the zone follows; signed when there is a key. The order of its parameters is
    /// that of their names, so the same request gives the same link.
    pub fn sync_url(
        &self,
        url_sync_ux: &UrlPrefix,
        signing: Option<Signing<'_>>,
    ) -> Result<Url, ApplyRequestError> {
        self.check_redirect()?;
        let mut parameters = common_parameters(&self.variables)?;
        parameters.extend(self.own_parameters());
        let pairs = parameters
            .iter()
            .map(|(name, value)| (*name, value.as_str()));
        let mut query = canonical_query(pairs);
        if let Some(Signing { key, label }) = signing {
            query = key.sign(&query, label)?;
        }
        if query.len() > ApplyQuery::MAX_OCTETS {
            let octets = query.len();
            return Err(ApplyRequestError::TooLong { octets });
        }
        let mut url = url_sync_ux.join(&format!("{}/apply", self.template.path()));
        url.set_query(Some(&query));
        Ok(url)
    }

    /// What the specification names (Domain Connect 2.3, "Parameters/properties"). The host of an apex is left out.
    fn own_parameters(&self) -> Vec<(&'static str, String)> {
        let groups: Vec<&str> = self.groups.iter().map(GroupId::as_str).collect();
        let display = |name: &Option<DisplayName>| name.as_ref().map(ToString::to_string);
        let optional = [
            (
                "host",
                (!self.host.is_apex()).then(|| self.host.to_string()),
            ),
            ("groupId", (!groups.is_empty()).then(|| groups.join(","))),
            (
                "instanceId",
                self.instance.as_ref().map(ToString::to_string),
            ),
            (
                "redirect_uri",
                self.redirect_uri.as_ref().map(Url::to_string),
            ),
            ("state", self.state.clone()),
            ("providerName", display(&self.provider_name)),
            ("serviceName", display(&self.service_name)),
        ];
        let optional = optional
            .into_iter()
            .filter_map(|(name, value)| value.map(|value| (name, value)));
        [("domain", self.domain.to_lowercase().to_text())]
            .into_iter()
            .chain(optional)
            .collect()
    }

    fn check_redirect(&self) -> Result<(), ApplyRequestError> {
        match &self.redirect_uri {
            Some(url) => check_redirect(url),
            None => Ok(()),
        }
    }
}

/// A redirect is to https, or to this machine.
pub(crate) fn check_redirect(url: &Url) -> Result<(), ApplyRequestError> {
    let is_usual = match url.scheme() {
        "https" => true,
        "http" => is_loopback(url),
        _ => false,
    };
    let is_plain = url.username().is_empty() && url.password().is_none();
    if is_usual && is_plain && url.fragment().is_none() {
        return Ok(());
    }
    let url = url.to_string();
    Err(ApplyRequestError::Redirect { url })
}

/// The variables, as parameters: none that means something else.
pub(crate) fn common_parameters(
    variables: &Variables,
) -> Result<Vec<(&str, String)>, ApplyRequestError> {
    let mut parameters = Vec::new();
    for (name, value) in variables.iter() {
        if name.is_reserved() || ALSO_RESERVED.contains(&name.as_str()) {
            let name = name.clone();
            return Err(ApplyRequestError::Reserved { name });
        }
        parameters.push((name.as_str(), value.to_owned()));
    }
    Ok(parameters)
}

/// Why there is no link.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ApplyRequestError {
    /// A variable has the name of a parameter.
    #[error(
        "the variable {name} has the name of a parameter of Domain Connect, and cannot be given a value"
    )]
    Reserved {
        /// Its name.
        name: VariableName,
    },
    /// The redirect would be refused everywhere.
    #[error(
        "the browser cannot be sent back to {url}: a redirect begins with https, or leads to this machine, and has no fragment and no user name"
    )]
    Redirect {
        /// Where it leads.
        url: String,
    },
    /// The link would be longer than providers read.
    #[error(
        "the link would have a query of {octets} octets, and providers need not read more than {}: shorten the values",
        ApplyQuery::MAX_OCTETS
    )]
    TooLong {
        /// How long.
        octets: usize,
    },
    /// The key does not sign.
    #[error(transparent)]
    Sign(#[from] SignError),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PlainHttp;
    use domain_connect::{SignatureParameters, WeakKeys, verify};

    fn request() -> ApplyRequest {
        let template = "exampleservice.example/template1".parse().unwrap();
        ApplyRequest::new(template, "Example.com".parse().unwrap(), Host::apex())
    }

    fn ux() -> UrlPrefix {
        UrlPrefix::read("https://dns.example", PlainHttp::Refuse).unwrap()
    }

    /// A template that reads all that a request may say.
    fn template() -> domain_connect::Template {
        let json = r#"{"providerId": "p", "providerName": "P", "serviceId": "s", "serviceName": "S",
            "multiInstance": true, "sharedProviderName": true, "sharedServiceName": true,
            "records": [{"type": "TXT", "host": "@", "data": "%IP% %TXT%", "ttl": 60}]}"#;
        domain_connect::Template::from_json(json).unwrap().0
    }

    #[test]
    fn every_parameter_is_read_again_by_a_provider() {
        let mut request = request();
        request.host = "shop".parse().unwrap();
        request.groups = vec!["b".parse().unwrap(), "a".parse().unwrap()];
        request.instance = Some("i1".parse().unwrap());
        request.redirect_uri = Some(
            "https://exampleservice.example/done?a=b%20c&d=e"
                .parse()
                .unwrap(),
        );
        request.state = Some("a b+c%/?&=#\u{fc}".to_owned());
        request.provider_name = Some("Reseller & Söhne".parse().unwrap());
        request.service_name = Some("Shop".parse().unwrap());
        request.variables.insert("IP".parse().unwrap(), "192.0.2.1");
        request.variables.insert(
            "TXT".parse().unwrap(),
            "v=1; +\u{1f600}&domain=evil.example",
        );
        let url = request.sync_url(&ux(), None).unwrap();
        let read = ApplyQuery::parse(url.query().unwrap(), &template()).unwrap();
        assert_eq!(read.domain, request.domain);
        assert_eq!(read.host, request.host);
        assert_eq!(
            read.groups.into_iter().collect::<Vec<_>>(),
            ["a", "b"].map(|g| g.parse().unwrap())
        );
        assert_eq!(read.instance, request.instance);
        assert_eq!(read.redirect_uri, request.redirect_uri);
        assert_eq!(read.state, request.state);
        assert_eq!(read.provider_name, request.provider_name);
        assert_eq!(read.service_name, request.service_name);
        assert_eq!(read.variables, request.variables);
        assert!(!url.as_str().contains('+'), "{url}");
    }

    #[test]
    fn variables_cannot_pass_for_parameters() {
        for name in [
            "domain",
            "sig",
            "state",
            "redirect_uri",
            "force",
            "instanceId",
            "client_secret",
        ] {
            let mut request = request();
            request.variables.insert(name.parse().unwrap(), "x");
            let refused = request.sync_url(&ux(), None).unwrap_err();
            assert!(
                matches!(refused, ApplyRequestError::Reserved { .. }),
                "{name}"
            );
        }
    }

    #[test]
    fn redirects_that_no_provider_follows_are_refused_here() {
        for url in [
            "http://exampleservice.example/",
            "javascript:alert(1)",
            "https://a@b.example/",
            "https://b.example/#x",
        ] {
            let mut request = request();
            request.redirect_uri = Some(url.parse().unwrap());
            assert!(request.sync_url(&ux(), None).is_err(), "{url}");
        }
        let mut request = request();
        request.redirect_uri = Some("http://127.0.0.1:8000/return".parse().unwrap());
        assert!(request.sync_url(&ux(), None).is_ok());
    }

    #[test]
    fn a_signed_link_passes_verification() {
        let pair = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
        let der = aws_lc_rs::encoding::AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&pair)
            .unwrap();
        let key = SigningKey::from_pkcs8_der(der.as_ref()).unwrap();
        let label: KeyLabel = "_dck1".parse().unwrap();
        let mut request = request();
        request.variables.insert("IP".parse().unwrap(), "192.0.2.1");
        request.state = Some("a b".to_owned());
        let signing = Signing {
            key: &key,
            label: &label,
        };
        let url = request.sync_url(&ux(), Some(signing)).unwrap();
        let query = ApplyQuery::parse(url.query().unwrap(), &template()).unwrap();
        let parameters = SignatureParameters::from_query(query.raw())
            .unwrap()
            .unwrap();
        assert_eq!(parameters.key, label);
        let texts = key.public_records().unwrap();
        let public = domain_connect::PublicKey::from_records(
            texts.iter().map(String::as_str),
            WeakKeys::Refuse,
        )
        .unwrap();
        verify(query.raw(), &parameters, &public).unwrap();
    }

    #[test]
    fn a_link_that_is_too_long_is_refused() {
        let mut request = request();
        request
            .variables
            .insert("T".parse().unwrap(), "\u{1f600}".repeat(700));
        let refused = request.sync_url(&ux(), None).unwrap_err();
        assert!(matches!(refused, ApplyRequestError::TooLong { .. }));
    }
}
