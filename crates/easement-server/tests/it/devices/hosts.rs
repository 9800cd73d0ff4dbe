//! What people see of the hosts that devices update, and how long texts stay.

use std::time::Duration;

use axum::body::Body;
use http::{Method, StatusCode};
use serde_json::Value;

use super::world::{Device, Devices, Token, start};

const HOME: &str = "home.example.test";
const CHALLENGE: &str = "_acme-challenge.example.test";

impl Device {
    async fn sets(&self, address: &str) {
        let bearer = Some(format!("Bearer {}", self.token));
        let path = format!("/nic/update?hostname={HOME}&myip={address}");
        let answer = self
            .send_as(Method::GET, &path, bearer, Body::empty())
            .await;
        assert!(
            answer.body.starts_with("good ") || answer.body.starts_with("nochg "),
            "{}",
            answer.body
        );
    }

    async fn status(&self) -> Value {
        let bearer = Some(format!("Bearer {}", self.token));
        let path = format!("/.well-known/apertodns/v1/status/{HOME}");
        let answer = self
            .send_as(Method::GET, &path, bearer, Body::empty())
            .await;
        let document: Value = serde_json::from_str(&answer.body).unwrap();
        document["data"].clone()
    }

    async fn text(&self, method: Method, value: &str) {
        let bearer = Some(format!("Bearer {}", self.token));
        let body = serde_json::json!({ "hostname": CHALLENGE, "value": value }).to_string();
        let path = "/.well-known/apertodns/v1/txt";
        let answer = self.send_as(method, path, bearer, Body::from(body)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    }
}

/// Waits until the updates so far are counted: they are written beside the requests.
async fn counted(device: &Device, updates: u64) -> Value {
    for _ in 0..200 {
        let status = device.status().await;
        if status["update_count_total"] == updates {
            return status;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!(
        "{} updates were not counted: {}",
        updates,
        device.status().await
    );
}

#[tokio::test]
async fn updates_are_counted_and_shown_to_the_owner_of_the_zone() {
    let (world, device) = start(Token::for_names(&[HOME])).await;
    for address in ["9.9.9.9", "9.9.9.9", "1.1.1.1"] {
        device.sets(address).await;
        world.inner.clock.pass(Duration::from_mins(1));
    }
    let status = counted(&device, 3).await;
    assert_eq!(status["update_count_24h"], 3);
    assert!(
        status["created_at"].as_str() < status["updated_at"].as_str(),
        "{status}"
    );
    let owner = world.inner.owner().await;
    let hosts = owner.get("/zones/example.test/hosts").await;
    assert_eq!(hosts.status, StatusCode::OK);
    assert!(
        hosts.body.contains("1.1.1.1") && hosts.body.contains("1 minute ago"),
        "{}",
        hosts.body
    );
    assert!(!hosts.body.contains("goes to and fro"));
    let host = owner
        .get("/zones/example.test/hosts/home.example.test")
        .await;
    for part in [
        "3 updates in the last day",
        "2 that changed something",
        "Router at home",
        "DynDNS2",
        "192.0.2.44",
    ] {
        assert!(host.body.contains(part), "{part}: {}", host.body);
    }
    for path in [
        "/zones/example.test/hosts/nas.example.test",
        "/zones/example.test/hosts/%ff",
    ] {
        assert_eq!(
            owner.get(path).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    let neighbour = world.inner.neighbour().await;
    let refused = neighbour
        .get("/zones/example.test/hosts/home.example.test")
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(
        world
            .inner
            .anonymous()
            .get("/zones/example.test/hosts")
            .await
            .status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn names_that_were_made_up_are_no_hosts() {
    let (world, device) = start(Token::for_names(&["*.example.test"])).await;
    let bearer = Some(format!("Bearer {}", device.token));
    for host in ["made-up", "nothing-here"] {
        let path = format!("/nic/update?hostname={host}.example.test&offline=YES");
        let answer = device
            .send_as(Method::GET, &path, bearer.clone(), Body::empty())
            .await;
        assert_eq!(answer.body, "nochg");
    }
    device.sets("9.9.9.9").await;
    counted(&device, 1).await;
    let owner = world.inner.owner().await;
    let hosts = owner.get("/zones/example.test/hosts").await.body;
    assert!(hosts.contains("hosts/home.example.test"), "{hosts}");
    assert!(!hosts.contains("made-up") && !hosts.contains("nothing-here"));
}

#[tokio::test]
async fn two_devices_that_fight_over_a_host_are_noticed() {
    let (world, device) = start(Token::for_names(&[HOME])).await;
    for address in ["9.9.9.9", "1.1.1.1", "9.9.9.9", "1.1.1.1", "9.9.9.9"] {
        device.sets(address).await;
        world.inner.clock.pass(Duration::from_mins(1));
    }
    counted(&device, 5).await;
    let owner = world.inner.owner().await;
    let hosts = owner.get("/zones/example.test/hosts").await;
    assert!(hosts.body.contains("goes to and fro"));
    let host = owner
        .get("/zones/example.test/hosts/home.example.test")
        .await;
    assert!(host.body.contains("came back 3 times"), "{}", host.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_of_a_device_goes_after_a_day() {
    let token = Token {
        types: &["TXT"],
        ..Token::for_names(&[CHALLENGE])
    };
    let (world, device) = start(token).await;
    device.text(Method::POST, "first").await;
    world.inner.clock.pass(Duration::from_hours(12));
    device.text(Method::POST, "second").await;
    device.text(Method::POST, "third").await;
    device.text(Method::DELETE, "third").await;
    world.inner.clock.pass(Duration::from_hours(12));
    lapse(&world).await;
    assert_eq!(world.texts(CHALLENGE).await, ["second"]);
    let history = world.inner.owner().await.get("/zones/example.test").await;
    assert!(
        history.body.contains("Texts were taken away a day after"),
        "{}",
        history.body
    );
    world.inner.clock.pass(Duration::from_hours(12));
    lapse(&world).await;
    assert!(world.texts(CHALLENGE).await.is_empty());
}

/// What the server does by itself once a minute.
async fn lapse(world: &Devices) {
    world.inner.demo.app().keep_house().await.unwrap();
}
