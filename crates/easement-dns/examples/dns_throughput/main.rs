//! How many queries a core answers, next to NSD in the same run.
//!
//! ```sh
//! cargo run --release -p easement-dns --example dns_throughput -- [NAMES] [ROUNDS]
//! ```
//!
//! Both servers have one thread on CPU 0 and serve one zone of `NAMES` names (a million unless told);
//! the client sends from CPU 1, with many questions on their way at any time. In each of `ROUNDS`
//! rounds (five) each server is asked for two seconds. Machines drift, so the ratio within a round is
//! the result; the absolute figures are not. Needs `nsd` and `taskset`, and two cores with nothing
//! else to do. The zone has an address at each name, an IPv6 address at every fifth and a text at every
//! twentieth; of the questions a tenth are for names that do not exist, and as many for types that a
//! name does not have.
//!
//! `dns_throughput engine NAMES` tells what a change costs, and an answer without sockets, alone and in
//! batches; `dns_throughput zones ZONES` what many small zones take.
#![expect(clippy::print_stdout, reason = "its report is its purpose")]

mod client;
mod engine;
mod names;
mod servers;

use std::error::Error;
use std::net::SocketAddr;
use std::process::Command;

use crate::servers::{Nsd, Ours, Server};

/// How long one server is asked in one round.
const SECONDS: u64 = 2;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["serve", names] => servers::serve(names.parse()?),
        ["ask", address, names, seed] => {
            let count = client::ask(address.parse()?, names.parse()?, seed.parse()?, SECONDS)?;
            println!("{count}");
            Ok(())
        }
        ["engine", names] => engine::measure(names.parse()?),
        ["zones", zones] => engine::measure_zones(zones.parse()?),
        [] => compare(1_000_000, 5),
        [names] => compare(names.parse()?, 5),
        [names, rounds] => compare(names.parse()?, rounds.parse()?),
        _ => Err("usage: dns_throughput [NAMES] [ROUNDS] | engine NAMES | zones ZONES".into()),
    }
}

fn compare(names: u32, rounds: u32) -> Result<(), Box<dyn Error>> {
    let ours = Ours::start(names)?;
    println!(
        "ours: {names} names ready in {} ms, {} MiB",
        ours.ready_milliseconds(),
        ours.process().memory_mebibytes()?
    );
    let nsd = Nsd::start(names)?;
    println!(
        "NSD:  {names} names ready in {} ms, {} MiB in its answering process",
        nsd.ready_milliseconds(),
        nsd.process().memory_mebibytes()?
    );
    let mut ratios = Vec::new();
    for round in 0..rounds {
        let own = measure(&ours, names, round)?;
        let peer = measure(&nsd, names, round)?;
        let ratio = own.per_core_second / peer.per_core_second;
        println!(
            "round {round}: ours {:.0}/s, {:.0} a core-second; NSD {:.0}/s, {:.0}; ratio {ratio:.2}",
            own.per_second, own.per_core_second, peer.per_second, peer.per_core_second
        );
        ratios.push(ratio);
    }
    ratios.sort_by(f64::total_cmp);
    let median = ratios.get(ratios.len() / 2).copied().unwrap_or_default();
    println!("median ratio of queries a core-second, ours to NSD: {median:.2}");
    Ok(())
}

struct Measured {
    per_second: f64,
    per_core_second: f64,
}

/// Lets a client of its own ask a server for a while.
fn measure(server: &impl Server, names: u32, seed: u32) -> Result<Measured, Box<dyn Error>> {
    let before = server.process().cpu_seconds()?;
    let address: SocketAddr = server.address();
    let output = Command::new("taskset")
        .args(["-c", "1"])
        .arg(std::env::current_exe()?)
        .args([
            "ask",
            &address.to_string(),
            &names.to_string(),
            &seed.to_string(),
        ])
        .output()?;
    let text = String::from_utf8(output.stdout)?;
    let answers: f64 = text.trim().parse().map_err(|_| {
        format!(
            "the client failed: {}",
            String::from_utf8_lossy(&output.stderr)
        )
    })?;
    let cpu = server.process().cpu_seconds()? - before;
    Ok(Measured {
        per_second: answers / f64::from(u32::try_from(SECONDS)?),
        per_core_second: answers / cpu,
    })
}
