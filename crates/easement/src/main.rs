//! The one executable. Each subcommand is a file in `commands/`.
//!
//! Features say what is in it: `server`, and all that looks after one; `agent`, which keeps the addresses of a machine
//! up to date. Both are, unless something else is asked for.

#![cfg_attr(
    not(feature = "server"),
    expect(
        dead_code,
        reason = "commands share what some builds have no command for"
    )
)]

mod arguments;
mod commands;
mod console;
#[cfg(feature = "server")]
mod named_file;
#[cfg(feature = "server")]
mod new_file;
#[cfg(feature = "server")]
mod progress;
#[cfg(feature = "server")]
mod published;
#[cfg(feature = "server")]
mod remote;
#[cfg(feature = "server")]
mod replace_file;
#[cfg(feature = "server")]
mod server_command;
#[cfg(feature = "server")]
mod zone_text;

use std::num::NonZero;
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
        .worker_threads(worker_threads())
        .enable_all()
        .build()?;
    let common = &arguments.common;
    match arguments.command {
        #[cfg(feature = "server")]
        Command::Server(command) => server_command::run(command, common, runtime),
        #[cfg(feature = "agent")]
        Command::Ddns(command) => {
            let ended = runtime.block_on(commands::ddns::run(command, common));
            // A program that was asked for an address may not have ended.
            runtime.shutdown_background();
            ended
        }
    }
}

/// Half of the cores: answers over UDP, commits and long work have threads of their own. An event wakes one
/// more of these threads than it needs, which finds nothing to do; with a thread for each of two cores that was a
/// fifth of what an update of one name costs.
fn worker_threads() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    (cores / 2).max(1)
}
