//! Everything about one token.

use apertodns::clients::{ClientSettings, SettingsBody};
use askama::Template;

use super::super::shell::{Problem, Shell, problem_of};
use super::super::show::ShownTime;
use super::super::{filters, paths};
use super::{ParentView, TokenRow};

/// How long the secret that a token had may count besides another one, and how people say that.
pub(crate) const OVERLAPS: [(&str, &str); 4] = [
    ("1d", "one day: time to change the settings"),
    ("7d", "one week"),
    ("1h", "one hour"),
    ("0s", "not at all: somebody else has seen it"),
];

/// One token.
#[derive(Clone, Debug, Template)]
#[template(path = "token.html")]
pub struct TokenPage {
    /// What stands around it.
    pub shell: Shell,
    /// The token.
    pub row: TokenRow,
    /// When it was made.
    pub created: ShownTime,
    /// When it was revoked.
    pub revoked: Option<ShownTime>,
    /// What it was made from, nearest first.
    pub made_from: Vec<ParentView>,
    /// What is in its way.
    pub warnings: Vec<String>,
    /// The networks that it was used from.
    pub networks: Vec<NetworkRow>,
    /// How often it was refused something in a row, when last, and why.
    pub refusals: Option<(u64, ShownTime, String)>,
    /// What was made from it, and from those.
    pub children: Vec<TokenRow>,
    /// The question whether it may do something.
    pub tester: TesterView,
    /// Ready-made settings, without the secret.
    pub settings: Vec<ClientSettings>,
    /// Where another secret is asked for.
    pub rotate_action: String,
    /// Where it is revoked.
    pub revoke_href: String,
    /// Where a narrower one is made from it.
    pub narrower_href: String,
}

/// A network that a token was used from.
#[derive(Clone, Debug)]
pub struct NetworkRow {
    /// The network.
    pub network: String,
    /// When first.
    pub first: ShownTime,
    /// When last.
    pub last: ShownTime,
}

/// What was asked, and the answer.
#[derive(Clone, Debug, Default)]
pub struct TesterView {
    /// Which name.
    pub name: String,
    /// Which type.
    pub rtype: String,
    /// What it would do: `set`, `delete` or `read`.
    pub wish: String,
    /// The value.
    pub value: String,
    /// From where.
    pub address: String,
    /// What is wrong with the question.
    pub problems: Vec<Problem>,
    /// The answer.
    pub verdict: Option<TokenVerdict>,
}

/// Whether a token may do something.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TokenVerdict {
    /// It may, and that would change something.
    Allowed,
    /// It may, and nothing would change.
    AllowedWithoutChange,
    /// It may not, for this reason.
    Refused(String),
}

impl TokenPage {
    fn problem(&self, field: &str) -> Option<&str> {
        problem_of(&self.tester.problems, field)
    }

    fn has_live_children(&self) -> bool {
        self.children.iter().any(|child| child.ended.is_none())
    }

    fn wishes(&self) -> [(&'static str, &'static str, bool); 3] {
        let wish = self.tester.wish.as_str();
        [
            ("set", "set", !["delete", "read"].contains(&wish)),
            ("delete", "take away", wish == "delete"),
            ("read", "see", wish == "read"),
        ]
    }

    /// How long the secret that it had may count besides the new one.
    fn overlaps() -> [(&'static str, &'static str); 4] {
        OVERLAPS
    }
}

#[cfg(test)]
impl TokenPage {
    pub(crate) fn sample() -> Self {
        use super::super::samples::time_ago;
        let row = TokenRow::sample();
        let child = |name: &str, ended: Option<&str>| TokenRow {
            name: name.to_owned(),
            is_derived: true,
            ended: ended.map(str::to_owned),
            ..row.clone()
        };
        Self {
            shell: Shell::sample().in_section(super::super::Section::Tokens),
            created: time_ago(86_400 * 40),
            revoked: None,
            made_from: vec![ParentView::sample()],
            warnings: Vec::new(),
            networks: vec![NetworkRow {
                network: "198.51.100.0/24".to_owned(),
                first: time_ago(86_400 * 39),
                last: time_ago(7200),
            }],
            refusals: Some((
                3,
                time_ago(600),
                "this API token is not for TXT records of <b>".to_owned(),
            )),
            children: vec![
                child("NAS", None),
                child("<i>\u{202e}", Some("this API token was revoked")),
            ],
            tester: TesterView {
                rtype: "A".to_owned(),
                ..TesterView::default()
            },
            settings: super::made::sample_settings("YOUR-TOKEN"),
            rotate_action: format!("{}/rotate", row.href),
            revoke_href: format!("{}/revoke", row.href),
            narrower_href: format!("{}?from={}", paths::NEW_TOKEN, row.id),
            row,
        }
    }

    pub(crate) fn sample_refused() -> Self {
        let base = Self::sample();
        Self {
            tester: TesterView {
                name: "nas.example.test".to_owned(),
                rtype: "A".to_owned(),
                wish: "set".to_owned(),
                value: "203.0.113.7\"><script>".to_owned(),
                address: "here".to_owned(),
                problems: vec![Problem {
                    field: "address",
                    message: "`here` is not an address: write it like 192.0.2.7.".to_owned(),
                }],
                verdict: Some(TokenVerdict::Refused(
                    "this API token is not for the name <nas>".to_owned(),
                )),
            },
            ..base
        }
    }

    pub(crate) fn sample_ended() -> Self {
        let base = Self::sample();
        Self {
            row: TokenRow {
                ended: Some("this API token was revoked".to_owned()),
                is_test: true,
                ..base.row
            },
            revoked: Some(super::super::samples::time_ago(600)),
            made_from: Vec::new(),
            networks: Vec::new(),
            refusals: None,
            children: Vec::new(),
            ..base
        }
    }
}
