//! What an apply URL asks for.

use std::collections::BTreeSet;

use easement_zone::{Host, HostError, Label, Name, NameError};
use url::Url;

use super::RawQuery;
use crate::percent::PercentError;
use crate::render::is_hostname_label;
use crate::{DisplayName, GroupId, IdError, InstanceId, Template, VariableName, Variables};

/// What an apply URL asks for, read in full before anything is done with it.
///
/// ```
/// use domain_connect::{ApplyQuery, QueryError};
///
/// let query = ApplyQuery::parse("domain=Example.com&groupId=web,mail&IP=192.0.2.1")?;
/// assert_eq!(query.domain.to_text(), "example.com");
/// assert!(query.host.is_apex());
/// assert_eq!(query.groups.len(), 2);
/// assert_eq!(query.raw().pairs().count(), 3);
///
/// let long = format!("domain=example.com&x={}", "a".repeat(ApplyQuery::MAX_OCTETS));
/// assert!(matches!(ApplyQuery::parse(&long), Err(QueryError::TooLong { .. })));
/// let long = format!("domain=example.com&x={}", "a".repeat(ApplyQuery::MAX_VALUE_OCTETS + 1));
/// assert!(matches!(ApplyQuery::parse(&long), Err(QueryError::ValueTooLong { .. })));
/// let long = format!("domain=example.com&state={}", "a".repeat(ApplyQuery::MAX_STATE_OCTETS + 1));
/// assert!(matches!(ApplyQuery::parse(&long), Err(QueryError::ValueTooLong { .. })));
/// let many: String = (0..=ApplyQuery::MAX_VARIABLES).map(|one| format!("&v{one}=")).collect();
/// let many = ApplyQuery::parse(&format!("domain=example.com{many}"));
/// assert!(matches!(many, Err(QueryError::TooManyVariables)));
/// # Ok::<(), QueryError>(())
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
    /// The values of variables.
    pub variables: Variables,
    /// The parameters that the service provider says must be understood.
    critical: Vec<String>,
    /// The names of parameters that are not understood.
    unknown: Vec<String>,
    raw: String,
}

impl ApplyQuery {
    /// The longest query that is read; the draft asks for URLs of at least 8000 octets
    /// (section 8.3.1).
    pub const MAX_OCTETS: usize = 8000;
    /// The most variables.
    pub const MAX_VARIABLES: usize = 200;
    /// The longest value of a variable.
    pub const MAX_VALUE_OCTETS: usize = 4096;
    /// The longest `state`.
    pub const MAX_STATE_OCTETS: usize = 4096;

    /// Reads the query of an apply URL, without its `?`.
    ///
    /// `sig` and `key` are left to [`SignatureParameters`](crate::SignatureParameters): a template
    /// without a key ignores them, whatever they are (draft-05 section 8.3.4).
    ///
    /// ```
    /// use domain_connect::ApplyQuery;
    ///
    /// let query = ApplyQuery::parse("domain=example.com&host=shop&IP=192.0.2.1&state=a+b")?;
    /// assert_eq!(query.host.to_string(), "shop");
    /// assert_eq!(query.state.as_deref(), Some("a b"));
    /// assert_eq!(query.variables.get(&"IP".parse()?), Some("192.0.2.1"));
    /// assert!(ApplyQuery::parse("domain=example.com&IP=%zz").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn parse(raw: &str) -> Result<Self, QueryError> {
        if raw.len() > Self::MAX_OCTETS {
            return Err(QueryError::TooLong { octets: raw.len() });
        }
        let mut fields = Fields::default();
        let pairs = RawQuery::new(raw).pairs();
        for pair in pairs.filter(|pair| !pair.is_empty() && !pair.is_signature()) {
            let (name, value) = pair.decode().map_err(|source| QueryError::Encoding {
                pair: pair.raw().to_owned().chars().take(80).collect(),
                source,
            })?;
            fields.take(name, value)?;
        }
        fields.finish(raw)
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
    /// let query = ApplyQuery::parse("domain=example.com&host=shop")?;
    /// assert_eq!(query.check(&template), Ok(()));
    /// let query = ApplyQuery::parse("domain=example.com")?;
    /// assert_eq!(query.check(&template), Err(RequestError::HostRequired));
    /// let query = ApplyQuery::parse("domain=example.com&host=shop&crit=not.known&not.known=1")?;
    /// assert!(matches!(query.check(&template), Err(RequestError::Critical { .. })));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn check(&self, template: &Template) -> Result<(), RequestError> {
        if template.blocks_synchronous_flow() {
            return Err(RequestError::SynchronousFlowBlocked);
        }
        if let Some(name) = self
            .critical
            .iter()
            .find(|name| self.unknown.contains(name))
        {
            return Err(RequestError::Critical { name: name.clone() });
        }
        if template.requires_host() && self.host.is_apex() {
            return Err(RequestError::HostRequired);
        }
        Ok(())
    }
}

/// The parameters while they are gathered.
#[derive(Default)]
struct Fields {
    domain: Option<String>,
    host: Option<String>,
    redirect_uri: Option<String>,
    state: Option<String>,
    groups: BTreeSet<GroupId>,
    provider_name: Option<String>,
    service_name: Option<String>,
    instance: Option<String>,
    critical: Vec<String>,
    unknown: Vec<String>,
    variables: Variables,
}

impl Fields {
    fn take(&mut self, name: String, value: String) -> Result<(), QueryError> {
        match name.as_str() {
            "domain" => once("domain", &mut self.domain, value),
            "host" => once("host", &mut self.host, value),
            "redirect_uri" => once("redirect_uri", &mut self.redirect_uri, value),
            "state" => once("state", &mut self.state, value),
            "providerName" => once("providerName", &mut self.provider_name, value),
            "serviceName" => once("serviceName", &mut self.service_name, value),
            "instanceId" => once("instanceId", &mut self.instance, value),
            "groupId" => self.take_groups(&value),
            "crit" => {
                self.critical
                    .extend(value.split(',').map(|name| name.trim().to_owned()));
                Ok(())
            }
            _ => self.take_variable(name, value),
        }
    }

    /// A comma list, a repeated parameter, or both: both are seen from real service providers.
    fn take_groups(&mut self, list: &str) -> Result<(), QueryError> {
        for group in list
            .split(',')
            .map(str::trim)
            .filter(|text| !text.is_empty())
        {
            self.groups.insert(group.parse()?);
        }
        Ok(())
    }

    /// Whatever cannot be a variable is a parameter that this library does not know, and is ignored
    /// (draft-05 section 8.3.2.2).
    fn take_variable(&mut self, name: String, value: String) -> Result<(), QueryError> {
        let Ok(variable) = name.parse::<VariableName>() else {
            self.unknown.push(name);
            return Ok(());
        };
        if value.len() > ApplyQuery::MAX_VALUE_OCTETS {
            return Err(QueryError::ValueTooLong { name });
        }
        if value.chars().any(char::is_control) {
            return Err(QueryError::ControlCharacter { name });
        }
        if self
            .variables
            .get(&variable)
            .is_some_and(|earlier| earlier != value)
        {
            return Err(QueryError::TwoValues { name });
        }
        self.variables.insert(variable, value);
        if self.variables.len() > ApplyQuery::MAX_VARIABLES {
            return Err(QueryError::TooManyVariables);
        }
        Ok(())
    }

    fn finish(self, raw: &str) -> Result<ApplyQuery, QueryError> {
        let domain = self.domain.filter(|text| !text.is_empty());
        let domain = domain.ok_or(QueryError::NoDomain)?;
        Ok(ApplyQuery {
            domain: parse_domain(&domain)?,
            host: parse_host(self.host.as_deref().unwrap_or_default())?,
            redirect_uri: self
                .redirect_uri
                .filter(|text| !text.is_empty())
                .map(|text| {
                    Url::parse(&text).map_err(|source| QueryError::RedirectUri { text, source })
                })
                .transpose()?,
            state: checked_state(self.state)?,
            groups: self.groups,
            provider_name: display_name(self.provider_name)?,
            service_name: display_name(self.service_name)?,
            instance: self
                .instance
                .filter(|text| !text.is_empty())
                .map(|text| text.parse())
                .transpose()?,
            variables: self.variables,
            critical: self.critical,
            unknown: self.unknown,
            raw: raw.to_owned(),
        })
    }
}

fn once(name: &'static str, slot: &mut Option<String>, value: String) -> Result<(), QueryError> {
    if slot.as_ref().is_some_and(|earlier| *earlier != value) {
        return Err(QueryError::Repeated { name });
    }
    *slot = Some(value);
    Ok(())
}

fn parse_domain(text: &str) -> Result<Name, QueryError> {
    let error = |source| QueryError::Domain {
        text: text.to_owned(),
        source,
    };
    let name: Name = text.parse().map_err(error)?;
    if name.is_root() {
        return Err(error(NameError::EmptyLabel));
    }
    check_labels(text, name.labels())?;
    Ok(name.to_lowercase())
}

fn parse_host(text: &str) -> Result<Host, QueryError> {
    let host: Host = text
        .to_lowercase()
        .parse()
        .map_err(|source| QueryError::Host {
            text: text.to_owned(),
            source,
        })?;
    check_labels(text, host.labels())?;
    Ok(host)
}

/// Escapes of zone files, spaces and wildcards have no place in a domain or host of a request
/// (draft-05 section 3, `domain-name`).
fn check_labels<'a>(
    text: &str,
    mut labels: impl Iterator<Item = Label<'a>>,
) -> Result<(), QueryError> {
    if labels.all(is_hostname_label) && !text.contains('\\') {
        Ok(())
    } else {
        Err(QueryError::Character {
            text: text.to_owned(),
        })
    }
}

fn checked_state(state: Option<String>) -> Result<Option<String>, QueryError> {
    match state {
        Some(state) if state.len() > ApplyQuery::MAX_STATE_OCTETS => {
            Err(QueryError::ValueTooLong {
                name: "state".to_owned(),
            })
        }
        Some(state) if state.chars().any(char::is_control) => Err(QueryError::ControlCharacter {
            name: "state".to_owned(),
        }),
        state => Ok(state),
    }
}

fn display_name(text: Option<String>) -> Result<Option<DisplayName>, QueryError> {
    let text = text.filter(|text| !text.is_empty());
    Ok(text.map(|text| text.parse()).transpose()?)
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
    /// There are too many variables.
    #[error("there are more than {} variables", ApplyQuery::MAX_VARIABLES)]
    TooManyVariables,
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
}
