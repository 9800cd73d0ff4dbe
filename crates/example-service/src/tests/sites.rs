//! Visitors' sites.

use axum::body::Body;
use http::header::HOST;
use http::{Request, StatusCode};

use super::world::World;

#[tokio::test]
async fn a_site_says_what_dns_says_as_text() {
    let world = World::new();
    let browser = world.browser();
    world.fake.set_text(
        "www.example.com",
        b"shm=<script>alert(1)</script> \xff\xe2\x80\xae",
    );
    for host in [
        "www.example.com",
        "www.example.com:8081",
        "WWW.Example.Com:80",
    ] {
        let page = browser.get_at(host, "/any/path?x=y").await;
        assert_eq!(page.status, StatusCode::OK, "{host}");
        assert!(page.body.contains("&#60;script&#62;"), "{}", page.body);
        assert!(!page.body.contains("<script"), "{}", page.body);
        assert!(!page.body.contains('\u{202e}'), "{}", page.body);
        assert_eq!(page.header("set-cookie"), "", "a site needs no cookie");
    }
    assert_eq!(
        browser.get("/site?name=www.example.com").await.status,
        StatusCode::OK
    );
    let style = browser.get_at("www.example.com", "/stateless.css").await;
    assert!(style.header("content-type").starts_with("text/css"));
}

#[tokio::test]
async fn a_long_text_is_cut() {
    let world = World::new();
    let text = [b"shm=".to_vec(), vec![b'x'; 60_000]].concat();
    world.fake.set_text("long.example", &text);
    let page = world.browser().get_at("long.example", "/").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.len() < 2000, "{}", page.body.len());
}

#[tokio::test]
async fn names_without_a_message_have_no_site() {
    let world = World::new();
    let browser = world.browser();
    world.fake.set_text("other.example", b"v=spf1 -all");
    for host in ["nothing.example", "other.example"] {
        let page = browser.get_at(host, "/").await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{host}");
        assert!(page.body.contains("Nobody home"), "{}", page.body);
    }
}

#[tokio::test]
async fn our_own_pages_are_at_our_own_name_only() {
    let world = World::new();
    let browser = world.browser();
    for host in [
        "127.0.0.1:8081",
        "localhost",
        "localhost:80",
        "[::1]:8081",
        "",
        "single",
        "a..b",
        "x y",
    ] {
        let answer = browser.get_at(host, "/").await;
        assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "{host}");
        assert_eq!(answer.header("location"), "", "{host}");
    }
    let asked = world.asked();
    for path in ["/connect", "/tools/sign", "/"] {
        let request = Request::post(path).header(HOST, "www.example.com");
        let answer = browser.send(request, Body::empty()).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
    }
    assert_eq!(world.asked(), asked);
}

#[tokio::test]
async fn an_address_that_a_form_left_behind_leads_to_the_form() {
    let world = World::new();
    let answer = world.browser().get("/connect").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.header("location"), "/");
}

#[tokio::test]
async fn one_network_looks_at_so_many_sites() {
    let world = World::new();
    let browser = world.browser();
    for _ in 0..120 {
        assert_eq!(
            browser.get_at("a.example", "/").await.status,
            StatusCode::NOT_FOUND
        );
    }
    assert_eq!(
        browser.get_at("a.example", "/").await.status,
        StatusCode::TOO_MANY_REQUESTS
    );
}
