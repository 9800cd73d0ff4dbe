//! `easement ddns service`: the agent as a service of Windows.
//!
//! What is to be done is decided in [`plan`], without the system; the rest does it.

#[cfg(windows)]
mod control;
#[cfg_attr(
    not(windows),
    expect(
        dead_code,
        reason = "only Windows has the service; its tests run everywhere"
    )
)]
mod plan;
#[cfg(windows)]
mod registration;

#[cfg(windows)]
pub(crate) use self::command::{ServiceCommand, run};

#[cfg(windows)]
mod command {
    use std::process::ExitCode;

    use clap::Subcommand;

    use super::super::files::Files;
    use super::{control, registration};
    use crate::arguments::Common;

    const HELP: &str = "\
The service runs as LOCAL SERVICE, with what stands in %ProgramData%\\easement, which it, the system and
administrators alone can read from then on. All of this needs the rights of an administrator.

Examples:
  easement ddns service install
  easement ddns --config %ProgramData%\\easement\\ddns.toml setup --server https://dns.example.net \\
    --host home.example.com --resolver 192.0.2.53
  sc start easement-ddns
  sc control easement-ddns paramchange
  easement ddns service uninstall";

    #[derive(Debug, Subcommand)]
    #[command(after_help = HELP)]
    pub(crate) enum ServiceCommand {
        /// Make the folder, let nobody else read it, and have the system start the agent with itself.
        Install {
            /// What is in the folder already is yours: everybody may make folders in `%ProgramData%`.
            #[arg(long)]
            keep_files: bool,
        },
        /// Stop the service and take it out of the system. The files stay.
        Uninstall,
        /// What the system starts.
        #[command(hide = true)]
        Run,
    }

    pub(crate) fn run(command: &ServiceCommand, common: &Common) -> anyhow::Result<ExitCode> {
        match command {
            ServiceCommand::Install { keep_files } => registration::install(*keep_files)?,
            ServiceCommand::Uninstall => registration::uninstall()?,
            ServiceCommand::Run => control::run(Files::find(common))?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
