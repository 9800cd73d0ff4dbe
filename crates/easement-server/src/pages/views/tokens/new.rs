//! The form for a new token.

use askama::Template;
use easement_core::{Operation, TokenKind, TokenLimits, WrittenLimits};

use super::super::shell::{Problem, Shell, problem_of};
use super::super::{filters, paths};

/// The form for a new token: posts the fields of [`TokenForm`].
#[derive(Clone, Debug, Template)]
#[template(path = "token_new.html")]
pub struct NewTokenPage {
    /// What stands around it.
    pub shell: Shell,
    /// What is in the fields.
    pub form: TokenForm,
    /// The token that it is to be made from.
    pub parent: Option<ParentView>,
    /// Some zones of the person, for examples.
    pub zones: Vec<String>,
    /// What is wrong with what was posted.
    pub problems: Vec<Problem>,
}

/// A token that another is made from, or was.
#[derive(Clone, Debug)]
pub struct ParentView {
    /// What it is called.
    pub name: String,
    /// The part of it that is no secret.
    pub id: String,
    /// The address of its page.
    pub href: String,
    /// What it may do.
    pub words: Vec<String>,
}

/// What is typed into the form.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TokenForm {
    /// Which of the usual cases it began with.
    pub usual: String,
    /// What it is called.
    pub name: String,
    /// Whether it is for trying out.
    pub is_test: bool,
    /// Names, with commas or blanks between.
    pub names: String,
    /// Types, the same way.
    pub types: String,
    /// Operations.
    pub operations: Vec<String>,
    /// Values, one a line: they may have commas and blanks.
    pub values: String,
    /// A range of TTLs.
    pub ttl: String,
    /// A number of records.
    pub records: String,
    /// Networks, with commas or blanks between.
    pub networks: String,
    /// A span or a date.
    pub expires: String,
    /// A span.
    pub idle: String,
    /// Times and seconds.
    pub rate: String,
    /// Whether it may stand in a URL.
    pub in_url: bool,
    /// Whether it may manage the webhooks of the account.
    pub webhooks: bool,
}

/// A usual case: its word, its name, and what it is about.
pub(super) struct Usual {
    key: &'static str,
    title: &'static str,
    about: &'static str,
}

const USUAL: [Usual; 4] = [
    Usual {
        key: "address",
        title: "An address that changes",
        about: "A router or script keeps the address of a host.",
    },
    Usual {
        key: "certificate",
        title: "Certificates",
        about: "A program proves that a name is yours (dns-01).",
    },
    Usual {
        key: "read",
        title: "Only looking",
        about: "Addresses and texts can be read, and nothing changes.",
    },
    Usual {
        key: "other",
        title: "Something else",
        about: "You say which records, and what may be done.",
    },
];

impl TokenForm {
    /// The form for one of the usual cases; the first of them when there is no such case.
    pub fn usual(key: &str) -> Self {
        let (types, operations): (&str, &[Operation]) = match key {
            "certificate" => (
                "TXT",
                &[Operation::Create, Operation::Update, Operation::Delete],
            ),
            "read" => ("A, AAAA, TXT", &[Operation::Read]),
            "other" => ("", &[]),
            _ => (
                "A, AAAA",
                &[Operation::Create, Operation::Update, Operation::Delete],
            ),
        };
        let known = USUAL.iter().find(|usual| usual.key == key);
        Self {
            usual: known.map_or("address", |usual| usual.key).to_owned(),
            types: types.to_owned(),
            operations: operations.iter().map(ToString::to_string).collect(),
            ..Self::default()
        }
    }

    /// The form with limits as they are.
    pub fn of(limits: &TokenLimits, kind: TokenKind) -> Self {
        let written = WrittenLimits::of(limits);
        Self {
            usual: "other".to_owned(),
            name: String::new(),
            is_test: kind == TokenKind::Test,
            names: written.names.join(", "),
            types: written.types.join(", "),
            operations: written.operations,
            values: written.values.join("\n"),
            ttl: written.ttl,
            records: written.records,
            networks: written.networks.join(", "),
            expires: written.expires,
            idle: written.idle,
            rate: written.rate,
            in_url: limits.in_url == easement_core::SecretInUrl::Allowed,
            webhooks: limits.webhooks == easement_core::WebhookRight::Manage,
        }
    }

    /// Whether anything is said in the part that is closed at first.
    fn has_more(&self) -> bool {
        let texts = [
            &self.values,
            &self.ttl,
            &self.records,
            &self.networks,
            &self.expires,
            &self.idle,
            &self.rate,
        ];
        self.in_url || self.webhooks || texts.iter().any(|text| !text.is_empty())
    }
}

impl NewTokenPage {
    fn problem(&self, field: &str) -> Option<&str> {
        problem_of(&self.problems, field)
    }

    fn usual_cases(&self) -> &'static [Usual] {
        if self.parent.is_some() { &[] } else { &USUAL }
    }

    fn is_chosen(&self, usual: &Usual) -> bool {
        self.form.usual == usual.key
    }

    /// Each operation, what it means, and whether it is ticked.
    fn operations(&self) -> Vec<(&'static str, &'static str, bool)> {
        let words = |operation| match operation {
            Operation::Read => "see the records",
            Operation::Create => "add records",
            Operation::Update => "change records and their TTL",
            Operation::Delete => "take records away",
        };
        [
            Operation::Create,
            Operation::Update,
            Operation::Delete,
            Operation::Read,
        ]
        .into_iter()
        .map(|one| {
            let is_ticked = self.form.operations.iter().any(|text| text == one.as_str());
            (one.as_str(), words(one), is_ticked)
        })
        .collect()
    }

    fn is_open(&self) -> bool {
        const MORE: [&str; 9] = [
            "values", "ttl", "records", "networks", "expires", "idle", "rate", "in_url", "webhooks",
        ];
        self.form.has_more() || MORE.iter().any(|field| self.problem(field).is_some())
    }

    fn zone(&self) -> &str {
        self.zones.first().map_or("example.org", String::as_str)
    }

    fn about_names(&self) -> &'static str {
        match self.form.usual.as_str() {
            "certificate" => {
                "_acme-challenge. and the name of the certificate, such as _acme-challenge.www.example.org. A wildcard \
                 needs no name of its own. Several with commas."
            }
            _ => {
                "home.example.org is that name alone, *.home.example.org is it and the names below it, \
                 **.home.example.org also those with an underscore. Several with commas."
            }
        }
    }

    fn example(&self) -> String {
        match self.form.usual.as_str() {
            "certificate" => format!("_acme-challenge.www.{}", self.zone()),
            "read" => format!("**.{}", self.zone()),
            _ => format!("home.{}", self.zone()),
        }
    }
}

#[cfg(test)]
impl NewTokenPage {
    pub(crate) fn sample() -> Self {
        Self {
            shell: Shell::sample().in_section(super::super::Section::Tokens),
            form: TokenForm::usual("address"),
            parent: None,
            zones: vec!["example.test".to_owned(), "bücher.example".to_owned()],
            problems: Vec::new(),
        }
    }

    pub(crate) fn sample_problem() -> Self {
        let form = TokenForm {
            name: "\"><script>\u{202e}".to_owned(),
            names: "home..example".to_owned(),
            rate: "often".to_owned(),
            values: "</textarea><b>".to_owned(),
            ..TokenForm::usual("certificate")
        };
        let problem = |field, message: &str| Problem {
            field,
            message: message.to_owned(),
        };
        Self {
            form,
            problems: vec![
                problem(
                    "names",
                    "`home..example` does not say which names: write home.example.test.",
                ),
                problem(
                    "rate",
                    "Write times and seconds, like 60/3600 for 60 times an hour.",
                ),
            ],
            ..Self::sample()
        }
    }

    pub(crate) fn sample_narrower() -> Self {
        Self {
            form: TokenForm {
                types: "A".to_owned(),
                ..TokenForm::usual("other")
            },
            parent: Some(ParentView::sample()),
            ..Self::sample()
        }
    }
}

#[cfg(test)]
impl ParentView {
    pub(super) fn sample() -> Self {
        let row = super::TokenRow::sample();
        Self {
            name: row.name,
            id: row.id,
            href: row.href,
            words: row.words,
        }
    }
}
