//! The protocols with everything in one URL: `DuckDNS` and afraid.org; and `/checkip`.

use axum::body::Body;
use http::{Method, StatusCode};

use super::world::{Device, Token, start};
use crate::world::Answer;

const HOME: &str = "home.example.test";

/// A token that may stand in a URL.
fn in_url(names: &[&str], types: &'static [&'static str]) -> Token {
    Token {
        in_url: true,
        types,
        ..Token::for_names(names)
    }
}

impl Device {
    /// A call of `DuckDNS`.
    async fn duck(&self, query: &str) -> String {
        let path = format!("/update?token={}&{query}", self.token);
        let answer = self.browser.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}");
        assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
        answer.body
    }

    /// A call of afraid.org.
    async fn afraid(&self, query: &str) -> String {
        let path = format!("/u/{}/{query}", self.token);
        let answer = self.browser.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}");
        answer.body
    }
}

#[tokio::test]
async fn duckdns_sets_addresses_and_texts() {
    let names = ["*.example.test", "**.home.example.test"];
    let (world, device) = start(in_url(&names, &["A", "AAAA", "TXT"])).await;
    for (query, reply) in [
        ("domains=home.example.test&ip=9.9.9.9", "OK"),
        (
            "domains=home.example.test&ip=9.9.9.9&verbose=true",
            "OK\n9.9.9.9\n\nNOCHANGE",
        ),
        (
            "domains=home.example.test&ipv6=2620:fe::9&verbose=true",
            "OK\n9.9.9.9\n2620:fe::9\nUPDATED",
        ),
        (
            "domains=home.example.test,nas.example.test&ip=1.1.1.1",
            "OK",
        ),
        (
            "domains=home.example.test&txt=proof&verbose=true",
            "OK\nproof\nUPDATED",
        ),
        ("domains=home.example.test&txt=other", "OK"),
        // Nothing, for whatever reason.
        ("domains=home.neighbour.test&ip=1.1.1.1", "KO"),
        ("domains=home&ip=1.1.1.1", "KO"),
        ("domains=home.example.test&ip=10.0.0.1", "KO"),
        ("domains=&ip=1.1.1.1", "KO"),
        ("domains=www.example.test&ip=1.1.1.1", "KO"),
    ] {
        assert_eq!(device.duck(query).await, reply, "{query}");
    }
    assert_eq!(world.addresses("nas.example.test").await, ["1.1.1.1"]);
    assert_eq!(
        world.texts("_acme-challenge.home.example.test").await,
        ["other"]
    );
    assert!(
        world.texts(HOME).await.is_empty(),
        "texts of the host itself are left alone"
    );
    assert_eq!(
        device
            .duck("domains=home.example.test&txt=&clear=true")
            .await,
        "OK"
    );
    assert!(
        world
            .texts("_acme-challenge.home.example.test")
            .await
            .is_empty()
    );
    assert_eq!(
        device.duck("domains=home.example.test&clear=true").await,
        "OK"
    );
    assert!(world.addresses(HOME).await.is_empty());
}

#[tokio::test]
async fn duckdns_works_for_devices_that_cannot_send_parameters() {
    let (world, device) = start(in_url(&[HOME], &["A"])).await;
    let path = format!("/update/{HOME}/{}/9.9.9.9", device.token);
    assert_eq!(device.browser.get(&path).await.body, "OK");
    assert_eq!(world.addresses(HOME).await, ["9.9.9.9"]);
    for path in ["/update/%ff/%ff/", "/update/a/b/c/d/e"] {
        assert_eq!(device.browser.get(path).await.body, "KO", "{path}");
    }
}

#[tokio::test]
async fn afraid_sets_the_host_of_the_token() {
    let (world, device) = start(in_url(&[HOME], &["A", "AAAA"])).await;
    let before = world.addresses(HOME).await.join(",");
    assert_eq!(
        device.afraid("?address=9.9.9.9").await,
        format!("Updated {HOME} from {before} to 9.9.9.9\n")
    );
    assert_eq!(
        device.afraid("?address=9.9.9.9").await,
        format!("No IP change detected for {HOME} with IP 9.9.9.9\n")
    );
    assert_eq!(
        device.afraid("?myip=2620:fe::9").await,
        format!("Updated {HOME} from 9.9.9.9 to 9.9.9.9,2620:fe::9\n")
    );
    for (query, why) in [
        ("?address=10.0.0.1", "10.0.0.1"),
        ("?address=nonsense", "nonsense"),
        // The network that tests come from is for documentation.
        ("", "192.0.2.44"),
    ] {
        let reply = device.afraid(query).await;
        assert!(
            reply.starts_with("ERROR: ") && reply.contains(why),
            "{query}: {reply}"
        );
    }
    let wide = Device {
        token: world.token(in_url(&["*.example.test"], &["A"])).await,
        ..device
    };
    let reply = wide.afraid("?address=9.9.9.9").await;
    assert!(reply.contains("not for one host alone"), "{reply}");
    assert_eq!(world.addresses(HOME).await, ["9.9.9.9", "2620:fe::9"]);
}

#[tokio::test]
async fn a_token_stands_in_a_url_only_when_it_may() {
    let (world, device) = start(Token::for_names(&[HOME])).await;
    let before = world.version("example.test").await;
    assert_eq!(
        device.duck("domains=home.example.test&ip=9.9.9.9").await,
        "KO"
    );
    assert!(
        device
            .afraid("?address=9.9.9.9")
            .await
            .starts_with("ERROR: ")
    );
    let allowed = Device {
        token: world.token(in_url(&[HOME], &["A"])).await,
        ..device
    };
    let token = &allowed.token;
    for path in [
        format!("/update?token={token}&domains={HOME}&ip=9.9.9.9"),
        format!("/u/{token}/?address=9.9.9.9"),
    ] {
        let looked = allowed
            .browser
            .send(Method::HEAD, &path, Body::empty())
            .await;
        assert_eq!(looked.status, StatusCode::METHOD_NOT_ALLOWED);
    }
    assert_eq!(world.version("example.test").await, before);
    assert_eq!(
        allowed.afraid("?address=9.9.9.9").await.split(' ').next(),
        Some("Updated")
    );
}

#[tokio::test]
async fn a_page_of_somebody_else_changes_nothing() {
    let (world, device) = start(in_url(&[HOME], &["A"])).await;
    let before = world.version("example.test").await;
    let mut browser = device.browser.clone();
    let foreign = "cross-site".parse().unwrap();
    browser.headers.insert("sec-fetch-site", foreign);
    let token = &device.token;
    for path in [
        format!("/update?token={token}&domains={HOME}&ip=9.9.9.9"),
        format!("/update/{HOME}/{token}/9.9.9.9"),
        format!("/u/{token}/?address=9.9.9.9"),
    ] {
        let answer = browser.get(&path).await;
        let is_refused = answer.body == "KO" || answer.body.starts_with("ERROR: a page of");
        assert!(is_refused, "{path}: {}", answer.body);
    }
    assert_eq!(world.version("example.test").await, before);
}

#[tokio::test]
async fn who_asks_is_told_from_which_address() {
    let (_world, device) = start(Token::for_names(&[HOME])).await;
    let from = |peer: &str| device.browser.from(peer);
    let ipv4 = from("198.51.100.7:1024");
    let ipv6 = from("[2001:db8::7]:1024");
    let mapped = from("[::ffff:198.51.100.7]:1024");
    for (browser, path, status, body) in [
        (&ipv4, "/checkip", 200, "198.51.100.7\n"),
        (&ipv6, "/checkip", 200, "2001:db8::7\n"),
        (&mapped, "/checkip", 200, "198.51.100.7\n"),
        (&mapped, "/checkip/v4", 200, "198.51.100.7\n"),
        (&ipv6, "/checkip/v6", 200, "2001:db8::7\n"),
        (
            &ipv4,
            "/checkip?format=json",
            200,
            r#"{"ip":"198.51.100.7"}"#,
        ),
    ] {
        let answer = browser.get(path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.body.as_str()),
            (status, body),
            "{path}"
        );
        assert!(answer.header("cache-control").starts_with("no-store"));
    }
    let other: Answer = ipv4.get("/checkip/v6").await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
    assert!(
        other.body.contains("IPv4") && other.body.contains("curl -6"),
        "{}",
        other.body
    );
    let mut forged = ipv4.clone();
    forged
        .headers
        .insert("x-forwarded-for", "9.9.9.9".parse().unwrap());
    assert_eq!(forged.get("/checkip").await.body, "198.51.100.7\n");
}
