//! `easement connect --namedrop`: an owner chooses a name, and what may be changed at it is kept in a file.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use easement_client::{
    AuthorizationCode, ConsentError, NameDrop, NamesAccess, NamesRequest, PendingNames,
};
use easement_core::Secret;
use serde_json::json;
use tokio::time::timeout;

use super::{ConnectArguments, show_link};
use crate::arguments::Common;
use crate::commands::names::{AccessFile, file_of};
use crate::commands::return_place::{NOWHERE, Question, ReturnPlace};
use crate::console::{NotValid, print, print_json, say, table};

/// The owner did not agree.
const REFUSED: u8 = 5;

pub(super) async fn run(
    arguments: &ConnectArguments,
    base: &str,
    common: &Common,
) -> anyhow::Result<ExitCode> {
    let client = arguments.reach.client()?;
    let path = file_of(arguments.access.as_ref())?;
    // Before anybody is asked: what is given could not be kept otherwise.
    AccessFile::check_new(&path)?;
    let random = || Secret::generate(client.random()).map(|secret| secret.reveal());
    let secret = random()?;
    let place = if arguments.paste {
        None
    } else {
        Some(ReturnPlace::open(&secret, "", Question::Name).await?)
    };
    let redirect = match &place {
        Some(place) => place.url()?,
        None => NOWHERE.parse()?,
    };
    let names = NameDrop::new(client, base).map_err(NotValid::mark)?;
    let request = NamesRequest::new(arguments.scopes.iter().copied(), redirect);
    let (link, pending) = names.begin(&request).map_err(NotValid::mark)?;
    show_link(&link, arguments, common).await;
    let code = match come_back(place, &pending, arguments).await {
        Ok(code) => code,
        Err(error) => match error.downcast_ref::<ConsentError>() {
            Some(ConsentError::Refused { .. }) => {
                say(format_args!("{error}. Nothing was given."));
                return Ok(ExitCode::from(REFUSED));
            }
            _ => return Err(error),
        },
    };
    let access = names.exchange(pending, code).await?;
    if let Err(error) = AccessFile::create(&path, access.clone()) {
        return Err(give_back(&names, &access, error).await);
    }
    show(&path, &access, common)
}

/// What nobody could use stays with nobody. Why it could not be kept, and what became of it.
async fn give_back(names: &NameDrop, access: &NamesAccess, error: anyhow::Error) -> anyhow::Error {
    match names.revoke(access).await {
        Ok(()) => error.context("what the owner gave was given back, since it could not be kept"),
        Err(reason) => error.context(format!(
            "what the owner gave could neither be kept nor given back ({reason}): they can end it on their page of apps"
        )),
    }
}

/// The code that the owner's browser brings, or that a person pastes.
async fn come_back(
    place: Option<ReturnPlace>,
    pending: &PendingNames,
    arguments: &ConnectArguments,
) -> anyhow::Result<AuthorizationCode> {
    let Some(place) = place else {
        say(
            "Paste the address of the page that is shown at the end, though nothing answers there:",
        );
        let mut line = String::new();
        std::io::stdin().read_line(&mut line)?;
        return pending.read_pasted(&line).map_err(|error| match &error {
            ConsentError::Refused { .. } => error.into(),
            ConsentError::NotOffered { .. }
            | ConsentError::NoService
            | ConsentError::NoScope
            | ConsentError::Credentials(_)
            | ConsentError::Request(_)
            | ConsentError::Return(_)
            | ConsentError::NoCode => NotValid::mark(error),
        });
    };
    let limit = Duration::from_secs(arguments.timeout);
    let mut place = place.expecting(pending.state());
    let came = timeout(limit, place.answer());
    let query = came.await.context(
        "the browser did not come back in time: begin again, with --paste where it is on another machine",
    )??;
    Ok(pending.read_return(&query)?)
}

fn show(path: &Path, access: &NamesAccess, common: &Common) -> anyhow::Result<ExitCode> {
    if common.json {
        print_json(&json!({
            "access": path.display().to_string(),
            "server": access.api,
            "permissions": access.permissions,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    let rows: Vec<[String; 2]> = access
        .permissions
        .iter()
        .map(|one| [one.name().to_text(), one.scope().to_string()])
        .collect();
    print(table(["NAME", "MAY BE CHANGED"], &rows));
    say(format_args!(
        "What opens this is in {}: `easement names set A=192.0.2.5` uses it.",
        path.display()
    ));
    Ok(ExitCode::SUCCESS)
}
