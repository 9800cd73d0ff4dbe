//! What is offered: the templates, and what they need from a visitor.

use easement_zone::{Name, NameError};
use serde_json::{Value, json};

/// One service, with a template of its own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Offer {
    /// The visitor's site, by a signed link.
    Website,
    /// The same by a link that is not signed.
    WebsiteUnsigned,
    /// The site, changed by the service itself after one consent.
    ManagedSite,
    /// A note that changes more often, beside it.
    ManagedNote,
}

/// What every text record of a site begins with.
pub(crate) const MESSAGE_PREFIX: &str = "shm=";
/// What every text record of a note begins with.
pub(crate) const NOTE_PREFIX: &str = "shm-note=";
/// The label that notes stand below.
pub(crate) const NOTE_LABEL: &str = "_note";
/// Templates of the synchronous flow.
pub(crate) const SYNCHRONOUS: [Offer; 2] = [Offer::Website, Offer::WebsiteUnsigned];
/// Templates of the asynchronous flow.
pub(crate) const ASYNCHRONOUS: [Offer; 2] = [Offer::ManagedSite, Offer::ManagedNote];

const TTL: u32 = 300;

impl Offer {
    /// All of them.
    pub(crate) const ALL: [Self; 4] = [
        Self::Website,
        Self::WebsiteUnsigned,
        Self::ManagedSite,
        Self::ManagedNote,
    ];

    /// Its `serviceId`.
    pub(crate) fn service(self) -> &'static str {
        match self {
            Self::Website => "website",
            Self::WebsiteUnsigned => "website-unsigned",
            Self::ManagedSite => "managed-site",
            Self::ManagedNote => "managed-note",
        }
    }

    /// Its name for people.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Website => "Website",
            Self::WebsiteUnsigned => "Website, by an unsigned link",
            Self::ManagedSite => "Managed website",
            Self::ManagedNote => "Managed note",
        }
    }

    /// The offer with this `serviceId`.
    pub(crate) fn find(service: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|offer| offer.service() == service)
    }

    /// Whether links for it are signed.
    pub(crate) fn is_signed(self) -> bool {
        match self {
            Self::Website => true,
            Self::WebsiteUnsigned | Self::ManagedSite | Self::ManagedNote => false,
        }
    }

    /// What the text record begins with that holds its message.
    pub(crate) fn text_prefix(self) -> &'static str {
        match self {
            Self::Website | Self::WebsiteUnsigned | Self::ManagedSite => MESSAGE_PREFIX,
            Self::ManagedNote => NOTE_PREFIX,
        }
    }

    /// Where that record stands, for the service at a name.
    pub(crate) fn text_owner(self, name: &Name) -> Result<Name, NameError> {
        match self {
            Self::Website | Self::WebsiteUnsigned | Self::ManagedSite => Ok(name.clone()),
            Self::ManagedNote => name.child(NOTE_LABEL),
        }
    }

    /// Whether the name gets an address: there is a site then.
    pub(crate) fn has_address(self) -> bool {
        match self {
            Self::Website | Self::WebsiteUnsigned | Self::ManagedSite => true,
            Self::ManagedNote => false,
        }
    }

    /// The values of its variables.
    pub(crate) fn variables(self, address: &str, message: &str) -> Vec<(&'static str, String)> {
        let text = ("RANDOMTEXT", message.to_owned());
        match self {
            Self::Website | Self::WebsiteUnsigned | Self::ManagedSite => {
                vec![("IP", address.to_owned()), text]
            }
            Self::ManagedNote => vec![text],
        }
    }

    /// The template, as a DNS provider is given it.
    pub(crate) fn template(self, company: &Company) -> Value {
        let domain = company.domain.to_text();
        let mut template = json!({
            "providerId": domain,
            "providerName": "Stateless Hosting",
            "serviceId": self.service(),
            "serviceName": self.title(),
            "version": 1,
            "description": self.description(),
            "variableDescription": self.variable_description(),
            "records": self.records(),
        });
        let members: Vec<(&str, Value)> = match self {
            Self::Website => vec![
                ("syncPubKeyDomain", json!(domain)),
                ("syncRedirectDomain", json!(company.redirect_domains())),
            ],
            Self::WebsiteUnsigned => vec![
                ("syncRedirectDomain", json!(company.redirect_domains())),
                ("warnPhishing", json!(true)),
            ],
            Self::ManagedSite | Self::ManagedNote => vec![("syncBlock", json!(true))],
        };
        for (name, value) in members {
            if let Some(object) = template.as_object_mut() {
                object.insert(name.to_owned(), value);
            }
        }
        template
    }

    fn description(self) -> &'static str {
        match self {
            Self::Website | Self::WebsiteUnsigned => {
                "Shows your message at your own name. Nothing about you is stored but what stands in your DNS."
            }
            Self::ManagedSite => {
                "Shows your message at your own name, and changes it when you ask the company to."
            }
            Self::ManagedNote => "Keeps a short note below your name.",
        }
    }

    fn variable_description(self) -> &'static str {
        match self {
            Self::Website | Self::WebsiteUnsigned | Self::ManagedSite => {
                "IP: the address of the web server; RANDOMTEXT: the message of the visitor"
            }
            Self::ManagedNote => "RANDOMTEXT: the note",
        }
    }

    fn records(self) -> Value {
        let text = |host: &str, prefix: &str| {
            json!({
                "type": "TXT", "host": host, "data": format!("{prefix}%RANDOMTEXT%"), "ttl": TTL,
                "txtConflictMatchingMode": "Prefix", "txtConflictMatchingPrefix": prefix,
            })
        };
        match self {
            Self::Website | Self::WebsiteUnsigned | Self::ManagedSite => json!([
                { "type": "A", "host": "@", "pointsTo": "%IP%", "ttl": TTL },
                text("@", MESSAGE_PREFIX),
            ]),
            Self::ManagedNote => json!([text(NOTE_LABEL, NOTE_PREFIX)]),
        }
    }
}

/// What templates say about the company.
#[derive(Clone, Debug)]
pub(crate) struct Company {
    /// Its domain.
    pub(crate) domain: Name,
    /// The host of its website, when that has a name.
    pub(crate) website: Option<Name>,
}

impl Company {
    /// Where templates let people be sent back to.
    fn redirect_domains(&self) -> String {
        let website = self
            .website
            .iter()
            .filter(|name| !name.is_at_or_below(&self.domain));
        let domains = std::iter::once(&self.domain).chain(website);
        domains.map(Name::to_text).collect::<Vec<_>>().join(",")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain_connect::Template;

    fn company(website: &str) -> Company {
        Company {
            domain: "statelesshosting.example".parse().unwrap(),
            website: Some(website.parse().unwrap()),
        }
    }

    #[test]
    fn every_template_is_one_and_needs_what_it_is_given() {
        for offer in Offer::ALL {
            let json = offer.template(&company("localhost")).to_string();
            let (template, notes) = Template::from_json(&json).unwrap();
            assert_eq!(notes.len(), 0, "{}: {notes:?}", offer.service());
            let mut needed: Vec<_> = template
                .variables()
                .into_iter()
                .map(|variable| variable.as_str().to_owned())
                .collect();
            needed.sort();
            let given: Vec<_> = offer
                .variables("192.0.2.1", "hello")
                .into_iter()
                .map(|(name, _)| name)
                .collect();
            assert_eq!(needed, given, "{}", offer.service());
            assert_eq!(
                template.public_key_domain().is_some(),
                offer.is_signed(),
                "{}",
                offer.service()
            );
            assert_eq!(Offer::find(offer.service()), Some(offer));
        }
    }

    #[test]
    fn people_are_sent_back_to_the_company_and_its_website_only() {
        for (website, domains) in [
            ("localhost", "statelesshosting.example,localhost"),
            ("www.statelesshosting.example", "statelesshosting.example"),
        ] {
            assert_eq!(company(website).redirect_domains(), domains);
        }
    }
}
