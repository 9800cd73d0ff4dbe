//! The page of the service provider that the demo plays, on an origin of its own and with a look of
//! its own: it stands for somebody else's web site.

use askama::Template;

use super::assets;
use super::filters;

/// The service provider's page.
#[derive(Clone, Debug, Template)]
#[template(path = "demo.html")]
pub struct DemoPage {
    /// The service provider's name.
    pub provider: String,
    /// The links to connect.
    pub links: Vec<DemoLink>,
    /// How the person came back.
    pub outcome: Option<DemoOutcome>,
}

/// The page of the app that the demo plays, which nobody registered.
#[derive(Clone, Debug, Template)]
#[template(path = "demo_app.html")]
pub struct DemoAppPage {
    /// Where the DNS provider speaks NameDrop.
    pub api: String,
}

/// One link to connect.
#[derive(Clone, Debug)]
pub struct DemoLink {
    /// What is connected.
    pub title: String,
    /// What that does.
    pub description: String,
    /// The address, signed.
    pub href: String,
}

/// How a person came back from the DNS provider.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum DemoOutcome {
    /// The service is connected.
    Connected {
        /// The `state` that came back.
        state: String,
    },
    /// It is not.
    Refused {
        /// The `error` that came back.
        error: String,
        /// The `error_description` that came back.
        description: String,
    },
}

#[cfg(test)]
impl DemoPage {
    pub(crate) fn sample() -> Self {
        let link = |title: &str, description: &str| {
            DemoLink {
            title: title.to_owned(),
            description: description.to_owned(),
            href: "http://127.0.0.1:8080/v2/domainTemplates/providers/demo.example/services/site/apply?domain=example.test&sig=x".to_owned(),
        }
        };
        Self {
            provider: "Fernmail".to_owned(),
            links: vec![
                link(
                    "Mail",
                    "Replaces the mail servers of example.test and joins its sender policy.",
                ),
                link(
                    "Website",
                    "Leads example.test and www.example.test to our machines.",
                ),
            ],
            outcome: None,
        }
    }

    pub(crate) fn sample_connected() -> Self {
        Self {
            outcome: Some(DemoOutcome::Connected {
                state: "order-17".to_owned(),
            }),
            ..Self::sample()
        }
    }

    pub(crate) fn sample_refused() -> Self {
        Self {
            outcome: Some(DemoOutcome::Refused {
                error: "access_denied".to_owned(),
                description: "user_cancel".to_owned(),
            }),
            ..Self::sample()
        }
    }
}
