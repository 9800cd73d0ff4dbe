//! Who may agree, and to what.

use easement_core::ZoneRole;
use easement_server::demo::{NEIGHBOUR, OWNER};
use http::header::HeaderName;
use http::{HeaderValue, StatusCode};

use super::{
    ALL, APP, DONE, VERIFIER, answer, has_no_apps, link, link_of, question, redeem, sent, set_role,
};
use crate::world::World;

#[tokio::test]
async fn nobody_gives_what_is_not_theirs() {
    let world = World::start().await;
    let owner = world.owner().await;
    set_role(&world, "neighbour.test", OWNER, Some(ZoneRole::Viewer)).await;
    for zone in ["neighbour.test", "nowhere.test", "test", "www.example.test"] {
        for answer in ["zone", "host", "agree", "other_host"] {
            let fields = [
                ("answer", answer),
                ("zone", zone),
                ("pick", "other"),
                ("host", "notes"),
                ("scope", "namedrop-hosts"),
                ("until", "never"),
            ];
            let page = owner.post(&link(), &fields).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{zone}: {}", page.body);
            assert_eq!(page.location(), "");
        }
    }
    for fields in [
        &[("answer", "host"), ("zone", "")][..],
        &[("answer", "agree"), ("zone", "a..b")],
        &[("answer", "")],
        &[("answer", "grant")],
    ] {
        let page = owner.post(&link(), fields).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{}", page.body);
    }
    set_role(&world, "example.test", NEIGHBOUR, Some(ZoneRole::Owner)).await;
    set_role(&world, "example.test", OWNER, None).await;
    let nothing = owner.get(&link()).await;
    assert_eq!(nothing.status, StatusCode::FORBIDDEN, "{}", nothing.body);
    assert!(
        nothing.body.contains("error=access_denied"),
        "{}",
        nothing.body
    );
}

#[tokio::test]
async fn no_other_page_can_make_an_owner_agree() {
    let world = World::start().await;
    let owner = world.owner().await;
    let page = question(&owner, &link(), "notes").await;
    for site in ["cross-site", "same-site"] {
        let mut foreign = owner.clone();
        foreign.headers.insert(
            HeaderName::from_static("sec-fetch-site"),
            HeaderValue::from_static(site),
        );
        for pressed in ["agree", "decline", "host"] {
            let posted = answer(&foreign, &link(), &page, (pressed, &ALL)).await;
            assert_eq!(posted.status, StatusCode::FORBIDDEN, "{}", posted.body);
            assert_eq!(posted.location(), "");
        }
    }
    let mut foreign = owner.clone();
    let origin = HeaderValue::from_static("https://notes.example");
    foreign.headers.insert(http::header::ORIGIN, origin);
    let posted = answer(&foreign, &link(), &page, ("agree", &ALL)).await;
    assert_eq!(posted.status, StatusCode::FORBIDDEN, "{}", posted.body);
    // Nor does a link: a choice is only read from a form.
    let get = format!(
        "{}&answer=agree&zone=example.test&pick=other&host=notes&scope=namedrop-hosts&until=never",
        link()
    );
    let got = owner
        .get(&get.replacen("scope=namedrop-hosts+namedrop-acme&", "", 1))
        .await;
    assert_eq!(got.status, StatusCode::OK, "{}", got.body);
    assert!(got.body.contains("Which name of"), "{}", got.body);
    assert!(has_no_apps(&owner).await);
}

#[tokio::test]
async fn what_is_agreed_to_is_what_was_shown() {
    let world = World::start().await;
    let owner = world.owner().await;
    let page = question(&owner, &link(), "notes").await;
    // For another app, another host, another place to go back to, more scopes.
    let others = [
        link_of(
            "https://evil.example",
            "https://evil.example/",
            "namedrop-hosts namedrop-acme",
        ),
        link_of(
            APP,
            "https://notes.example/other",
            "namedrop-hosts namedrop-acme",
        ),
        link_of(APP, DONE, "namedrop-hosts namedrop-acme namedrop-mail"),
    ];
    for other in &others {
        let again = answer(&owner, other, &page, ("agree", &ALL)).await;
        assert_eq!(again.status, StatusCode::OK, "{other}");
        assert!(again.body.contains("Something changed in the meantime"));
    }
    let shown = page.hidden("shown").unwrap();
    let mut fields = vec![
        ("answer", "agree"),
        ("zone", "example.test"),
        ("pick", "whole"),
        ("shown", &shown),
    ];
    fields.extend(ALL);
    let again = owner.post(&link(), &fields).await;
    assert!(again.body.contains("Something changed in the meantime"));

    // A record came to be there.
    let link_of_page = world.link(
        "onepager.test",
        "page",
        "example.test",
        &[("host", "notes")],
    );
    let connected = owner.answer_consent(&link_of_page, "agree").await;
    assert_eq!(connected.status, StatusCode::OK, "{}", connected.body);
    let again = answer(&owner, &link(), &page, ("agree", &ALL)).await;
    assert!(again.body.contains("Something changed in the meantime"));
    assert!(
        again.body.contains("one record that is there"),
        "{}",
        again.body
    );
    assert!(has_no_apps(&owner).await);

    // A form that is sent twice gives access once, and the browser has a code that counts.
    let agreed = answer(&owner, &link(), &again, ("agree", &ALL)).await;
    let first = sent(&agreed, "code").unwrap();
    let twice = answer(&owner, &link(), &again, ("agree", &ALL)).await;
    let second = sent(&twice, "code").unwrap();
    let apps = owner.get("/apps").await;
    assert_eq!(
        apps.body.matches("href=\"/apps/").count(),
        1,
        "{}",
        apps.body
    );
    let app = world.anonymous();
    for (code, status) in [(first, StatusCode::BAD_REQUEST), (second, StatusCode::OK)] {
        let redeemed = redeem(&app, &code, (APP, DONE, VERIFIER)).await;
        assert_eq!(redeemed.status, status, "{}", redeemed.body);
    }
    let over = answer(&owner, &link(), &again, ("agree", &ALL)).await;
    assert_eq!(over.status, StatusCode::BAD_REQUEST, "{}", over.body);
    assert!(over.body.contains("answered already"), "{}", over.body);
    let page = question(
        &owner,
        &link_of(&format!("{APP}/"), DONE, "namedrop-hosts"),
        "notes",
    )
    .await;
    assert!(page.body.contains("It has access already"), "{}", page.body);

    // The domain was taken away between the question and the answer.
    set_role(&world, "example.test", NEIGHBOUR, Some(ZoneRole::Owner)).await;
    set_role(&world, "example.test", OWNER, None).await;
    let late = answer(&owner, &link(), &again, ("agree", &ALL)).await;
    assert_eq!(late.status, StatusCode::FORBIDDEN, "{}", late.body);
    assert_eq!(late.location(), "");
}
