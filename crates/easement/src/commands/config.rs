//! `easement config`.

use clap::Subcommand;
use easement_server::config::Config;

use crate::arguments::Common;
use crate::console;

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Read the configuration as `serve` would, and say what is wrong with it.
    Check,
    /// Print a configuration file with every setting, its default and its meaning.
    Default,
}

pub(crate) fn run(command: &ConfigCommand, common: &Common) -> anyhow::Result<()> {
    match command {
        ConfigCommand::Check => {
            let config = common.load_config()?;
            if common.json {
                return console::print_json(&config);
            }
            console::say("The configuration is valid.");
        }
        ConfigCommand::Default => console::print_text(&Config::reference()),
    }
    Ok(())
}
