//! Which templates, where, a request asks for (Domain Connect 2.3, "OAuth Flow: Getting an Authorization Code").

use std::fmt::Display;
use std::str::FromStr;

use domain_connect::{DisplayName, ProviderId, ServiceId};
use easement_zone::{Host, Name};

use super::authorization::value;
use super::{AuthorizationFault, GrantRight, OAuthClient};

/// Which templates, at which hosts of which zone, a request asks for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TemplateWish {
    /// Whose templates.
    pub provider: ProviderId,
    /// Which of them, each once.
    pub services: Vec<ServiceId>,
    /// In which zone.
    pub domain: Name,
    /// At which hosts, each once.
    pub hosts: Vec<Host>,
    /// Words beside the provider's name.
    pub provider_name: Option<DisplayName>,
    /// Words beside the names of the services.
    pub service_name: Option<DisplayName>,
    /// What else stands in the request: values of variables that are needed for conflicts, and perhaps others.
    pub variables: Vec<(String, String)>,
}

const OWN: [&str; 5] = ["scope", "domain", "host", "providerName", "serviceName"];

impl TemplateWish {
    /// The most templates of one request.
    pub const MAX_SERVICES: usize = 20;
    /// The most hosts of one request.
    pub const MAX_HOSTS: usize = 50;

    /// Reads what a client asks for, of the provider that the path names. `rest` is that of an
    /// [`AuthorizationRequest`](super::AuthorizationRequest).
    pub fn read(
        client: &OAuthClient,
        provider: &ProviderId,
        rest: &[(String, String)],
    ) -> Result<Self, AuthorizationFault> {
        if client.registration.provider != *provider {
            return Err(AuthorizationFault::OtherProvider);
        }
        let domain = value(rest, "domain")?.filter(|text| !text.is_empty());
        let domain = domain.ok_or(AuthorizationFault::Missing {
            parameter: "domain",
        })?;
        let is_own = |(name, _): &&(String, String)| !OWN.contains(&name.as_str());
        Ok(Self {
            provider: provider.clone(),
            services: read_services(client, value(rest, "scope")?)?,
            domain: parse("domain", domain)?,
            hosts: read_hosts(value(rest, "host")?)?,
            provider_name: read_name(rest, "providerName")?,
            service_name: read_name(rest, "serviceName")?,
            variables: rest.iter().filter(is_own).cloned().collect(),
        })
    }

    /// What the owner's yes would allow.
    pub fn right(&self) -> GrantRight {
        GrantRight::Templates {
            provider: self.provider.clone(),
            services: self.services.clone(),
            hosts: self.hosts.clone(),
        }
    }
}

fn read_services(
    client: &OAuthClient,
    scope: Option<&str>,
) -> Result<Vec<ServiceId>, AuthorizationFault> {
    let words = scope.unwrap_or_default().split(' ');
    let mut services: Vec<ServiceId> = Vec::new();
    for word in words.filter(|word| !word.is_empty()) {
        let service: ServiceId = word.parse().map_err(scope_fault)?;
        if !client.registration.templates.contains(&service) {
            return Err(AuthorizationFault::Template {
                service: service.to_string(),
            });
        }
        if !services.contains(&service) {
            services.push(service);
        }
    }
    match services.len() {
        0 => Err(scope_fault("it names no template")),
        1..=TemplateWish::MAX_SERVICES => Ok(services),
        _ => Err(scope_fault(format_args!(
            "it names more than {} templates",
            TemplateWish::MAX_SERVICES
        ))),
    }
}

/// A blank entry is the apex, and so is nothing at all.
fn read_hosts(text: Option<&str>) -> Result<Vec<Host>, AuthorizationFault> {
    let mut hosts = Vec::new();
    for word in text.unwrap_or_default().split(',') {
        let host = match word.trim() {
            "" => Host::apex(),
            word => parse("host", word)?,
        };
        if !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    if hosts.len() > TemplateWish::MAX_HOSTS {
        return Err(AuthorizationFault::Malformed {
            parameter: "host",
            reason: format!("it names more than {} hosts", TemplateWish::MAX_HOSTS),
        });
    }
    Ok(hosts)
}

fn read_name(
    rest: &[(String, String)],
    parameter: &'static str,
) -> Result<Option<DisplayName>, AuthorizationFault> {
    let text = value(rest, parameter)?.filter(|text| !text.trim().is_empty());
    text.map(|text| parse(parameter, text)).transpose()
}

fn parse<T: FromStr<Err: Display>>(
    parameter: &'static str,
    text: &str,
) -> Result<T, AuthorizationFault> {
    text.parse()
        .map_err(|error: T::Err| AuthorizationFault::Malformed {
            parameter,
            reason: error.to_string(),
        })
}

fn scope_fault(reason: impl Display) -> AuthorizationFault {
    AuthorizationFault::Scope {
        reason: reason.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use domain_connect::ErrorCode;

    use super::super::authorization::tests::pairs;
    use super::super::client::tests::{client, confidential};
    use super::*;

    fn read(provider: &str, text: &str) -> Result<TemplateWish, AuthorizationFault> {
        TemplateWish::read(
            &client(confidential()),
            &provider.parse().unwrap(),
            &pairs(text),
        )
    }

    #[test]
    fn scopes_and_hosts_are_lists_and_a_blank_host_is_the_apex() {
        for (text, services, hosts) in [
            ("scope=web+mail", &["web", "mail"][..], &["@"][..]),
            ("scope=web&host=", &["web"], &["@"]),
            ("scope=web&host=sub1,sub2", &["web"], &["sub1", "sub2"]),
            ("scope=web&host=sub1,", &["web"], &["sub1", "@"]),
            ("scope=+web++web&host=a,A, a", &["web"], &["a"]),
        ] {
            let wish = read("host.example", &format!("{text}&domain=example.com&IP=1")).unwrap();
            let found: Vec<&str> = wish.services.iter().map(ServiceId::as_str).collect();
            assert_eq!(found, services, "{text}");
            let expected: Vec<Host> = hosts.iter().map(|host| host.parse().unwrap()).collect();
            assert_eq!(wish.hosts, expected, "{text}");
            assert_eq!(wish.variables, pairs("IP=1"));
            assert_eq!(wish.right().targets().len(), services.len() * hosts.len());
        }
    }

    #[test]
    fn what_a_client_may_not_ask_for_is_refused() {
        use ErrorCode::{InvalidRequest, InvalidScope, UnauthorizedClient};
        let hosts: Vec<String> = (0..51).map(|at| format!("h{at}")).collect();
        let hosts = format!("scope=web&domain=example.com&host={}", hosts.join(","));
        for (provider, text, code) in [
            (
                "other.example",
                "scope=web&domain=example.com",
                UnauthorizedClient,
            ),
            (
                "host.example",
                "scope=shop&domain=example.com",
                InvalidScope,
            ),
            (
                "host.example",
                "scope=web,mail&domain=example.com",
                InvalidScope,
            ),
            ("host.example", "scope=&domain=example.com", InvalidScope),
            ("host.example", "domain=example.com", InvalidScope),
            ("host.example", "scope=web", InvalidRequest),
            ("host.example", "scope=web&domain=", InvalidRequest),
            ("host.example", "scope=web&domain=a..b", InvalidRequest),
            (
                "host.example",
                "scope=web&domain=example.com&host=a..b",
                InvalidRequest,
            ),
            (
                "host.example",
                "scope=web&domain=example.com&providerName=a%0Ab",
                InvalidRequest,
            ),
            ("host.example", &hosts, InvalidRequest),
        ] {
            assert_eq!(read(provider, text).unwrap_err().code(), code, "{text}");
        }
    }
}
