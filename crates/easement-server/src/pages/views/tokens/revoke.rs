//! Asking before a token ends.

use askama::Template;

use super::super::filters;
use super::super::shell::Shell;
use super::TokenRow;

/// What ends when a token is revoked.
#[derive(Clone, Debug, Template)]
#[template(path = "token_revoke.html")]
pub struct RevokeTokenPage {
    /// What stands around it.
    pub shell: Shell,
    /// The token.
    pub row: TokenRow,
    /// What ends with it.
    pub children: Vec<TokenRow>,
    /// Where the form is posted.
    pub action: String,
}

#[cfg(test)]
impl RevokeTokenPage {
    pub(crate) fn sample() -> Self {
        let row = TokenRow::sample();
        Self {
            shell: Shell::sample().in_section(super::super::Section::Tokens),
            action: format!("{}/revoke", row.href),
            children: vec![TokenRow {
                name: "NAS <b>\u{202e}".to_owned(),
                ..row.clone()
            }],
            row,
        }
    }
}
