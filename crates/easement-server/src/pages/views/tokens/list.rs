//! The tokens of an account.

use askama::Template;

use super::super::shell::Shell;
use super::super::show::ShownTime;
use super::super::{filters, paths};

/// The tokens of the person: those that count, and below them those that do not.
#[derive(Clone, Debug, Template)]
#[template(path = "tokens.html")]
pub struct TokensPage {
    /// What stands around it.
    pub shell: Shell,
    /// Those that count.
    pub counting: Vec<TokenRow>,
    /// Those that do not count any more.
    pub ended: Vec<TokenRow>,
    /// How many more there are of those than the page shows.
    pub more_ended: usize,
}

/// One token.
#[derive(Clone, Debug)]
pub struct TokenRow {
    /// What it is called.
    pub name: String,
    /// The part of it that is no secret.
    pub id: String,
    /// The address of its page.
    pub href: String,
    /// Whether it is for trying out.
    pub is_test: bool,
    /// Whether it was made from another.
    pub is_derived: bool,
    /// What it may do.
    pub words: Vec<String>,
    /// When and from where it was used last.
    pub last_use: Option<(ShownTime, String)>,
    /// Why it does not count any more.
    pub ended: Option<String>,
}

#[cfg(test)]
impl TokenRow {
    pub(super) fn sample() -> Self {
        Self {
            name: "Router at home".to_owned(),
            id: "abcdefghijkl".to_owned(),
            href: "/tokens/abcdefghijkl".to_owned(),
            is_test: false,
            is_derived: false,
            words: vec![
                "It may update, create and delete A and AAAA records of home.example.test."
                    .to_owned(),
                "It ends when it was not used for 90 days.".to_owned(),
            ],
            last_use: Some((
                super::super::samples::time_ago(7200),
                "198.51.100.7".to_owned(),
            )),
            ended: None,
        }
    }
}

#[cfg(test)]
impl TokensPage {
    pub(crate) fn sample() -> Self {
        let row = TokenRow::sample();
        Self {
            shell: Shell::sample().in_section(super::super::Section::Tokens),
            counting: vec![
                row.clone(),
                TokenRow {
                    name: "<script>\u{202e} trial".to_owned(),
                    is_test: true,
                    is_derived: true,
                    last_use: None,
                    ..row.clone()
                },
            ],
            ended: vec![TokenRow {
                name: "The old router".to_owned(),
                ended: Some("this API token was revoked".to_owned()),
                ..row
            }],
            more_ended: 3,
        }
    }

    pub(crate) fn sample_empty() -> Self {
        Self {
            counting: Vec::new(),
            ended: Vec::new(),
            more_ended: 0,
            ..Self::sample()
        }
    }
}
