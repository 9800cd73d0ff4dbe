//! Whether DNS shows what was changed.

use std::time::Duration;

use easement_client::{
    Client, Expectation, Matching, ServerReport, ServerState, VerifyError, VerifyPolicy,
};
use easement_zone::{RecordData, RecordType};

use crate::fake_dns::{Authority, FakeDns};

fn client(resolver: &FakeDns) -> Client {
    Client::builder()
        .resolver(resolver.address)
        .build()
        .unwrap()
}

fn expected() -> [Expectation; 2] {
    let owner = "www.example.test".parse().unwrap();
    let text = RecordData::txt(b"proof").unwrap();
    [
        Expectation {
            owner,
            rtype: RecordType::A,
            values: vec![RecordData::a([192, 0, 2, 1].into())],
            matching: Matching::Exact,
        },
        Expectation {
            owner: "example.test".parse().unwrap(),
            rtype: RecordType::TXT,
            values: vec![text],
            matching: Matching::Among,
        },
    ]
}

fn fill(dns: &FakeDns) {
    dns.put("www.example.test", RecordData::a([192, 0, 2, 1].into()));
    dns.txt("example.test", "v=spf1 -all");
    dns.txt("example.test", "proof");
}

const SHORT: VerifyPolicy = VerifyPolicy {
    limit: Duration::from_secs(20),
    first_wait: Duration::from_millis(1),
    longest_wait: Duration::from_millis(5),
};

#[tokio::test]
async fn every_server_is_asked_until_all_show_it() {
    let (one, two) = (FakeDns::start().await, FakeDns::start().await);
    fill(&one);
    let servers = [&one, &two].map(|dns| ServerReport::named(dns.address));
    let mut seen = Vec::new();
    let report = client(&one)
        .verify_at(servers.into(), &expected(), SHORT, |report| {
            seen.push(report.shown());
            // The second server is slower.
            if report.rounds == 2 {
                fill(&two);
            }
        })
        .await;
    assert!(report.is_complete());
    assert_eq!(seen, [1, 1, 2]);
}

#[tokio::test]
async fn what_else_servers_do_is_told_of_each() {
    let has_not = FakeDns::start_as(Authority::HasNot).await;
    let refuses = FakeDns::start_as(Authority::Refuses).await;
    let other = FakeDns::start().await;
    other.put("www.example.test", RecordData::a([192, 0, 2, 9].into()));
    let servers = [&has_not, &refuses, &other].map(|dns| ServerReport::named(dns.address));
    let once = VerifyPolicy {
        first_wait: SHORT.limit,
        ..SHORT
    };
    let report = client(&other)
        .verify_at(servers.into(), &expected(), once, |_| {})
        .await;
    assert!(!report.is_complete());
    let states: Vec<_> = report
        .servers
        .into_iter()
        .map(|server| server.state)
        .collect();
    assert_eq!(states[0], ServerState::NotAuthoritative);
    assert_eq!(
        states[1],
        ServerState::Failed("it answers REFUSED".to_owned())
    );
    let ServerState::Differs(found) = &states[2] else {
        panic!("{:?}", states[2]);
    };
    let found: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        ["www.example.test A 192.0.2.9", "example.test TXT (none)"]
    );
}

#[tokio::test]
async fn servers_at_private_addresses_are_named_and_not_asked() {
    let dns = FakeDns::start().await;
    let client = client(&dns);
    let zone = "example.test".parse().unwrap();
    let none = client.name_servers(&zone).await;
    assert!(matches!(none, Err(VerifyError::NoServers { .. })));
    for server in ["ns1.example.test", "ns2.example.test"] {
        let name = server.parse().unwrap();
        dns.put("example.test", RecordData::name(RecordType::NS, &name));
    }
    dns.put("ns1.example.test", RecordData::a([10, 0, 0, 1].into()));
    let report = client
        .verify(&zone, &expected(), SHORT, |_| {})
        .await
        .unwrap();
    let states: Vec<_> = report
        .servers
        .into_iter()
        .map(|server| server.state)
        .collect();
    assert_eq!(states[0], ServerState::NotPublic);
    assert!(matches!(states[1], ServerState::Failed(_)));
    assert_eq!(report.rounds, 1);
}
