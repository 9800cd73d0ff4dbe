//! The service providers of the demo: what they offer, and the links that they sign.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain_connect::{KeyLabel, SignError, SigningKey, canonical_query};
use easement_core::Random;

use crate::domain_connect::paths;

/// The label under which each of them publishes the key. They share one, which real ones do not.
pub(super) const KEY_LABEL: &str = "_dck1";

/// One service, with the values that its provider would know about a customer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Offer {
    pub(super) provider: &'static str,
    pub(super) service: &'static str,
    pub(super) template: &'static str,
    pub(super) title: &'static str,
    pub(super) description: &'static str,
    pub(super) parameters: &'static [(&'static str, &'static str)],
}

/// Everything that is offered to example.test.
pub(super) const OFFERS: &[Offer] = &[
    Offer {
        provider: "sitewright.test",
        service: "website",
        template: include_str!("../../demo/templates/sitewright.test.website.json"),
        title: "Sitewright website",
        description: "Shows your website at example.test and www.example.test.",
        parameters: &[("address", "192.0.2.80"), ("site", "s-4711")],
    },
    Offer {
        provider: "fernmail.test",
        service: "business",
        template: include_str!("../../demo/templates/fernmail.test.business.json"),
        title: "Fernmail business mail",
        description: "Takes over the mail of example.test: MX, SPF, DKIM and DMARC.",
        parameters: &[("tenant", "t-2038")],
    },
    Offer {
        provider: "parcelpress.test",
        service: "newsletter",
        template: include_str!("../../demo/templates/parcelpress.test.newsletter.json"),
        title: "Parcelpress newsletters",
        description: "Sends newsletters in your name; only proof and sending of its three parts.",
        parameters: &[("code", "c0ffee"), ("groupId", "proof,sending")],
    },
    Offer {
        provider: "onepager.test",
        service: "page",
        template: include_str!("../../demo/templates/onepager.test.page.json"),
        title: "Onepager at shop.example.test",
        description: "Shows a single page at a name of its own.",
        parameters: &[("host", "shop")],
    },
];

/// Signs links as a service provider does.
#[derive(Clone)]
pub struct ServiceProvider {
    key: Arc<SigningKey>,
    dns_provider: String,
    random: Arc<dyn Random>,
}

/// What a link asks for.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// The service provider's id.
    pub provider: &'a str,
    /// The service's id.
    pub service: &'a str,
    /// The zone.
    pub domain: &'a str,
    /// Everything else: host, groups, variables, `redirect_uri`, `state`.
    pub parameters: &'a [(&'a str, &'a str)],
}

impl ServiceProvider {
    pub(super) fn new(key: SigningKey, dns_provider: String, random: Arc<dyn Random>) -> Self {
        Self {
            key: Arc::new(key),
            dns_provider,
            random,
        }
    }

    /// The link that asks for this, signed.
    pub fn link(&self, wish: &Wish<'_>) -> Result<String, SignError> {
        let domain = ("domain", wish.domain);
        let parameters = wish.parameters.iter().copied().chain([domain]);
        let query = canonical_query(parameters);
        let label: KeyLabel = KEY_LABEL.parse().map_err(|_| SignError::Failed)?;
        let query = self.key.sign(&query, &label)?;
        let path = paths::APPLY
            .replace("{provider}", wish.provider)
            .replace("{service}", wish.service);
        Ok(format!("{}{path}?{query}", self.dns_provider))
    }

    /// A link for example.test, which leads back to this address with a state of its own.
    pub(super) fn link_for(&self, offer: &Offer, back: &str) -> Result<String, SignError> {
        let state = BASE64_URL_SAFE_NO_PAD.encode(self.random.octets(9));
        let mut parameters = offer.parameters.to_vec();
        parameters.extend([("redirect_uri", back), ("state", state.as_str())]);
        self.link(&Wish {
            provider: offer.provider,
            service: offer.service,
            domain: "example.test",
            parameters: &parameters,
        })
    }
}

impl std::fmt::Debug for ServiceProvider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServiceProvider")
            .field("dns_provider", &self.dns_provider)
            .finish_non_exhaustive()
    }
}
