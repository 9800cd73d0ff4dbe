//! `easement client`.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::anyhow;
use clap::{Args, Subcommand};
use domain_connect::{DisplayName, IdError, ProviderId, ServiceId};
use easement_core::{ClientId, ClientTemplates, RedirectUri, RefreshRule, parse_span};
use easement_server::admin::{
    AdminRequest, ClientChange, ClientChanged, ClientDescription, ClientLine, ClientMade,
    ClientRequest,
};

use crate::console::{self, NotValid, table};

#[derive(Debug, Subcommand)]
pub(crate) enum ClientCommand {
    /// Register a program that may ask owners for access. Prints its secret once, when it gets one.
    Create(Box<CreateArguments>),
    /// List the programs that are registered.
    List,
    /// Show what a program may ask for, and how long its tokens last.
    Show {
        /// Its client id.
        #[arg(value_name = "CLIENT_ID")]
        id: ClientId,
    },
    /// Give a program another secret. Prints it once.
    Rotate {
        /// Its client id.
        #[arg(value_name = "CLIENT_ID")]
        id: ClientId,
        /// How long the secret that it had counts as well.
        #[arg(long, value_name = "SPAN", default_value = "7d", value_parser = parse_span)]
        overlap: Duration,
    },
    /// Let a program do nothing any more, at once. What owners granted to it stays.
    Disable {
        /// Its client id.
        #[arg(value_name = "CLIENT_ID")]
        id: ClientId,
    },
    /// Let a program act again.
    Enable {
        /// Its client id.
        #[arg(value_name = "CLIENT_ID")]
        id: ClientId,
    },
    /// Delete a program, with everything that owners granted to it.
    Delete {
        /// Its client id.
        #[arg(value_name = "CLIENT_ID")]
        id: ClientId,
    },
}

const CREATE_NOTES: &str = "\
Examples:
  easement client create --known domainconnect.org
  easement client create --id exampleservice.example --name 'Example Service' \\
    --redirect https://app.exampleservice.example/connected --templates website,mail
  easement client create --id tool.example --name 'A tool' --public --redirect http://127.0.0.1/done";

/// A program that is to be registered.
#[derive(Args, Debug)]
#[command(after_help = CREATE_NOTES)]
pub(crate) struct CreateArguments {
    /// A program that is known: domainconnect.org, which is the dynamic DNS of the Domain Connect project.
    #[arg(
        long,
        value_name = "CLIENT_ID",
        conflicts_with_all = [
            "id", "name", "provider", "templates", "redirects", "public", "access", "refresh", "rule",
        ]
    )]
    known: Option<String>,
    /// What it is called in requests; usually the id of its provider.
    #[arg(long, value_name = "CLIENT_ID", required_unless_present = "known")]
    id: Option<ClientId>,
    /// What it is called, for people.
    #[arg(long, required_unless_present = "known")]
    name: Option<DisplayName>,
    /// Whose templates it may ask for; without this, those of the provider that is called like it.
    #[arg(long, value_name = "PROVIDER_ID")]
    provider: Option<ProviderId>,
    /// Which of them, such as website,mail; without this, all.
    #[arg(long, value_name = "SERVICE_IDS", value_delimiter = ',')]
    templates: Vec<ServiceId>,
    /// Where browsers may be sent with a code.
    #[arg(
        long = "redirect",
        value_name = "URI",
        required_unless_present = "known"
    )]
    redirects: Vec<RedirectUri>,
    /// It runs where it can keep no secret, and must prove that it asked for each code (PKCE).
    #[arg(long)]
    public: bool,
    /// How long access tokens last, such as 1h.
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    access: Option<Duration>,
    /// How long refresh tokens last since they were used, such as 365d.
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    refresh: Option<Duration>,
    /// What becomes of a refresh token that was used: rotate or keep.
    #[arg(long, value_name = "RULE", default_value = "rotate", value_parser = parse_rule)]
    rule: RefreshRule,
}

fn parse_rule(text: &str) -> Result<RefreshRule, String> {
    RefreshRule::from_word(text).ok_or_else(|| "use rotate or keep".to_owned())
}

/// What the command asks of the server.
pub(crate) fn request(command: ClientCommand) -> anyhow::Result<AdminRequest> {
    let change = |id, change| ClientRequest::Change { id, change };
    Ok(AdminRequest::Client(match command {
        ClientCommand::Create(arguments) => create(*arguments)?,
        ClientCommand::List => ClientRequest::List,
        ClientCommand::Show { id } => ClientRequest::Show { id },
        ClientCommand::Rotate { id, overlap } => ClientRequest::Rotate { id, overlap },
        ClientCommand::Disable { id } => change(id, ClientChange::Disable),
        ClientCommand::Enable { id } => change(id, ClientChange::Enable),
        ClientCommand::Delete { id } => change(id, ClientChange::Delete),
    }))
}

fn create(arguments: CreateArguments) -> anyhow::Result<ClientRequest> {
    let (id, name) = match (arguments.known, arguments.id, arguments.name) {
        (Some(known), _, _) => return Ok(ClientRequest::CreateKnown { known }),
        (None, Some(id), Some(name)) => (id, name),
        (None, _, _) => return Err(NotValid::mark(anyhow!("--id and --name are missing"))),
    };
    let provider = match arguments.provider {
        Some(provider) => provider,
        None => id.as_str().parse().map_err(|error: IdError| {
            NotValid::mark(anyhow!("{error}: name the provider with --provider"))
        })?,
    };
    let templates = if arguments.templates.is_empty() {
        ClientTemplates::All
    } else {
        ClientTemplates::Listed(arguments.templates)
    };
    Ok(ClientRequest::Create(Box::new(ClientDescription {
        id,
        name,
        provider,
        templates,
        redirects: arguments.redirects,
        public: arguments.public,
        access: arguments.access,
        refresh: arguments.refresh,
        rule: arguments.rule,
    })))
}

//------------ Reports ---------------------------------------------------------------------------

/// Says what was registered; prints the secret, which is data.
pub(crate) fn show_made(made: &ClientMade) {
    let ClientLine { id, name, .. } = &made.line;
    match made.earlier_until {
        Some(until) => {
            console::say(format_args!("The client {id} ({name}) has another secret."));
            console::say(format_args!("The secret that it had counts until {until}."));
        }
        None => console::say(format_args!("The client {id} ({name}) is registered.")),
    }
    if let Some(secret) = &made.secret {
        console::say("This is its client_secret. It is shown this once:");
        console::print(secret.reveal());
    }
}

/// Says what was done.
pub(crate) fn show_changed(outcome: &ClientChanged) {
    let what = match outcome.change {
        ClientChange::Disable => "disabled",
        ClientChange::Enable => "enabled",
        ClientChange::Delete => "deleted",
    };
    let already = if outcome.changed { "" } else { " already" };
    console::say(format_args!(
        "The client {} is {what}{already}.",
        outcome.id
    ));
}

/// A table of clients.
pub(crate) fn list(clients: &[ClientLine]) -> String {
    let rows: Vec<_> = clients
        .iter()
        .map(|client| {
            [
                client.id.to_string(),
                client.name.clone(),
                client.authentication.clone(),
                templates(client),
                state(client).to_owned(),
            ]
        })
        .collect();
    table(["CLIENT ID", "NAME", "KIND", "TEMPLATES", "STATE"], &rows)
}

fn templates(client: &ClientLine) -> String {
    match &client.templates {
        None => format!("all of {}", client.provider),
        Some(services) => format!("{} of {}", services.join(", "), client.provider),
    }
}

fn state(client: &ClientLine) -> &'static str {
    if client.disabled_at.is_some() {
        "disabled"
    } else {
        "registered"
    }
}

/// A client in full.
pub(crate) fn detail(client: &ClientLine) -> String {
    let mut text = format!(
        "{}\nclient id       {}\nkind            {}\ntemplates       {}\naccess tokens   {} seconds\n\
         refresh tokens  {} seconds, {}\nregistered      {}\n",
        client.name,
        client.id,
        client.authentication,
        templates(client),
        client.access_seconds,
        client.refresh_seconds,
        match client.refresh_rule {
            RefreshRule::Rotate => "replaced at each use",
            RefreshRule::Keep => "kept",
        },
        client.created_at,
    );
    if let Some(at) = client.disabled_at {
        let _ = writeln!(text, "disabled        {at}");
    }
    for uri in &client.redirect_uris {
        let _ = writeln!(text, "redirect URI    {uri}");
    }
    text.truncate(text.trim_end().len());
    text
}
