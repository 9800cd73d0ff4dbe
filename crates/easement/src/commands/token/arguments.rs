//! What is typed.

use std::net::IpAddr;
use std::time::Duration;

use clap::{Args, Subcommand};
use easement_core::{
    EmailAddress, NameLimit, Network, Operation, RateRule, SecretInUrl, TokenEnd, TokenKind,
    TokenLimits, TokenName, TokenScope, TtlRange, ValuePattern, WebhookRight, parse_span,
};
use easement_server::admin::{AdminRequest, NewToken, TokenQuestion, TokenRequest, TokenWish};
use easement_zone::{Name, RecordType, Ttl};

use super::values::{parse_id, parse_ttl};
use crate::console::NotValid;

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a token. Prints it once; the server keeps a hash of it.
    Create(Box<CreateArguments>),
    /// List tokens, the newest first.
    List {
        /// Only those of this account.
        #[arg(long, value_name = "EMAIL")]
        account: Option<EmailAddress>,
    },
    /// Show what a token may do, and when, from where and how well it was used.
    Show {
        #[command(flatten)]
        token: GivenId,
    },
    /// End a token at once, and with it those that were made from it.
    Revoke {
        #[command(flatten)]
        token: GivenId,
    },
    /// Give a token another secret. Prints it once.
    Rotate {
        #[command(flatten)]
        token: GivenId,
        /// How long the secret that it had counts as well.
        #[arg(long, value_name = "SPAN", default_value = "24h", value_parser = parse_span)]
        overlap: Duration,
    },
    /// Say whether a token may do something, and why not. Changes nothing.
    #[command(after_help = TEST_NOTES)]
    Test(Box<TestArguments>),
}

const CREATE_NOTES: &str = "\
Names:
  home.example.test     this name alone
  *.home.example.test   it and the names below it, but for those with an underscore
  **.home.example.test  it and all names below it
  =*.home.example.test  the wildcard alone

Examples:
  easement token create --account alice@example.org --name Router \\
    --for home.example.test --scope dns:update --idle 90d
  easement token create --account alice@example.org --name 'Certificates of www' \\
    --for _acme-challenge.www.example.test --types TXT --may create,delete --ttl 60-300";

const TEST_NOTES: &str = "\
Examples:
  easement token test abcdefghijkl home.example.test A 192.0.2.7
  easement token test abcdefghijkl home.example.test AAAA --delete
  easement token test abcdefghijkl home.example.test A --read --address 192.0.2.7

Exit code: 0 when it may, 3 when it may not.";

/// What a new token is for. A change must be within all of it.
#[derive(Args, Debug)]
#[command(after_help = CREATE_NOTES)]
pub(crate) struct CreateArguments {
    /// The account that it belongs to: it can do no more than that account.
    #[arg(long, value_name = "EMAIL", required_unless_present = "from")]
    account: Option<EmailAddress>,
    /// What it is called, for people.
    #[arg(long)]
    name: TokenName,
    /// Which names it is for.
    #[arg(long = "for", value_name = "NAME", required = true, num_args = 1.., value_delimiter = ',')]
    names: Vec<NameLimit>,
    /// Records of which types, such as A,AAAA.
    #[arg(long, value_delimiter = ',', required_unless_present = "scopes")]
    types: Vec<RecordType>,
    /// What it may do with them: read, create, update, delete.
    #[arg(
        long = "may",
        value_name = "OPERATIONS",
        value_delimiter = ',',
        required_unless_present = "scopes"
    )]
    operations: Vec<Operation>,
    /// Types and operations by the words of ApertoDNS, such as dns:update.
    #[arg(
        long = "scope",
        value_name = "SCOPES",
        value_delimiter = ',',
        conflicts_with_all = ["types", "operations"]
    )]
    scopes: Vec<TokenScope>,
    /// Which values it may set: networks, or texts in which * stands for anything.
    #[arg(long, value_name = "PATTERN", num_args = 1..)]
    values: Vec<ValuePattern>,
    /// Which TTLs it may set, in seconds, such as 60-3600.
    #[arg(long, value_name = "RANGE")]
    ttl: Option<TtlRange>,
    /// How many records its names may have of its types.
    #[arg(long, value_name = "NUMBER")]
    max_records: Option<u32>,
    /// From which networks it may be used, such as 192.0.2.0/24.
    #[arg(long, value_name = "NETWORK", num_args = 1.., value_delimiter = ',')]
    networks: Vec<Network>,
    /// When it ends: after a span such as 90d, or at a date such as 2027-03-01.
    #[arg(long, value_name = "WHEN")]
    expires: Option<TokenEnd>,
    /// After how long without use it ends, such as 30d.
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    idle: Option<Duration>,
    /// How often it may be used: times and seconds, such as 60/3600.
    #[arg(long, value_name = "TIMES/SECONDS")]
    rate: Option<RateRule>,
    /// Lets it stand in a URL, for devices that can do nothing else.
    #[arg(long)]
    allow_in_url: bool,
    /// Lets it manage the webhooks of its account, which are told of all its zones.
    #[arg(long)]
    webhooks: bool,
    /// For trying out: it works in zones that are marked for testing, and there alone.
    #[arg(long)]
    test: bool,
    /// The id of the token that it is made from: it can do no more than that one.
    #[arg(long, value_name = "ID")]
    from: Option<String>,
}

/// The token that is meant.
#[derive(Args, Debug)]
pub(crate) struct GivenId {
    /// The twelve letters by which lists name it.
    #[arg(value_name = "ID")]
    id: String,
}

#[derive(Args, Debug)]
pub(crate) struct TestArguments {
    #[command(flatten)]
    token: GivenId,
    /// The name of the records.
    name: Name,
    /// Their type.
    #[arg(value_name = "TYPE")]
    rtype: RecordType,
    /// What the records would be made.
    #[arg(
        value_name = "VALUE",
        required_unless_present_any = ["delete", "read"],
        conflicts_with_all = ["delete", "read"]
    )]
    values: Vec<String>,
    /// Whether it may take the records away.
    #[arg(long, conflicts_with = "read")]
    delete: bool,
    /// Whether it may look at the records.
    #[arg(long)]
    read: bool,
    /// The TTL that the records would get, in seconds.
    #[arg(long, value_name = "SECONDS", value_parser = parse_ttl, requires = "values")]
    ttl: Option<Ttl>,
    /// From where it would be used.
    #[arg(long)]
    address: Option<IpAddr>,
}

/// What the server is asked.
pub(crate) fn request(command: TokenCommand) -> anyhow::Result<AdminRequest> {
    Ok(AdminRequest::Token(match command {
        TokenCommand::Create(arguments) => TokenRequest::Create(Box::new(new_token(*arguments)?)),
        TokenCommand::List { account } => TokenRequest::List { account },
        TokenCommand::Show { token } => TokenRequest::Show {
            id: parse_id(&token.id)?,
        },
        TokenCommand::Revoke { token } => TokenRequest::Revoke {
            id: parse_id(&token.id)?,
        },
        TokenCommand::Rotate { token, overlap } => TokenRequest::Rotate {
            id: parse_id(&token.id)?,
            overlap,
        },
        TokenCommand::Test(arguments) => TokenRequest::Ask(Box::new(question(*arguments)?)),
    }))
}

fn new_token(arguments: CreateArguments) -> anyhow::Result<NewToken> {
    let from = arguments.from.as_deref().map(parse_id).transpose()?;
    let (types, operations) = if arguments.scopes.is_empty() {
        let operations = arguments.operations.into_iter().collect();
        (arguments.types, operations)
    } else {
        TokenScope::together(&arguments.scopes).map_err(NotValid::mark)?
    };
    let limits = TokenLimits {
        values: arguments.values,
        ttl: arguments.ttl.unwrap_or_default(),
        max_records: arguments.max_records,
        networks: arguments.networks,
        idle_seconds: arguments.idle.map(|span| span.as_secs()),
        rate: arguments.rate,
        in_url: if arguments.allow_in_url {
            SecretInUrl::Allowed
        } else {
            SecretInUrl::Refused
        },
        webhooks: if arguments.webhooks {
            WebhookRight::Manage
        } else {
            WebhookRight::None
        },
        ..TokenLimits::new(arguments.names, types, operations)
    };
    Ok(NewToken {
        account: arguments.account,
        from,
        kind: if arguments.test {
            TokenKind::Test
        } else {
            TokenKind::Live
        },
        name: arguments.name,
        limits,
        end: arguments.expires,
    })
}

fn question(arguments: TestArguments) -> anyhow::Result<TokenQuestion> {
    let wish = if arguments.delete {
        TokenWish::Delete
    } else if arguments.read {
        TokenWish::Read
    } else {
        TokenWish::Set {
            values: arguments.values,
            ttl: arguments.ttl,
        }
    };
    Ok(TokenQuestion {
        id: parse_id(&arguments.token.id)?,
        name: arguments.name,
        rtype: arguments.rtype,
        wish,
        address: arguments.address,
    })
}
