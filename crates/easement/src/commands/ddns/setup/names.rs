//! Consent in a browser (NameDrop).

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, bail};
use easement_agent::client;
use easement_agent::config::{Config, Target};
use easement_agent::send::{NamesFile, NamesGrant};
use easement_client::{AuthorizationCode, NameDrop, NamesRequest, PendingNames};
use easement_core::Secret;
use namedrop::Scope;
use tokio::time::sleep;

use super::super::permission::give_back_names;
use super::super::run::outside;
use super::ask;
use crate::commands::return_place::{NOWHERE, Question, ReturnPlace};
use crate::console::say;

/// How long the browser may take.
const PATIENCE: Duration = Duration::from_mins(15);

/// Asks the owner, and keeps what they give.
pub(super) async fn ask(config: &Config, target: &Target, path: &Path) -> anyhow::Result<()> {
    let outside = outside();
    let server = target.server.as_ref().context("no server is named")?;
    let client = client(config, target.reach, &outside)?;
    let names = NameDrop::new(client, server.as_str())?;
    let secret = Secret::generate(outside.random.as_ref())?.reveal();
    // Without one, what its address has is pasted.
    let place = ReturnPlace::open(&secret, "", Question::Name).await.ok();
    let redirect = match &place {
        Some(place) => place.url()?,
        None => NOWHERE.parse()?,
    };
    let request = NamesRequest::new([Scope::Hosts], redirect);
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
    let code = come_back(place, &pending).await?;
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

/// The code that the browser brings, where it is on this machine, or that a person pastes.
async fn come_back(
    place: Option<ReturnPlace>,
    pending: &PendingNames,
) -> anyhow::Result<AuthorizationCode> {
    let Some(place) = place else {
        let pasted = ask::pasted(
            "Paste the address of the page that is shown at the end, though nothing answers there",
        );
        return Ok(pending.read_pasted(&pasted.await?)?);
    };
    let mut place = place.expecting(pending.state());
    let pasted = ask::pasted_if_any(
        "It goes on by itself. If your browser is on another machine, it finds no page at the end: paste its address",
    );
    tokio::select! {
        query = place.answer() => {
            say("");
            Ok(pending.read_return(&query?)?)
        }
        pasted = pasted => Ok(pending.read_pasted(&pasted?)?),
        () = sleep(PATIENCE) => bail!("the browser did not come back in time: run this again"),
    }
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
