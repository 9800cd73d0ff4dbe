//! The secret of a token, shown once.

use apertodns::clients::{ClientSettings, SettingsBody};
use askama::Template;

use super::super::filters;
use super::super::shell::Shell;

/// A token that was just made, or has another secret.
#[derive(Clone, Template)]
#[template(path = "token_made.html")]
pub struct TokenMadePage {
    /// What stands around it.
    pub shell: Shell,
    /// What it is called.
    pub name: String,
    /// The address of its page.
    pub href: String,
    /// Whether it is for trying out.
    pub is_test: bool,
    /// The token itself.
    pub secret: String,
    /// Until when the secret that it had counts as well, when it had one.
    pub earlier_until: Option<String>,
    /// What it may do.
    pub words: Vec<String>,
    /// What is in its way.
    pub warnings: Vec<String>,
    /// Ready-made settings, with the secret.
    pub settings: Vec<ClientSettings>,
}

impl std::fmt::Debug for TokenMadePage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenMadePage")
            .field("href", &self.href)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
impl TokenMadePage {
    pub(crate) fn sample() -> Self {
        let row = super::TokenRow::sample();
        let secret = "easement_live_abcdefghijklAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        Self {
            shell: Shell::sample().in_section(super::super::Section::Tokens),
            name: row.name,
            href: row.href,
            is_test: false,
            secret: secret.to_owned(),
            earlier_until: None,
            words: row.words,
            warnings: vec![
                "home.example.test is in no zone whose records this account may change.".to_owned(),
            ],
            settings: sample_settings(secret),
        }
    }

    pub(crate) fn sample_rotated() -> Self {
        Self {
            name: "<script>\u{202e}".to_owned(),
            is_test: true,
            earlier_until: Some("22 Nov 2026, 22:55 UTC".to_owned()),
            warnings: Vec::new(),
            settings: Vec::new(),
            ..Self::sample()
        }
    }
}

#[cfg(test)]
pub(super) fn sample_settings(secret: &str) -> Vec<ClientSettings> {
    use apertodns::clients::{Account, Families, Server, address_clients};
    let server = Server::new("https://dns.example.net").unwrap();
    let account = Account::new(&server, secret).unwrap();
    let hosts = ["home.example.test".parse().unwrap()];
    address_clients(&account, &hosts, Families::Both)
}
