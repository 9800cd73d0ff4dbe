//! What an apply URL asks for.

use std::collections::BTreeSet;

use easement_zone::{Host, HostError, Name, NameError};
use url::Url;

use super::RawQuery;
use super::fields::Fields;
use super::given::Given;
use crate::percent::PercentError;
use crate::{DisplayName, GroupId, IdError, InstanceId, Template, Variables};

/// What an apply URL asks for, read in full before anything is done with it.
///
/// ```
/// use domain_connect::{ApplyQuery, QueryError, Template};
///
/// let (template, _notes) = Template::from_json(r#"{
///     "providerId": "exampleservice.example", "providerName": "Example Service",
///     "serviceId": "web", "serviceName": "Websites",
///     "records": [{"type": "A", "host": "@", "pointsTo": "%IP%", "ttl": 600}]
/// }"#)?;
/// let read = |query: &str| ApplyQuery::parse(query, &template);
/// let query = read("domain=Example.com&groupId=web,mail&IP=192.0.2.1&other=%ff")?;
/// assert_eq!(query.domain.to_text(), "example.com");
/// assert!(query.host.is_apex());
/// assert_eq!((query.groups.len(), query.variables.len()), (2, 1));
/// assert_eq!(query.raw().pairs().count(), 4);
///
/// let long = format!("domain=example.com&x={}", "a".repeat(ApplyQuery::MAX_OCTETS));
/// assert!(matches!(read(&long), Err(QueryError::TooLong { .. })));
/// let long = "a".repeat(ApplyQuery::MAX_VALUE_OCTETS + 1);
/// let error = read(&format!("domain=example.com&IP={long}"));
/// assert!(matches!(error, Err(QueryError::ValueTooLong { .. })));
/// let long = "a".repeat(ApplyQuery::MAX_STATE_OCTETS + 1);
/// let error = read(&format!("domain=example.com&state={long}"));
/// assert!(matches!(error, Err(QueryError::ValueTooLong { .. })));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ApplyQuery {
    /// The apex of the zone.
    pub domain: Name,
    /// The host below it.
    pub host: Host,
    /// Where the browser goes when all is done.
    pub redirect_uri: Option<Url>,
    /// What the service provider wants back.
    pub state: Option<String>,
    /// The groups that are asked for; none means all records.
    pub groups: BTreeSet<GroupId>,
    /// A name to show beside the service provider's.
    pub provider_name: Option<DisplayName>,
    /// A name to show beside the service's.
    pub service_name: Option<DisplayName>,
    /// Which instance of a template that allows several.
    pub instance: Option<InstanceId>,
    /// The values of the template's variables.
    pub variables: Variables,
    given: Given,
    raw: String,
}

impl ApplyQuery {
    /// The longest query that is read; the draft asks for URLs of at least 8000 octets
    /// (section 8.3.1).
    pub const MAX_OCTETS: usize = 8000;
    /// The longest value of a variable.
    pub const MAX_VALUE_OCTETS: usize = 4096;
    /// The longest `state`.
    pub const MAX_STATE_OCTETS: usize = 4096;

    /// Reads the query of an apply URL for a template, without its `?`. Parameters that the template does not
    /// use are ignored, whatever they are (draft-05 section 9.2.2).
    ///
    /// `sig` and `key` are left to [`SignatureParameters`](crate::SignatureParameters): a template
    /// without a key ignores them, whatever they are (draft-05 section 8.3.4).
    ///
    /// ```
    /// use domain_connect::{ApplyQuery, Template};
    ///
    /// let (template, _notes) = Template::from_json(r#"{
    ///     "providerId": "exampleservice.example", "providerName": "Example Service",
    ///     "serviceId": "web", "serviceName": "Websites",
    ///     "records": [{"type": "A", "host": "@", "pointsTo": "%IP%", "ttl": 600}]
    /// }"#)?;
    /// let text = "domain=example.com&host=shop&IP=192.0.2.1&state=a+b&campaign=1&campaign=2";
    /// let query = ApplyQuery::parse(text, &template)?;
    /// assert_eq!(query.host.to_string(), "shop");
    /// assert_eq!(query.state.as_deref(), Some("a b"));
    /// assert_eq!(query.variables.get(&"IP".parse()?), Some("192.0.2.1"));
    /// assert!(ApplyQuery::parse("domain=example.com&IP=%zz", &template).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn parse(raw: &str, template: &Template) -> Result<Self, QueryError> {
        if raw.len() > Self::MAX_OCTETS {
            return Err(QueryError::TooLong { octets: raw.len() });
        }
        let mut fields = Fields::default();
        let pairs = RawQuery::new(raw).pairs();
        for pair in pairs.filter(|pair| !pair.is_empty() && !pair.is_signature()) {
            fields.take_pair(pair)?;
        }
        let given = &fields.given;
        let provider_name = template
            .allows_provider_name()
            .then(|| given.provider_name());
        let service_name = template.allows_service_name().then(|| given.service_name());
        let instance = template.is_multi_instance().then(|| given.instance());
        Ok(Self {
            domain: fields.domain()?,
            host: fields.host()?,
            redirect_uri: fields.redirect_uri()?,
            state: fields.state()?,
            provider_name: provider_name.transpose()?.flatten(),
            service_name: service_name.transpose()?.flatten(),
            instance: instance.transpose()?.flatten(),
            variables: given.variables(template)?,
            groups: fields.groups,
            given: fields.given,
            raw: raw.to_owned(),
        })
    }

    /// The query as it came.
    pub fn raw(&self) -> RawQuery<'_> {
        RawQuery::new(&self.raw)
    }

    /// Checks what can be checked about a request for this template in the synchronous flow before
    /// anybody is asked to sign in.
    ///
    /// ```
    /// use domain_connect::{ApplyQuery, RequestError, Template};
    ///
    /// let (template, _notes) = Template::from_json(r#"{
    ///     "providerId": "exampleservice.example", "providerName": "Example Service",
    ///     "serviceId": "web", "serviceName": "Websites", "hostRequired": true,
    ///     "records": [{"type": "CNAME", "host": "@", "pointsTo": "web.exampleservice.example", "ttl": 600}]
    /// }"#)?;
    /// let check = |query: &str| ApplyQuery::parse(query, &template).map(|query| query.check(&template));
    /// assert_eq!(check("domain=example.com&host=shop")?, Ok(()));
    /// assert_eq!(check("domain=example.com")?, Err(RequestError::HostRequired));
    /// let critical = check("domain=example.com&host=shop&crit=dryRun&dryRun=1")?;
    /// assert!(matches!(critical, Err(RequestError::Critical { .. })));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn check(&self, template: &Template) -> Result<(), RequestError> {
        if template.blocks_synchronous_flow() {
            return Err(RequestError::SynchronousFlowBlocked);
        }
        self.given.check_critical(template)?;
        if template.requires_host() && self.host.is_apex() {
            return Err(RequestError::HostRequired);
        }
        Ok(())
    }
}

//------------ QueryError ------------------------------------------------------------------------

/// Why a query is not one that asks for a template to be applied.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum QueryError {
    /// It is too long.
    #[error(
        "the query has {octets} octets, and at most {} are read",
        ApplyQuery::MAX_OCTETS
    )]
    TooLong {
        /// How long it is.
        octets: usize,
    },
    /// A pair cannot be decoded.
    #[error("`{pair}` cannot be decoded: {source}")]
    Encoding {
        /// The pair, cut after 80 characters.
        pair: String,
        /// What is wrong.
        source: PercentError,
    },
    /// A parameter is there more than once.
    #[error("the parameter `{name}` is there more than once")]
    Repeated {
        /// The parameter.
        name: &'static str,
    },
    /// A variable has two values.
    #[error("the variable `{name}` has two values")]
    TwoValues {
        /// The variable.
        name: String,
    },
    /// No domain is given.
    #[error("the parameter `domain` is missing: it names the domain to connect")]
    NoDomain,
    /// The domain is not one.
    #[error("`{text}` is not a domain name: {source}")]
    Domain {
        /// The text.
        text: String,
        /// What is wrong.
        source: NameError,
    },
    /// The host is not one.
    #[error("`{text}` is not a host: {source}")]
    Host {
        /// The text.
        text: String,
        /// What is wrong.
        source: HostError,
    },
    /// Domain or host has a character that names on the internet do not have.
    #[error("`{text}` has a character that is not allowed: use letters, digits, - and _")]
    Character {
        /// The text.
        text: String,
    },
    /// The redirect target is no absolute URL.
    #[error("the redirect_uri `{text}` is not an absolute URL: {source}")]
    RedirectUri {
        /// The text.
        text: String,
        /// What is wrong.
        source: url::ParseError,
    },
    /// A value is too long.
    #[error("the value of `{name}` is too long")]
    ValueTooLong {
        /// The parameter.
        name: String,
    },
    /// A value has a control character.
    #[error("the value of `{name}` has a control character, such as the end of a line")]
    ControlCharacter {
        /// The parameter.
        name: String,
    },
    /// An identifier is not one.
    #[error(transparent)]
    Id(#[from] IdError),
}

/// Why a request that can be read must still be refused for this template.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RequestError {
    /// The template is for another flow (draft-05 section 10.2, step 1).
    #[error("the service provider does not allow this service to be connected through a link")]
    SynchronousFlowBlocked,
    /// The template needs a host (draft-05 section 6.1, `hostRequired`).
    #[error("this service needs a host below the domain: the link must have the parameter `host`")]
    HostRequired,
    /// A parameter must be understood and is not (draft-05 section 8.3.2.2).
    #[error("the link says that `{name}` must be understood, which this server does not")]
    Critical {
        /// The parameter.
        name: String,
    },
    /// A value that the template needs cannot be read.
    #[error(transparent)]
    Query(#[from] QueryError),
}
