//! What an app would be able to do, and the answer.

use askama::Template;
use easement_zone::{Name, Record};
use namedrop::{Generation, Permission, Scope};

use super::super::filters;
use super::super::grants::{Choice, GrantNames};
use super::super::shell::{HiddenField, Problem, Shell, problem_of};
use super::super::show::{ShownName, record_value};
use super::super::words::with_capital;
use super::AskingApp;

/// The question. Posts `answer` (`agree`, `other_host` or `decline`), `scope` for each that is ticked, `until` (a
/// [`Choice`], or `date`) and `date`, with the hidden fields.
#[derive(Clone, Debug, Template)]
#[template(path = "namedrop_question.html")]
pub struct NameDropQuestionPage {
    /// What stands around it.
    pub shell: Shell,
    /// Who asks.
    pub app: AskingApp,
    /// The name that would be given.
    pub name: ShownName,
    /// What of it.
    pub part: NameDropPart,
    /// In which words the app asks: old ones ask for a name as a whole.
    pub generation: Generation,
    /// What it may do.
    pub scopes: Vec<ScopeChoice>,
    /// Records of today that it could change.
    pub open: Vec<OpenRow>,
    /// How many there are beside these.
    pub more_open: usize,
    /// Whether there may be others that were not counted.
    pub is_open_cut: bool,
    /// Records of today elsewhere in the domain that lead to the name.
    pub leading: Vec<OpenRow>,
    /// How many there are beside these.
    pub more_leading: usize,
    /// Whether there may be others that were not looked at.
    pub is_leading_cut: bool,
    /// Records of the wildcard that answers for the name, or for names below it, as long as they are not there.
    pub wildcard: Vec<OpenRow>,
    /// How this page came about.
    pub state: NameDropState,
    /// Whether the app has access already.
    pub has_access: bool,
    /// When the access may end.
    pub choices: Vec<Choice>,
    /// What is written as a date.
    pub date: String,
    /// What is wrong with the answer.
    pub problems: Vec<Problem>,
    /// Where the answer is posted.
    pub action: String,
    /// What the form carries.
    pub hidden: Vec<HiddenField>,
}

/// What of a name would be given.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NameDropPart {
    /// It and all names below it.
    AtAndBelow,
    /// All names below it, and not the name itself.
    Below,
    /// All of a domain.
    Whole,
    /// All of a domain but for the name that it has itself.
    BelowWhole,
}

/// How the page came about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NameDropState {
    /// The question is asked, or asked again because of the answer.
    First,
    /// What it would mean changed after it was asked.
    Changed,
}

/// A scope that may be left out.
#[derive(Clone, Debug)]
pub struct ScopeChoice {
    /// What the form posts: its name on the wire.
    pub value: &'static str,
    /// What it lets the app do.
    pub title: String,
    /// The names and types that it opens.
    pub names: GrantNames,
    /// Whether it is ticked.
    pub is_chosen: bool,
}

impl ScopeChoice {
    /// The scope of a permission.
    pub fn new(permission: &Permission, is_chosen: bool) -> Self {
        Self {
            value: permission.scope().as_str(),
            title: with_capital(permission.scope().words()),
            names: GrantNames::of(permission),
            is_chosen,
        }
    }
}

/// A record that could be changed, or that matters for another reason.
#[derive(Clone, Debug)]
pub struct OpenRow {
    /// Its name.
    pub name: ShownName,
    /// Its type.
    pub rtype: String,
    /// What it says.
    pub value: String,
}

impl OpenRow {
    /// A record of the zone with this apex.
    pub fn new(record: &Record, apex: &Name) -> Self {
        Self {
            name: ShownName::within(&record.owner, apex),
            rtype: record.data.rtype().to_string(),
            value: record_value(&record.data),
        }
    }
}

impl NameDropQuestionPage {
    fn problem(&self, field: &str) -> Option<&str> {
        problem_of(&self.problems, field)
    }

    fn is_whole(&self) -> bool {
        matches!(self.part, NameDropPart::Whole | NameDropPart::BelowWhole)
    }

    /// What stands before the name.
    fn before_name(&self) -> &'static str {
        match self.part {
            NameDropPart::AtAndBelow => "",
            NameDropPart::Below | NameDropPart::BelowWhole => "all names below ",
            NameDropPart::Whole => "all of ",
        }
    }

    /// What stands after it.
    fn after_name(&self) -> &'static str {
        match self.part {
            NameDropPart::AtAndBelow => " and all names below it",
            NameDropPart::Below | NameDropPart::Whole | NameDropPart::BelowWhole => "",
        }
    }

    fn is_old(&self) -> bool {
        self.generation == Generation::Subdomain
    }

    /// Whether it may set aliases.
    fn has_hosts(&self) -> bool {
        let mut scopes = self.scopes.iter();
        scopes.any(|one| one.value == Scope::Hosts.as_str())
    }

    fn is_changed(&self) -> bool {
        self.state == NameDropState::Changed
    }

    fn open_count(&self) -> usize {
        self.open.len() + self.more_open
    }

    fn leading_count(&self) -> usize {
        self.leading.len() + self.more_leading
    }
}

#[cfg(test)]
impl NameDropQuestionPage {
    fn sample_of(scopes: &str, host: &str) -> Self {
        use super::super::samples::zone;
        use namedrop::{RequestedScopes, around_host, open_records, permissions};

        let (zone, scopes) = (zone(), scopes.parse::<RequestedScopes>().unwrap());
        let host = host.parse().unwrap();
        let given = permissions(&scopes, zone.apex(), &host).unwrap();
        let open = open_records(&given, &zone, 3);
        let around = around_host(&host, &zone, 3);
        let rows = |records: &[Record]| {
            let row = |one| OpenRow::new(one, zone.apex());
            records.iter().map(row).collect::<Vec<_>>()
        };
        let name = given.iter().next().unwrap().name().clone();
        Self {
            shell: Shell::sample(),
            app: AskingApp::sample(),
            name: ShownName::within(&name, zone.apex()),
            part: NameDropPart::AtAndBelow,
            generation: scopes.generation(),
            scopes: given
                .iter()
                .map(|one| ScopeChoice::new(one, true))
                .collect(),
            open: rows(&open.records),
            more_open: open.more,
            is_open_cut: open.is_cut,
            leading: rows(&around.leading),
            more_leading: around.more,
            is_leading_cut: around.is_cut,
            wildcard: rows(&around.wildcard),
            state: NameDropState::First,
            has_access: false,
            choices: vec![
                Choice {
                    value: "never",
                    label: "Until I take it back",
                    is_chosen: true,
                },
                Choice {
                    value: "date",
                    label: "Until a day that I choose",
                    is_chosen: false,
                },
            ],
            date: String::new(),
            problems: Vec::new(),
            action: "/namedrop/authorize?client_id=https%3A%2F%2Fnotes.example".to_owned(),
            hidden: vec![HiddenField {
                name: "shown".to_owned(),
                value: "0f1e".to_owned(),
            }],
        }
    }

    pub(crate) fn sample() -> Self {
        Self::sample_of("namedrop-hosts namedrop-acme", "notes")
    }

    /// For a name that has a meaning already.
    pub(crate) fn sample_led_to() -> Self {
        let row = |name: &str, rtype: &str, value: &str| OpenRow {
            name: ShownName::new(&super::super::samples::name(name)),
            rtype: rtype.to_owned(),
            value: value.to_owned(),
        };
        Self {
            leading: vec![
                row("blog.example.test", "CNAME", "notes.example.test"),
                row("example.test", "MX", "10 notes.example.test"),
            ],
            more_leading: 3,
            is_leading_cut: true,
            wildcard: vec![row("*.example.test", "A", "192.0.2.10")],
            ..Self::sample()
        }
    }

    pub(crate) fn sample_whole() -> Self {
        Self {
            part: NameDropPart::Whole,
            state: NameDropState::Changed,
            has_access: true,
            problems: vec![Problem {
                field: "scope-1",
                message: "Leave one of these ticked, or cancel.".to_owned(),
            }],
            ..Self::sample_of("subdomain namedrop-mail", "")
        }
    }
}
