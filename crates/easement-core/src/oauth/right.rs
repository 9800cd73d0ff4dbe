//! What a grant lets a client do.

use std::fmt;

use domain_connect::{ProviderId, ServiceId, Variables};
use easement_zone::Host;
use serde::{Deserialize, Serialize};

/// What a grant lets a client do in its zone.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum GrantRight {
    /// Each of these templates at each of these hosts (Domain Connect 2.3, "OAuth Flow: Getting an Authorization
    /// Code").
    Templates {
        /// Whose templates.
        provider: ProviderId,
        /// Which of them.
        services: Vec<ServiceId>,
        /// Where.
        hosts: Vec<Host>,
        /// The values of variables that are parts of names: each use has them, since the owner said yes to names.
        #[serde(default, skip_serializing_if = "Variables::is_empty")]
        fixed: Variables,
    },
}

impl GrantRight {
    /// Whether it is for this template at this host. Hosts are compared label by label: one does not cover what
    /// is below it.
    pub fn allows(&self, target: &GrantTarget) -> bool {
        match self {
            Self::Templates {
                provider,
                services,
                hosts,
                fixed: _,
            } => {
                *provider == target.provider
                    && services.contains(&target.service)
                    && hosts.contains(&target.host)
            }
        }
    }

    /// The values of variables that are parts of names.
    pub fn fixed(&self) -> &Variables {
        match self {
            Self::Templates { fixed, .. } => fixed,
        }
    }

    /// Every combination of template and host.
    pub fn targets(&self) -> Vec<GrantTarget> {
        match self {
            Self::Templates {
                provider,
                services,
                hosts,
                fixed: _,
            } => services
                .iter()
                .flat_map(|service| {
                    hosts.iter().map(|host| GrantTarget {
                        provider: provider.clone(),
                        service: service.clone(),
                        host: host.clone(),
                    })
                })
                .collect(),
        }
    }
}

/// One template at one host: what one use of a grant is for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GrantTarget {
    /// Whose template.
    pub provider: ProviderId,
    /// Which of them.
    pub service: ServiceId,
    /// Where.
    pub host: Host,
}

impl fmt::Display for GrantTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            provider,
            service,
            host,
        } = self;
        write!(f, "{provider}/{service} at the host {host}")
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn target(provider: &str, service: &str, host: &str) -> GrantTarget {
        GrantTarget {
            provider: provider.parse().unwrap(),
            service: service.parse().unwrap(),
            host: host.parse().unwrap(),
        }
    }

    pub(in super::super) fn right() -> GrantRight {
        GrantRight::Templates {
            provider: "host.example".parse().unwrap(),
            services: vec!["web".parse().unwrap(), "mail".parse().unwrap()],
            hosts: vec![Host::apex(), "www".parse().unwrap()],
            fixed: Variables::new(),
        }
    }

    #[test]
    fn every_combination_is_allowed_and_nothing_else() {
        for (provider, service, host, is_allowed) in [
            ("host.example", "web", "@", true),
            ("host.example", "web", "WWW", true),
            ("host.example", "mail", "www", true),
            ("host.example", "mail", "a.www", false),
            ("host.example", "mail", "ww", false),
            ("host.example", "shop", "www", false),
            ("host.example", "Web", "www", false),
            ("other.example", "web", "www", false),
        ] {
            let target = target(provider, service, host);
            assert_eq!(right().allows(&target), is_allowed, "{target}");
        }
        assert_eq!(right().targets().len(), 4);
        assert!(right().targets().iter().all(|one| right().allows(one)));
    }

    #[test]
    fn a_right_is_stored_as_a_document() {
        let text = serde_json::to_string(&right()).unwrap();
        assert_eq!(
            text,
            r#"{"kind":"templates","provider":"host.example","services":["web","mail"],"hosts":["@","www"]}"#
        );
        assert_eq!(serde_json::from_str::<GrantRight>(&text).unwrap(), right());
    }
}
