//! What strangers send.

use axum::body::Body;
use http::header::CONTENT_TYPE;
use http::{Method, Request, StatusCode};

use super::world::{WISH, World};

#[tokio::test]
async fn every_page_forbids_what_it_does_not_need() {
    let world = World::new();
    let browser = world.browser();
    let offers = browser.post("/connect", &WISH).await;
    let mut pages = vec![("/connect", offers)];
    for path in [
        "/",
        "/tools",
        "/tools/sign",
        "/tools/verify",
        "/tools/key",
        "/templates",
        "/site?name=a.example",
        "/nothing",
        "/return",
        "/stateless.css",
        "/stateless.js",
    ] {
        pages.push((path, browser.get(path).await));
    }
    for (path, page) in &pages {
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
        assert!(
            !policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"),
            "{path}"
        );
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(page.header("referrer-policy"), "no-referrer", "{path}");
        if !page.body.starts_with("<!doctype html>") {
            continue;
        }
        for inline in ["<style", " style=", " onclick=", " onload=", "javascript:"] {
            assert!(!page.body.contains(inline), "{path}: {inline}");
        }
        let scripts = page.body.matches("<script").count();
        let ours = page
            .body
            .matches("<script src=\"/stateless.js\" defer></script>")
            .count();
        assert_eq!(scripts, ours, "{path}");
    }
}

#[tokio::test]
async fn what_is_too_much_is_refused() {
    let world = World::new();
    let browser = world.browser();
    let long = "x".repeat(17 * 1024);
    let answer = browser.get(&format!("/?domain={long}")).await;
    assert_eq!(answer.status, StatusCode::URI_TOO_LONG);
    let request =
        Request::post("/connect").header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    let answer = browser
        .send(
            request,
            Body::from("a=".to_owned() + &"x".repeat(40 * 1024)),
        )
        .await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let request = Request::post("/connect").header(CONTENT_TYPE, "application/json");
    let answer = browser.send(request, Body::from("{}")).await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    for method in [Method::DELETE, Method::PUT, Method::TRACE] {
        let request = Request::builder().method(method).uri("/connect");
        let status = browser.send(request, Body::empty()).await.status;
        assert!(
            status == StatusCode::METHOD_NOT_ALLOWED || status == StatusCode::FORBIDDEN,
            "{status}"
        );
    }
    assert_eq!(world.asked(), 0);
}

#[tokio::test]
async fn the_front_page_shows_a_query_as_text() {
    let world = World::new();
    let page = world
        .browser()
        .get("/?domain=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
        .await;
    assert!(!page.body.contains("<script>alert"), "{}", page.body);
}

#[tokio::test]
async fn what_a_provider_says_about_itself_is_text() {
    let world = World::new();
    *world.fake.settings.lock().unwrap() = Some(
        r#"{"providerId": "<i>id</i>", "providerName": "<script>alert(1)</script>",
            "urlSyncUX": "https://ux.dns.example/%22%3E%3Cscript%3E", "urlAPI": "https://api.dns.example",
            "urlControlPanel": "javascript:alert(1)"}"#
            .to_owned(),
    );
    let page = world.browser().post("/connect", &WISH).await;
    assert_eq!(page.status, StatusCode::OK);
    for part in ["<script>alert", "<i>", "javascript:", "\"><script>"] {
        assert!(!page.body.contains(part), "{part}: {}", page.body);
    }
}

#[tokio::test]
async fn a_service_that_others_reach_gives_cookies_over_tls_only_and_signs_with_no_key_of_its_own()
{
    let world = World::at("https://hosting.example/");
    let browser = world.browser();
    let page = browser.get("/").await;
    let cookie = page.header("set-cookie");
    assert!(cookie.starts_with("__Host-stateless="), "{cookie}");
    for part in ["; HttpOnly", "; SameSite=Lax", "; Secure", "; Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!page.header("strict-transport-security").is_empty());
    let own = world.context.key.public_key().unwrap();
    let lent = world.context.visitors_key().public_key().unwrap();
    assert_ne!(own, lent);
    let page = browser
        .post("/tools/sign", &[("query", "domain=example.com")])
        .await;
    assert!(page.body.contains("a key for practice"), "{}", page.body);
}

#[tokio::test]
async fn a_loopback_url_does_not_lend_the_key_to_those_who_reach_the_listener() {
    for (listen, lends) in [
        ("127.0.0.1:8081", true),
        ("[::1]:8081", true),
        ("0.0.0.0:8081", false),
        ("192.0.2.1:8081", false),
    ] {
        let world = World::listening("http://localhost:8081/", listen.parse().unwrap());
        let own = world.context.key.public_key().unwrap();
        let lent = world.context.visitors_key().public_key().unwrap();
        assert_eq!(own == lent, lends, "{listen}");
    }
}

#[tokio::test]
async fn visitors_names_get_no_cookie_and_no_promise_of_tls() {
    let world = World::at("https://hosting.example/");
    let browser = world.browser();
    for path in ["/", "/stateless.css", "/stateless.js"] {
        let answer = browser.get_at("www.example.com", path).await;
        assert_eq!(answer.header("set-cookie"), "", "{path}");
        assert_eq!(answer.header("strict-transport-security"), "", "{path}");
    }
    for path in ["/stateless.css", "/stateless.js"] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(
            answer.header("set-cookie"),
            "",
            "a cache keeps it for everybody"
        );
    }
    let page = browser.get("/").await;
    assert_eq!(page.header("cross-origin-opener-policy"), "same-origin");
    let page = browser.get_at("hosting.example:443", "/").await;
    assert_eq!(
        page.status,
        StatusCode::OK,
        "a proxy may name the usual port"
    );
}
