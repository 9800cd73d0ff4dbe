//! Asking whether an account is to be deleted.

use askama::Template;

use super::filters;
use super::paths;
use super::shell::{Problem, Shell, problem_of};
use super::show::{ShownName, count};

/// What would happen when the account is deleted; posts `current_password`. That of the last operator stays.
#[derive(Clone, Debug, Template)]
#[template(path = "delete_account.html")]
pub struct DeleteAccountPage {
    /// What stands around it.
    pub shell: Shell,
    /// The address that the account signs in with.
    pub email: String,
    /// How many API tokens would end.
    pub tokens: usize,
    /// Zones that would have no owner.
    pub zones: Vec<ShownName>,
    /// Whether there are more of them.
    pub has_more_zones: bool,
    /// Whether nobody would be left to run the server.
    pub is_last_operator: bool,
    /// For how many days addresses are kept in the audit trail.
    pub address_days: u64,
    /// What is wrong with what was posted before.
    pub problems: Vec<Problem>,
}

impl DeleteAccountPage {
    fn problem(&self, field: &str) -> Option<&str> {
        problem_of(&self.problems, field)
    }

    fn token_words(&self) -> String {
        count(self.tokens as u64, "API token")
    }
}

#[cfg(test)]
impl DeleteAccountPage {
    pub(crate) fn sample() -> Self {
        use super::samples::name;
        Self {
            shell: Shell::sample().in_section(super::Section::Account),
            email: "owner@example.test".to_owned(),
            tokens: 3,
            zones: vec![
                ShownName::new(&name("example.test")),
                ShownName::new(&name("xn--bcher-kva.example")),
            ],
            has_more_zones: false,
            is_last_operator: false,
            address_days: 30,
            problems: Vec::new(),
        }
    }

    pub(crate) fn sample_last_operator() -> Self {
        Self {
            is_last_operator: true,
            ..Self::sample()
        }
    }

    pub(crate) fn sample_one_zone() -> Self {
        let mut page = Self::sample();
        page.zones.truncate(1);
        page.tokens = 1;
        page
    }
}
