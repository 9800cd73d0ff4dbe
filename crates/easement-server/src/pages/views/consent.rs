//! Asking a person whether a service may be connected.

use askama::Template;

use super::filters;
use super::plan::PlanView;
use super::shell::{HiddenField, Shell, initial};
use super::show::ShownName;
use super::words::Words;

/// The consent page. Posts `answer` (`agree` or `decline`) with the hidden fields.
#[derive(Clone, Debug, Template)]
#[template(path = "consent.html")]
pub struct ConsentPage {
    /// What stands around it.
    pub shell: Shell,
    /// The service provider's name.
    pub provider: String,
    /// The service's name.
    pub service: String,
    /// Names that the link brought along, where the template allows that.
    pub called: Option<String>,
    /// The version of the template, when it says one.
    pub template_version: Option<u64>,
    /// Whether the link is signed.
    pub signature: Signature,
    /// The zone that changes.
    pub zone: ShownName,
    /// The full name of the host, when it is not the apex.
    pub host: Option<ShownName>,
    /// What would change.
    pub plan: PlanView,
    /// How this page came about.
    pub state: ConsentState,
    /// The host name of the address that one returns to afterwards.
    pub return_to: Option<String>,
    /// The host name of the address that the link would return to, and that nobody vouches for.
    pub unlisted_return: Option<String>,
    /// Where the answer is posted.
    pub action: String,
    /// What the form carries: the request, and which plan was shown.
    pub hidden: Vec<HiddenField>,
}

/// Whether the link is signed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Signature {
    /// By the keys of this domain, and the signature is right.
    Verified {
        /// The domain.
        domain: String,
    },
    /// It is not, and this server lets such templates be applied.
    Missing,
}

/// How the page came about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ConsentState {
    /// The question is asked for the first time.
    First,
    /// The zone changed after the question was asked, and this is the plan for it now.
    ZoneChanged,
    /// The service is connected, and every record is there.
    AlreadyConnected,
}

impl ConsentPage {
    fn title(&self) -> String {
        let place = self.place();
        match self.state {
            ConsentState::First => format!("Connect {} to {}?", place.text, self.provider),
            ConsentState::ZoneChanged => {
                format!(
                    "Please look again: connect {} to {}?",
                    place.text, self.provider
                )
            }
            ConsentState::AlreadyConnected => {
                format!("{} is already connected to {}", place.text, self.provider)
            }
        }
    }

    /// The host, or else the zone.
    fn place(&self) -> &ShownName {
        self.host.as_ref().unwrap_or(&self.zone)
    }

    fn initial(&self) -> String {
        initial(&self.provider)
    }

    fn is_connected_already(&self) -> bool {
        self.state == ConsentState::AlreadyConnected
    }

    fn is_changed(&self) -> bool {
        self.state == ConsentState::ZoneChanged
    }

    fn signed_by(&self) -> Option<&str> {
        match &self.signature {
            Signature::Verified { domain } => Some(domain),
            Signature::Missing => None,
        }
    }

    /// What the service provider asks for, and what it does not get.
    fn question(&self) -> Words {
        Words::default()
            .strong(&self.provider)
            .plain(" asks to set up ")
            .strong(&self.service)
            .plain(". If you agree, the changes below are made, once. ")
            .strong(&self.provider)
            .plain(" gets no other access to your DNS.")
    }
}

#[cfg(test)]
impl ConsentPage {
    pub(crate) fn sample() -> Self {
        let zone = super::samples::zone();
        let plan = PlanView::of(&zone, &super::samples::fernmail_plan(&zone));
        Self {
            shell: Shell::sample(),
            provider: "Fernmail".to_owned(),
            service: "Fernmail Business".to_owned(),
            called: None,
            template_version: Some(4),
            signature: Signature::Verified {
                domain: "fernmail.example".to_owned(),
            },
            zone: ShownName::new(zone.apex()),
            host: None,
            plan,
            state: ConsentState::First,
            return_to: Some("app.fernmail.example".to_owned()),
            unlisted_return: None,
            action: "/v2/domainTemplates/providers/fernmail.example/services/business/apply?domain=example.test".to_owned(),
            hidden: vec![HiddenField {
                name: "plan".to_owned(),
                value: "41-9f2c".to_owned(),
            }],
        }
    }

    pub(crate) fn sample_unsigned() -> Self {
        use super::samples::{certificate_change, name, zone};
        let zone = zone();
        let mut plan = PlanView::new(&zone, &certificate_change());
        plan.warnings.push(
            Words::new("The name ")
                .name("_acme-challenge.shop.example.test")
                .plain(" begins with an underscore: such names carry rights. Whoever controls this one can get certificates for ")
                .name("shop.example.test")
                .plain("."),
        );
        Self {
            provider: "Quayside Tools".to_owned(),
            service: "Certificate helper".to_owned(),
            called: Some("Shop of the lighthouse".to_owned()),
            signature: Signature::Missing,
            host: Some(ShownName::new(&name("_acme-challenge.shop.example.test"))),
            plan,
            state: ConsentState::ZoneChanged,
            return_to: None,
            unlisted_return: Some("tools.quayside.example".to_owned()),
            ..Self::sample()
        }
    }

    pub(crate) fn sample_connected() -> Self {
        let zone = super::samples::zone();
        Self {
            plan: PlanView::new(&zone, &easement_zone::ChangeSet::new()),
            state: ConsentState::AlreadyConnected,
            ..Self::sample()
        }
    }

    pub(crate) fn sample_other_group() -> Self {
        let (zone, plan) = super::samples::other_group_plan();
        Self {
            provider: "Harbour".to_owned(),
            service: "Harbour Sites".to_owned(),
            template_version: Some(3),
            signature: Signature::Verified {
                domain: "harbour.example".to_owned(),
            },
            plan: PlanView::of(&zone, &plan),
            return_to: Some("app.harbour.example".to_owned()),
            ..Self::sample()
        }
    }

    pub(crate) fn sample_hostile() -> Self {
        let bad = "<script>alert('x')</script>\" onload=\"x\u{202e}gpj.exe";
        let zone = super::samples::zone();
        let mut plan = PlanView::new(&zone, &super::samples::hostile_change());
        plan.warnings.push(Words::new("Look at ").name(bad));
        Self {
            provider: bad.to_owned(),
            service: "W".repeat(300),
            called: Some(bad.to_owned()),
            plan,
            hidden: vec![HiddenField {
                name: "state".to_owned(),
                value: "\"><script>alert(1)</script>".to_owned(),
            }],
            return_to: Some(bad.to_owned()),
            ..Self::sample()
        }
    }
}
