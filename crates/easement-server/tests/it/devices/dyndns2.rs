//! `/nic/update`

use axum::body::Body;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::{Method, StatusCode};

use super::world::{Device, Token, start};
use crate::world::Answer;

const HOME: &str = "home.example.test";

impl Device {
    /// A call with the token as the password.
    async fn call(&self, query: &str) -> String {
        let answer = self.ask(query).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}");
        answer.body
    }

    async fn ask(&self, query: &str) -> Answer {
        let basic = BASE64_STANDARD.encode(format!("anybody:{}", self.token));
        let path = format!("/nic/update?{query}");
        self.send_as(
            Method::GET,
            &path,
            Some(format!("Basic {basic}")),
            Body::empty(),
        )
        .await
    }
}

#[tokio::test]
async fn an_update_is_in_dns_when_it_is_answered() {
    let (world, device) = start(Token::for_names(&["*.example.test"])).await;
    for (query, reply) in [
        ("hostname=home.example.test&myip=9.9.9.9", "good 9.9.9.9"),
        ("hostname=home.example.test&myip=9.9.9.9", "nochg 9.9.9.9"),
        (
            "hostname=home.example.test&myip=9.9.9.9,2620:fe::fe",
            "good 9.9.9.9,2620:fe::fe",
        ),
        // One family alone never touches the other.
        (
            "hostname=home.example.test&myip=2620:fe::9",
            "good 9.9.9.9,2620:fe::9",
        ),
        ("hostname=home.example.test&myipv6=", "good 9.9.9.9"),
        (
            "hostname=nas.example.test,home.example.test&myip=1.1.1.1",
            "good 1.1.1.1\ngood 1.1.1.1",
        ),
        // The network of the test is for documentation: an empty parameter means the source.
        ("hostname=home.example.test&myip=", "dnserr"),
        ("hostname=home.example.test&myip=10.0.0.1", "dnserr"),
        ("hostname=home.example.test&myip=010.8.8.8", "dnserr"),
        ("hostname=home", "notfqdn"),
        ("myip=1.1.1.1", "notfqdn"),
        ("hostname=home.neighbour.test&myip=1.1.1.1", "nohost"),
        ("hostname=home.elsewhere.test&myip=1.1.1.1", "nohost"),
        // In the order of the call, whatever becomes of each.
        (
            "hostname=home.elsewhere.test,?,home.example.test&myip=1.0.0.1",
            "nohost\nnotfqdn\ngood 1.0.0.1",
        ),
    ] {
        assert_eq!(device.call(query).await, reply, "{query}");
    }
    assert_eq!(world.addresses(HOME).await, ["1.0.0.1"]);
    assert_eq!(world.addresses("nas.example.test").await, ["1.1.1.1"]);
    assert_eq!(
        device.call("hostname=home.example.test&offline=YES").await,
        "good"
    );
    assert!(world.addresses(HOME).await.is_empty());
    let many = format!("hostname={}&myip=1.1.1.1", ["a.example.test"; 21].join(","));
    assert_eq!(device.call(&many).await, "numhost");
}

#[tokio::test]
async fn the_answer_is_in_a_form_that_old_clients_read() {
    let (_world, device) = start(Token::for_names(&[HOME])).await;
    let answer = device
        .ask("hostname=home.example.test&myip=9.9.9.9&system=dyndns&wildcard=NOCHG")
        .await;
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(answer.body, "good 9.9.9.9", "nothing before or behind it");
    let without = device.send_as(
        Method::GET,
        "/nic/update?hostname=a.example.test,b.example.test",
        None,
        Body::empty(),
    );
    let without = without.await;
    assert_eq!(without.status, StatusCode::UNAUTHORIZED);
    assert!(
        without
            .header("www-authenticate")
            .starts_with("Basic realm=")
    );
    assert_eq!(without.body, "badauth\nbadauth");
    let wrong = Device {
        token: "easement_live_x".to_owned(),
        ..device.clone()
    };
    assert_eq!(
        wrong.call("hostname=home.example.test").await,
        "badauth",
        "said with the status 200"
    );
}

#[tokio::test]
async fn a_token_may_be_in_a_form_and_not_in_a_url() {
    let (world, device) = start(Token::for_names(&[HOME])).await;
    let form = format!("hostname={HOME}&myip=9.9.9.9&password={}", device.token);
    let posted = device
        .send_as(Method::POST, "/nic/update", None, Body::from(form.clone()))
        .await;
    assert_eq!(posted.body, "good 9.9.9.9");
    let in_url = device
        .send_as(
            Method::GET,
            &format!("/nic/update?{form}"),
            None,
            Body::empty(),
        )
        .await;
    assert_eq!(in_url.body, "badauth");
    let shouted = form.replace("password", "PassWord");
    let in_url = device
        .send_as(
            Method::GET,
            &format!("/nic/update?{shouted}"),
            None,
            Body::empty(),
        )
        .await;
    assert_eq!(in_url.body, "badauth");
    let allowed = world
        .token(Token {
            in_url: true,
            ..Token::for_names(&[HOME])
        })
        .await;
    let path = format!("/nic/update?hostname={HOME}&myip=8.8.8.8&password={allowed}");
    let answer = device
        .send_as(Method::GET, &path, None, Body::empty())
        .await;
    assert_eq!(answer.body, "good 8.8.8.8");
    let nonsense = device
        .send_as(
            Method::POST,
            "/nic/update",
            None,
            Body::from(vec![0xff; 100]),
        )
        .await;
    assert_eq!(nonsense.status, StatusCode::UNAUTHORIZED);
    assert_eq!(world.addresses(HOME).await, ["8.8.8.8"]);
}

#[tokio::test]
async fn a_name_with_an_alias_takes_no_address() {
    let (world, device) = start(Token::for_names(&["*.example.test"])).await;
    let reply = device
        .call("hostname=www.example.test,home.example.test&myip=9.9.9.9")
        .await;
    assert_eq!(reply, "dnserr\ngood 9.9.9.9");
    assert_eq!(world.addresses(HOME).await, ["9.9.9.9"]);
}

#[tokio::test]
async fn an_answer_tells_nothing_of_names_that_the_token_is_not_for() {
    let (_world, device) = start(Token {
        types: &["A"],
        ..Token::for_names(&[HOME])
    })
    .await;
    for query in [
        "hostname=www.example.test&myip=preserve",
        "hostname=example.test&myip=preserve",
        "hostname=www.example.test&myip=9.9.9.9",
        "hostname=nowhere.example.test&myip=9.9.9.9",
        "hostname=home.example.test&myip=2620:fe::9",
    ] {
        assert_eq!(device.call(query).await, "nohost", "{query}");
    }
    assert!(
        device
            .call("hostname=home.example.test&myip=preserve")
            .await
            .starts_with("nochg ")
    );
}

#[tokio::test]
async fn neither_a_foreign_page_nor_a_look_changes_anything() {
    let (world, mut device) = start(Token::for_names(&[HOME])).await;
    let before = world.version("example.test").await;
    let query = "hostname=home.example.test&myip=9.9.9.9";
    let bearer = Some(format!("Bearer {}", device.token));
    let path = format!("/nic/update?{query}");
    let looked = device
        .send_as(Method::HEAD, &path, bearer, Body::empty())
        .await;
    assert_eq!(looked.status, StatusCode::OK);
    for method in [Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
        let bearer = Some(format!("Bearer {}", device.token));
        let other = device.send_as(method.clone(), &path, bearer, Body::empty());
        let other = other.await;
        let found = (other.status, other.body.as_str());
        assert_eq!(found, (StatusCode::OK, "badagent"), "{method}");
    }
    device
        .browser
        .headers
        .insert("sec-fetch-site", "cross-site".parse().unwrap());
    assert_eq!(device.call(query).await, "badagent");
    assert_eq!(world.version("example.test").await, before);
    device
        .browser
        .headers
        .insert("sec-fetch-site", "none".parse().unwrap());
    assert_eq!(device.call(query).await, "good 9.9.9.9");
}

#[tokio::test]
async fn a_value_that_the_token_may_not_set_is_not_the_end_of_the_host() {
    let (world, device) = start(Token {
        values: &["9.9.9.0/24"],
        ..Token::for_names(&[HOME])
    })
    .await;
    for (query, reply) in [
        ("hostname=home.example.test&myip=8.8.8.8", "dnserr"),
        ("hostname=home.example.test&myip=9.9.9.8", "good 9.9.9.8"),
        ("hostname=www.example.test&myip=9.9.9.8", "nohost"),
    ] {
        assert_eq!(device.call(query).await, reply, "{query}");
    }
    assert_eq!(world.addresses(HOME).await, ["9.9.9.8"]);
}
