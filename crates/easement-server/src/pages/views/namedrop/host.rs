//! Which name of a domain.

use askama::Template;

use super::super::filters;
use super::super::shell::{Problem, Shell, problem_of};
use super::super::show::ShownName;
use super::AskingApp;

/// The page. Posts `answer` (`host`, `find` or `decline`), `zone`, `pick` and `host`.
#[derive(Clone, Debug, Template)]
#[template(path = "namedrop_host.html")]
pub struct NameDropHostPage {
    /// What stands around it.
    pub shell: Shell,
    /// Who asks.
    pub app: AskingApp,
    /// What for.
    pub wishes: Vec<&'static str>,
    /// The domain.
    pub zone: ShownName,
    /// The domain as the form carries it.
    pub zone_value: String,
    /// Whether there are other domains.
    pub has_other_zones: bool,
    /// Names that suit.
    pub hosts: Vec<HostChoice>,
    /// What was typed.
    pub typed: String,
    /// Whether what is typed counts.
    pub is_other: bool,
    /// Whether the whole domain is chosen.
    pub is_whole: bool,
    /// What is wrong with the answer.
    pub problems: Vec<Problem>,
    /// Where the answer is posted.
    pub action: String,
}

/// A name that can be chosen.
#[derive(Clone, Debug)]
pub struct HostChoice {
    /// What the form posts.
    pub value: String,
    /// The name.
    pub name: ShownName,
    /// What there is to say about it.
    pub note: &'static str,
    /// Whether it is chosen.
    pub is_chosen: bool,
}

impl NameDropHostPage {
    fn problem(&self, field: &str) -> Option<&str> {
        problem_of(&self.problems, field)
    }
}

#[cfg(test)]
impl NameDropHostPage {
    pub(crate) fn sample() -> Self {
        let apex = super::super::samples::name("example.test");
        let choice = |host: &str, note, is_chosen| HostChoice {
            value: format!("name:{host}"),
            name: ShownName::within(&apex.child(host).unwrap(), &apex),
            note,
            is_chosen,
        };
        Self {
            shell: Shell::sample(),
            app: AskingApp::of(
                "https://b\u{fc}cher.example",
                "https://b\u{fc}cher.example/done",
            ),
            wishes: vec![
                namedrop::Scope::Hosts.words(),
                namedrop::Scope::Acme.words(),
            ],
            zone: ShownName::new(&apex),
            zone_value: "example.test".to_owned(),
            has_other_zones: true,
            hosts: vec![
                choice("xn--bcher-kva", "a new name", true),
                choice(
                    "list",
                    "is there already, with nothing that the app could change",
                    false,
                ),
            ],
            typed: String::new(),
            is_other: false,
            is_whole: false,
            problems: Vec::new(),
            action: "/namedrop/authorize?client_id=https%3A%2F%2Fnotes.example".to_owned(),
        }
    }

    pub(crate) fn sample_problem() -> Self {
        let sample = Self::sample();
        Self {
            app: AskingApp::of("http://localhost:8000", "http://localhost:8000/"),
            has_other_zones: false,
            hosts: Vec::new(),
            typed: "_dmarc\" onload".to_owned(),
            is_other: true,
            problems: vec![Problem {
                field: "host",
                message: "`_dmarc` cannot be the host of a permission.".to_owned(),
            }],
            ..sample
        }
    }
}
