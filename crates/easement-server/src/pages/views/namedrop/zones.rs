//! Which of the person's domains.

use askama::Template;

use super::super::filters;
use super::super::shell::{Problem, Shell};
use super::super::show::ShownName;
use super::AskingApp;

/// The page. Posts `answer` (`find`, `zone` or `decline`), `find` and `zone`.
#[derive(Clone, Debug, Template)]
#[template(path = "namedrop_zones.html")]
pub struct NameDropZonesPage {
    /// What stands around it.
    pub shell: Shell,
    /// Who asks.
    pub app: AskingApp,
    /// What for.
    pub wishes: Vec<&'static str>,
    /// The domains.
    pub zones: Vec<ZoneChoice>,
    /// Whether one can search.
    pub has_search: bool,
    /// Whether there are more domains than the page shows.
    pub has_more: bool,
    /// Whether there are more than were looked through.
    pub is_cut: bool,
    /// What was searched for.
    pub find: String,
    /// What is wrong with the answer.
    pub problems: Vec<Problem>,
    /// Where the answer is posted.
    pub action: String,
}

/// A domain that can be chosen.
#[derive(Clone, Debug)]
pub struct ZoneChoice {
    /// What the form posts.
    pub value: String,
    /// Its name.
    pub name: ShownName,
    /// Whether it is chosen.
    pub is_chosen: bool,
}

#[cfg(test)]
impl NameDropZonesPage {
    pub(crate) fn sample() -> Self {
        let choice = |apex: &str| ZoneChoice {
            value: apex.to_owned(),
            name: ShownName::new(&super::super::samples::name(apex)),
            is_chosen: false,
        };
        Self {
            shell: Shell::sample(),
            app: AskingApp::sample(),
            wishes: vec![
                namedrop::Scope::Hosts.words(),
                namedrop::Scope::Acme.words(),
            ],
            zones: ["example.test", "xn--bcher-kva.example"].map(choice).into(),
            has_search: false,
            has_more: false,
            is_cut: false,
            find: String::new(),
            problems: Vec::new(),
            action: "/namedrop/authorize?client_id=https%3A%2F%2Fnotes.example".to_owned(),
        }
    }

    /// For somebody who has more domains than are looked through.
    pub(crate) fn sample_cut() -> Self {
        Self {
            zones: Vec::new(),
            has_search: true,
            is_cut: true,
            find: "notes".to_owned(),
            ..Self::sample()
        }
    }

    pub(crate) fn sample_hostile() -> Self {
        Self {
            app: AskingApp {
                origin: "https://<script>\u{202e}.example".to_owned(),
                ascii: Some("https://<b>.example".to_owned()),
                caution: Some("Its name has letters that may look like others."),
                return_to: "https://\u{202e}<script>/\" onload".to_owned(),
            },
            has_search: true,
            has_more: true,
            find: "<b>\" onload".to_owned(),
            problems: vec![Problem {
                field: "zone-1",
                message: "Choose one of your domains.".to_owned(),
            }],
            ..Self::sample()
        }
    }
}
