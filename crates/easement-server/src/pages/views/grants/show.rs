//! One standing right, with what was done by it.

use askama::Template;

use super::super::history::CommitRow;
use super::super::shell::Shell;
use super::super::show::ShownTime;
use super::super::{filters, paths};
use super::{AgreedView, GrantNames, GrantRow};

/// One standing right.
#[derive(Clone, Debug, Template)]
#[template(path = "grant.html")]
pub struct GrantPage {
    /// What stands around it.
    pub shell: Shell,
    /// It in short.
    pub row: GrantRow,
    /// The client's id.
    pub client_id: String,
    /// When it was given.
    pub given: ShownTime,
    /// What was agreed to of templates.
    pub agreed: Option<AgreedView>,
    /// Templates that ask for more by now.
    pub wider: Vec<WiderTemplate>,
    /// What of names an app asked for it may write.
    pub names: Vec<GrantNames>,
    /// What is said of who the app is, when nobody registered it.
    pub about: Option<String>,
    /// Where less of it is left; nothing when there is nothing to choose from.
    pub narrow: Option<String>,
    /// Where it is said that it ends earlier; nothing when it ended.
    pub shorten: Option<String>,
    /// Templates of it that are not offered any more, so that they cannot be used.
    pub gone: Vec<String>,
    /// What was done by it, the newest first.
    pub uses: Vec<CommitRow>,
    /// Whether there is more of that than the page shows.
    pub has_more_uses: bool,
    /// Where it is taken back; nothing when it ended.
    pub revoke: Option<String>,
}

/// A template that asks for more by now than was agreed to.
#[derive(Clone, Debug)]
pub struct WiderTemplate {
    /// Which one.
    pub service: String,
    /// The first thing that was not agreed to, such as "AAAA at www.example.com".
    pub what: String,
}

#[cfg(test)]
impl GrantPage {
    pub(crate) fn sample() -> Self {
        let row = GrantRow::sample();
        Self {
            shell: Shell::sample().in_section(super::super::Section::Apps),
            client_id: "domainconnect.org".to_owned(),
            given: super::super::samples::time_ago(864_000),
            agreed: Some(super::samples::agreed()),
            wider: vec![WiderTemplate {
                service: "mail".to_owned(),
                what: "AAAA at www.example.test".to_owned(),
            }],
            names: Vec::new(),
            about: None,
            narrow: None,
            shorten: Some("/apps/7/shorten".to_owned()),
            gone: vec!["parking".to_owned()],
            uses: super::super::samples::commits(),
            has_more_uses: true,
            revoke: Some(format!("{}/revoke", row.href)),
            row,
        }
    }

    pub(crate) fn sample_of_app() -> Self {
        let sample = Self::sample();
        let permissions = super::samples::permissions();
        let names: Vec<GrantNames> = permissions.iter().map(GrantNames::of).collect();
        Self {
            client_id: "https://app.example/".to_owned(),
            row: GrantRow {
                client: "https://app.example".to_owned(),
                sentences: permissions.iter().map(GrantNames::headline).collect(),
                ..sample.row
            },
            agreed: None,
            wider: Vec::new(),
            names,
            about: Some("https://app.example".to_owned()),
            narrow: Some("/apps/7/narrow".to_owned()),
            gone: Vec::new(),
            uses: vec![super::super::samples::commit_of_app()],
            has_more_uses: false,
            ..sample
        }
    }

    pub(crate) fn sample_ended() -> Self {
        let sample = Self::sample();
        Self {
            row: GrantRow {
                ended: Some("it was taken back".to_owned()),
                ..sample.row
            },
            shorten: None,
            uses: Vec::new(),
            has_more_uses: false,
            revoke: None,
            ..sample
        }
    }
}
