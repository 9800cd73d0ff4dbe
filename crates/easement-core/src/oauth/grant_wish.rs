//! What a request asks an owner to allow (Domain Connect 2.3, "OAuth Flow: Getting an Authorization Code").

use domain_connect::{GrantQuery, ProviderId, Variables};

use super::{AgreedConflict, AgreedRecord, AuthorizationFault, GrantRight, OAuthClient};

/// Which templates, at which hosts of which zone, a client asks for, and may ask for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GrantWish {
    /// Whose templates.
    pub provider: ProviderId,
    /// Which, and where.
    pub query: GrantQuery,
}

impl GrantWish {
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
        let query = GrantQuery::from_pairs(rest.iter().cloned())?;
        let may_ask = |service| client.registration.templates.contains(service);
        if let Some(service) = query.services.iter().find(|service| !may_ask(service)) {
            return Err(AuthorizationFault::Template {
                service: service.to_string(),
            });
        }
        Ok(Self {
            provider: provider.clone(),
            query,
        })
    }

    /// What the owner's yes would allow, with the values that are parts of names, what may be written, and what
    /// may go.
    pub fn right(
        &self,
        fixed: Variables,
        records: Vec<AgreedRecord>,
        agreed: Vec<AgreedConflict>,
    ) -> GrantRight {
        GrantRight::Templates {
            provider: self.provider.clone(),
            services: self.query.services.iter().cloned().collect(),
            hosts: self.query.hosts.iter().cloned().collect(),
            fixed,
            records,
            agreed,
        }
    }
}

#[cfg(test)]
mod tests {
    use domain_connect::{ErrorCode, ServiceId, Variables};

    use super::super::authorization::tests::pairs;
    use super::super::client::tests::{client, confidential};
    use super::*;

    fn read(provider: &str, text: &str) -> Result<GrantWish, AuthorizationFault> {
        GrantWish::read(
            &client(confidential()),
            &provider.parse().unwrap(),
            &pairs(text),
        )
    }

    #[test]
    fn scopes_and_hosts_are_lists_and_a_blank_host_is_the_apex() {
        for (text, services, hosts) in [
            ("scope=web+mail", &["mail", "web"][..], &["@"][..]),
            ("scope=web&host=", &["web"], &["@"]),
            ("scope=web&host=sub1,sub2", &["web"], &["sub1", "sub2"]),
            ("scope=web&host=sub1,", &["web"], &["@", "sub1"]),
            ("scope=+web++web&host=a,A, a", &["web"], &["a"]),
        ] {
            let wish = read("host.example", &format!("{text}&domain=example.com&IP=1")).unwrap();
            let found: Vec<&str> = wish.query.services.iter().map(ServiceId::as_str).collect();
            assert_eq!(found, services, "{text}");
            let found: Vec<String> = wish.query.hosts.iter().map(ToString::to_string).collect();
            assert_eq!(found, hosts, "{text}");
            let right = wish.right(Variables::new(), Vec::new(), Vec::new());
            assert_eq!(right.targets().len(), services.len() * hosts.len());
        }
    }

    #[test]
    fn what_a_client_may_not_ask_for_is_refused() {
        use ErrorCode::{InvalidRequest, InvalidScope, UnauthorizedClient};
        let hosts: Vec<String> = (0..17).map(|at| format!("h{at}")).collect();
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
