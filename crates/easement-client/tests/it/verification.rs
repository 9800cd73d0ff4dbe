//! Whether DNS shows what was changed.

use std::net::{SocketAddr, SocketAddrV6};
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
        .await
        .unwrap();
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
        .await
        .unwrap();
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
    delegate(&dns, &["ns1.example.test"]);
    dns.put("ns1.example.test", RecordData::a([10, 0, 0, 1].into()));
    let report = client.verify(&zone, &expected(), SHORT, |_| {}).await;
    let report = report.unwrap();
    assert_eq!(report.servers[0].state, ServerState::NotPublic);
    assert_eq!(report.rounds, 1);
    assert!(!report.is_complete());
}

fn delegate(dns: &FakeDns, servers: &[&str]) {
    for server in servers {
        let name = server.parse().unwrap();
        dns.put("example.test", RecordData::name(RecordType::NS, &name));
    }
}

#[tokio::test]
async fn a_server_whose_name_has_no_address_is_looked_up_again() {
    let dns = FakeDns::start().await;
    delegate(&dns, &["ns1.example.test", "ns2.example.test"]);
    dns.put("ns1.example.test", RecordData::a([10, 0, 0, 1].into()));
    let zone = "example.test".parse().unwrap();
    let mut seen = Vec::new();
    let (client, wanted) = (client(&dns), expected());
    let report = client.verify(&zone, &wanted, SHORT, |report| {
        seen.push(report.servers[1].state.clone());
        if report.rounds == 2 {
            dns.put("ns2.example.test", RecordData::a([10, 0, 0, 2].into()));
        }
    });
    let report = report.await.unwrap();
    let lost = ServerState::Failed("its name has no address".to_owned());
    assert_eq!(seen, [lost.clone(), lost, ServerState::NotPublic]);
    let addresses: Vec<_> = report.servers.iter().map(|one| one.address).collect();
    let expected = ["10.0.0.1:53", "10.0.0.2:53"].map(|text| Some(text.parse().unwrap()));
    assert_eq!(addresses, expected);
}

#[tokio::test]
async fn a_resolver_that_fails_is_not_taken_for_a_zone_without_servers() {
    let dns = FakeDns::start_as(Authority::Refuses).await;
    let zone = "example.test".parse().unwrap();
    let failed = client(&dns).name_servers(&zone).await.unwrap_err();
    assert!(matches!(failed, VerifyError::Lookup { .. }), "{failed}");
    assert!(failed.to_string().contains("REFUSED"), "{failed}");
}

#[tokio::test]
async fn one_address_of_a_server_is_enough_where_the_other_family_is_missing() {
    let dns = FakeDns::start().await;
    fill(&dns);
    let server = |name: &str, address: SocketAddr| ServerReport {
        name: name.to_owned(),
        ..ServerReport::named(address)
    };
    // No machine has a link of this number, so that there is no route.
    let nowhere = SocketAddrV6::new("fe80::53".parse().unwrap(), 53, 0, u32::MAX);
    let servers = vec![
        server("ns1.example.test", dns.address),
        server("ns1.example.test", nowhere.into()),
        server("ns2.example.test", nowhere.into()),
    ];
    let client = client(&dns);
    let report = client.verify_at(servers, &expected(), SHORT, |_| {}).await;
    let report = report.unwrap();
    assert_eq!(report.servers[1].state, ServerState::NoRoute);
    assert!(report.is_complete(), "{report:?}");
    assert_eq!((report.rounds, report.counted()), (1, 1));
}

#[tokio::test]
async fn asking_for_nothing_or_nobody_is_an_error() {
    let dns = FakeDns::start().await;
    let client = client(&dns);
    let server = || ServerReport::named(dns.address);
    let nothing = client.verify_at(vec![server()], &[], SHORT, |_| {}).await;
    assert!(matches!(nothing, Err(VerifyError::NothingExpected)));
    let zone = "example.test".parse().unwrap();
    let nothing = client.verify(&zone, &[], SHORT, |_| {}).await;
    assert!(matches!(nothing, Err(VerifyError::NothingExpected)));
    let nobody = client
        .verify_at(Vec::new(), &expected(), SHORT, |_| {})
        .await;
    assert!(matches!(nobody, Err(VerifyError::NobodyToAsk)));
}
