//! Names for the addresses of apps that have none: NameDrop's `/my-ip`, `/temp-subdomain` and `/ip-domain`.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use easement_core::Standing;
use easement_server::admin::{
    AdminReply, AdminRequest, CompareWith, ExistingZone, GivenPassword, ImportOptions, ZoneDetail,
};
use easement_server::config::Config;
use easement_server::doctor::{Outcome, Outside, WhichZones, examine};
use easement_server::{App, ServiceProviders, Surroundings};
use http::Method;
use tempfile::TempDir;

use crate::world::{Answer, Browser, Repeating, TestClock};

const OWNER: &str = "owner@dns.test";
const TEMP: &str = "/namedrop/temp-subdomain";
const IP_DOMAIN: &str = "/namedrop/ip-domain";
const MY_IP: &str = "/namedrop/my-ip";

/// What is in the zone before anybody asks.
const ZONE: &str = "\
@                60 SOA   ns.dns.test. hostmaster.dns.test. 1 7200 900 1209600 300
@                60 NS    ns.dns.test.
9-9-9-10.ip      60 TXT   \"somebody's\"
9-9-9-11.ip      60 A     9.9.9.11
9-9-9-12.ip      60 CNAME elsewhere.test.
9-9-9-13.ip      60 NS    ns.elsewhere.test.
_x.9-9-9-14.ip   60 TXT   \"below\"
";

/// A server that makes names below `ip.names.test`.
struct World {
    app: App,
    clock: Arc<TestClock>,
    random: Arc<Repeating>,
    config: Config,
    _folder: TempDir,
}

impl World {
    async fn start(change: impl FnOnce(&mut Config)) -> Self {
        let folder = TempDir::with_prefix("easement-bootstrap-").unwrap();
        let mut config = Config::default();
        config.server.public_url = "http://127.0.0.1:0".parse().unwrap();
        config.server.listen = vec!["127.0.0.1:0".parse().unwrap()];
        config.dns.listen = vec!["127.0.0.1:0".parse().unwrap()];
        config.store.data_dir = folder.path().join("data");
        config.namedrop.temp_zone = Some("ip.names.test".parse().unwrap());
        change(&mut config);
        let clock = Arc::new(TestClock::default());
        let random = Arc::new(Repeating::default());
        let app = start(&config, &clock, &random).await;
        let account = AdminRequest::CreateAccount {
            email: OWNER.parse().unwrap(),
            standing: Standing::Member,
            password: Some(GivenPassword::new("three little words")),
        };
        app.administer(account).await.unwrap();
        let world = Self {
            app,
            clock,
            random,
            config,
            _folder: folder,
        };
        world.import("names.test", ZONE).await;
        world
    }

    /// The same after the server stopped, with this much time between.
    async fn start_again(self, after: Duration) -> Self {
        self.app.shutdown().await;
        self.clock.pass(after);
        Self {
            app: start(&self.config, &self.clock, &self.random).await,
            ..self
        }
    }

    async fn import(&self, apex: &str, text: &str) {
        let import = AdminRequest::ImportZone {
            apex: apex.parse().unwrap(),
            text: text.to_owned(),
            owner: Some(OWNER.parse().unwrap()),
            existing: ExistingZone::Compare,
            options: ImportOptions::default(),
        };
        self.app.administer(import).await.unwrap();
    }

    async fn zone(&self) -> ZoneDetail {
        let apex = "names.test".parse().unwrap();
        let reply = self.app.administer(AdminRequest::ShowZone { apex }).await;
        let AdminReply::Zone(zone) = reply.unwrap() else {
            panic!("no zone is shown");
        };
        zone
    }

    async fn version(&self) -> u64 {
        self.zone().await.line.version.0
    }

    /// Type and data of each record at a name.
    async fn records(&self, name: &str) -> Vec<String> {
        let name = name.parse().unwrap();
        let sets = self.zone().await.records.into_iter();
        sets.filter(|set| set.owner == name)
            .flat_map(|set| {
                let data = set.data.iter().map(ToString::to_string);
                let data: Vec<String> = data.map(|one| format!("{} {one}", set.rtype)).collect();
                data
            })
            .collect()
    }

    fn at(&self, address: &str) -> Browser {
        let peer = if address.contains(':') {
            format!("[{address}]:1024")
        } else {
            format!("{address}:1024")
        };
        Browser::of(&self.app).from(&peer)
    }

    /// Lets time pass, and the server do what it does by itself.
    async fn pass(&self, minutes: u64) {
        self.clock.pass(Duration::from_mins(minutes));
        self.app.keep_house().await.unwrap();
    }
}

async fn start(config: &Config, clock: &Arc<TestClock>, random: &Arc<Repeating>) -> App {
    let around = Surroundings {
        clock: clock.clone(),
        random: random.clone(),
        service_providers: ServiceProviders::OnThisMachine,
    };
    App::start(config.clone(), around).await.unwrap()
}

#[track_caller]
fn assert_answer(answer: &Answer, status: u16, words: &str) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
    assert!(answer.body.contains(words), "{words:?}: {}", answer.body);
    assert!(!answer.body.ends_with('\n'), "programs take it as it is");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert!(answer.header("content-type").starts_with("text/plain"));
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn an_app_learns_its_address_and_gets_a_name_for_it() {
    let world = World::start(|_| {}).await;
    for (address, shown, name, record) in [
        ("9.9.9.9", "9.9.9.9", "9-9-9-9", "A 9.9.9.9"),
        ("::ffff:9.9.9.8", "9.9.9.8", "9-9-9-8", "A 9.9.9.8"),
        (
            "2620:fe::fe",
            "2620:fe::fe",
            "2620-fe-0-0-0-0-0-fe",
            "AAAA 2620:fe::fe",
        ),
    ] {
        let name = format!("{name}.ip.names.test");
        let app = world.at(address);
        let answer = app.get(MY_IP).await;
        assert_answer(&answer, 200, "");
        assert_eq!(answer.body, shown);
        let answer = app.get(TEMP).await;
        assert_answer(&answer, 200, "");
        assert_eq!(answer.body, name);
        assert_eq!(world.records(&name).await, [record]);

        let version = world.version().await;
        for answer in [
            app.get(TEMP).await,
            app.get(IP_DOMAIN).await,
            app.post(IP_DOMAIN, &[]).await,
        ] {
            assert_answer(&answer, 200, "");
            assert_eq!(answer.body, name, "the same in version 0.2.0");
        }
        assert_eq!(world.version().await, version, "it is there already");
    }
}

#[tokio::test]
async fn a_name_goes_after_a_while_and_asking_again_renews_it() {
    const NAME: &str = "9-9-9-9.ip.names.test";
    let world = World::start(|_| {}).await;
    world.at("9.9.9.9").get(TEMP).await;
    world.pass(9).await;
    assert_eq!(world.records(NAME).await, ["A 9.9.9.9"]);
    assert_eq!(world.at("9.9.9.9").get(TEMP).await.body, NAME);
    world.pass(9).await;
    assert_eq!(world.records(NAME).await, ["A 9.9.9.9"]);

    // It is over while the server is away, and goes when it is back.
    let world = world.start_again(Duration::from_mins(2)).await;
    world.app.keep_house().await.unwrap();
    assert!(world.records(NAME).await.is_empty());
    let version = world.version().await;
    world.pass(60).await;
    assert_eq!(world.version().await, version, "once");

    // Also when names are made no more.
    world.at("9.9.9.9").get(TEMP).await;
    let mut world = world;
    world.config.namedrop.temp_zone = None;
    let world = world.start_again(Duration::from_hours(1)).await;
    world.app.keep_house().await.unwrap();
    assert!(world.records(NAME).await.is_empty());
}

#[tokio::test]
async fn requests_and_sweeps_at_once_do_not_mistake_a_name_for_somebody_elses() {
    const NAME: &str = "9-9-9-9.ip.names.test";
    let world = World::start(|_| {}).await;
    for _ in 0..4 {
        let asked = (0..4).map(async |_| world.at("9.9.9.9").get(TEMP).await);
        let swept = async { world.app.keep_house().await.unwrap() };
        let asked = futures_util::future::join_all(asked);
        let (answers, ()) = futures_util::future::join(asked, swept).await;
        for answer in &answers {
            assert_answer(answer, 200, NAME);
        }
        assert_eq!(world.records(NAME).await, ["A 9.9.9.9"]);
        // Its time is over, and it is still there when the next ones ask.
        world.clock.pass(Duration::from_mins(11));
    }
}

#[tokio::test]
async fn what_is_somebody_elses_is_never_touched() {
    let world = World::start(|_| {}).await;
    // A zone of its own at such a name.
    let own = "@ 60 SOA ns hostmaster 1 7200 900 1209600 300\n@ 60 NS ns.dns.test.\n";
    world.import("9-9-9-15.ip.names.test", own).await;
    let before = world.version().await;
    for last in 10..16 {
        let answer = world.at(&format!("9.9.9.{last}")).get(TEMP).await;
        assert_answer(&answer, 409, "in use for something else");
    }
    assert_eq!(world.version().await, before);

    // A record that was made here, and that its owner then keeps.
    world.at("9.9.9.9").get(TEMP).await;
    let kept = ZONE.replace("9-9-9-11.ip", "9-9-9-9.ip 60 A 9.9.9.99\n9-9-9-11.ip");
    let import = AdminRequest::ImportZone {
        apex: "names.test".parse().unwrap(),
        text: kept,
        owner: None,
        existing: ExistingZone::Replace,
        options: ImportOptions {
            compare: CompareWith::Newest,
            ..ImportOptions::default()
        },
    };
    world.app.administer(import).await.unwrap();
    let answer = world.at("9.9.9.9").get(TEMP).await;
    assert_answer(&answer, 409, "9-9-9-9.ip.names.test is in use");
    world.pass(60).await;
    let records = world.records("9-9-9-9.ip.names.test").await;
    assert_eq!(records, ["A 9.9.9.99"]);
}

#[tokio::test]
async fn addresses_that_nobody_reaches_get_no_name() {
    let world = World::start(|_| {}).await;
    let before = world.version().await;
    for address in [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.1.7",
        "169.254.1.1",
        "192.0.2.7",
        "0.0.0.0",
        "255.255.255.255",
        "::1",
        "fe80::1",
        "fd00::1",
        "2001:db8::1",
        "::ffff:10.1.2.3",
    ] {
        let answer = world.at(address).get(TEMP).await;
        assert_answer(&answer, 403, "is not a public address");
    }
    assert_eq!(world.version().await, before);

    let lab = World::start(|config| {
        config.namedrop.temp_allow_networks = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await;
    let answer = lab.at("127.0.0.1").get(TEMP).await;
    assert_answer(&answer, 200, "127-0-0-1.ip.names.test");
    assert_answer(&lab.at("10.1.2.3").get(TEMP).await, 403, "RFC 1918");
}

#[tokio::test]
async fn only_configured_proxies_say_who_asks() {
    let world = World::start(|config| {
        config.server.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
    })
    .await;
    for (peer, forwarded, name) in [
        ("9.9.9.9", "8.8.8.8", "9-9-9-9"),
        ("10.0.0.1", "8.8.8.8, 1.1.1.1", "1-1-1-1"),
    ] {
        let mut app = world.at(peer);
        let value = forwarded.parse().unwrap();
        app.headers.insert("x-forwarded-for", value);
        for (header, value) in [("x-real-ip", "8.8.4.4"), ("forwarded", "for=8.8.4.4")] {
            app.headers.insert(header, value.parse().unwrap());
        }
        let answer = app.get(TEMP).await;
        assert_answer(&answer, 200, &format!("{name}.ip.names.test"));
    }
}

#[tokio::test]
async fn there_are_so_many_names_and_no_more() {
    let world = World::start(|config| {
        config.namedrop.temp_per_network = 2;
        config.namedrop.temp_total = 3;
    })
    .await;
    for (address, status, words) in [
        ("9.9.9.1", 200, ""),
        ("9.9.9.2", 200, ""),
        ("9.9.9.3", 429, "9.9.9.0/24 has 2 names"),
        ("9.9.9.1", 200, ""),
        ("2620:fe:0:1::1", 200, ""),
        ("2620:fe:0:2::1", 503, "has 3 names"),
    ] {
        let answer = world.at(address).get(TEMP).await;
        assert_answer(&answer, status, words);
        assert_eq!(answer.header("retry-after").is_empty(), status == 200);
    }
    world.pass(11).await;
    assert_answer(&world.at("9.9.9.3").get(TEMP).await, 200, "9-9-9-3");

    // However many there may be, nobody asks all the time.
    let app = world.at("9.9.7.7");
    for _ in 0..20 {
        assert_answer(&app.get(TEMP).await, 200, "");
    }
    let answer = app.get(TEMP).await;
    assert_answer(&answer, 429, "asks too often");
    assert!(answer.header("retry-after").parse::<u64>().unwrap() <= 60);
    world.clock.pass(Duration::from_mins(1));
    assert_answer(&app.get(TEMP).await, 200, "");
}

#[tokio::test]
async fn methods_that_only_look_change_nothing() {
    let world = World::start(|_| {}).await;
    let app = world.at("9.9.9.9");
    let before = world.version().await;
    for (method, path) in [
        (Method::POST, TEMP),
        (Method::PUT, IP_DOMAIN),
        (Method::DELETE, TEMP),
        (Method::POST, MY_IP),
    ] {
        let answer = app.send(method, path, Body::empty()).await;
        assert_answer(&answer, 405, "ask with GET");
        assert_eq!(answer.header("allow"), "GET, POST");
    }
    let answer = app.send(Method::HEAD, TEMP, Body::empty()).await;
    assert_eq!(answer.status.as_u16(), 405);
    let mut page = app.clone();
    page.headers
        .insert("origin", "https://app.example".parse().unwrap());
    let answer = page.send(Method::OPTIONS, TEMP, Body::empty()).await;
    assert_eq!(answer.status.as_u16(), 204);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(world.version().await, before);
    // A page of anybody may ask, also with POST.
    page.headers
        .insert("sec-fetch-site", "cross-site".parse().unwrap());
    assert_answer(&page.post(IP_DOMAIN, &[]).await, 200, "9-9-9-9");
}

#[tokio::test]
async fn without_a_zone_there_are_no_names_and_somebody_is_told() {
    let off = World::start(|config| config.namedrop.temp_zone = None).await;
    let app = off.at("9.9.9.9");
    assert_answer(&app.get(TEMP).await, 404, "namedrop.temp_zone");
    assert_answer(&app.post(IP_DOMAIN, &[]).await, 404, "makes no names");
    assert_answer(&app.get(MY_IP).await, 200, "9.9.9.9");
    assert_eq!(outcome(&off).await, None);

    let elsewhere = World::start(|config| {
        config.namedrop.temp_zone = Some("ip.elsewhere.test".parse().unwrap());
    })
    .await;
    let answer = elsewhere.at("9.9.9.9").get(TEMP).await;
    assert_answer(&answer, 503, "does not host ip.elsewhere.test");
    let (outcome_elsewhere, found) = outcome(&elsewhere).await.unwrap();
    assert_eq!(outcome_elsewhere, Outcome::Fail);
    assert!(found.contains("ip.elsewhere.test"), "{found}");

    let on = World::start(|_| {}).await;
    let (outcome_on, found) = outcome(&on).await.unwrap();
    assert_eq!(outcome_on, Outcome::Ok, "{found}");
}

/// What the doctor says about names for addresses.
async fn outcome(world: &World) -> Option<(Outcome, String)> {
    let outside = Outside::of_this_machine();
    let checks = examine(&world.config, None, &WhichZones::None, &outside, &|_, _| {}).await;
    let mut checks = checks.into_iter();
    let check = checks.find(|check| check.check == "names for addresses")?;
    Some((check.outcome, check.found))
}
