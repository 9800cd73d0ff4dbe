//! `easement ddns setup`

mod ask;
mod consent;
mod names;
mod text;

use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
use easement_agent::config::{Config, Protocol, Target};
use easement_agent::{Lock, Readers, SecretText, TargetRound, check_writable, replace};

use super::Refusal;
use super::files::Files;
use super::run::{code_of, start_locked};
use crate::arguments::Common;
use crate::console::{WrongUsage, say};

const HELP: &str = "\
What is not given is asked for. The secret is typed, or read from a file (- is the standard input):
it never stands on the command line. The addresses are sent once, and what came of it is said. An
agent that is running is to be stopped before: `systemctl stop easement-ddns`.

With --protocol domain-connect no secret is needed: the DNS provider of the domain is found, asks
you in your browser, and shows a code to be pasted here. With --protocol namedrop the server asks
you, and the browser comes back by itself; from another machine, the address of its last page is
pasted.

Examples:
  easement ddns setup --server https://dns.example.net --host home.example.com
  easement ddns setup --server https://dns.example.net --host home.example.com --token-file token
  easement ddns setup --protocol dyndns2 --server https://members.example.org --user alice \\
    --host home.example.org --interface ppp0
  easement ddns setup --server https://dns.example.net --host home.example.com --router
  easement ddns setup --protocol domain-connect --host home.example.com --interface eth0
  easement ddns setup --protocol namedrop --server https://dns.example.net/namedrop --host home.example.com

Exit codes:
  0  it is set up, and the addresses were sent
  1  it is set up, and the addresses could not be sent yet
  2  the command line or a file is not valid, or a file is not there, and nothing was changed
  3  it is set up, and the server refuses: run it again with what is right
  4  there is no permission: the DNS provider does not offer it, was not reached or gave none
  5  there is a target of this name that is for something else, or an agent is running";

#[derive(Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct SetupArguments {
    /// How the server is spoken to.
    #[arg(long, value_enum, default_value_t = ProtocolName::Apertodns)]
    protocol: ProtocolName,
    /// The server, such as <https://dns.example.net>, or <https://dns.example.net/namedrop>.
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// The hosts that get the addresses of this machine.
    #[arg(long = "host", value_name = "NAME", num_args = 1.., value_delimiter = ',')]
    hosts: Vec<String>,
    /// The user name, for DynDNS2.
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// A file with the token or password; - is the standard input.
    #[arg(long, value_name = "FILE", visible_alias = "password-file")]
    token_file: Option<PathBuf>,
    /// What the target is called; the first label of its first host otherwise.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Takes the addresses from this interface.
    #[arg(long, value_name = "NAME")]
    interface: Option<String>,
    /// Asks this server for the address; may be repeated, and then two must agree.
    #[arg(long = "checker", value_name = "URL", conflicts_with = "interface")]
    checkers: Vec<String>,
    /// Asks the router for the IPv4 address: the one that leads out, or this one.
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, conflicts_with_all = ["interface", "checkers"])]
    #[expect(
        clippy::option_option,
        reason = "clap's way to say that an option may stand without its value"
    )]
    router: Option<Option<String>>,
    /// Who the agent is to the DNS provider, for Domain Connect: the well-known client of dynamic DNS otherwise.
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// Where the browser is sent back to, for Domain Connect.
    #[arg(long, value_name = "URL")]
    redirect_uri: Option<String>,
    /// The resolver that is asked.
    #[arg(long, value_name = "ADDRESS")]
    resolver: Option<String>,
    /// More authorities whose certificates are believed.
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// Lets the secret go over plain HTTP, on a network of your own.
    #[arg(long)]
    allow_http: bool,
    /// Sends nothing now.
    #[arg(long)]
    no_try: bool,
}

/// The protocols, as they are typed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum ProtocolName {
    /// An API token.
    Apertodns,
    /// User name and password.
    Dyndns2,
    /// Consent in a browser.
    DomainConnect,
    /// Consent in a browser, at a server of NameDrop.
    Namedrop,
}

pub(super) async fn run(arguments: SetupArguments, common: &Common) -> anyhow::Result<ExitCode> {
    let files = Files::find(common);
    let wanted = text::wanted(&arguments)?;
    let before = match std::fs::read_to_string(&files.config) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => {
            let cannot = format!("cannot read {}", files.config.display());
            return Err(Refusal::invalid(anyhow::Error::new(error).context(cannot)));
        }
    };
    let file = text::with_target(before.as_deref(), &arguments, &wanted, &files.config)?;
    // Whatever is wrong is told before anything is asked or written.
    let config = Config::parse(&file, &files.config).map_err(Refusal::invalid)?;
    // An agent that is running would know nothing of this, and write what it was given over what is new.
    let lock = Lock::take(&files.state(&config))?;
    let target = config
        .target(&wanted.name)
        .context("the target is missing")?;
    match &target.protocol {
        Protocol::DomainConnect => {
            let path = writable_grant(&files, &config, target)?;
            let grant = consent::ask(&arguments, &config, target).await;
            let grant = grant.map_err(|error| Refusal::with_code(NO_PERMISSION, error))?;
            easement_agent::send::GrantFile::create(&path, grant)?;
        }
        Protocol::NameDrop { .. } => {
            let path = writable_grant(&files, &config, target)?;
            let given = names::ask(&config, target, &path).await;
            given.map_err(|error| Refusal::with_code(NO_PERMISSION, error))?;
        }
        Protocol::ApertoDns { .. } | Protocol::DynDns2 { .. } => {
            let secret = secret(&arguments, target).await?;
            let text = format!("{}\n", secret.reveal());
            replace(&files.new_secret(target), text.as_bytes(), Readers::Owner)?;
        }
    }
    if before.as_deref() != Some(file.as_str()) {
        replace(&files.config, file.as_bytes(), Readers::All)?;
    }
    say(format_args!("Set up in {}.", files.config.display()));
    if arguments.no_try {
        return Ok(ExitCode::SUCCESS);
    }
    try_once(&files, config, lock, &wanted.name).await
}

/// The exit code when there is no permission.
const NO_PERMISSION: u8 = 4;

/// Where the permission is kept. Before anybody is asked for it: what cannot be kept is of no use.
fn writable_grant(files: &Files, config: &Config, target: &Target) -> anyhow::Result<PathBuf> {
    let path = files.grant(config, target);
    check_writable(&path).map_err(Refusal::invalid)?;
    Ok(path)
}

/// From a file, or typed.
async fn secret(arguments: &SetupArguments, target: &Target) -> anyhow::Result<SecretText> {
    let text = match &arguments.token_file {
        Some(file) if file.as_os_str() == "-" => std::io::read_to_string(std::io::stdin())
            .context("cannot read the secret from the standard input")?,
        Some(file) => std::fs::read_to_string(file)
            .with_context(|| format!("cannot read the secret from {}", file.display()))
            .map_err(Refusal::invalid)?,
        None => {
            ask::hidden(match target.protocol {
                Protocol::DynDns2 { .. } => "Password",
                Protocol::ApertoDns { .. }
                | Protocol::NameDrop { .. }
                | Protocol::DomainConnect => "API token",
            })
            .await?
        }
    };
    match SecretText::new(&text) {
        Some(secret) => Ok(secret),
        None => bail!(Refusal::invalid(anyhow::anyhow!(
            "a secret is one line that is not empty: none was saved"
        ))),
    }
}

async fn try_once(
    files: &Files,
    config: Config,
    lock: Lock,
    name: &str,
) -> anyhow::Result<ExitCode> {
    let mut agent = start_locked(files, config, lock)?;
    agent.begin_anew(name);
    let round = agent.round().await;
    let outcome = round.targets.iter().find(|(target, _)| target == name);
    let Some((_, outcome)) = outcome else {
        return Ok(ExitCode::FAILURE);
    };
    say(match outcome {
        TargetRound::Sent => {
            "The addresses were sent. `easement ddns run` keeps them up to date.".to_owned()
        }
        TargetRound::Nothing => "The addresses had been sent already.".to_owned(),
        TargetRound::NothingFound => {
            "No address was found: name an --interface, or servers that say one with --checker, or ask the --router."
                .to_owned()
        }
        TargetRound::Waiting { remaining } => {
            format!("It is tried again in {} seconds.", remaining.as_secs())
        }
        TargetRound::Failed(fault) => format!("It did not work: {fault}"),
        TargetRound::Stopped { reason } | TargetRound::Locked { reason } => {
            format!("It does not work: {reason}")
        }
    });
    Ok(code_of(std::iter::once(outcome)))
}

/// Arguments that do not go together.
fn wrong(words: &'static str) -> anyhow::Error {
    WrongUsage(words).into()
}
