//! What a service provider asks to be allowed for later.

use std::collections::BTreeSet;

use easement_zone::{Host, Name};

use super::RawQuery;
use super::apply::{ApplyQuery, QueryError};
use super::fields::{Fields, once};
use crate::{DisplayName, ErrorCode, IdError, ServiceId, Variables};

/// What a link of the asynchronous flow asks for: to apply these templates at these hosts, at any later time
/// (Domain Connect 2.3, "OAuth Flow: Getting an Authorization Code").
///
/// What OAuth needs besides (`client_id`, `redirect_uri`, `response_type`, `state` and those of PKCE) is left to whoever
/// does OAuth, and is not among the variables.
///
/// ```
/// use domain_connect::{GrantQuery, GrantQueryError};
///
/// let query = GrantQuery::parse("domain=example.com&host=shop,&scope=web+mail&client_id=app&IP=192.0.2.1")?;
/// let hosts: Vec<String> = query.hosts.iter().map(ToString::to_string).collect();
/// assert_eq!(hosts, ["@", "shop"]);
/// let services: Vec<&str> = query.services.iter().map(|service| service.as_str()).collect();
/// assert_eq!(services, ["mail", "web"]);
/// assert_eq!(query.variables.len(), 1);
/// assert!(matches!(GrantQuery::parse("domain=example.com"), Err(GrantQueryError::NoScope)));
///
/// let hosts: String = (0..=GrantQuery::MAX_HOSTS).map(|one| format!("h{one},")).collect();
/// let many = GrantQuery::parse(&format!("domain=example.com&scope=web&host={hosts}"));
/// assert!(matches!(many, Err(GrantQueryError::TooManyHosts { .. })));
/// let services: String = (0..=GrantQuery::MAX_SERVICES).map(|one| format!("s{one}+")).collect();
/// let many = GrantQuery::parse(&format!("domain=example.com&scope={services}"));
/// assert!(matches!(many, Err(GrantQueryError::TooManyServices { .. })));
/// # Ok::<(), GrantQueryError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GrantQuery {
    /// The apex of the zone.
    pub domain: Name,
    /// The hosts below it.
    pub hosts: BTreeSet<Host>,
    /// Which of the provider's templates.
    pub services: BTreeSet<ServiceId>,
    /// A name to show beside the service provider's.
    pub provider_name: Option<DisplayName>,
    /// A name to show beside the services'.
    pub service_name: Option<DisplayName>,
    /// The values of variables: those in names are fixed by them, others are examples.
    pub variables: Variables,
}

impl GrantQuery {
    /// The most hosts.
    pub const MAX_HOSTS: usize = 16;
    /// The most templates.
    pub const MAX_SERVICES: usize = 16;
    /// Parameters of OAuth (RFC 6749 section 4.1.1, RFC 7636 section 4.3).
    const OF_OAUTH: [&'static str; 6] = [
        "client_id",
        "redirect_uri",
        "response_type",
        "state",
        "code_challenge",
        "code_challenge_method",
    ];

    /// Reads the query of a link, without its `?`.
    pub fn parse(raw: &str) -> Result<Self, GrantQueryError> {
        if raw.len() > ApplyQuery::MAX_OCTETS {
            return Err(QueryError::TooLong { octets: raw.len() }.into());
        }
        let pairs = RawQuery::new(raw).pairs().filter(|pair| !pair.is_empty());
        let pairs: Result<Vec<_>, QueryError> = pairs
            .map(|pair| {
                pair.decode().map_err(|source| QueryError::Encoding {
                    pair: pair.raw().chars().take(80).collect(),
                    source,
                })
            })
            .collect();
        Self::from_pairs(pairs?)
    }

    /// Reads names and values that were decoded.
    ///
    /// ```
    /// use domain_connect::GrantQuery;
    ///
    /// let pairs = [("domain", "example.com"), ("scope", "web")];
    /// let query = GrantQuery::from_pairs(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())))?;
    /// assert!(query.hosts.iter().all(|host| host.is_apex()));
    /// # Ok::<(), domain_connect::GrantQueryError>(())
    /// ```
    pub fn from_pairs(
        pairs: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, GrantQueryError> {
        let mut fields = Fields::default();
        let mut scope = None;
        for (name, value) in pairs {
            match name.as_str() {
                "scope" => once("scope", &mut scope, value)?,
                of_oauth if Self::OF_OAUTH.contains(&of_oauth) => {}
                _ => fields.take(name, value)?,
            }
        }
        let query = Self {
            domain: fields.domain()?,
            hosts: fields.hosts()?,
            services: read_scope(scope.as_deref().unwrap_or_default())?,
            provider_name: fields.given.provider_name()?,
            service_name: fields.given.service_name()?,
            variables: fields.given.all_variables()?,
        };
        match (query.hosts.len(), query.services.len()) {
            (hosts, _) if hosts > Self::MAX_HOSTS => Err(GrantQueryError::TooManyHosts { hosts }),
            (_, services) if services > Self::MAX_SERVICES => {
                Err(GrantQueryError::TooManyServices { services })
            }
            (_, _) => Ok(query),
        }
    }
}

fn read_scope(text: &str) -> Result<BTreeSet<ServiceId>, GrantQueryError> {
    let words = text.split(' ').filter(|word| !word.is_empty());
    let services: BTreeSet<ServiceId> = words
        .map(str::parse)
        .collect::<Result<_, IdError>>()
        .map_err(GrantQueryError::Scope)?;
    if services.is_empty() {
        return Err(GrantQueryError::NoScope);
    }
    Ok(services)
}

/// Why a link does not say what is asked for.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum GrantQueryError {
    /// A parameter is not right.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// No template is named.
    #[error("the parameter `scope` is missing: it names the templates, with spaces between them")]
    NoScope,
    /// What is no name of a template.
    #[error("the parameter `scope` names no template: {0}")]
    Scope(#[source] IdError),
    /// Too many hosts.
    #[error(
        "{hosts} hosts are asked for, and at most {} may be",
        GrantQuery::MAX_HOSTS
    )]
    TooManyHosts {
        /// How many.
        hosts: usize,
    },
    /// Too many templates.
    #[error(
        "{services} templates are asked for, and at most {} may be",
        GrantQuery::MAX_SERVICES
    )]
    TooManyServices {
        /// How many.
        services: usize,
    },
}

impl GrantQueryError {
    /// The code of OAuth for it (RFC 6749 section 4.1.2.1).
    ///
    /// ```
    /// use domain_connect::{ErrorCode, GrantQuery};
    ///
    /// let code = |query: &str| GrantQuery::parse(query).unwrap_err().code();
    /// assert_eq!(code("scope=web"), ErrorCode::InvalidRequest);
    /// assert_eq!(code("domain=example.com"), ErrorCode::InvalidScope);
    /// ```
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Query(_) | Self::TooManyHosts { .. } => ErrorCode::InvalidRequest,
            Self::NoScope | Self::Scope(_) | Self::TooManyServices { .. } => {
                ErrorCode::InvalidScope
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_a_list_and_an_empty_one_is_the_apex() {
        for (host, hosts) in [
            ("", vec!["@"]),
            ("&host=", vec!["@"]),
            ("&host=sub1,sub2", vec!["sub1", "sub2"]),
            ("&host=sub1,", vec!["@", "sub1"]),
            ("&host=,sub1", vec!["@", "sub1"]),
            ("&host=%40,SUB1,sub1", vec!["@", "sub1"]),
            ("&host=a.b", vec!["a.b"]),
        ] {
            let query = GrantQuery::parse(&format!("domain=example.com&scope=a{host}")).unwrap();
            let found: Vec<String> = query.hosts.iter().map(ToString::to_string).collect();
            assert_eq!(found, hosts, "{host}");
        }
    }

    #[test]
    fn what_cannot_be_granted_is_refused() {
        let many = (0..17).map(|one| format!("s{one}")).collect::<Vec<_>>();
        for query in [
            "scope=a".to_owned(),
            "domain=example.com&scope=".to_owned(),
            "domain=example.com&scope=a&scope=b".to_owned(),
            "domain=example.com&scope=a/b".to_owned(),
            "domain=example.com&domain=example.org&scope=a".to_owned(),
            "domain=example.com&scope=a&host=*".to_owned(),
            "domain=example.com&scope=a&host=evil.".to_owned(),
            "domain=example.com&scope=a&IP=%zz".to_owned(),
            "domain=example.com&scope=a&IP=1&IP=2".to_owned(),
            format!("domain=example.com&scope={}", many.join("+")),
            format!("domain=example.com&scope=a&host={}", many.join(",")),
            format!("domain=example.com&scope=a&x={}", "a".repeat(8000)),
        ] {
            assert!(GrantQuery::parse(&query).is_err(), "{query}");
        }
    }

    #[test]
    fn what_belongs_to_oauth_is_no_variable() {
        let query = "client_id=domainconnect.org&scope=dynamicdns-v2&domain=example.test&host=&IP=0.0.0.0\
                     &IPv4=0.0.0.0&IPv6=%3A%3A&redirect_uri=https%3A%2F%2Fa.example%2Fcode&response_type=code&state=x\
                     &code_challenge=y&code_challenge_method=S256";
        let query = GrantQuery::parse(query).unwrap();
        let names: Vec<&str> = query
            .variables
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(names, ["IP", "IPv4", "IPv6"]);
    }
}
