//! Links that lead nowhere, and names that look like others.

use http::StatusCode;

use super::{APP, DONE, link, link_of};
use crate::world::World;

#[tokio::test]
async fn an_app_that_is_not_in_order_gets_nobody_sent_anywhere() {
    let world = World::start().await;
    let owner = world.owner().await;
    let own = format!("{}/tools", world.demo.app().public_url().origin());
    for (client_id, redirect) in [
        ("", DONE),
        (APP, ""),
        ("foo", "javascript:alert(1)"),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("data:text/html,x", "data:text/html,x"),
        ("//notes.example", "//notes.example/done"),
        ("/", "/done"),
        ("app.example:/", "app.example:/done"),
        ("http://notes.example", "http://notes.example/done"),
        (APP, "https://notes.example.evil.example/done"),
        (APP, "https://notes.example@evil.example/done"),
        (APP, "https://evil.example\\@notes.example/done"),
        (APP, "https://evil.example/done"),
        (APP, "https://sub.notes.example/done"),
        ("https://sub.notes.example", DONE),
        (APP, "https://notes.example:8443/done"),
        (APP, "https://notes.example/done#fragment"),
        (APP, "//notes.example/done"),
        (APP, "javascript://notes.example/%0aalert(1)"),
        ("https://notes.example/app", "https://notes.example/apple"),
        (
            "https://notes.example/app",
            "https://notes.example/app/../done",
        ),
        (
            "https://notes.example/app",
            "https://notes.example/app/..%2fdone",
        ),
        (
            "https://user@notes.example",
            "https://user@notes.example/done",
        ),
        (
            "http://127.0.0.1.evil.example",
            "http://127.0.0.1.evil.example/",
        ),
        ("urn:ietf:wg:oauth:2.0:oob", "urn:ietf:wg:oauth:2.0:oob"),
        ("http://[::1]:8000", "http://[::1]:8000/done"),
        (APP, "https://notes.example/done?code=mine"),
        (APP, "https://notes.example/done?a=b&st%61te=mine"),
        (own.as_str(), own.as_str()),
    ] {
        let bad = link_of(client_id, redirect, "namedrop-hosts");
        for browser in [&owner, &world.anonymous()] {
            let page = browser.get(&bad).await;
            assert_eq!(page.status, StatusCode::BAD_REQUEST, "{bad}: {}", page.body);
            assert_eq!(page.location(), "", "nobody is sent anywhere: {bad}");
            assert!(!page.body.contains("<a class=\"button\""), "{}", page.body);
            let policy = page.header("content-security-policy");
            assert!(policy.contains("form-action 'self';"), "{policy}");
        }
        let posted = owner.post(&bad, &[("answer", "decline")]).await;
        assert_eq!(posted.status, StatusCode::BAD_REQUEST, "{bad}");
        assert_eq!(posted.location(), "", "nobody is sent anywhere: {bad}");
    }
    let twice = format!("{}&redirect_uri=https%3A%2F%2Fevil.example", link());
    let page = owner.get(&twice).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "{}", page.body);
    let long = format!("{}&x={}", link(), "x".repeat(8000));
    let page = owner.get(&long).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "{}", page.body);
}

/// Anybody can be an app: a fault of a link is told when a person goes back, never by a redirect that nobody asked for.
#[tokio::test]
async fn what_is_wrong_with_a_link_is_told_to_the_app_when_one_goes_back() {
    let world = World::start().await;
    let owner = world.owner().await;
    for (from, to, error) in [
        (
            "scope=namedrop-hosts+",
            "scope=everything+",
            "invalid_scope",
        ),
        (
            "scope=namedrop-hosts+",
            "scope=namedrop-weird-handle+",
            "invalid_scope",
        ),
        ("scope=", "x=", "invalid_scope"),
        (
            "response_type=code",
            "response_type=token",
            "unsupported_response_type",
        ),
        ("code_challenge=", "x=", "invalid_request"),
        (
            "code_challenge_method=S256",
            "code_challenge_method=plain",
            "invalid_request",
        ),
        ("&code_challenge_method=S256", "", "invalid_request"),
        ("&state=", "&state=1&state=", "invalid_request"),
    ] {
        let bad = link().replacen(from, to, 1);
        assert_ne!(bad, link(), "{from}");
        for browser in [&owner, &world.anonymous()] {
            let page = browser.get(&bad).await;
            assert_eq!(page.status, StatusCode::BAD_REQUEST, "{bad}: {}", page.body);
            assert_eq!(page.location(), "", "{bad}");
            let (_, href) = page
                .body
                .split_once("href=\"https://notes.example")
                .unwrap();
            let href = href.split_once('"').unwrap().0.replace("&#38;", "&");
            assert!(href.contains(&format!("/done?error={error}&")), "{href}");
            let is_state_told = !to.contains("state=1");
            assert_eq!(href.contains("state=s%26+1"), is_state_told, "{href}");
        }
    }
}

#[tokio::test]
async fn names_that_look_like_others_are_shown_as_what_they_are() {
    let world = World::start().await;
    let owner = world.owner().await;
    for (app, parts) in [
        (
            "https://b\u{fc}cher.example",
            &[
                "b\u{fc}cher.example",
                "https://xn--bcher-kva.example",
                "letter by letter",
            ][..],
        ),
        (
            "https://p\u{430}ypal.example",
            &["https://xn--pypal-4ve.example", "mixes alphabets"],
        ),
        ("https://NOTES.example:443", &[">https://notes.example<"]),
        ("https://192.0.2.1", &["only the address of a machine"]),
        (
            "http://127.0.0.1:8000",
            &["on the machine that you are using"],
        ),
        (
            "https://notes.example.evil.example",
            &["https://notes.example.evil.example"],
        ),
    ] {
        let page = owner.get(&link_of(app, app, "namedrop-hosts")).await;
        assert_eq!(page.status, StatusCode::OK, "{app}: {}", page.body);
        for part in parts {
            assert!(page.body.contains(part), "{part}: {}", page.body);
        }
        assert!(!page.body.contains("p\u{430}ypal"), "{}", page.body);
    }
}
