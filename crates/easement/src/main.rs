//! The one executable. Each subcommand is a file in `commands/`.

mod arguments;
mod commands;
mod console;
mod remote;

use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::{Arguments, Command};

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
            runtime.block_on(commands::serve::run(common))?;
            return Ok(ExitCode::SUCCESS);
        }
        Command::Demo(demo) => {
            runtime.block_on(commands::demo::run(demo))?;
            return Ok(ExitCode::SUCCESS);
        }
        Command::Config(command) => {
            commands::config::run(&command, common)?;
            return Ok(ExitCode::SUCCESS);
        }
        Command::Account(command) => commands::account::request(command)?,
        Command::Zone(command) => commands::zone::request(command)?,
        Command::Template(command) => commands::template::request(command)?,
    };
    runtime.block_on(remote::run(&request, common))?;
    Ok(ExitCode::SUCCESS)
}
