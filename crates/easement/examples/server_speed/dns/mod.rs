//! How fast `easement serve` answers DNS, how soon it is ready, and what memory it takes, next to NSD
//! and Knot in the same run.
//!
//! ```sh
//! ./bench dns --help
//! ```
//!
//! Every server has one thread or process for UDP on the first core, and serves the same zones; the
//! client sends from the second core, with many questions on their way at any time. In each round each
//! server is asked, with each number of names, in turn. Machines drift, so a ratio is taken within each
//! round, and ratios are the result. Starts are measured one server at a time, with all cores. Needs
//! `nsd`, `knotd` and `taskset`, and two cores with nothing else to do.
//!
//! A zone has an address at each name, an IPv6 address at every fifth and a text at every twentieth.
//! Easement reads its zones from its SQLite database, as an earlier run left it; the others read zone
//! files. Rates are not limited: Easement leaves its own machine alone, and the others are told.

mod client;
mod echo;
mod engine;
mod measure;
mod report;
mod servers;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use self::client::Questions;
use crate::Failure;
use crate::data::{Data, Edns};

/// Answers over DNS, starts and memory: Easement next to NSD and Knot.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    options: OptionArguments,
}

#[derive(Args, Debug)]
struct OptionArguments {
    /// How many names the zone has; the servers are asked with each number.
    #[arg(long, value_delimiter = ',', default_value = "1000000,1000")]
    names: Vec<u32>,
    /// How many zones of ten names are started with besides; 0 for none.
    #[arg(long, default_value_t = 100_000)]
    zones: u32,
    /// How often each server is asked; 0 leaves this out.
    #[arg(long, default_value_t = 7)]
    rounds: u32,
    /// How long it is asked each time.
    #[arg(long, default_value_t = 1000)]
    milliseconds: u64,
    /// How often each server is started; 0 leaves this out.
    #[arg(long, default_value_t = 3)]
    starts: u32,
    /// Asks with EDNS.
    #[arg(long)]
    edns: bool,
    /// Where zone files and databases are kept for the next run.
    #[arg(long, default_value = "target/bench")]
    folder: PathBuf,
    /// A look in less than a minute: fewer names, zones, rounds and starts.
    #[arg(long)]
    quick: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// What an answer costs without sockets, alone and in batches, and what a change does.
    Engine { names: u32 },
    /// What a client does: asks, and counts the answers.
    #[command(hide = true)]
    Ask {
        server: SocketAddr,
        data: Data,
        #[arg(long)]
        seed: u32,
        #[arg(long)]
        milliseconds: u64,
        #[arg(long)]
        edns: bool,
    },
    /// Sends each packet back unread.
    #[command(hide = true)]
    Echo { address: SocketAddr },
}

/// What is to be measured.
struct Options {
    names: Vec<u32>,
    zones: u32,
    rounds: u32,
    milliseconds: u64,
    starts: u32,
    edns: Edns,
    folder: PathBuf,
}

pub(crate) fn run(arguments: Arguments) -> Result<(), Failure> {
    match arguments.command {
        None => compare(&arguments.options.try_into()?),
        Some(Command::Engine { names }) => engine::measure(names),
        Some(Command::Echo { address }) => echo::serve(address),
        Some(Command::Ask {
            server,
            data,
            seed,
            milliseconds,
            edns,
        }) => {
            let questions = Questions {
                data,
                edns: edns.into(),
                seed,
                time: Duration::from_millis(milliseconds),
            };
            println!("{}", client::ask(server, questions)?);
            Ok(())
        }
    }
}

fn compare(options: &Options) -> Result<(), Failure> {
    if options.starts > 0 {
        let zones = Some(Data::Zones(options.zones)).filter(|_| options.zones > 0);
        let names = options.names.iter().map(|names| Data::Names(*names));
        for data in names.chain(zones) {
            let starts = measure::starts(data, options)?;
            println!("\n{}", report::start_table(data, &starts));
        }
    }
    if options.rounds > 0 {
        let all = measure::rounds(options)?;
        for rounds in &all {
            println!("\n{}", report::speed_table(rounds));
        }
        println!("\n{}", report::growth(&all));
    }
    println!("\nRatios are medians, with the lowest and highest of the rounds.");
    Ok(())
}

impl TryFrom<OptionArguments> for Options {
    type Error = Failure;

    fn try_from(arguments: OptionArguments) -> Result<Self, Failure> {
        std::fs::create_dir_all(&arguments.folder)?;
        let mut options = Self {
            names: arguments.names,
            zones: arguments.zones,
            rounds: arguments.rounds,
            milliseconds: arguments.milliseconds,
            starts: arguments.starts,
            edns: arguments.edns.into(),
            folder: arguments.folder.canonicalize()?,
        };
        if arguments.quick {
            options.names = vec![100_000, 1_000];
            options.zones = options.zones.min(2_000);
            options.rounds = options.rounds.min(2);
            options.starts = options.starts.min(1);
        }
        Ok(options)
    }
}

impl From<bool> for Edns {
    fn from(is_asked: bool) -> Self {
        if is_asked { Self::With } else { Self::Without }
    }
}
