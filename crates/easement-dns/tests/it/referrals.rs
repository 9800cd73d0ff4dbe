//! Referrals with more servers than anybody has.

use domain::base::Message;
use easement_dns::{Transport, answer};
use easement_zone::{RecordData, RecordSet, RecordType, Ttl};

use crate::world::{a, hosted, name, zone};

/// RFC 9471 section 3.1: all addresses of servers below the cut, or a truncated answer.
#[test]
fn a_referral_brings_the_addresses_of_every_server_below_the_cut() {
    let servers: Vec<String> = (0..60).map(|n| format!("ns{n}.cut.example.test")).collect();
    let data = servers
        .iter()
        .map(|server| RecordData::name(RecordType::NS, &name(server)));
    let cut = RecordSet::new(name("cut.example.test"), Ttl::HOUR, data).unwrap();
    let glue = servers.iter().map(|server| a(server, 1));
    let zones = hosted([zone("example.test", glue.chain([cut]))]);
    let header = [0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    let query = [
        &header,
        name("www.cut.example.test").as_wire(),
        &[0, 1, 0, 1],
    ]
    .concat();
    let mut out = Vec::new();
    answer(&query, &zones, Transport::Tcp, &mut out).unwrap();
    let message = Message::from_octets(&out).unwrap();
    assert!(!message.header().tc());
    assert_eq!(message.header_counts().nscount(), 60);
    assert_eq!(message.header_counts().arcount(), 60);
    answer(&query, &zones, Transport::Udp, &mut out).unwrap();
    assert!(Message::from_octets(&out).unwrap().header().tc());
}

/// RFC 4343: `ns.CUT` is below `cut`, and its address goes before those of others.
#[test]
fn addresses_of_a_server_below_the_cut_are_found_in_any_spelling() {
    let servers = ["ns.CUT.example.test", "ns.example.test"];
    let data = servers.map(|server| RecordData::name(RecordType::NS, &name(server)));
    let cut = RecordSet::new(name("cut.example.test"), Ttl::HOUR, data).unwrap();
    let glue = servers.map(|server| a(server, 1));
    let zones = hosted([zone("example.test", glue.into_iter().chain([cut]))]);
    let header = [0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    let query = [
        &header,
        name("www.Cut.example.test").as_wire(),
        &[0, 1, 0, 1],
    ]
    .concat();
    let mut out = Vec::new();
    answer(&query, &zones, Transport::Udp, &mut out).unwrap();
    let message = Message::from_octets(&out).unwrap();
    assert_eq!(message.header_counts().arcount(), 2);
    // The one that is needed comes first.
    let first = message.additional().unwrap().next().unwrap().unwrap();
    let owner = first.owner().to_string().to_lowercase();
    assert_eq!(owner, "ns.cut.example.test");
}
