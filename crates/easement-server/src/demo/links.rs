//! The links by which the demo's service providers ask to be connected.

use domain_connect::{KeyLabel, SignError, SigningKey, canonical_query};

/// The label of every service provider's key: `_dck1.<provider>`.
pub(super) const KEY_LABEL: &str = "_dck1";

/// Something that a service provider offers on its page.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Offer {
    /// What it is called.
    pub title: &'static str,
    /// What it does.
    pub description: &'static str,
    /// The service provider's id.
    pub provider: &'static str,
    /// The service's id.
    pub service: &'static str,
    /// What the link asks for besides the zone, the redirect and the state.
    pub parameters: &'static [(&'static str, &'static str)],
}

/// Everything that is offered, in the order in which a newcomer would try it.
pub const OFFERS: [Offer; 5] = [
    Offer {
        title: "a website",
        description: "Sitewright hosts a website at example.test and www.example.test.",
        provider: "sitewright.test",
        service: "website",
        parameters: &[("address", "203.0.113.20"), ("site", "7f3c21")],
    },
    Offer {
        title: "mail",
        description: "Fernmail takes over mail for example.test and joins those who may send it.",
        provider: "fernmail.test",
        service: "business",
        parameters: &[("tenant", "example-test")],
    },
    Offer {
        title: "newsletters, sending only",
        description: "Parcelpress sends newsletters. Of its three groups of records, this asks for one.",
        provider: "parcelpress.test",
        service: "newsletter",
        parameters: &[("groupId", "sending")],
    },
    Offer {
        title: "newsletter tracking",
        description: "The same service asks for another of its groups; the first one stays.",
        provider: "parcelpress.test",
        service: "newsletter",
        parameters: &[("groupId", "tracking")],
    },
    Offer {
        title: "a page at www",
        description: "Onepager wants www.example.test, which another service may be using.",
        provider: "onepager.test",
        service: "page",
        parameters: &[("host", "www")],
    },
];

/// Makes signed links that lead to a DNS provider.
#[derive(Debug)]
pub struct Links {
    key: SigningKey,
    /// Where the DNS provider's apply pages are, without a final slash.
    apply_origin: String,
    /// Where people come back to.
    redirect_uri: String,
}

impl Links {
    /// Links from this key to that DNS provider and back to that page.
    pub fn new(key: SigningKey, apply_origin: &str, redirect_uri: &str) -> Self {
        Self {
            key,
            apply_origin: apply_origin.trim_end_matches('/').to_owned(),
            redirect_uri: redirect_uri.to_owned(),
        }
    }

    /// A signed link for an offer, to be applied to this zone and to bring back this state.
    pub fn link(&self, offer: &Offer, domain: &str, state: &str) -> Result<String, SignError> {
        let fixed = [
            ("domain", domain),
            ("redirect_uri", self.redirect_uri.as_str()),
            ("state", state),
        ];
        let query = canonical_query(fixed.into_iter().chain(offer.parameters.iter().copied()));
        self.signed_link(offer.provider, offer.service, &query)
    }

    /// A signed link with a query of one's own.
    pub fn signed_link(
        &self,
        provider: &str,
        service: &str,
        query: &str,
    ) -> Result<String, SignError> {
        let label: KeyLabel = KEY_LABEL.parse().map_err(|_| SignError::Failed)?;
        let query = self.key.sign(query, &label)?;
        let origin = &self.apply_origin;
        Ok(format!(
            "{origin}/v2/domainTemplates/providers/{provider}/services/{service}/apply?{query}"
        ))
    }

    /// The texts to publish at the key's name.
    pub fn public_records(&self) -> Result<Vec<String>, SignError> {
        self.key.public_records()
    }
}
