//! How fast `easement serve` is, next to other servers in the same run.
//!
//! ```sh
//! ./bench dns --help
//! ./bench sizes --help
//! ./bench updates --help
//! ```
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "its report is its purpose"
)]

mod data;
mod dns;
mod prepare;
mod process;
mod running;
mod samples;
mod sizes;
mod updates;

use std::error::Error;

use clap::Parser;

type Failure = Box<dyn Error + Send + Sync>;

#[derive(Debug, Parser)]
#[command(name = "./bench", bin_name = "./bench")]
enum Benchmark {
    Dns(dns::Arguments),
    Sizes(sizes::Arguments),
    Updates(updates::Arguments),
}

fn main() -> Result<(), Failure> {
    match Benchmark::parse() {
        Benchmark::Dns(arguments) => dns::run(arguments),
        Benchmark::Sizes(arguments) => sizes::run(arguments),
        Benchmark::Updates(arguments) => updates::run(arguments),
    }
}

/// Says what is being done.
fn progress(what: &str) {
    eprintln!("bench: {what}");
}
