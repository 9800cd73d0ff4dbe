//! Running the commands of the server, and the tools beside it.

use std::process::ExitCode;

use easement_server::admin::AdminRequest;
use tokio::runtime::Runtime;

use crate::arguments::{Common, ServerCommand};
use crate::commands::template::Outcome;
use crate::{commands, remote};

/// Runs the command.
pub(crate) fn run(
    command: ServerCommand,
    common: &Common,
    runtime: Runtime,
) -> anyhow::Result<ExitCode> {
    let request = match command {
        ServerCommand::Serve => {
            let served = runtime.block_on(commands::serve::run(common));
            // What is stuck, such as a read from a disk that does not answer, is not waited for.
            runtime.shutdown_background();
            return served.map(|()| ExitCode::SUCCESS);
        }
        ServerCommand::Reload => AdminRequest::Reload,
        ServerCommand::Demo(demo) => {
            runtime.block_on(commands::demo::run(demo, common))?;
            return Ok(ExitCode::SUCCESS);
        }
        ServerCommand::ExampleService(arguments) => {
            runtime.block_on(commands::example_service::run(*arguments))?;
            return Ok(ExitCode::SUCCESS);
        }
        ServerCommand::Doctor(doctor) => {
            return runtime.block_on(commands::doctor::run(doctor, common));
        }
        ServerCommand::Config(command) => {
            runtime.block_on(commands::config::run(&command, common))?;
            return Ok(ExitCode::SUCCESS);
        }
        ServerCommand::Openapi(_) => {
            commands::openapi::run()?;
            return Ok(ExitCode::SUCCESS);
        }
        ServerCommand::Completions(shell) => {
            commands::manual::completions(&shell)?;
            return Ok(ExitCode::SUCCESS);
        }
        ServerCommand::Man(folder) => {
            commands::manual::man(&folder)?;
            return Ok(ExitCode::SUCCESS);
        }
        ServerCommand::Backup(arguments) => {
            return runtime.block_on(commands::backup::run(arguments, common));
        }
        ServerCommand::Restore(arguments) => {
            return runtime.block_on(commands::restore::run(arguments, common));
        }
        ServerCommand::Account(command) => commands::account::request(command)?,
        ServerCommand::Zone(command) => commands::zone::request(command)?,
        ServerCommand::Token(command) => commands::token::request(command)?,
        ServerCommand::Client(command) => commands::client::request(command)?,
        ServerCommand::Store(command) => commands::store::request(&command),
        ServerCommand::Key(command) => {
            return runtime.block_on(commands::key::run(command, common));
        }
        ServerCommand::Url(command) => {
            return runtime.block_on(commands::url::run(command, common));
        }
        ServerCommand::Discover(arguments) => {
            return runtime.block_on(commands::discover::run(&arguments, common));
        }
        ServerCommand::Connect(arguments) => {
            return runtime.block_on(commands::connect::run(&arguments, common));
        }
        ServerCommand::Names(command) => {
            return runtime.block_on(commands::names::run(command, common));
        }
        ServerCommand::Template(command) => {
            match commands::template::run(command, common, &runtime)? {
                Outcome::Done(code) => return Ok(code),
                Outcome::Ask(request, status) => {
                    return runtime.block_on(remote::run(&request, status, common));
                }
            }
        }
    };
    runtime.block_on(remote::run(&request, None, common))
}
