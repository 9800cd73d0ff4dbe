//! The command line.

use std::path::{Path, PathBuf};

use clap::{Args, ColorChoice, Parser, Subcommand};
#[cfg(feature = "server")]
use easement_server::config::{Config, ConfigError, Overrides};

#[cfg(feature = "agent")]
use crate::commands::ddns;
#[cfg(feature = "server")]
use crate::commands::{
    account, backup, client, config, connect, demo, discover, doctor, example_service, key, manual,
    names, openapi, restore, store, template, token, url, zone,
};

/// Hand out exactly one part of your DNS, and take it back.
///
/// New here? `easement demo` needs no configuration, and says what to try.
#[derive(Debug, Parser)]
#[command(name = "easement", version, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  the server, the store or the machine failed
  2  the command line or the configuration is not valid
  3  what was given is not valid, and nothing of it was carried out; or a question was answered with no
  4  what was named is not there: an account, a zone, a file
  5  it is there already, is in the way, or has changed meanwhile
  6  nothing was changed, and something would be: a check, or a command that waits for --replace or --yes

`easement connect`, `discover`, `doctor` and `ddns` have more to tell: their own help lists their exit codes.";

/// Where packages put the configuration.
#[cfg(feature = "server")]
const INSTALLED_CONFIG: &str = "/etc/easement/easement.toml";

/// Options of every subcommand.
#[derive(Args, Debug)]
pub(crate) struct Common {
    /// The configuration file. Without one, /etc/easement/easement.toml counts when it is there.
    #[arg(long, global = true, env = "EASEMENT_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Overrides one setting, such as log.level=debug; may be repeated.
    #[cfg(feature = "server")]
    #[arg(long = "set", global = true, value_name = "SECTION.KEY=VALUE")]
    settings: Vec<String>,
    /// Prints data as JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Colours: auto uses them on a terminal, unless the variable `NO_COLOR` is set.
    #[arg(long, global = true, value_name = "WHEN", default_value_t = ColorChoice::Auto)]
    pub(crate) color: ColorChoice,
}

#[cfg(feature = "agent")]
impl Common {
    /// The file that was named on the command line. What the environment names is that of the server.
    pub(crate) fn named_file(&self) -> Option<&Path> {
        let of_server = std::env::var_os("EASEMENT_CONFIG");
        let named = self.config.as_deref();
        named.filter(|file| of_server.as_deref() != Some(file.as_os_str()))
    }
}

#[cfg(feature = "server")]
impl Common {
    /// The configuration, from all its sources.
    pub(crate) fn load_config(&self) -> Result<Config, ConfigError> {
        self.load_config_from(self.config_file())
    }

    /// The file that counts: the one that was named, or that of the package.
    pub(crate) fn config_file(&self) -> Option<&Path> {
        let installed = || Some(Path::new(INSTALLED_CONFIG)).filter(|file| file.exists());
        self.config.as_deref().or_else(installed)
    }

    /// What was set on this command line.
    pub(crate) fn set_here(&self) -> Result<Overrides, ConfigError> {
        let mut overrides = Overrides::default();
        for setting in &self.settings {
            overrides.add_argument(setting)?;
        }
        Ok(overrides)
    }

    /// The configuration, with this file.
    pub(crate) fn load_config_from(&self, file: Option<&Path>) -> Result<Config, ConfigError> {
        let mut overrides = Overrides::from_environment(environment());
        for setting in &self.settings {
            overrides.add_argument(setting)?;
        }
        Config::load(file, &overrides)
    }
}

/// The variables that are text; no setting has another kind of name or value.
#[cfg(feature = "server")]
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    #[cfg(feature = "server")]
    #[command(flatten)]
    Server(ServerCommand),
    /// Keep the addresses of this machine up to date in DNS; needs no server here.
    #[cfg(feature = "agent")]
    #[command(subcommand)]
    Ddns(ddns::DdnsCommand),
}

/// The server, what looks after it, and tools for those who work with one.
#[cfg(feature = "server")]
#[derive(Debug, Subcommand)]
pub(crate) enum ServerCommand {
    /// Run the server: DNS, web pages and Domain Connect.
    Serve,
    /// Have the running server read its certificate and its secret of DNS cookies again, and say what came
    /// of it.
    Reload,
    /// Try everything out, without configuration, root or network.
    Demo(demo::DemoArguments),
    /// Run a service provider that does not exist, to try DNS providers with.
    ExampleService(Box<example_service::ExampleServiceArguments>),
    /// Find out what is wrong with the server, its surroundings and its zones, and how to mend it.
    Doctor(doctor::DoctorArguments),
    /// Check the configuration, or print one with every setting.
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Make and list accounts.
    #[command(subcommand)]
    Account(account::AccountCommand),
    /// Make, import, export and show zones.
    #[command(subcommand)]
    Zone(zone::ZoneCommand),
    /// Make, narrow, show and end API tokens: secrets for devices and programs.
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Register programs that may ask owners for access (OAuth), show and end them.
    #[command(subcommand)]
    Client(client::ClientCommand),
    /// Check what is stored.
    #[command(subcommand)]
    Store(store::StoreCommand),
    /// Write everything that is stored to one file, also while the server runs.
    Backup(backup::BackupArguments),
    /// Fill the store from a backup, while no server runs.
    Restore(restore::RestoreArguments),
    /// Check, import, vet and show Domain Connect templates.
    #[command(subcommand)]
    Template(template::TemplateCommand),
    /// Make, publish and check the keys that service providers sign with; needs no server.
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Sign links that apply templates, and find out why a signature does not fit; needs no server.
    #[command(subcommand)]
    Url(url::UrlCommand),
    /// Find out who hosts domains, and whether that DNS provider takes templates; needs no server.
    Discover(discover::DiscoverArguments),
    /// Apply a template at whoever hosts a domain, and see whether DNS shows it; needs no server.
    Connect(Box<connect::ConnectArguments>),
    /// Change records at names that an owner gave this machine (NameDrop); needs no server here.
    #[command(subcommand)]
    Names(names::NamesCommand),
    /// Print the OpenAPI document of the interfaces for programs.
    Openapi(openapi::OpenapiArguments),
    /// Print a script that completes commands in a shell.
    Completions(manual::CompletionsArguments),
    /// Write man pages, one for each subcommand.
    Man(manual::ManArguments),
}
