//! The one executable. Each subcommand is a file in `commands/`.

mod arguments;
mod commands;
mod console;
mod new_file;
mod progress;
mod published;
mod remote;
mod replace_file;

use std::process::ExitCode;

use clap::Parser as _;
use easement_server::admin::AdminRequest;

use crate::arguments::{Arguments, Command};
use crate::commands::template::Outcome;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    console::choose_colours(arguments.common.color);
    match run(arguments) {
        Ok(code) => code,
        Err(error) => console::fail(&error),
    }
}

/// Runs the command; a command that only looks at something says with its exit code what it found.
fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    // Two TLS backends could be compiled in: the choice is made here, for the whole process. It only
    // fails when it was made before.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let common = &arguments.common;
    let request = match arguments.command {
        Command::Serve => {
            let served = runtime.block_on(commands::serve::run(common));
            // What is stuck, such as a read from a disk that does not answer, is not waited for.
            runtime.shutdown_background();
            return served.map(|()| ExitCode::SUCCESS);
        }
        Command::Reload => AdminRequest::Reload,
        Command::Demo(demo) => {
            runtime.block_on(commands::demo::run(demo))?;
            return Ok(ExitCode::SUCCESS);
        }
        Command::Doctor(doctor) => return runtime.block_on(commands::doctor::run(doctor, common)),
        Command::Config(command) => {
            commands::config::run(&command, common)?;
            return Ok(ExitCode::SUCCESS);
        }
        Command::Openapi(_) => {
            commands::openapi::run()?;
            return Ok(ExitCode::SUCCESS);
        }
        Command::Completions(shell) => {
            commands::manual::completions(&shell)?;
            return Ok(ExitCode::SUCCESS);
        }
        Command::Man(folder) => {
            commands::manual::man(&folder)?;
            return Ok(ExitCode::SUCCESS);
        }
        Command::Backup(arguments) => {
            return runtime.block_on(commands::backup::run(arguments, common));
        }
        Command::Restore(arguments) => {
            return runtime.block_on(commands::restore::run(arguments, common));
        }
        Command::Account(command) => commands::account::request(command)?,
        Command::Zone(command) => commands::zone::request(command)?,
        Command::Token(command) => commands::token::request(command)?,
        Command::Store(command) => commands::store::request(&command),
        Command::Key(command) => return runtime.block_on(commands::key::run(command, common)),
        Command::Url(command) => return runtime.block_on(commands::url::run(command, common)),
        Command::Template(command) => match commands::template::run(command, common, &runtime)? {
            Outcome::Done(code) => return Ok(code),
            Outcome::Ask(request, status) => {
                return runtime.block_on(remote::run(&request, status, common));
            }
        },
    };
    runtime.block_on(remote::run(&request, None, common))
}
