//! What is typed wrong, and forms that are not ours.

use std::time::Duration;

use axum::body::Body;
use http::header::{CONTENT_TYPE, ORIGIN};
use http::{Request, StatusCode};

use super::world::{WISH, World};

#[tokio::test]
async fn mistakes_are_named_at_their_field_and_ask_nobody() {
    let world = World::new();
    let browser = world.browser();
    for (domain, host, message, field) in [
        ("", "", "x", "domain"),
        ("https://example.com/", "", "x", "domain"),
        ("example.com", "a b", "x", "host"),
        ("example.com", "", "\"quoted\"", "message"),
    ] {
        let fields = [("domain", domain), ("host", host), ("message", message)];
        let page = browser.post("/connect", &fields).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(
            page.body.contains(&format!("id=\"{field}-problem\"")),
            "{}",
            page.body
        );
    }
    assert_eq!(world.asked(), 0);
}

#[tokio::test]
async fn forms_from_elsewhere_do_nothing() {
    let world = World::new();
    let (browser, other) = (world.browser(), world.browser());
    for path in ["/connect", "/tools/sign", "/tools/verify"] {
        assert_eq!(
            browser.post_bare(path, &WISH).await.status,
            StatusCode::FORBIDDEN
        );
        let token = other.form_token().await;
        let fields = [&WISH[..], &[("form", token.as_str())]].concat();
        assert_eq!(
            browser.post_bare(path, &fields).await.status,
            StatusCode::FORBIDDEN
        );
        let token = browser.form_token().await;
        let body = format!(
            "form={token}&domain=example.com&message=x&query=a%3Db&link=a%3Db&key_domain=p.example"
        );
        for (name, value) in [
            (ORIGIN.as_str(), "https://evil.example"),
            ("sec-fetch-site", "cross-site"),
        ] {
            let request = Request::post(path)
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header(name, value);
            let answer = browser.send(request, Body::from(body.clone())).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {name}");
        }
    }
    let token = browser.form_token().await;
    world.pass(Duration::from_hours(7));
    let fields = [&WISH[..], &[("form", token.as_str())]].concat();
    assert_eq!(
        browser.post_bare("/connect", &fields).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(world.asked(), 0, "nobody was asked anything");
}

#[tokio::test]
async fn one_network_cannot_have_others_asked_without_end() {
    let world = World::new();
    let browser = world.browser();
    for _ in 0..12 {
        assert_eq!(browser.post("/connect", &WISH).await.status, StatusCode::OK);
    }
    let asked = world.asked();
    let refused = browser.post("/connect", &WISH).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.header("retry-after"), "61");
    assert_eq!(world.asked(), asked);
    // Whoever says to be somebody else is not believed.
    let token = browser.form_token().await;
    let request = Request::post("/connect")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("x-forwarded-for", "203.0.113.200");
    let body = format!("form={token}&domain=example.com&message=x");
    let answer = browser.send(request, Body::from(body)).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);

    let neighbour = world.browser().in_network([203, 0, 113, 1]);
    assert_eq!(
        neighbour.post("/connect", &WISH).await.status,
        StatusCode::OK
    );
}
