//! Pages for API tokens: what their owner sees and does, and nobody else.

use std::time::{Duration, Instant};

use axum::body::Body;
use easement_core::ApiTokenText;
use easement_server::admin::AdminRequest;
use http::{HeaderValue, Method, StatusCode};

use crate::world::{Answer, Browser, World};

const ROUTER: [(&str, &str); 6] = [
    ("name", "Router at home"),
    ("names", "home.example.test"),
    ("types", "A, AAAA"),
    ("operations", "create"),
    ("operations", "update"),
    ("operations", "delete"),
];

/// A form with some fields changed.
fn with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let changed = |field: &str| more.iter().any(|(name, _)| *name == field);
    let mut fields: Vec<(&str, &str)> = ROUTER
        .into_iter()
        .filter(|(field, _)| !changed(field))
        .collect();
    fields.extend(more);
    fields
}

/// The token that a page shows.
fn secret_in(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let (_, rest) = answer.body.split_once("id=\"token\" value=\"").unwrap();
    let (secret, _) = rest.split_once('"').unwrap();
    assert!(secret.parse::<ApiTokenText>().is_ok(), "{secret}");
    secret.to_owned()
}

fn page_of(secret: &str) -> String {
    let id = secret.parse::<ApiTokenText>().unwrap().id;
    format!("/tokens/{id}")
}

async fn make(owner: &Browser, more: &[(&str, &str)]) -> String {
    secret_in(&owner.post("/tokens/new", &with(more)).await)
}

/// The first word that a device with this token is told.
async fn update(world: &World, secret: &str, address: &str) -> String {
    let mut device = world.anonymous();
    let bearer = HeaderValue::try_from(format!("Bearer {secret}")).unwrap();
    device.headers.insert("authorization", bearer);
    let path = format!("/nic/update?hostname=home.example.test&myip={address}");
    let answer = device.send(Method::GET, &path, Body::empty()).await;
    answer.body.split(' ').next().unwrap().to_owned()
}

//------------ Making ----------------------------------------------------------------------------

#[tokio::test]
async fn a_token_is_made_shown_once_and_works() {
    let world = World::start().await;
    let owner = world.owner().await;
    assert!(
        owner
            .get("/tokens")
            .await
            .body
            .contains("no token that counts")
    );
    let made = owner.post("/tokens/new", &with(&[])).await;
    let secret = secret_in(&made);
    assert_eq!(made.header("cache-control"), "no-store");
    assert!(made.body.contains("ddclient"), "{}", made.body);
    assert!(made.body.contains(&format!("password=&#39;{secret}&#39;")));
    assert_eq!(update(&world, &secret, "9.9.9.9").await, "good");
    for path in ["/tokens".to_owned(), page_of(&secret)] {
        let page = owner.get(&path).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains("Router at home"), "{}", page.body);
        assert!(
            page.body
                .contains("A and AAAA records of home.example.test")
        );
        assert!(!page.body.contains(&secret), "{path}");
    }
    let kept = world.written();
    let random_part = &secret.as_bytes()[27..];
    let is_there = kept
        .windows(random_part.len())
        .any(|window| window == random_part);
    assert!(!is_there, "what is kept does not tell the token");
}

#[tokio::test]
async fn every_mistake_stands_beside_its_field_and_what_was_typed_stays() {
    let world = World::start().await;
    let owner = world.owner().await;
    for (field, wrong) in [
        ("name", " "),
        ("name", "a\u{202e}b"),
        ("names", "home..test"),
        ("names", ""),
        ("types", "A, NS"),
        ("types", "QUUX"),
        ("operations", "fly"),
        ("values", "a\u{7}b"),
        ("ttl", "long"),
        ("ttl", "3600-60"),
        ("records", "0"),
        ("networks", "everywhere"),
        ("expires", "2020-01-01"),
        ("idle", "\"><script>alert(1)</script>"),
        ("rate", "0/0"),
    ] {
        let answer = owner.post("/tokens/new", &with(&[(field, wrong)])).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        let body = &answer.body;
        assert!(
            body.contains(&format!("id=\"{field}-problem\"")),
            "{field}: {body}"
        );
        assert!(
            body.contains(&format!("href=\"#{field}\"")),
            "{field}: {body}"
        );
        assert!(!body.contains("<script"), "{body}");
        let kept = if field == "names" {
            "Router at home"
        } else {
            "home.example.test"
        };
        assert!(body.contains(kept), "{field}: {body}");
    }
    assert!(
        owner
            .get("/tokens")
            .await
            .body
            .contains("no token that counts")
    );
}

#[tokio::test]
async fn limits_of_a_form_hold() {
    let world = World::start().await;
    let owner = world.owner().await;
    let limits = [
        ("values", "9.9.9.0/24"),
        ("ttl", "60-3600"),
        ("records", "2"),
        ("networks", "192.0.2.0/24"),
        ("expires", "1d"),
        ("idle", "30d"),
        ("rate", "100/60"),
        ("in_url", "yes"),
    ];
    let secret = make(&owner, &limits).await;
    let page = owner.get(&page_of(&secret)).await.body;
    for words in [
        "only values within `9.9.9.0/24`",
        "a TTL of 60 to 3600 seconds",
        "at most 2 records",
        "only from 192.0.2.0/24",
        "It ends at 2026-11-2",
        "not used for 30 days",
        "100 times in 1 minute",
        "may stand in a URL",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert_eq!(update(&world, &secret, "9.9.9.9").await, "good");
    assert_eq!(update(&world, &secret, "8.8.8.8").await, "dnserr");
    world.clock.pass(Duration::from_hours(25));
    assert_eq!(update(&world, &secret, "9.9.9.8").await, "badauth");
    // Sessions end as well.
    let list = world.owner().await.get("/tokens").await.body;
    let (_, ended) = list.split_once("do not count any more").unwrap();
    assert!(ended.contains("expired"), "{ended}");
}

#[tokio::test]
async fn the_usual_cases_fill_the_form_and_a_test_token_is_marked() {
    let world = World::start().await;
    let owner = world.owner().await;
    for (case, types, ticked) in [
        ("address", "A, AAAA", "create update delete"),
        ("certificate", "TXT", "create update delete"),
        ("read", "A, AAAA, TXT", "read"),
        ("other", "", ""),
        ("%3Cscript%3E", "A, AAAA", "create update delete"),
    ] {
        let form = owner.get(&format!("/tokens/new?for={case}")).await.body;
        assert!(
            form.contains(&format!("name=\"types\" value=\"{types}\"")),
            "{form}"
        );
        let found: Vec<&str> = ["create", "update", "delete", "read"]
            .into_iter()
            .filter(|word| form.contains(&format!("value=\"{word}\" checked")))
            .collect();
        assert_eq!(found.join(" "), ticked, "{case}");
        assert!(form.contains("Your zones") && form.contains("example.test"));
    }
    let secret = make(&owner, &[("kind", "test")]).await;
    assert!(secret.starts_with("easement_test_"), "{secret}");
    for path in ["/tokens".to_owned(), page_of(&secret)] {
        let page = owner.get(&path).await.body;
        assert!(page.contains(">test</span>"), "{page}");
    }
}

//------------ Whose -----------------------------------------------------------------------------

#[tokio::test]
async fn an_account_sees_and_touches_its_own_tokens_alone() {
    let world = World::start().await;
    let (owner, neighbour) = (world.owner().await, world.neighbour().await);
    let secret = make(&owner, &[]).await;
    let page = page_of(&secret);
    let unknown = "/tokens/aaaaaaaaaaaa";
    for path in [
        &page,
        unknown,
        "/tokens/nothing",
        "/tokens/%ff",
        "/tokens/new%2F",
    ] {
        for end in ["", "/revoke"] {
            let answer = neighbour.get(&format!("{path}{end}")).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}{end}");
        }
        for end in ["/revoke", "/rotate"] {
            let answer = neighbour
                .post(&format!("{path}{end}"), &[("overlap", "1d")])
                .await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}{end}");
        }
    }
    let id = page.strip_prefix("/tokens/").unwrap();
    let answer = neighbour.get(&format!("/tokens/new?from={id}")).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let answer = neighbour.post("/tokens/new", &with(&[("from", id)])).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let list = neighbour.get("/tokens").await.body;
    assert!(!list.contains("Router at home"), "{list}");
    assert_eq!(update(&world, &secret, "9.9.9.9").await, "good");
}

#[tokio::test]
async fn forms_of_other_sites_and_of_nobody_change_nothing() {
    let world = World::start().await;
    let owner = world.owner().await;
    let secret = make(&owner, &[]).await;
    let page = page_of(&secret);
    let mut foreign = owner.clone();
    let cross_site = HeaderValue::from_static("cross-site");
    foreign.headers.insert("sec-fetch-site", cross_site);
    let nobody = world.anonymous();
    for path in [
        "/tokens/new".to_owned(),
        format!("{page}/rotate"),
        format!("{page}/revoke"),
    ] {
        let fields = with(&[("overlap", "0s")]);
        let answer = foreign.post(&path, &fields).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        let answer = nobody.post(&path, &fields).await;
        assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
    }
    let answer = nobody.get(&page).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "to sign in");
    assert_eq!(update(&world, &secret, "9.9.9.9").await, "good");
    let list = owner.get("/tokens").await.body;
    assert_eq!(list.matches("Router at home").count(), 1, "{list}");
}

//------------ Rotating and revoking -------------------------------------------------------------

#[tokio::test]
async fn another_secret_counts_at_once_and_the_old_one_as_long_as_chosen() {
    let world = World::start().await;
    let owner = world.owner().await;
    let first = make(&owner, &[]).await;
    let rotate = format!("{}/rotate", page_of(&first));
    for wrong in ["", "100d", "x", "-1d"] {
        let answer = owner.post(&rotate, &[("overlap", wrong)]).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    let answer = owner.post(&rotate, &[("overlap", "1h")]).await;
    let second = secret_in(&answer);
    assert!(
        answer.body.contains("has another secret"),
        "{}",
        answer.body
    );
    assert_eq!(update(&world, &first, "9.9.9.9").await, "good");
    assert_eq!(update(&world, &second, "8.8.8.8").await, "good");
    world.clock.pass(Duration::from_hours(1));
    assert_eq!(update(&world, &first, "9.9.9.9").await, "badauth");
    assert_eq!(update(&world, &second, "9.9.9.9").await, "good");
    let old = owner.get(&page_of(&first)).await;
    assert_eq!(old.location(), page_of(&second), "its address has changed");
    let rotate = format!("{}/rotate", page_of(&second));
    let third = secret_in(&owner.post(&rotate, &[("overlap", "0s")]).await);
    assert_eq!(update(&world, &second, "9.9.9.9").await, "badauth");
    assert_eq!(update(&world, &third, "8.8.8.8").await, "good");
}

/// Neither its limits nor what it was made from change with its secret.
#[tokio::test]
async fn another_secret_of_a_narrower_token_may_do_no_more_and_ends_with_the_first() {
    let world = World::start().await;
    let owner = world.owner().await;
    let whole = make(&owner, &[]).await;
    let page = page_of(&whole);
    let id = page.strip_prefix("/tokens/").unwrap();
    let narrower = [("from", id), ("name", "NAS"), ("types", "A")];
    let below = make(&owner, &narrower).await;
    let rotate = |page: &str| format!("{page}/rotate");
    let rotate_below = rotate(&page_of(&below));
    let next = secret_in(&owner.post(&rotate_below, &[("overlap", "0s")]).await);
    assert_eq!(update(&world, &below, "9.9.9.9").await, "badauth");
    assert_eq!(update(&world, &next, "9.9.9.9").await, "good");
    let wider = update(&world, &next, "2a01:4f8::1").await;
    assert!(!["good", "nochg"].contains(&wider.as_str()), "{wider}");
    let shown = owner.get(&page_of(&next)).await.body;
    assert!(
        shown.contains("What it was made from") && shown.contains(id),
        "{shown}"
    );
    // The one that it was made from gets another secret, too, and then ends.
    let first = secret_in(&owner.post(&rotate(&page), &[("overlap", "0s")]).await);
    assert_eq!(update(&world, &next, "8.8.8.8").await, "good");
    owner
        .post(&format!("{}/revoke", page_of(&first)), &[])
        .await;
    assert_eq!(update(&world, &next, "9.9.9.9").await, "badauth");
}

#[tokio::test]
async fn a_revoked_token_ends_with_what_was_made_from_it() {
    let world = World::start().await;
    let owner = world.owner().await;
    let secret = make(&owner, &[]).await;
    let page = page_of(&secret);
    let id = page.strip_prefix("/tokens/").unwrap();
    let form = owner.get(&format!("/tokens/new?from={id}")).await.body;
    assert!(form.contains("narrower") && form.contains("value=\"home.example.test\""));
    let narrower = [("from", id), ("name", "NAS"), ("types", "A")];
    let below = make(&owner, &narrower).await;
    let wider = [("from", id), ("name", "NAS"), ("types", "TXT")];
    let answer = owner.post("/tokens/new", &with(&wider)).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        answer.body.contains("id=\"types-problem\""),
        "{}",
        answer.body
    );
    let shown = owner.get(&page_of(&below)).await.body;
    assert!(
        shown.contains("What it was made from") && shown.contains(id),
        "{shown}"
    );
    let question = owner.get(&format!("{page}/revoke")).await.body;
    for told in ["One more token ends", "NAS", "cannot be undone"] {
        assert!(question.contains(told), "{told}: {question}");
    }
    assert_eq!(
        update(&world, &below, "9.9.9.9").await,
        "good",
        "nothing was asked yet"
    );
    let answer = owner.post(&format!("{page}/revoke"), &[]).await;
    assert_eq!(
        (answer.status, answer.location()),
        (StatusCode::SEE_OTHER, page.as_str())
    );
    for secret in [&secret, &below] {
        assert_eq!(update(&world, secret, "8.8.8.8").await, "badauth");
    }
    let shown = owner.get(&page).await.body;
    assert!(shown.contains("does not count any more"), "{shown}");
    assert!(!shown.contains("/rotate"), "{shown}");
    assert_eq!(owner.get(&format!("{page}/revoke")).await.location(), page);
    let rotate = owner
        .post(&format!("{page}/rotate"), &[("overlap", "1d")])
        .await;
    assert_eq!(rotate.location(), page);
}

#[tokio::test]
async fn tokens_are_not_made_without_end() {
    let world = World::start().await;
    let owner = world.owner().await;
    let secret = make(&owner, &[]).await;
    let rotate = format!("{}/rotate", page_of(&secret));
    let mut waits = false;
    for _ in 0..60 {
        let answer = owner.post(&rotate, &[("overlap", "1d")]).await;
        waits = answer.status == StatusCode::TOO_MANY_REQUESTS;
        if waits {
            break;
        }
        assert_eq!(answer.status, StatusCode::OK);
    }
    assert!(waits);
    let revoked = owner
        .post(&format!("{}/revoke", page_of(&secret)), &[])
        .await;
    assert_eq!(
        revoked.status,
        StatusCode::SEE_OTHER,
        "what ends one always works"
    );
    assert_eq!(update(&world, &secret, "9.9.9.9").await, "badauth");
}

//------------ Asking ----------------------------------------------------------------------------

#[tokio::test]
async fn the_tester_says_what_a_device_would_be_told() {
    let world = World::start().await;
    let owner = world.owner().await;
    let secret = make(&owner, &[]).await;
    let bound = make(&owner, &[("networks", "192.0.2.0/24")]).await;
    for (secret, question, told) in [
        (
            &secret,
            "wish=set&type=A&of=home.example.test&value=9.9.9.9",
            "Yes, and records would change",
        ),
        (
            &secret,
            "wish=delete&type=AAAA&of=home.example.test",
            "No record would change",
        ),
        (
            &secret,
            "wish=set&type=A&of=nas.example.test&value=9.9.9.9",
            "not for the name nas.example.test",
        ),
        (
            &secret,
            "wish=set&type=TXT&of=home.example.test&value=x",
            "not for TXT records",
        ),
        (
            &secret,
            "wish=set&type=A&of=home.example.test&value=10.0.0.1",
            "No: ",
        ),
        (
            &secret,
            "wish=read&type=A&of=home.example.test",
            "may not read",
        ),
        (
            &secret,
            "wish=set&type=A&of=home.example.test&value=",
            "id=\"value-problem\"",
        ),
        (
            &secret,
            "wish=set&type=A&of=home.example.test&value=x.y",
            "id=\"value-problem\"",
        ),
        (
            &secret,
            "wish=set&type=B&of=..&value=x",
            "id=\"of-problem\"",
        ),
        (
            &secret,
            "wish=read&type=A&of=a.test&address=%3Cb%3E",
            "id=\"address-problem\"",
        ),
        (
            &bound,
            "wish=set&type=A&of=home.example.test&value=9.9.9.9",
            "id=\"address-problem\"",
        ),
        (
            &bound,
            "wish=set&type=A&of=home.example.test&value=9.9.9.9&address=192.0.2.9",
            "Yes, and",
        ),
        (
            &bound,
            "wish=set&type=A&of=home.example.test&value=9.9.9.9&address=8.8.8.8",
            "may not be used from 8.8.8.8",
        ),
    ] {
        let page = owner.get(&format!("{}?{question}", page_of(secret))).await;
        assert_eq!(page.status, StatusCode::OK, "{question}");
        assert!(page.body.contains(told), "{question}: {}", page.body);
        assert!(!page.body.contains("<b>"), "{}", page.body);
    }
    let (zone, _) = zone_and_use(&world, &owner, &secret).await;
    assert!(!zone.contains("9.9.9.9"), "asking changes nothing: {zone}");
}

#[tokio::test]
async fn the_page_tells_of_use_and_refusals() {
    let world = World::start().await;
    let owner = world.owner().await;
    let secret = make(&owner, &[("types", "A")]).await;
    assert_eq!(update(&world, &secret, "9.9.9.9").await, "good");
    assert_eq!(update(&world, &secret, "2620:fe::fe").await, "nohost");
    // Both are written down beside the request, and nobody is told when: so the page is asked until it shows them. Only a
    // test that fails waits for a minute.
    let end = Instant::now() + Duration::from_mins(1);
    while Instant::now() < end {
        let (_, page) = zone_and_use(&world, &owner, &secret).await;
        if page.contains("192.0.2.0/24") && page.contains("not for AAAA records") {
            assert!(
                page.contains("from <span class=\"mono\">192.0.2.44"),
                "{page}"
            );
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the use and the refusal are never shown");
}

async fn zone_and_use(world: &World, owner: &Browser, secret: &str) -> (String, String) {
    let apex = "example.test".parse().unwrap();
    let request = AdminRequest::ShowZone { apex };
    let reply = world.demo.app().administer(request).await.unwrap();
    let page = owner.get(&page_of(secret)).await.body;
    (format!("{reply:?}"), page)
}
