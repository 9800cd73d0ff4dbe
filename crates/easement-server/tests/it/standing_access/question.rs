//! The question, who may answer it, and what the client hears.

use std::time::Duration;

use http::header::HeaderName;
use http::{HeaderValue, StatusCode};

use super::{Program, answer, assert_done, assert_failed, link, records, sent};
use crate::world::World;

#[tokio::test]
async fn an_owner_sees_what_may_be_written_and_for_how_long() {
    let world = World::start().await;
    let owner = world.owner().await;
    let page = owner.get(&link("example.test", "&host=home")).await;
    for part in [
        "home",
        "AAAA",
        "at any time",
        "dynamicdns.domainconnect.org",
        "Until I take it back",
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    let policy = page.header("content-security-policy");
    assert!(policy.contains("form-action 'self' https:;"), "{policy}");
}

#[tokio::test]
async fn an_owner_agrees_and_a_program_updates_and_is_stopped() {
    let world = World::start().await;
    let mut program = Program::with_access(&world, "&host=home").await;
    assert!(
        !records(&world, "home").await.contains("198.51.100.7"),
        "nothing changed yet"
    );
    let home = "domain=example.test&host=home";
    assert_done(
        &program
            .apply(&format!(
                "{home}&IPv4=198.51.100.7&IPv6=2001:db8::7&groupId=IPv4,IPv6"
            ))
            .await,
    );
    // Again, within the minute, and one family alone: the other stays.
    assert_done(
        &program
            .apply(&format!(
                "{home}&IPv4=198.51.100.7&IPv6=2001:db8::7&groupId=IPv4,IPv6"
            ))
            .await,
    );
    assert_done(
        &program
            .apply(&format!("{home}&IPv4=198.51.100.8&groupId=IPv4"))
            .await,
    );
    let now = records(&world, "home").await;
    assert!(
        now.contains("198.51.100.8") && now.contains("2001:db8::7"),
        "{now}"
    );
    assert!(!now.contains("198.51.100.7"), "{now}");

    world.clock.pass(Duration::from_hours(24 * 8));
    let expired = program
        .apply(&format!("{home}&IPv4=198.51.100.9&groupId=IPv4"))
        .await;
    assert_failed(&expired, StatusCode::UNAUTHORIZED, "invalid_token");
    program.refresh().await;
    assert_done(
        &program
            .apply(&format!("{home}&IPv4=198.51.100.9&groupId=IPv4"))
            .await,
    );

    let apps = world.owner().await;
    let list = apps.get("/apps").await;
    assert!(list.body.contains("home.example.test"), "{}", list.body);
    let (_, rest) = list.body.split_once("href=\"/apps/").unwrap();
    let id = rest.split_once('"').unwrap().0.to_owned();
    let shown = apps.get(&format!("/apps/{id}")).await;
    assert!(
        shown.body.contains("was connected"),
        "its history: {}",
        shown.body
    );
    let revoked = apps.post(&format!("/apps/{id}/revoke"), &[]).await;
    assert_eq!(revoked.status, StatusCode::SEE_OTHER);
    let stopped = program
        .apply(&format!("{home}&IPv4=198.51.100.10&groupId=IPv4"))
        .await;
    assert_failed(&stopped, StatusCode::UNAUTHORIZED, "invalid_token");
    assert!(
        records(&world, "home").await.contains("198.51.100.9"),
        "records stay as they are"
    );
    let page = apps.get(&format!("/apps/{id}")).await;
    assert!(page.body.contains("it was taken back"), "{}", page.body);
}

#[tokio::test]
async fn who_declines_sends_the_browser_back_and_allows_nothing() {
    let world = World::start().await;
    let owner = world.owner().await;
    let declined = answer(
        &owner,
        &link("example.test", "&state=a%26b"),
        "decline",
        "never",
    )
    .await;
    assert_eq!(sent(&declined, "error").as_deref(), Some("access_denied"));
    assert_eq!(sent(&declined, "state").as_deref(), Some("a&b"));
    assert_eq!(sent(&declined, "code"), None);
    assert!(owner.get("/apps").await.body.contains("No app has access"));
}

#[tokio::test]
async fn access_ends_when_the_owner_said() {
    let world = World::start().await;
    let owner = world.owner().await;
    let link = link("example.test", "&host=home");
    let wrong = answer(&owner, &link, "agree", "date").await;
    assert_eq!(wrong.status, StatusCode::OK, "{}", wrong.body);
    assert!(wrong.body.contains("is not a date"), "{}", wrong.body);
    let agreed = answer(&owner, &link, "agree", "30d").await;
    let mut program = Program::with_code(&world, &sent(&agreed, "code").unwrap()).await;
    let apply = "domain=example.test&host=home&IPv4=198.51.100.7&groupId=IPv4";
    world.clock.pass(Duration::from_hours(24 * 29));
    program.refresh().await;
    assert_done(&program.apply(apply).await);
    world.clock.pass(Duration::from_hours(24 * 2));
    let over = program.apply(apply).await;
    assert_failed(&over, StatusCode::UNAUTHORIZED, "invalid_token");
}

#[tokio::test]
async fn a_link_that_is_not_the_clients_leads_nowhere() {
    let world = World::start().await;
    let owner = world.owner().await;
    let good = link("example.test", "");
    for (from, to) in [
        ("client_id=domainconnect.org", "client_id=nobody.example"),
        ("client_id=domainconnect.org", "x=1"),
        (
            "dynamicdns.domainconnect.org%2Fddnscode",
            "evil.example%2Fddnscode",
        ),
        (
            "domainconnect.org%2Fddnscode",
            "domainconnect.org.evil.example%2Fddnscode",
        ),
        ("%2Fddnscode", "%2Fddnscode%2F..%2Fother"),
        ("https%3A%2F%2Fdynamicdns", "http%3A%2F%2Fdynamicdns"),
        ("https%3A%2F%2Fdynamicdns", "javascript%3A%2F%2Fdynamicdns"),
        ("https%3A%2F%2Fdynamicdns", "https%3A%2F%2Fx%40dynamicdns"),
        (
            "redirect_uri=",
            "redirect_uri=https%3A%2F%2Fevil.example&redirect_uri=",
        ),
    ] {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good, "{from}");
        for browser in [&owner, &world.anonymous()] {
            let page = browser.get(&bad).await;
            assert_eq!(page.status, StatusCode::BAD_REQUEST, "{bad}: {}", page.body);
            assert_eq!(page.location(), "", "nobody is sent anywhere: {bad}");
        }
    }
}

#[tokio::test]
async fn a_client_is_told_what_is_wrong_with_its_link() {
    let world = World::start().await;
    let owner = world.owner().await;
    let good = link("example.test", "&state=s");
    for (from, to, error) in [
        ("scope=dynamicdns-v2", "scope=website", "invalid_scope"),
        ("scope=dynamicdns-v2", "scope=", "invalid_scope"),
        ("domain=example.test", "domain=", "invalid_request"),
        (
            "domain=example.test",
            "domain=example.test&domain=neighbour.test",
            "invalid_request",
        ),
        (
            "&state",
            "&response_type=token&state",
            "unsupported_response_type",
        ),
        (
            "&state",
            "&code_challenge=x&code_challenge_method=plain&state",
            "invalid_request",
        ),
        ("&IPv4=0.0.0.0", "&IPv4=example", "invalid_request"),
        (
            "/domainconnect.org?",
            "/fernmail.test?",
            "unauthorized_client",
        ),
    ] {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good, "{from}");
        let answer = owner.get(&bad).await;
        assert_eq!(sent(&answer, "error").as_deref(), Some(error), "{bad}");
        assert_eq!(sent(&answer, "state").as_deref(), Some("s"), "{bad}");
    }
}

#[tokio::test]
async fn nobody_grants_what_is_not_theirs_and_no_other_page_can_make_them() {
    let world = World::start().await;
    let owner = world.owner().await;
    for domain in ["neighbour.test", "nowhere.test"] {
        let page = owner.get(&link(domain, "")).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.body);
        let fields = [("answer", "agree"), ("until", "never"), ("shown", "")];
        let posted = owner.post(&link(domain, ""), &fields).await;
        assert_eq!(posted.status, StatusCode::FORBIDDEN, "{}", posted.body);
    }
    let page = owner.get(&link("example.test", "")).await;
    let shown = page.hidden("shown").unwrap();
    let fields = [
        ("answer", "agree"),
        ("until", "never"),
        ("shown", shown.as_str()),
    ];
    let mut foreign = owner.clone();
    foreign.headers.insert(
        HeaderName::from_static("sec-fetch-site"),
        HeaderValue::from_static("cross-site"),
    );
    let posted = foreign.post(&link("example.test", ""), &fields).await;
    assert_eq!(posted.status, StatusCode::FORBIDDEN, "{}", posted.body);
    // What is agreed to is what was shown.
    let other = owner
        .post(&link("example.test", "&host=home"), &fields)
        .await;
    assert_eq!(other.status, StatusCode::OK);
    assert!(
        other.body.contains("Something changed in the meantime"),
        "{}",
        other.body
    );
    assert!(owner.get("/apps").await.body.contains("No app has access"));
    let neighbour = world.neighbour().await;
    let _program = Program::with_access(&world, "").await;
    assert!(
        neighbour
            .get("/apps")
            .await
            .body
            .contains("No app has access")
    );
    for path in ["/apps/1", "/apps/1/revoke", "/apps/x"] {
        assert_eq!(
            neighbour.get(path).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    assert_eq!(
        neighbour.post("/apps/1/revoke", &[]).await.status,
        StatusCode::NOT_FOUND
    );
}
