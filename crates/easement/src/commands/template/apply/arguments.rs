//! The arguments of `easement template apply`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use domain_connect::{GroupId, InstanceId};
use easement_zone::{Host, Name};

#[derive(Args, Debug)]
#[command(after_help = HELP)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are independent switches of a command line"
)]
pub(crate) struct ApplyArguments {
    /// The zone file.
    #[arg(long, value_name = "FILE")]
    pub(super) zone: PathBuf,
    /// A template file, or its ids as provider/service.
    #[arg(long, value_name = "FILE|ID", required_unless_present_any = ["signed_url", "list"])]
    pub(super) template: Option<String>,
    /// A folder of templates, where ids are looked for; without it the server of the configuration is
    /// asked.
    #[arg(long, value_name = "DIR")]
    pub(super) templates: Option<PathBuf>,
    /// The domain of the zone; without it the file says so.
    #[arg(long)]
    pub(super) domain: Option<Name>,
    /// The host that the template is applied to.
    #[arg(long, conflicts_with = "signed_url")]
    pub(super) host: Option<Host>,
    /// A group of the template; may be repeated. Without one all records are applied.
    #[arg(long = "group", value_name = "GROUP", conflicts_with = "signed_url")]
    pub(super) groups: Vec<GroupId>,
    /// Which instance of a template that allows several.
    #[arg(long, value_name = "ID", conflicts_with = "signed_url")]
    pub(super) instance: Option<InstanceId>,
    /// The values of the template's variables.
    #[arg(value_name = "VARIABLE=VALUE", conflicts_with = "signed_url")]
    pub(super) variables: Vec<String>,
    /// A link of the service provider: everything comes from it, and its signature must be valid.
    #[arg(long, value_name = "URL")]
    pub(super) signed_url: Option<String>,
    /// The key in PEM, or the texts of its records, in the place of DNS.
    #[arg(long, value_name = "FILE", requires = "signed_url")]
    pub(super) public_key: Option<PathBuf>,
    /// The resolver to ask for the key, without it the one of the system; and for what an SPF record
    /// includes, whose look-ups are counted when it is given.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(super) resolver: Option<SocketAddr>,
    /// Where applied services are kept between runs.
    #[arg(long, value_name = "FILE")]
    pub(super) state: Option<PathBuf>,
    /// Only says what would change.
    #[arg(long, conflicts_with_all = ["in_place", "output"])]
    pub(super) check: bool,
    /// Takes the service out again. Its ids are enough: the template is not read.
    #[arg(long, requires = "state")]
    pub(super) remove: bool,
    /// Lists the services that are applied.
    #[arg(long, requires = "state", conflicts_with_all = ["remove", "check"])]
    pub(super) list: bool,
    /// Lets what is in the way go.
    #[arg(long)]
    pub(super) replace: bool,
    /// Writes the zone file itself, in one step.
    #[arg(long, conflicts_with = "output")]
    pub(super) in_place: bool,
    /// Where the new zone file goes; - is the standard output. There, --json puts it into the field
    /// `zone_file` of the plan.
    #[arg(long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// What becomes of the serial number; date makes numbers such as 2026112600.
    #[arg(long, value_enum, default_value = "increment")]
    pub(super) serial: SerialWish,
    /// The lowest TTL, in seconds; lower ones are raised.
    #[arg(long, value_name = "SECONDS")]
    pub(super) ttl_min: Option<u32>,
    /// The highest TTL, in seconds; higher ones are lowered.
    #[arg(long, value_name = "SECONDS")]
    pub(super) ttl_max: Option<u32>,
    /// Refuses templates that hand names to other name servers.
    #[arg(long)]
    pub(super) refuse_ns: bool,
    /// Lets templates write DS records below the domain.
    #[arg(long)]
    pub(super) allow_ds: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum SerialWish {
    Keep,
    Increment,
    Date,
}

const HELP: &str = "\
Comments, order and everything that does not change stay as they are in the file.

Examples:
  easement template apply --zone example.com.zone --template p.example.mail.json --check
  easement template apply --zone example.com.zone --template p.example.web.json ip=192.0.2.1 --output new.zone
  easement template apply --zone example.com.zone --state example.com.state --in-place \\
    --template p.example/web --templates Templates/ --host shop ip=192.0.2.1
  easement template apply --zone example.com.zone --state example.com.state --in-place \\
    --template p.example/web --host shop --remove

Exit codes: 0 done, or nothing to do; 1 a file cannot be read or written; 3 the request, the zone or the
state is not valid, or what is to be removed is not applied; 4 there is no such file, or the server has no such
template; 5 something is in the way, and nothing was written; 6 --check found that something would change.";
