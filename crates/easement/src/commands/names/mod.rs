//! `easement names`: records at names that an owner gave this machine (NameDrop).

mod access_file;
mod forget;
mod records;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use domain_connect::escape_hidden;
use easement_client::{
    NameDrop, NameRecord, NamesAccess, NamesRefreshError, RecordPlace, RecordsError,
};
use easement_zone::Name;
use serde_json::json;

pub(crate) use self::access_file::{AccessFile, file_of};
use self::records::{WantedRecord, typed_host};
use super::reach::ReachArguments;
use crate::arguments::Common;
use crate::console::{NotValid, print, print_json, table};

#[derive(Debug, Subcommand)]
#[command(after_help = HELP)]
pub(crate) enum NamesCommand {
    /// List the records that the access opens.
    Get(GetArguments),
    /// Add records; an error when one is there.
    Create(ChangeArguments),
    /// Put records in the place of those of the same name and type.
    Set(ChangeArguments),
    /// Take records away; TYPE alone takes all of that type.
    Delete(ChangeArguments),
    /// Give back what the owner gave, and delete the file; records stay.
    Forget(forget::ForgetArguments),
    /// Print the address that a server sees this machine at.
    MyIp(ServerArguments),
    /// Get a name for that address, for some minutes.
    TempSubdomain(ServerArguments),
}

const HELP: &str = "\
`easement connect --namedrop URL` asks an owner first.

Examples:
  easement names set A=192.0.2.5
  easement names set --host app '_acme-challenge.{{host}}:TXT=proof' --ttl 60
  easement names delete _acme-challenge.app:TXT
  easement names forget
  easement names temp-subdomain https://dns.example/namedrop";

#[derive(Args, Debug)]
pub(crate) struct GetArguments {
    #[command(flatten)]
    place: PlaceArguments,
}

#[derive(Args, Debug)]
pub(crate) struct ChangeArguments {
    /// The records: `A=192.0.2.5`, or `HOST:TXT=text` at another host than --host, `@:TXT=text` at the domain itself.
    #[arg(required = true, value_name = "[HOST:]TYPE[=VALUE]")]
    records: Vec<WantedRecord>,
    /// The TTL of the records, in seconds.
    #[arg(long, value_name = "SECONDS")]
    ttl: Option<u32>,
    #[command(flatten)]
    place: PlaceArguments,
}

#[derive(Args, Debug)]
struct PlaceArguments {
    /// The file with what the owner gave; otherwise names.json in the folder easement of your configuration.
    #[arg(long, value_name = "FILE")]
    access: Option<PathBuf>,
    /// The domain, when the access has several.
    #[arg(long)]
    domain: Option<Name>,
    /// The host below it, when the access has several; `@` is the domain itself.
    #[arg(long, value_parser = typed_host)]
    host: Option<String>,
    #[command(flatten)]
    reach: ReachArguments,
}

#[derive(Args, Debug)]
pub(crate) struct ServerArguments {
    /// The server, such as `https://dns.example/namedrop`.
    #[arg(value_name = "URL")]
    server: String,
    #[command(flatten)]
    reach: ReachArguments,
}

pub(crate) async fn run(command: NamesCommand, common: &Common) -> anyhow::Result<ExitCode> {
    match command {
        NamesCommand::Get(arguments) => call(&arguments.place, Call::Get, &[], common).await,
        NamesCommand::Create(arguments) => change(arguments, Call::Create, common).await,
        NamesCommand::Set(arguments) => change(arguments, Call::Set, common).await,
        NamesCommand::Delete(arguments) => change(arguments, Call::Delete, common).await,
        NamesCommand::Forget(arguments) => forget::run(&arguments).await,
        NamesCommand::MyIp(arguments) => {
            let address = arguments.names()?.my_ip().await?;
            show_one("address", &address.to_string(), common)
        }
        NamesCommand::TempSubdomain(arguments) => {
            let name = arguments.names()?.temp_subdomain().await?;
            show_one("name", &name.to_text(), common)
        }
    }
}

impl ServerArguments {
    fn names(&self) -> anyhow::Result<NameDrop> {
        NameDrop::new(self.reach.client()?, &self.server).map_err(NotValid::mark)
    }
}

//------------ Records ---------------------------------------------------------------------------

/// What is done with records.
#[derive(Clone, Copy)]
enum Call {
    Get,
    Create,
    Set,
    Delete,
}

async fn change(
    arguments: ChangeArguments,
    kind: Call,
    common: &Common,
) -> anyhow::Result<ExitCode> {
    let records = arguments.records.into_iter().map(|wanted| {
        let value_is_needed = matches!(kind, Call::Create | Call::Set);
        let mut record = wanted.record(value_is_needed)?;
        record.ttl = arguments.ttl;
        Ok(record)
    });
    let records: anyhow::Result<Vec<NameRecord>> = records.collect();
    call(&arguments.place, kind, &records?, common).await
}

async fn call(
    arguments: &PlaceArguments,
    kind: Call,
    records: &[NameRecord],
    common: &Common,
) -> anyhow::Result<ExitCode> {
    let file = AccessFile::read(&file_of(arguments.access.as_ref())?)?;
    let place = RecordPlace {
        domain: arguments.domain.clone(),
        host: arguments.host.clone(),
    };
    let client = arguments.reach.client()?;
    let names = NameDrop::of_access(client, file.access()).map_err(NotValid::mark)?;
    let access = renew(&names, &file, None).await?;
    let mut done = ask(&names, &access, kind, (&place, records)).await;
    // A token may end before its time: a new one tells whether the permission has.
    if let Err(RecordsError::Unauthorized { .. }) = done
        && access.refresh_token.is_some()
    {
        let access = renew(&names, &file, Some(&access)).await?;
        done = ask(&names, &access, kind, (&place, records)).await;
    }
    let done = done.map_err(|error| match error {
        RecordsError::Refused { .. } | RecordsError::Forbidden { .. } => NotValid::mark(error),
        RecordsError::Unauthorized { .. } => ended(error, &file),
        RecordsError::OtherServer(_)
        | RecordsError::Request(_)
        | RecordsError::Busy { .. }
        | RecordsError::Unclear { .. } => error.into(),
    })?;
    show(&done, common)
}

/// The access with tokens that count: new ones when their time is over, or when those that were tried are still there.
async fn renew(
    names: &NameDrop,
    file: &AccessFile,
    tried: Option<&NamesAccess>,
) -> anyhow::Result<NamesAccess> {
    let held = file.hold()?;
    let store = |access: &NamesAccess| held.replace(access).map_err(Into::into);
    let access = held.access().clone();
    let is_tried = tried.is_some_and(|tried| tried.access_token == access.access_token);
    let renewed = if is_tried {
        names.refresh(access, store).await
    } else {
        names.refresh_if_due(access, store).await
    };
    renewed.map_err(|error| match &error {
        NamesRefreshError::Token(reason) if reason.is_ended() => ended(error, file),
        NamesRefreshError::Token(_) | NamesRefreshError::Store { .. } => error.into(),
    })
}

/// Says what to do when what was given is over.
fn ended(error: impl Into<anyhow::Error>, file: &AccessFile) -> anyhow::Error {
    error.into().context(format!(
        "what the owner gave counts no more: move {} away, and ask again with `easement connect --namedrop {}`",
        file.path().display(),
        file.access().api
    ))
}

async fn ask(
    names: &NameDrop,
    access: &NamesAccess,
    kind: Call,
    (place, records): (&RecordPlace, &[NameRecord]),
) -> Result<Vec<NameRecord>, RecordsError> {
    match kind {
        Call::Get => names.get_records(access, place).await,
        Call::Create => names.create_records(access, place, records).await,
        Call::Set => names.set_records(access, place, records).await,
        Call::Delete => names.delete_records(access, place, records).await,
    }
}

//------------ Output ----------------------------------------------------------------------------

fn show(records: &[NameRecord], common: &Common) -> anyhow::Result<ExitCode> {
    if common.json {
        print_json(&json!({"records": records}))?;
        return Ok(ExitCode::SUCCESS);
    }
    let rows: Vec<[String; 4]> = records.iter().map(row).collect();
    print(table(["NAME", "TTL", "TYPE", "VALUE"], &rows));
    Ok(ExitCode::SUCCESS)
}

/// What others say is harmless on a terminal.
fn row(record: &NameRecord) -> [String; 4] {
    let domain = record.domain.as_ref().map(Name::to_text);
    let host = record.host.as_deref().unwrap_or_default();
    let name = match (host, domain) {
        ("", domain) => domain.unwrap_or_default(),
        (host, Some(domain)) => format!("{host}.{domain}"),
        (host, None) => host.to_owned(),
    };
    let priority = record.priority.map(|priority| format!("{priority} "));
    let value = record.value.as_deref().unwrap_or_default();
    let value = format!("{}{value}", priority.unwrap_or_default());
    let ttl = record.ttl.map(|ttl| ttl.to_string());
    [
        escape_hidden(&name),
        ttl.unwrap_or_default(),
        record.rtype.to_string(),
        escape_hidden(&value),
    ]
}

fn show_one(what: &str, text: &str, common: &Common) -> anyhow::Result<ExitCode> {
    if common.json {
        print_json(&json!({what: text}))?;
    } else {
        print(text);
    }
    Ok(ExitCode::SUCCESS)
}
