//! The standing rights that a person gave, or others gave in zones that are theirs.

use askama::Template;

use super::super::filters;
use super::super::shell::Shell;
use super::super::show::{ShownName, ShownTime};

/// Apps with access: those that have it, and below them those that had.
#[derive(Clone, Debug, Template)]
#[template(path = "grants.html")]
pub struct GrantsPage {
    /// What stands around it.
    pub shell: Shell,
    /// Those that count.
    pub counting: Vec<GrantRow>,
    /// Those that do not count any more.
    pub ended: Vec<GrantRow>,
    /// The address of the first page, on a later one.
    pub first: Option<String>,
    /// The address of the next page.
    pub next: Option<String>,
}

/// One of them.
#[derive(Clone, Debug)]
pub struct GrantRow {
    /// Who may act.
    pub client: String,
    /// The address of its page.
    pub href: String,
    /// In which zone.
    pub zone: ShownName,
    /// What it may do, as sentences.
    pub sentences: Vec<String>,
    /// Who said yes, when it was somebody else.
    pub given_by: Option<String>,
    /// When it was used last.
    pub last_use: Option<ShownTime>,
    /// When it ends, as a date.
    pub until: Option<String>,
    /// Why it does not count any more.
    pub ended: Option<String>,
}

#[cfg(test)]
impl GrantRow {
    pub(super) fn sample() -> Self {
        Self {
            client: "Dynamic DNS".to_owned(),
            href: "/apps/7".to_owned(),
            zone: ShownName::new(&super::super::samples::name("example.test")),
            sentences: vec!["dynamicdns-v2 at example.test and home.example.test".to_owned()],
            given_by: None,
            last_use: Some(super::super::samples::time_ago(7200)),
            until: None,
            ended: None,
        }
    }
}

#[cfg(test)]
impl GrantsPage {
    pub(crate) fn sample() -> Self {
        let row = GrantRow::sample();
        Self {
            shell: Shell::sample().in_section(super::super::Section::Apps),
            counting: vec![
                row.clone(),
                GrantRow {
                    client: "<script>\u{202e} app".to_owned(),
                    given_by: Some("editor@example.test".to_owned()),
                    last_use: None,
                    until: Some("1 Mar 2027, 00:00 UTC".to_owned()),
                    ..row.clone()
                },
            ],
            ended: vec![GrantRow {
                ended: Some("it was taken back".to_owned()),
                ..row
            }],
            first: None,
            next: Some("/apps?after_ended=7".to_owned()),
        }
    }

    pub(crate) fn sample_empty() -> Self {
        Self {
            counting: Vec::new(),
            ended: Vec::new(),
            next: None,
            ..Self::sample()
        }
    }
}
