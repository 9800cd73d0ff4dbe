//! Domain Connect, the asynchronous flow: templates of `domainconnect.org` are applied with what a person permitted.

use std::path::{Path, PathBuf};

use domain_connect::{GroupId, ServiceId, Variables};
use easement_client::{
    CallFailure, Client, ConflictRule, ProviderCredentials, RefreshError, TemplateChange,
    TokenError, Tokens, Unapplied,
};
use easement_core::Timestamp;
use easement_zone::{Host, Name};
use serde::{Deserialize, Serialize};

use super::Said;
use super::fault::{of_request, of_status};
use crate::decide::{FamilyWish, HostWish};
use crate::fault::Fault;
use crate::files::{FileError, Readers, SecretFileError, read_secret, replace};

/// The template with a group for each family. The older one, `dynamicdns`, has IPv4 alone.
pub const BOTH_FAMILIES: &str = "dynamicdns-v2";

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

/// A grant and its file, which is written anew whenever the tokens are.
#[derive(Clone, Debug)]
pub struct GrantFile {
    path: PathBuf,
    grant: Grant,
}

impl GrantFile {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, GrantError> {
        let text = read_secret(path, None)?;
        let grant = serde_json::from_str(&text).map_err(|error| GrantError::Form {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
        let path = path.to_owned();
        Ok(Self { path, grant })
    }

    /// Makes a file of a new grant.
    pub fn create(path: &Path, grant: Grant) -> Result<Self, FileError> {
        write(path, &grant)?;
        let path = path.to_owned();
        Ok(Self { path, grant })
    }

    /// What is in it.
    pub fn grant(&self) -> &Grant {
        &self.grant
    }

    /// Where it counts.
    pub(crate) fn place(&self) -> String {
        let tokens = &self.grant.tokens;
        format!("{} {}", tokens.provider_id, tokens.domain.to_text())
    }

    /// Says that two grants are the same, though their tokens were made anew since.
    pub(crate) fn identity(&self) -> String {
        format!("{} {}", self.place(), self.grant.given_at)
    }

    /// Tokens that have not ended.
    async fn refreshed(&mut self, client: &Client) -> Result<(), Fault> {
        if !self.grant.tokens.is_due(client.clock().now()) {
            return Ok(());
        }
        self.refresh(client).await
    }

    /// New tokens are on disk before they are used: the old ones count no more.
    async fn refresh(&mut self, client: &Client) -> Result<(), Fault> {
        let store = |tokens: &Tokens| {
            let grant = Grant {
                tokens: tokens.clone(),
                ..self.grant.clone()
            };
            write(&self.path, &grant).map_err(Into::into)
        };
        let (tokens, credentials) = (self.grant.tokens.clone(), &self.grant.credentials);
        let refreshed = client.refresh(tokens, credentials, store).await;
        self.grant.tokens = refreshed.map_err(of_refresh)?;
        Ok(())
    }
}

fn write(path: &Path, grant: &Grant) -> Result<(), FileError> {
    let mut text = serde_json::to_string_pretty(grant).unwrap_or_default();
    text.push('\n');
    replace(path, text.as_bytes(), Readers::Owner)
}

pub(super) async fn send(
    file: &mut GrantFile,
    wishes: &[HostWish],
    client: &Client,
) -> Vec<Result<Said, Fault>> {
    let mut said = Vec::new();
    for wish in wishes {
        said.push(send_one(file, wish, client).await);
    }
    said
}

async fn send_one(file: &mut GrantFile, wish: &HostWish, client: &Client) -> Result<Said, Fault> {
    let change = change_of(&file.grant.tokens, wish)?;
    let Some(change) = change else {
        return Ok(Said::Same);
    };
    file.refreshed(client).await?;
    let applied = client.apply(&file.grant.tokens, &change).await;
    // A token may end before its time: a new one tells whether the permission has.
    if let Err(CallFailure::Unapplied(Unapplied::Unauthorized { .. })) = applied
        && file.grant.tokens.refresh_token.is_some()
    {
        file.refresh(client).await?;
        let again = client.apply(&file.grant.tokens, &change).await;
        return again.map(|()| Said::Changed).map_err(of_call);
    }
    applied.map(|()| Said::Changed).map_err(of_call)
}

/// The template with the families that are spoken of, each of which is a group of its own; nothing when the template
/// has none of them.
fn change_of(tokens: &Tokens, wish: &HostWish) -> Result<Option<TemplateChange>, Fault> {
    let host = host_of(wish.host.as_name(), &tokens.domain);
    let host = host.filter(|host| tokens.hosts.contains(host));
    let Some(host) = host else {
        return Err(Fault::last(format!(
            "the permission is not for {}: run `easement ddns setup` for it",
            wish.host
        )));
    };
    let Some(service) = tokens.services.first().cloned() else {
        return Err(Fault::last("the permission is for no template"));
    };
    let is_for_both = service.as_str() == BOTH_FAMILIES;
    let mut values: Vec<(&str, String)> = Vec::new();
    if let FamilyWish::Set(address) = wish.ipv4 {
        let name = if is_for_both { "IPv4" } else { "IP" };
        values.push((name, address.to_string()));
    }
    if let FamilyWish::Set(address) = wish.ipv6
        && is_for_both
    {
        values.push(("IPv6", address.to_string()));
    }
    if values.is_empty() {
        return Ok(None);
    }
    let mut change = TemplateChange::new(service, host);
    if is_for_both {
        let groups = values
            .iter()
            .filter_map(|(name, _)| name.parse::<GroupId>().ok());
        change.groups = groups.collect();
    }
    change.variables = variables(values);
    // The owner agreed that the agent may change these addresses; what else is in the way is for them to decide.
    change.conflicts = ConflictRule::Report;
    Ok(Some(change))
}

/// The values of a template.
pub fn variables<'a>(values: impl IntoIterator<Item = (&'a str, String)>) -> Variables {
    let values = values.into_iter();
    let named = values.filter_map(|(name, value)| Some((name.parse().ok()?, value)));
    named.collect()
}

/// The host of a name in a zone; none when it is not in it.
pub fn host_of(name: &Name, zone: &Name) -> Option<Host> {
    let (name, zone) = (name.to_lowercase().to_text(), zone.to_lowercase().to_text());
    let (name, zone) = (name.trim_end_matches('.'), zone.trim_end_matches('.'));
    if name == zone {
        return Some(Host::apex());
    }
    name.strip_suffix(zone)?.strip_suffix('.')?.parse().ok()
}

/// The templates in the order in which they are tried.
pub fn services() -> Vec<ServiceId> {
    [BOTH_FAMILIES, "dynamicdns"]
        .iter()
        .filter_map(|text| text.parse().ok())
        .collect()
}

fn of_refresh(error: RefreshError) -> Fault {
    let message = error.to_string();
    match error {
        RefreshError::Store(_) => Fault::server(message),
        RefreshError::Token(error) if error.is_ended() => Fault::last(format!(
            "the permission has ended: {message}; run `easement ddns setup` again"
        )),
        RefreshError::Token(TokenError::Request(error)) => of_request(&error),
        RefreshError::Token(TokenError::Unclear { status, .. }) => of_status(status, None, message),
        RefreshError::Token(
            TokenError::Credentials(_) | TokenError::NoRefreshToken | TokenError::Refused { .. },
        ) => Fault::last(message),
    }
}

fn of_call(failure: CallFailure) -> Fault {
    let message = failure.to_string();
    match failure {
        CallFailure::Values(_) => Fault::last(message),
        CallFailure::Request(error) => of_request(&error),
        CallFailure::Unapplied(unapplied) => match unapplied {
            Unapplied::Unauthorized { .. }
            | Unapplied::Forbidden { .. }
            | Unapplied::Gone { .. } => Fault::last(message),
            // The owner may take away what is in the way, or mend the account.
            Unapplied::Conflict { .. } | Unapplied::Refused { .. } => Fault::busy(None, message),
            Unapplied::NotOffered | Unapplied::Broken { .. } => Fault::server(message),
        },
    }
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
