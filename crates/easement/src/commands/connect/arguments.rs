//! The arguments of `easement connect`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::ArgPredicate;
use clap::{Args, ValueEnum};
use domain_connect::{GroupId, InstanceId, KeyLabel};
use easement_client::TemplateId;
use easement_zone::{Host, Name};
use namedrop::{Scope, ScopeError};

use crate::commands::reach::ReachArguments;

/// The arguments that say nothing about a name that an owner chooses.
const OF_TEMPLATES: [&str; 13] = [
    "domain",
    "template",
    "variables",
    "host",
    "groups",
    "instance",
    "template_file",
    "templates",
    "sign_with",
    "key_label",
    "return_wish",
    "no_wait",
    "name_servers",
];

#[derive(Args, Debug)]
#[command(after_help = HELP)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of the command line"
)]
pub(crate) struct ConnectArguments {
    /// The domain.
    #[arg(
        required = false,
        required_unless_present = "namedrop",
        default_value_if("namedrop", ArgPredicate::IsPresent, ".")
    )]
    pub(super) domain: Name,
    /// Asks an owner for a name that they choose, at this server of NameDrop (`https://dns.example/namedrop`);
    /// instead of a template at a domain.
    #[arg(long, value_name = "URL", conflicts_with_all = OF_TEMPLATES)]
    pub(super) namedrop: Option<String>,
    /// With --namedrop, what shall be changed there: hosts, mail, acme, atproto-handle.
    #[arg(
        long = "scope",
        value_name = "SCOPE",
        value_delimiter = ',',
        value_parser = scope,
        default_values = ["hosts", "acme"],
        requires = "namedrop",
        conflicts_with = "template"
    )]
    pub(super) scopes: Vec<Scope>,
    /// With --namedrop, the file to keep what was given in; otherwise names.json in the folder easement of
    /// your configuration.
    #[arg(
        long,
        value_name = "FILE",
        requires = "namedrop",
        conflicts_with = "template"
    )]
    pub(super) access: Option<PathBuf>,
    /// With --namedrop, for a browser on another machine: the address of the last page is pasted here.
    #[arg(long, requires = "namedrop", conflicts_with = "template")]
    pub(super) paste: bool,
    /// The template.
    #[arg(
        long,
        value_name = "PROVIDER/SERVICE",
        required = false,
        required_unless_present = "namedrop",
        default_value_if("namedrop", ArgPredicate::IsPresent, "none.invalid/none")
    )]
    pub(super) template: TemplateId,
    /// The values of the template's variables.
    #[arg(value_name = "VARIABLE=VALUE")]
    pub(super) variables: Vec<String>,
    /// The host below the domain.
    #[arg(long)]
    pub(super) host: Option<Host>,
    /// A group of the template; may be repeated. Without one all records are applied.
    #[arg(long = "group", value_name = "GROUP")]
    pub(super) groups: Vec<GroupId>,
    /// Which instance of a template that allows several.
    #[arg(long, value_name = "ID")]
    pub(super) instance: Option<InstanceId>,
    /// The template itself: says which records are expected in DNS, or are to be set by hand. Without it the one
    /// counts that the DNS provider shows, when it does.
    #[arg(long, value_name = "FILE")]
    pub(super) template_file: Option<PathBuf>,
    /// A folder of templates, where it is looked for by its ids.
    #[arg(long, value_name = "DIR", conflicts_with = "template_file")]
    pub(super) templates: Option<PathBuf>,
    /// Signs the link with this private key, PEM.
    #[arg(long, value_name = "FILE", requires = "key_label")]
    pub(super) sign_with: Option<PathBuf>,
    /// The label of the key below syncPubKeyDomain.
    #[arg(long, value_name = "LABEL", requires = "sign_with")]
    pub(super) key_label: Option<KeyLabel>,
    /// Prints the link, and opens no browser.
    #[arg(long)]
    pub(super) no_browser: bool,
    /// Shows the link as a QR code too.
    #[arg(long)]
    pub(super) qr: bool,
    /// Whether the browser shall come back to this machine. DNS providers send it to https alone, so that auto, the usual,
    /// asks for it only of a provider for trials (--allow-loopback) and with a signed link.
    #[arg(
        long = "return",
        value_enum,
        value_name = "WHEN",
        default_value = "auto"
    )]
    pub(super) return_wish: ReturnWish,
    /// Prints the link and ends.
    #[arg(long, conflicts_with = "name_servers")]
    pub(super) no_wait: bool,
    /// A name server to ask for the records, in the place of those that the domain is delegated to; may be
    /// repeated.
    #[arg(long = "name-server", value_name = "ADDRESS:PORT")]
    pub(super) name_servers: Vec<SocketAddr>,
    /// How long to wait for the browser and for DNS, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(super) timeout: u64,
    #[command(flatten)]
    pub(super) reach: ReachArguments,
}

/// A scope, also without what all begin with.
fn scope(text: &str) -> Result<Scope, ScopeError> {
    format!("namedrop-{text}").parse().or_else(|_| text.parse())
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(super) enum ReturnWish {
    Auto,
    Always,
    Never,
}

const HELP: &str = "\
Finds the DNS provider of the domain, says what it offers, makes the link with which the owner of the domain
agrees to the template, opens it in the browser, and asks the name servers until all of them show the records.
Where the provider does not take the template, it prints the records that are to be set by hand.

With --namedrop it asks an owner for a name that they choose, and keeps what opens it in a file for `easement
names`.

The variable BROWSER names another browser.

Examples:
  easement connect --namedrop https://dns.example/namedrop --scope hosts,acme
  easement connect example.com --template exampleservice.example/website IP=192.0.2.1
  easement connect example.com --host shop --template p.example/web --template-file p.example.web.json
  easement connect example.com --template p.example/web --sign-with p.pem --key-label _dck1 --no-browser --qr
  easement connect demo.example --template exampleservice.example/website --allow-loopback \\
    --resolver 127.0.0.1:5300 --name-server 127.0.0.1:5300

Exit codes: 0 DNS shows the records, or the link was all that was asked for (--no-wait); 1 something cannot be
reached, or DNS does not show them in time; 3 what was given is not valid, or a file is not there; 4 the provider does not offer it: set
the records by hand; 5 the browser tells that the owner, or the provider, did not agree, and DNS does not show
them; 6 it is not known, since there is nothing that DNS could be asked for.";
