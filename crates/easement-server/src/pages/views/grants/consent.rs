//! Asking a person whether a service provider may change records at any later time.

use askama::Template;

use super::super::filters;
use super::super::shell::{HiddenField, Problem, Shell, initial, problem_of};
use super::super::show::ShownName;
use super::super::words::Words;
use super::GrantPlace;

/// The question. Posts `answer` (`agree` or `decline`), `until` (a [`Choice`], or `date`) and `date`, with the hidden
/// fields.
#[derive(Clone, Debug, Template)]
#[template(path = "grant_consent.html")]
pub struct GrantConsentPage {
    /// What stands around it.
    pub shell: Shell,
    /// What the client is called, as the operator of this server registered it.
    pub client: String,
    /// Its id.
    pub client_id: String,
    /// The service provider's name.
    pub provider: String,
    /// Names that the link brought along, where the templates allow that.
    pub called: Option<String>,
    /// The zone.
    pub zone: ShownName,
    /// Every template at every host.
    pub places: Vec<GrantPlace>,
    /// How this page came about.
    pub state: GrantState,
    /// When the access may end.
    pub choices: Vec<Choice>,
    /// What is written as a date.
    pub date: String,
    /// What is wrong with the answer.
    pub problems: Vec<Problem>,
    /// The host name of the address that one returns to afterwards.
    pub return_to: String,
    /// Where the answer is posted.
    pub action: String,
    /// What the form carries.
    pub hidden: Vec<HiddenField>,
}

/// How the page came about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum GrantState {
    /// The question is asked for the first time.
    First,
    /// What it would mean changed after it was asked.
    Changed,
    /// The client has such access already; this would be more of it.
    HasAccess,
}

/// A moment at which the access may end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Choice {
    /// What the form posts.
    pub value: &'static str,
    /// What it says.
    pub label: &'static str,
    /// Whether it is chosen.
    pub is_chosen: bool,
}

impl GrantConsentPage {
    fn title(&self) -> String {
        let ask = format!("Let {} change {}?", self.provider, self.zone.text);
        match self.state {
            GrantState::Changed => format!("Please look again: {ask}"),
            GrantState::First | GrantState::HasAccess => ask,
        }
    }

    fn initial(&self) -> String {
        initial(&self.provider)
    }

    fn is_changed(&self) -> bool {
        self.state == GrantState::Changed
    }

    fn has_access(&self) -> bool {
        self.state == GrantState::HasAccess
    }

    fn question(&self) -> Words {
        Words::default()
            .strong(&self.provider)
            .plain(" asks for standing access. If you agree, it may set the records below ")
            .strong("at any time, and as often as it wants")
            .plain(", until you take that back. Other records it can only remove, where they cannot stand beside these. Nothing changes right now.")
    }

    fn problem(&self, field: &str) -> Option<&str> {
        problem_of(&self.problems, field)
    }
}

#[cfg(test)]
impl GrantConsentPage {
    pub(crate) fn sample() -> Self {
        Self {
            shell: Shell::sample(),
            client: "Dynamic DNS".to_owned(),
            client_id: "domainconnect.org".to_owned(),
            provider: "Domain Connect".to_owned(),
            called: None,
            zone: ShownName::new(&super::super::samples::name("example.test")),
            places: super::samples::places(),
            state: GrantState::First,
            choices: vec![
                Choice {
                    value: "never",
                    label: "Until I take it back",
                    is_chosen: true,
                },
                Choice {
                    value: "30d",
                    label: "For 30 days",
                    is_chosen: false,
                },
                Choice {
                    value: "date",
                    label: "Until a day that I choose",
                    is_chosen: false,
                },
            ],
            date: String::new(),
            problems: Vec::new(),
            return_to: "dynamicdns.domainconnect.org".to_owned(),
            action: "/v2/domainTemplates/providers/domainconnect.org?domain=example.test"
                .to_owned(),
            hidden: vec![HiddenField {
                name: "shown".to_owned(),
                value: "9f2c".to_owned(),
            }],
        }
    }

    pub(crate) fn sample_hostile() -> Self {
        let bad = "<script>alert('x')</script>\" onload=\"x\u{202e}gpj.exe";
        let mut places = super::samples::places();
        for place in &mut places {
            place.service = bad.to_owned();
            place.warnings.push(Words::new("Look at ").name(bad));
        }
        Self {
            client: bad.to_owned(),
            provider: bad.to_owned(),
            called: Some(bad.to_owned()),
            places,
            state: GrantState::Changed,
            date: "tomorrow".to_owned(),
            problems: vec![Problem {
                field: "date",
                message: format!("`{bad}` is not a date."),
            }],
            return_to: bad.to_owned(),
            ..Self::sample()
        }
    }
}
