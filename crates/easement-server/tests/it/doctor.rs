//! The doctor, with a server, a parent and a resolver of its own.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use easement_core::Standing;
use easement_dns::{DnsServer, ListenConfig, RunningServer};
use easement_server::admin::{AdminRequest, ExistingZone, GivenPassword, ImportOptions};
use easement_server::config::Config;
use easement_server::doctor::Outcome::{Fail, Ok as Good, Warn};
use easement_server::doctor::{Check, Outcome, Outside, WhichZones, examine};
use easement_server::{App, Surroundings};
use easement_zone::{HostedZones, Name, ZoneSnapshot, zonefile};
use tempfile::TempDir;

const OWNER: &str = "owner@dns.test";

/// What the root says: it is the parent of all zones here.
const PARENT: &str = "\
$TTL 3600
@            SOA ns.root.test. hostmaster.root.test. 1 7200 900 1209600 300
             NS  ns.root.test.
ns.root.test A   127.0.0.1
good.test    NS  ns1.dns.test.
good.test    NS  ns2.dns.test.
moved.test   NS  ns.old.test.
signed.test  NS  ns1.dns.test.
signed.test  NS  ns2.dns.test.
signed.test  DS  1 8 2 (0000000000000000000000000000000000000000000000000000000000000000)
glue.test    NS  ns.glue.test.
ns.glue.test A   192.0.2.9
";
/// What the resolver has heard.
const RESOLVER: &str = "\
$TTL 3600
@            SOA ns.root.test. hostmaster.root.test. 1 7200 900 1209600 300
             NS  ns.root.test.
ns.root.test A   127.0.0.1
_domainconnect.good.test   TXT \"dns.test\"
_domainconnect.signed.test TXT \"dns.test\"
_domainconnect.moved.test  TXT \"old.test\"
";

/// A server that answers from the root zone.
fn serve_root(text: &str) -> (RunningServer, SocketAddr) {
    let options = zonefile::ReadOptions {
        origin: Some(Name::root()),
        ..zonefile::ReadOptions::default()
    };
    let zones = Arc::new(HostedZones::new());
    let file = zonefile::read(text, &options).unwrap();
    zones.publish(ZoneSnapshot::new(file.zone, 1));
    let server = DnsServer::bind(&ListenConfig::on(["127.0.0.1:0".parse().unwrap()])).unwrap();
    let address = server.local_addrs()[0];
    (server.serve(&zones).unwrap(), address)
}

struct World {
    config: Config,
    outside: Outside,
    _servers: [RunningServer; 2],
    _folder: TempDir,
}

impl World {
    fn new() -> Self {
        let folder = TempDir::with_prefix("easement-doctor-").unwrap();
        let (parent, parent_address) = serve_root(PARENT);
        let (resolver, resolver_address) = serve_root(RESOLVER);
        let mut config = Config::default();
        config.server.public_url = "http://127.0.0.1:0".parse().unwrap();
        config.server.listen = vec!["127.0.0.1:0".parse().unwrap()];
        config.dns.listen = vec!["127.0.0.1:0".parse().unwrap()];
        config.dns.resolver = Some(resolver_address);
        config.dns.name_servers = ["ns1.dns.test", "ns2.dns.test"]
            .map(|name| name.parse().unwrap())
            .to_vec();
        config.domain_connect.discovery = Some("dns.test".to_owned());
        config.store.data_dir = folder.path().join("data");
        let outside = Outside {
            name_server_port: parent_address.port(),
            ..Outside::of_this_machine()
        };
        Self {
            config,
            outside,
            _servers: [parent, resolver],
            _folder: folder,
        }
    }

    async fn start(&self) -> App {
        let around = Surroundings::of_this_machine();
        let app = App::start(self.config.clone(), around).await.unwrap();
        let account = AdminRequest::CreateAccount {
            email: OWNER.parse().unwrap(),
            standing: Standing::Member,
            password: Some(GivenPassword::new("three little words")),
        };
        app.administer(account).await.unwrap();
        for zone in ["good.test", "moved.test", "signed.test", "gone.test"] {
            let zone = zone.parse().unwrap();
            let create = AdminRequest::CreateZone {
                apex: zone,
                owner: OWNER.parse().unwrap(),
            };
            app.administer(create).await.unwrap();
        }
        let import = AdminRequest::ImportZone {
            apex: "glue.test".parse().unwrap(),
            text: "@ 60 SOA ns hostmaster 1 7200 900 1209600 300\n@ 60 NS ns\nns 60 A 192.0.2.1\n"
                .to_owned(),
            owner: Some(OWNER.parse().unwrap()),
            existing: ExistingZone::Compare,
            options: ImportOptions::default(),
        };
        app.administer(import).await.unwrap();
        app
    }

    async fn examine(&self, which: WhichZones) -> Vec<Check> {
        examine(&self.config, None, &which, &self.outside, &|_, _| {}).await
    }
}

/// The outcomes about one zone, or about the server.
fn outcomes(checks: &[Check], zone: Option<&str>) -> BTreeMap<&'static str, Outcome> {
    let zone: Option<Name> = zone.map(|zone| zone.parse().unwrap());
    let about = checks.iter().filter(|check| check.zone == zone);
    about.map(|check| (check.check, check.outcome)).collect()
}

#[tokio::test]
async fn every_zone_is_seen_with_the_eyes_of_others() {
    let world = World::new();
    let app = world.start().await;
    let checks = world.examine(WhichZones::All).await;
    for (zone, delegation, glue, ds, discovery) in [
        ("good.test", Good, Some(Good), Some(Good), Good),
        ("moved.test", Fail, Some(Good), Some(Good), Fail),
        ("signed.test", Good, Some(Good), Some(Fail), Good),
        ("glue.test", Warn, Some(Fail), Some(Good), Fail),
        ("gone.test", Fail, None, None, Fail),
    ] {
        let seen = outcomes(&checks, Some(zone));
        assert_eq!(seen["answers"], Good, "{zone}: {checks:#?}");
        assert_eq!(seen["delegation"], delegation, "{zone}: {checks:#?}");
        assert_eq!(seen.get("glue").copied(), glue, "{zone}: {checks:#?}");
        assert_eq!(seen.get("DS").copied(), ds, "{zone}: {checks:#?}");
        assert_eq!(seen["Domain Connect"], discovery, "{zone}: {checks:#?}");
    }
    let server = outcomes(&checks, None);
    assert_eq!(server["database"], Good, "{checks:#?}");
    assert_eq!(server["certificate"], Good, "{checks:#?}");
    assert_eq!(server["webhooks"], Good, "{checks:#?}");
    assert_eq!(server["resolver"], Warn, "it is a name server: {checks:#?}");

    let named = ["good.test", "none.test"].map(|name| name.parse().unwrap());
    let checks = world.examine(WhichZones::These(named.to_vec())).await;
    assert_eq!(outcomes(&checks, Some("good.test"))["delegation"], Good);
    assert_eq!(outcomes(&checks, Some("none.test"))["zone"], Fail);
    assert!(outcomes(&checks, Some("moved.test")).is_empty());
    app.shutdown().await;
}

#[tokio::test]
async fn without_a_server_the_store_is_opened_only_when_it_is_there() {
    let world = World::new();
    let checks = world.examine(WhichZones::All).await;
    assert_eq!(outcomes(&checks, None)["database"], Warn, "{checks:#?}");
    assert!(
        !world.config.store.data_dir.exists(),
        "looking makes nothing"
    );
    world.start().await.shutdown().await;
    let checks = world.examine(WhichZones::All).await;
    assert_eq!(outcomes(&checks, None)["database"], Good, "{checks:#?}");
    let good = outcomes(&checks, Some("good.test"));
    assert_eq!(good["answers"], Warn, "nobody answers: {checks:#?}");
    assert_eq!(good["delegation"], Good, "{checks:#?}");
}

#[tokio::test]
async fn an_address_of_another_program_is_told_from_our_own() {
    let mut world = World::new();
    let app = world.start().await;
    world.config.dns.listen = app.dns_addresses().to_vec();
    let checks = world.examine(WhichZones::None).await;
    let ports = || checks.iter().filter(|check| check.check == "ports");
    assert_eq!(ports().count(), 2, "{checks:#?}");
    assert!(ports().all(|check| check.outcome == Good), "{checks:#?}");
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    world.config.server.listen = vec![other.local_addr().unwrap()];
    let checks = world.examine(WhichZones::None).await;
    let web = checks.iter().find(|check| check.found.contains("the web"));
    assert_eq!(web.unwrap().outcome, Fail, "{checks:#?}");
    app.shutdown().await;
}

#[tokio::test]
async fn a_resolver_that_says_nothing_is_no_resolver() {
    let mut world = World::new();
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    drop(silent);
    world.config.dns.resolver = Some(address);
    let checks = world.examine(WhichZones::None).await;
    assert_eq!(outcomes(&checks, None)["resolver"], Fail, "{checks:#?}");
}
