//! `easement config`.

use std::path::PathBuf;

use clap::Subcommand;
use easement_server::check_certificate;
use easement_server::config::Config;

use crate::arguments::Common;
use crate::console::{self, warn_of_exposed_files};

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Read the configuration and the certificate that it names as `serve` would, and say what is wrong with
    /// them.
    Check {
        /// The configuration file, as with --config.
        file: Option<PathBuf>,
    },
    /// Print a configuration file with every setting, its default and its meaning.
    Default,
}

pub(crate) async fn run(command: &ConfigCommand, common: &Common) -> anyhow::Result<()> {
    match command {
        ConfigCommand::Check { file } => {
            let file = file.as_deref().or_else(|| common.config_file());
            let config = common.load_config_from(file)?;
            check_certificate(&config).await?;
            warn_of_exposed_files(&config, file);
            if common.json {
                return console::print_json(&config);
            }
            console::say(match file {
                Some(file) => format!("{} is valid.", file.display()),
                None => "There is no configuration file: the defaults are valid.".to_owned(),
            });
            console::say("`easement doctor` looks at the machine and the zones, too.");
        }
        ConfigCommand::Default => console::print_text(&Config::reference())?,
    }
    Ok(())
}
