//! What a person permitted, in a file that is written anew whenever the tokens are.

use std::path::{Path, PathBuf};
use std::time::Duration;

use easement_client::{Client, ProviderCredentials, RefreshError, TokenError, Tokens};
use easement_core::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::domain_connect::BOTH_FAMILIES;
use super::fault::{of_request, of_status};
use crate::fault::Fault;
use crate::files::{FileError, Readers, SecretFileError, read_secret, replace};

/// What a person permitted, and who may use it. Holds secrets.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Grant {
    /// Who the agent is to the DNS provider.
    pub credentials: ProviderCredentials,
    /// What it was given.
    pub tokens: Tokens,
    /// When.
    pub given_at: Timestamp,
}

/// What was permitted and its file, which is written anew whenever the tokens are.
#[derive(Clone, Debug)]
pub struct GrantFile<G = Grant> {
    pub(super) path: PathBuf,
    pub(super) grant: G,
    /// Whether the tokens in memory are newer than those on disk.
    pub(super) is_unsaved: bool,
}

impl<G: Serialize + DeserializeOwned> GrantFile<G> {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, GrantError> {
        let text = read_secret(path, None)?;
        let grant = serde_json::from_str(&text).map_err(|error| GrantError::Form {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
        Ok(Self {
            path: path.to_owned(),
            grant,
            is_unsaved: false,
        })
    }

    /// Makes a file of a new grant.
    pub fn create(path: &Path, grant: G) -> Result<Self, FileError> {
        write(path, &grant)?;
        Ok(Self {
            path: path.to_owned(),
            grant,
            is_unsaved: false,
        })
    }

    /// What is in it.
    pub fn grant(&self) -> &G {
        &self.grant
    }

    /// Writes tokens that could not be written when they were made.
    pub(crate) fn save(&mut self) -> Result<(), FileError> {
        if self.is_unsaved {
            write(&self.path, &self.grant)?;
            self.is_unsaved = false;
        }
        Ok(())
    }
}

impl GrantFile {
    /// Whether the template knows addresses of IPv6.
    pub(crate) fn has_ipv6(&self) -> bool {
        let service = self.grant.tokens.services.first();
        service.is_some_and(|service| service.as_str() == BOTH_FAMILIES)
    }

    /// Where it counts.
    fn place(&self) -> String {
        let tokens = &self.grant.tokens;
        format!("{} {}", tokens.provider_id, tokens.domain.to_text())
    }

    /// Says that two grants are the same, though their tokens were made anew since.
    pub(crate) fn identity(&self) -> String {
        format!("{} {}", self.place(), self.grant.given_at)
    }

    /// Tokens that have not ended.
    pub(super) async fn refreshed(&mut self, client: &Client) -> Result<(), Fault> {
        self.save()
            .map_err(|error| Fault::server(error.to_string()))?;
        if !self.grant.tokens.is_due(client.clock().now()) {
            return Ok(());
        }
        self.refresh(client).await
    }

    /// New tokens are on disk before they are used: the old ones count no more. Those that cannot be written are kept
    /// here, and written before anything else.
    pub(super) async fn refresh(&mut self, client: &Client) -> Result<(), Fault> {
        let store = |tokens: &Tokens| {
            let grant = Grant {
                tokens: tokens.clone(),
                ..self.grant.clone()
            };
            write(&self.path, &grant).map_err(Into::into)
        };
        let (tokens, credentials) = (&self.grant.tokens, &self.grant.credentials);
        match client.refresh(tokens, credentials, store).await {
            Ok(tokens) => {
                self.grant.tokens = tokens;
                Ok(())
            }
            Err(RefreshError::Store { tokens, source }) => {
                self.grant.tokens = *tokens;
                self.is_unsaved = true;
                Err(unsaved(source.as_ref()))
            }
            Err(RefreshError::Token(error)) => Err(of_token(&error)),
        }
    }
}

/// What is said of tokens that could not be written.
pub(super) fn unsaved(source: &dyn std::error::Error) -> Fault {
    Fault::server(format!(
        "the new tokens could not be written, and are kept in memory: {source}"
    ))
}

pub(super) fn write<G: Serialize>(path: &Path, grant: &G) -> Result<(), FileError> {
    let mut text = serde_json::to_string_pretty(grant).unwrap_or_default();
    text.push('\n');
    replace(path, text.as_bytes(), Readers::Owner)
}

/// Without a token nothing can be sent, for no host.
pub(super) fn of_token(error: &TokenError) -> Fault {
    let message = error.to_string();
    match error {
        TokenError::Request(error) => of_request(error),
        error if error.is_ended() => Fault::last(format!(
            "the permission has ended: {message}; run `easement ddns setup` again"
        )),
        TokenError::Refused {
            status,
            retry_after,
            ..
        }
        | TokenError::Unclear {
            status,
            retry_after,
            ..
        } if may_be_renewed(*status, *retry_after) => Fault::network(message),
        TokenError::Refused {
            status,
            retry_after,
            ..
        } if error.may_pass() => match (status, retry_after) {
            (429, _) | (_, Some(_)) => Fault::busy(*retry_after, message),
            _ => Fault::server(message),
        },
        TokenError::Unclear {
            status,
            retry_after,
            ..
        } => of_status(*status, *retry_after, message),
        TokenError::Credentials(_) | TokenError::NoRefreshToken | TokenError::Refused { .. } => {
            Fault::last(message)
        }
    }
}

/// Whether the tokens may be replaced although the server, or a proxy before it, says that it failed. A server takes
/// the old ones once more for a short time only, so the next try is as soon as after a lost answer.
fn may_be_renewed(status: u16, retry_after: Option<Duration>) -> bool {
    (500..=599).contains(&status) && retry_after.is_none()
}

/// Why there is no grant.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] SecretFileError),
    /// It is none.
    #[error("the permission in {} cannot be read ({reason}): run `easement ddns setup` again", path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}
