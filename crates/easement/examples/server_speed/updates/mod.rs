//! How fast names are changed, and how soon that is seen, next to BIND, Knot and PowerDNS in the same run.
//!
//! ```sh
//! ./bench updates --help
//! ```
//!
//! Each change gives one random name one other address, is authenticated, and is acknowledged when it is on
//! disk. Easement is told over HTTP with an API token for each caller, BIND and Knot by UPDATE with TSIG,
//! PowerDNS over its HTTP API. One thread plays all callers; each sends its next change as soon as it knows
//! what became of the last. In each round the servers take turns, and whoever had its turn is waited for until
//! it has nothing left to do. Machines drift, so ratios are taken within each round, and are the result.
//!
//! A turn has two parts: changes alone, which give the changes a second and their cost, and changes that are
//! each looked for over DNS until the new address is answered.

mod caller;
mod configs;
mod http;
mod kills;
mod load;
mod measure;
mod message;
mod peers;
mod report;
mod target;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use url::Url;

use self::peers::Peer;
use crate::Failure;
use crate::data::Data;

/// Where scripts/with-postgres says which server it started.
const POSTGRES: &str = "EASEMENT_TEST_POSTGRES_URL";

/// Changes of single names, and how soon they are seen: Easement next to BIND, Knot and PowerDNS.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// How many names the zone has; each number is measured.
    #[arg(long, value_delimiter = ',', default_value = "1000,1000000")]
    names: Vec<u32>,
    /// How many zones of ten names are measured besides; 0 for none.
    #[arg(long, default_value_t = 0)]
    zones: u32,
    /// How many callers there are at the same time; each number is measured.
    #[arg(long, value_delimiter = ',', default_value = "1,32", value_parser = clap::value_parser!(u32).range(1..=60))]
    callers: Vec<u32>,
    /// How many turns each server has.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// How long each of the two parts of a turn takes.
    #[arg(long, default_value_t = 3000)]
    milliseconds: u64,
    /// Instead of measuring, kills each server so many times under load, and checks that nothing that was
    /// acknowledged is lost.
    #[arg(long, default_value_t = 0, value_name = "TIMES")]
    kill: u32,
    /// Leaves a peer out: easement, postgres, bind, knot, powerdns.
    #[arg(long, value_delimiter = ',', value_name = "PEER")]
    without: Vec<String>,
    /// How Easement is told.
    #[arg(long, value_enum, default_value_t = Protocol::Apertodns)]
    protocol: Protocol,
    /// Where zone files and databases are kept for the next run.
    #[arg(long, default_value = "target/bench")]
    folder: PathBuf,
    /// A look in about two minutes: a thousand names, and few and short rounds.
    #[arg(long)]
    quick: bool,
    /// Measures Easement on PostgreSQL too, on a server that lives as long as this command.
    // ./bench reads these two, before this program runs.
    #[arg(long)]
    postgres: bool,
    /// Installs the peers that are missing from Debian's packages first.
    #[arg(long)]
    install: bool,
}

/// The protocols that Easement understands.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Protocol {
    /// `POST /.well-known/apertodns/v1/update`
    Apertodns,
    /// `GET /nic/update`
    Dyndns2,
}

/// What is to be measured.
struct Options {
    data: Vec<Data>,
    callers: Vec<u32>,
    rounds: u32,
    time: Duration,
    kills: u32,
    protocol: Protocol,
    folder: PathBuf,
    postgres: Option<Url>,
}

pub(crate) fn run(arguments: Arguments) -> Result<(), Failure> {
    let peers = choose(&arguments)?;
    let options = Options::try_from(arguments)?;
    println!("load of the machine: {}", load_average());
    for peer in &peers {
        println!("{peer}: {}", peer.durability());
    }
    let mut all = Vec::new();
    for data in &options.data {
        let peers: Vec<Peer> = peers
            .iter()
            .copied()
            .filter(|peer| takes(*peer, *data))
            .collect();
        if options.kills > 0 {
            kills::run(*data, &peers, &options)?;
            continue;
        }
        let rounds = measure::rounds(*data, &peers, &options)?;
        for rounds in &rounds {
            println!("\n{}", report::table(rounds));
        }
        all.extend(rounds);
    }
    if options.kills == 0 {
        println!("\n{}", report::growth(&all));
        println!(
            "Ratios are medians, with the lowest and highest of the rounds; times are p50 / p99."
        );
    }
    println!("load of the machine: {}", load_average());
    Ok(())
}

/// Those who are there, and who were not left out. Whoever is missing is named.
fn choose(arguments: &Arguments) -> Result<Vec<Peer>, Failure> {
    for code in &arguments.without {
        if !Peer::ALL.iter().any(|peer| peer.code() == code) {
            return Err(format!("there is no peer `{code}`").into());
        }
    }
    let mut peers = Vec::new();
    for peer in Peer::ALL {
        if arguments.without.iter().any(|code| code == peer.code()) {
            continue;
        }
        if peer == Peer::EasementOnPostgres && std::env::var_os(POSTGRES).is_none() {
            println!("{peer} is left out: --postgres starts a server for it");
        } else if let Some((program, packages)) = peer.missing() {
            println!("{peer} is left out: {program} is missing; --install installs {packages}");
        } else {
            peers.push(peer);
        }
    }
    Ok(peers)
}

/// Whether a peer can be given this data in a sensible time.
fn takes(peer: Peer, data: Data) -> bool {
    let takes = peer != Peer::PowerDns || data.zones() == 1;
    if !takes {
        println!("{peer} is left out with {data}: pdnsutil reads zones one by one");
    }
    takes
}

fn load_average() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace()
        .take(3)
        .collect::<Vec<_>>()
        .join(" ")
}

impl TryFrom<Arguments> for Options {
    type Error = Failure;

    fn try_from(arguments: Arguments) -> Result<Self, Failure> {
        fs::create_dir_all(&arguments.folder)?;
        let names = arguments.names.iter().copied().map(Data::Names);
        let zones = Some(arguments.zones).filter(|zones| *zones > 0);
        let mut options = Self {
            data: names.chain(zones.map(Data::Zones)).collect(),
            callers: arguments.callers,
            rounds: arguments.rounds,
            time: Duration::from_millis(arguments.milliseconds),
            kills: arguments.kill,
            protocol: arguments.protocol,
            folder: arguments.folder.canonicalize()?,
            postgres: std::env::var(POSTGRES)
                .ok()
                .map(|url| url.parse())
                .transpose()?,
        };
        if arguments.quick {
            options.data = vec![Data::Names(1_000)];
            options.rounds = options.rounds.min(2);
            options.time = options.time.min(Duration::from_secs(1));
        }
        Ok(options)
    }
}
