//! Asking before a standing right ends.

use askama::Template;

use super::super::filters;
use super::super::shell::Shell;
use super::GrantRow;

/// What ends.
#[derive(Clone, Debug, Template)]
#[template(path = "grant_revoke.html")]
pub struct RevokeGrantPage {
    /// What stands around it.
    pub shell: Shell,
    /// It in short.
    pub row: GrantRow,
    /// Where the form is posted.
    pub action: String,
}

#[cfg(test)]
impl RevokeGrantPage {
    pub(crate) fn sample() -> Self {
        let row = GrantRow::sample();
        Self {
            shell: Shell::sample().in_section(super::super::Section::Apps),
            action: format!("{}/revoke", row.href),
            row,
        }
    }
}
