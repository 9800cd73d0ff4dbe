//! Tokens as accounts of acme-dns: each for the texts at one name, made from a token for the names below
//! another.

use easement_zone::{Name, RecordType};

use super::{NameLimit, NameReach, SecretInUrl, TokenLimits, WebhookRight};
use crate::Network;

impl TokenLimits {
    /// The only name that the token is for, when it is for one alone.
    pub fn only_name(&self) -> Option<&Name> {
        self.only_limit(|reach| reach == NameReach::Exact)
    }

    /// The name below which the token is for every name, when it is for nothing else.
    pub fn only_subtree(&self) -> Option<&Name> {
        self.only_limit(|reach| reach != NameReach::Exact)
    }

    fn only_limit(&self, is_meant: impl Fn(NameReach) -> bool) -> Option<&Name> {
        match self.names.as_slice() {
            [limit] if is_meant(limit.reach()) => Some(limit.name()),
            _ => None,
        }
    }

    /// The only name that the token is for, when it begins with this label.
    pub fn only_name_with_label(&self, label: &str) -> Option<&Name> {
        self.only_name().filter(|name| {
            let first = name.labels().next();
            first.is_some_and(|first| first.octets().eq_ignore_ascii_case(label.as_bytes()))
        })
    }

    /// The limits of an account that is made from a token with these: the texts at one name, used from these
    /// networks, or from where the token itself may be used when there is none. Everything else is as it is for
    /// the token, but the account's secret stands in no URL.
    #[must_use]
    pub fn for_acme_dns_account(&self, name: Name, networks: Vec<Network>) -> Self {
        Self {
            names: vec![NameLimit::new(name, NameReach::Exact)],
            types: vec![RecordType::TXT],
            networks: if networks.is_empty() {
                self.networks.clone()
            } else {
                networks
            },
            in_url: SecretInUrl::Refused,
            webhooks: WebhookRight::None,
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Operations;

    fn limits(names: &[&str]) -> TokenLimits {
        let names = names.iter().map(|name| name.parse().unwrap()).collect();
        TokenLimits::new(names, vec![RecordType::TXT], Operations::all())
    }

    fn text(name: Option<&Name>) -> Option<String> {
        name.map(Name::to_text)
    }

    #[test]
    fn a_token_is_for_one_name_or_one_subtree_or_neither() {
        for (names, only_name, only_subtree) in [
            (&["home.example.test"][..], Some("home.example.test"), None),
            (&["*.acme.example.test"], None, Some("acme.example.test")),
            (&["**.acme.example.test"], None, Some("acme.example.test")),
            (&["=*.example.test"], Some("*.example.test"), None),
            (&["a.example.test", "b.example.test"], None, None),
            (&["*.a.example.test", "*.b.example.test"], None, None),
        ] {
            let limits = limits(names);
            assert_eq!(text(limits.only_name()).as_deref(), only_name, "{names:?}");
            assert_eq!(
                text(limits.only_subtree()).as_deref(),
                only_subtree,
                "{names:?}"
            );
        }
    }

    #[test]
    fn a_label_is_that_of_the_only_name() {
        for (names, label, found) in [
            (&["x.a.example.test"][..], "x", Some("x.a.example.test")),
            (&["x.a.example.test"], "X", Some("x.a.example.test")),
            (&["x.a.example.test"], "xy", None),
            (&["x.a.example.test"], "", None),
            (&["*.x.example.test"], "x", None),
            (&["x.a.example.test", "x.b.example.test"], "x", None),
        ] {
            let limits = limits(names);
            assert_eq!(
                text(limits.only_name_with_label(label)).as_deref(),
                found,
                "{label}"
            );
        }
    }

    #[test]
    fn an_account_is_within_the_token_that_it_is_made_from() {
        let invitation = TokenLimits {
            networks: vec!["192.0.2.0/24".parse().unwrap()],
            in_url: SecretInUrl::Allowed,
            webhooks: WebhookRight::Manage,
            max_records: Some(10),
            ..limits(&["*.acme.example.test"])
        };
        let name: Name = "x.acme.example.test.".parse().unwrap();
        let within = invitation.for_acme_dns_account(name.clone(), Vec::new());
        assert_eq!(within.exceeds(&invitation), None);
        assert_eq!(within.in_url, SecretInUrl::Refused);
        assert_eq!(within.webhooks, WebhookRight::None);
        let wide = vec!["198.51.100.0/24".parse().unwrap()];
        let wide = invitation.for_acme_dns_account(name, wide);
        assert!(wide.exceeds(&invitation).is_some());
    }
}
