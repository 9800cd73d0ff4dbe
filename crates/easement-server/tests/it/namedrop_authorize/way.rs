//! An owner goes through the page.

use std::time::Duration;

use easement_server::demo::OWNER;
use http::StatusCode;

use super::{ALL, APP, DONE, answer, has_no_apps, link, link_of, question, sent};
use crate::world::World;

#[tokio::test]
async fn an_owner_gives_an_app_a_name() {
    let world = World::start().await;
    let owner = world.owner().await;
    let first = owner.get(&link()).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.body);
    for part in [
        "https://notes.example",
        "Nobody registered or checked this app",
        "decide where names lead",
        "get certificates for names",
        "value=\"name:notes\" checked",
        "The whole domain",
    ] {
        assert!(first.body.contains(part), "{part}: {}", first.body);
    }
    let policy = first.header("content-security-policy");
    assert!(policy.contains("form-action 'self' https:;"), "{policy}");
    let asked = question(&owner, &link(), "notes").await;
    for part in [
        "notes<wbr><span class=\"tail\">.example.test</span>",
        "_acme-challenge.notes.example.test, and the same for every name below",
        "A, AAAA",
        "An alias (CNAME) at a name hands all of it over",
        "at any time",
        "Until I take it back",
    ] {
        assert!(asked.body.contains(part), "{part}: {}", asked.body);
    }
    assert!(!asked.body.contains("records that are there"));
    assert!(has_no_apps(&owner).await, "a question allows nothing");

    let agreed = answer(&owner, &link(), &asked, ("agree", &ALL)).await;
    assert!(sent(&agreed, "code").is_some_and(|code| code.len() > 20));
    assert_eq!(sent(&agreed, "state").as_deref(), Some("s& 1"));
    assert_eq!(sent(&agreed, "error"), None);
    let apps = owner.get("/apps").await;
    for part in [APP, "decide where names lead: notes.example.test and below"] {
        assert!(apps.body.contains(part), "{part}: {}", apps.body);
    }
}

#[tokio::test]
async fn who_is_not_signed_in_does_so_and_comes_back() {
    let world = World::start().await;
    let mut browser = world.anonymous();
    let page = browser.get(&link()).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(page.body.contains("gets a name of yours"), "{}", page.body);
    let next = page.hidden("next").unwrap().replace("&#38;", "&");
    assert_eq!(next, link());
    let fields = [
        ("email", OWNER),
        ("password", world.demo.owner_password()),
        ("next", &next),
    ];
    let signed_in = browser.post("/sign-in", &fields).await;
    assert_eq!(signed_in.location(), link());
    browser.cookie = signed_in.session();
    let back = browser.get(&link()).await;
    assert!(back.body.contains("Which name of"), "{}", back.body);
    // The session ended while the question was on the screen.
    let posted = world
        .anonymous()
        .post(&link(), &[("answer", "agree")])
        .await;
    assert_eq!(posted.status, StatusCode::OK, "{}", posted.body);
    let next = posted.hidden("next").unwrap().replace("&#38;", "&");
    assert_eq!(next, link(), "the request is kept");
}

#[tokio::test]
async fn who_refuses_sends_the_browser_back_and_allows_nothing() {
    let world = World::start().await;
    let owner = world.owner().await;
    let page = question(&owner, &link(), "notes").await;
    for declined in [
        answer(&owner, &link(), &page, ("decline", &[])).await,
        owner.post(&link(), &[("answer", "decline")]).await,
    ] {
        assert_eq!(sent(&declined, "error").as_deref(), Some("access_denied"));
        assert_eq!(sent(&declined, "state").as_deref(), Some("s& 1"));
        assert_eq!(sent(&declined, "code"), None);
    }
    assert!(has_no_apps(&owner).await);
}

#[tokio::test]
async fn an_owner_leaves_out_what_an_app_asks_for_and_sets_an_end() {
    let world = World::start().await;
    let owner = world.owner().await;
    let page = question(&owner, &link(), "notes").await;
    for (more, said) in [
        (&[("until", "never")][..], "Leave one of these ticked"),
        // What was not asked for cannot be given.
        (
            &[("until", "never"), ("scope", "namedrop-mail")],
            "Leave one of these ticked",
        ),
        (&[("scope", "namedrop-acme")], "Say how long"),
        (
            &[
                ("scope", "namedrop-acme"),
                ("until", "date"),
                ("date", "soon"),
            ],
            "is not a date",
        ),
    ] {
        let again = answer(&owner, &link(), &page, ("agree", more)).await;
        assert_eq!(again.status, StatusCode::OK, "{}", again.body);
        assert!(again.body.contains(said), "{said}: {}", again.body);
    }
    assert!(has_no_apps(&owner).await);
    let narrow = [
        ("scope", "namedrop-acme"),
        ("scope", "namedrop-mail"),
        ("until", "30d"),
    ];
    let agreed = answer(&owner, &link(), &page, ("agree", &narrow)).await;
    assert!(sent(&agreed, "code").is_some());
    let apps = owner.get("/apps").await;
    assert!(apps.body.contains("get certificates for names"));
    for never in [
        "decide where names lead",
        "mail for names",
        "until it is taken back",
    ] {
        assert!(!apps.body.contains(never), "{never}: {}", apps.body);
    }
    world.clock.pass(Duration::from_hours(24 * 31));
    let mut later = world.anonymous();
    later.sign_in(OWNER, world.demo.owner_password()).await;
    assert!(has_no_apps(&later).await);
}

#[tokio::test]
async fn the_whole_domain_and_names_that_are_there_come_with_a_louder_word() {
    let world = World::start().await;
    let owner = world.owner().await;
    let there = question(&owner, &link(), "WWW.example.test.").await;
    for part in [
        "one record that is there",
        "CNAME <bdi class=\"mono\">example.test",
    ] {
        assert!(there.body.contains(part), "{part}: {}", there.body);
    }
    let fields = [
        ("answer", "host"),
        ("zone", "example.test"),
        ("pick", "whole"),
        ("host", ""),
    ];
    let old = link_of(APP, DONE, "subdomain");
    let whole = owner.post(&old, &fields).await;
    for part in [
        "This is the whole domain",
        "It asks for a name as a whole",
        "records that are there",
        "namedrop-acme",
    ] {
        assert!(whole.body.contains(part), "{part}: {}", whole.body);
    }
    assert!(!whole.body.contains("namedrop-mail"));
    let agreed = answer(&owner, &old, &whole, ("agree", &ALL)).await;
    assert!(sent(&agreed, "code").is_some());
    let apps = owner.get("/apps").await;
    assert!(apps.body.contains("names lead: example.test and below"));
}
