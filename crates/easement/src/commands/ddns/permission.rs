//! Giving back what a person permitted in a browser.

use std::path::Path;

use anyhow::anyhow;
use easement_agent::client;
use easement_agent::config::{Config, Reach, TargetName};
use easement_agent::send::{GrantError, GrantFile, NamesFile};
use easement_client::NameDrop;

use super::run::outside;
use crate::console::say;

/// Gives back what is in a file, when there is one.
pub(super) async fn give_back(
    name: &TargetName,
    path: &Path,
    config: &Config,
    reach: Reach,
) -> anyhow::Result<()> {
    if !path.exists() {
        return Ok(());
    }
    // The file says of which protocol it is: the configuration may be another by now.
    let mut what = "permission";
    let given_back = match NamesFile::read(path) {
        Ok(file) => {
            if file.grant().access.refresh_token.is_none() {
                // The permission may still be listed where it was given: nothing that is held here ends more.
                what = "access token";
            }
            give_back_names(config, &file).await
        }
        Err(GrantError::Form { .. }) => give_back_grant(config, path, reach).await,
        Err(error @ GrantError::File(_)) => Err(error.into()),
    };
    // As words: a file that makes no sense is no fault of the command line, which has an exit code of its own.
    given_back.map_err(|error| anyhow!("the {what} of {name} was not given back: {error:#}"))?;
    say(format_args!("The {what} of {name} was given back."));
    Ok(())
}

/// Gives back a permission of NameDrop.
pub(super) async fn give_back_names(config: &Config, file: &NamesFile) -> anyhow::Result<()> {
    // A person named this server, wherever it is, when it was set up.
    let client = client(config, Reach::Everywhere, &outside())?;
    let access = &file.grant().access;
    Ok(NameDrop::of_access(client, access)?.revoke(access).await?)
}

async fn give_back_grant(config: &Config, path: &Path, reach: Reach) -> anyhow::Result<()> {
    let file: GrantFile = GrantFile::read(path)?;
    let client = client(config, reach, &outside())?;
    let grant = file.grant();
    Ok(client.revoke(&grant.tokens, &grant.credentials).await?)
}
