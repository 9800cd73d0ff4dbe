//! The server next to NSD and Knot: all three serve the same zones and get the same generated queries,
//! and every difference between their answers is one of the table in `allowed`.
//!
//! `EASEMENT_DNS_COMPARISON_QUERIES` and `EASEMENT_DNS_COMPARISON_SEED` make a run longer or another.
//! `docs/dns-comparison.md` is about the results.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests"
)]

mod allowed;
mod answers;
mod client;
mod comparison;
mod queries;
mod servers;
mod world;

use std::env;
use std::sync::Arc;

use easement_dns::{DnsServer, ListenConfig};

use crate::comparison::Comparison;
use crate::queries::Queries;
use crate::servers::{Peer, Server};
use crate::world::World;

/// How many queries are on their way at once.
const WINDOW: usize = 64;

#[tokio::test(flavor = "multi_thread")]
async fn every_difference_from_nsd_and_knot_is_allowed() {
    if !Peer::BOTH.into_iter().all(Peer::is_installed) {
        return;
    }
    let world = World::load();
    let folder = tempfile::tempdir().unwrap();
    world.write(folder.path());
    let config = ListenConfig::on(["127.0.0.1:0".parse().unwrap()]);
    let zones = Arc::new(world.hosted());
    let own = DnsServer::bind(&config).unwrap().serve(&zones).unwrap();
    let compared = tokio::task::spawn_blocking({
        let own = own.local_addrs()[0];
        move || {
            let peers = Peer::BOTH.map(|peer| Server::start(peer, folder.path(), &world));
            let addresses = [own, peers[0].address, peers[1].address];
            let seed = number("EASEMENT_DNS_COMPARISON_SEED", 1);
            let count = number("EASEMENT_DNS_COMPARISON_QUERIES", 30_000);
            let mut queries = Queries::new(&world, seed);
            let mut comparison = Comparison::new(seed);
            for _ in 0..count.div_ceil(WINDOW as u64) {
                let window: Vec<_> = (0..WINDOW).map(|_| queries.next_query()).collect();
                let answers = addresses.map(|address| client::ask_all(address, &window));
                comparison.compare(&window, &answers);
            }
            comparison
        }
    });
    let comparison = compared.await.unwrap();
    own.shutdown().await;
    eprintln!("{}", comparison.summary());
    comparison.assert_all_explained();
}

fn number(variable: &str, usual: u64) -> u64 {
    match env::var(variable) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("{variable}={text} is no number")),
        Err(_) => usual,
    }
}

#[test]
fn the_table_of_the_documentation_is_that_of_the_test() {
    let document = include_str!("../../../../docs/dns-comparison.md");
    let table = allowed::table();
    assert!(
        document.contains(&table),
        "docs/dns-comparison.md should have this table:\n\n{table}"
    );
}
