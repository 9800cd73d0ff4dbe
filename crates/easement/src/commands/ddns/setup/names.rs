//! Consent in a browser (NameDrop).

use std::path::Path;

use anyhow::{Context as _, bail};
use easement_agent::client;
use easement_agent::config::{Config, Target};
use easement_agent::send::{NamesFile, NamesGrant};
use easement_client::{NameDrop, NamesRequest};
use namedrop::Scope;

use super::super::permission::give_back_names;
use super::super::run::outside;
use super::ask;
use crate::console::say;

/// The page that is shown at the end. Nobody answers there, and its address has the code.
const NOWHERE: &str = "http://127.0.0.1/return";

/// Asks the owner, and keeps what they give.
pub(super) async fn ask(config: &Config, target: &Target, path: &Path) -> anyhow::Result<()> {
    let outside = outside();
    let server = target.server.as_ref().context("no server is named")?;
    let client = client(config, target.reach, &outside)?;
    let names = NameDrop::new(client, server.as_str())?;
    let request = NamesRequest::new([Scope::Hosts], NOWHERE.parse()?);
    let (url, pending) = names.begin(&request)?;
    let hosts: Vec<String> = target
        .hosts
        .iter()
        .map(|host| host.name.to_string())
        .collect();
    let hosts = hosts.join(", ");
    say(format_args!(
        "{} asks you in your browser whose addresses this machine may change. Open this link, and choose {hosts}, or \
         a name above it:\n\n{url}\n",
        names.base()
    ));
    let pasted = ask::pasted(
        "Paste the address of the page that is shown at the end, though nothing answers there",
    )?;
    let code = pending.read_pasted(&pasted)?;
    let access = names.exchange(pending, code).await?;
    let given_at = outside.clock.now();
    let grant = NamesGrant { access, given_at };
    let earlier = NamesFile::read(path);
    if let Err(error) = keep(target, path, &grant) {
        return Err(give_back(&names, &grant, error).await);
    }
    if let Ok(earlier) = earlier {
        give_back_earlier(config, &earlier).await;
    }
    Ok(())
}

/// Nobody has the tokens of what was given before any more.
async fn give_back_earlier(config: &Config, earlier: &NamesFile) {
    match give_back_names(config, earlier).await {
        Ok(()) => say("What was given before was given back."),
        Err(error) => say(format_args!(
            "warning: what was given before could not be given back ({error:#}): end it on your page of apps"
        )),
    }
}

fn keep(target: &Target, path: &Path, grant: &NamesGrant) -> anyhow::Result<()> {
    if grant.access.permissions.is_empty() {
        bail!(
            "the server does not say what was given, as those of NameDrop 0.4.0 do: it may speak an older version"
        );
    }
    let missing = target
        .hosts
        .iter()
        .find(|host| grant.place_of(&host.name).is_none());
    if let Some(host) = missing {
        bail!(
            "what was given does not open {}: choose that name, or one above it",
            host.name
        );
    }
    NamesFile::create(path, grant.clone())?;
    Ok(())
}

/// What is of no use here stays with nobody.
async fn give_back(names: &NameDrop, grant: &NamesGrant, error: anyhow::Error) -> anyhow::Error {
    match names.revoke(&grant.access).await {
        Ok(()) => error.context("it was given back"),
        Err(reason) => error.context(format!(
            "it could not be given back ({reason}): end it on your page of apps"
        )),
    }
}
