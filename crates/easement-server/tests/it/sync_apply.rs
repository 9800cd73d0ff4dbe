//! The apply page: what a link may and may not do.

use easement_core::ZoneRole;
use easement_server::admin::{AdminReply, AdminRequest, CompareWith, ExistingZone, ImportOptions};
use easement_server::demo::NEIGHBOUR;
use http::header::HeaderName;
use http::{HeaderValue, StatusCode};

use crate::world::{Answer, World};

/// What zones look like from outside: the mail servers of `example.test`.
async fn mail_servers(world: &World) -> String {
    let page = world.owner().await.get("/zones/example.test?type=MX").await;
    assert_eq!(page.status, StatusCode::OK);
    page.body
}

fn assert_refused_here(answer: &Answer, status: StatusCode, words: &str) {
    assert_eq!(answer.status, status, "{}", answer.body);
    assert_eq!(answer.location(), "", "nobody is sent anywhere");
    assert!(answer.body.contains(words), "{words}: {}", answer.body);
}

#[tokio::test]
async fn agreeing_changes_what_was_shown_and_leads_back() {
    let world = World::start().await;
    let owner = world.owner().await;
    let back = format!("{}?a=1", world.back());
    let parameters = [("redirect_uri", back.as_str()), ("state", "s &?=%")];
    let link = world.mail_link("example.test", &parameters);

    let page = owner.get(&link).await;
    assert!(page.body.contains("in1.fernmail.test"), "{}", page.body);
    let policy = page.header("content-security-policy");
    let origin = world.demo.website_url();
    let origin = origin.trim_end_matches('/');
    let form = format!("form-action 'self' https: {origin};");
    assert!(policy.contains(&form), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(!policy.contains("script-src"), "{policy}");
    assert!(
        !mail_servers(&world).await.contains("fernmail"),
        "looking changes nothing"
    );

    let answer = owner.answer_consent(&link, "agree").await;

    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.location(), format!("{back}&state=s%20%26%3F%3D%25"));
    assert!(mail_servers(&world).await.contains("in1.fernmail.test"));
    let again = owner.get(&link).await;
    assert!(again.body.contains("already connected"), "{}", again.body);
}

#[tokio::test]
async fn without_a_redirect_a_page_closes_the_matter() {
    let world = World::start().await;
    let owner = world.owner().await;
    let link = world.mail_link("example.test", &[]);
    let declined = owner.answer_consent(&link, "decline").await;
    assert_eq!(declined.status, StatusCode::OK, "{}", declined.body);
    assert!(!mail_servers(&world).await.contains("fernmail"));
    let done = owner.answer_consent(&link, "agree").await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    assert!(mail_servers(&world).await.contains("fernmail"));
    for last in [declined, done] {
        let script = "<script src=\"/assets/close.js\" defer></script>";
        assert!(last.body.contains(script), "{}", last.body);
        let policy = last.header("content-security-policy");
        assert!(policy.contains("script-src 'self';"), "{policy}");
    }
    let script = world.anonymous().get("/assets/close.js").await;
    assert_eq!(
        script.header("content-type"),
        "text/javascript; charset=utf-8"
    );
}

/// The page that opened the window waits until it is closed, and must not be cut off on the way.
#[tokio::test]
async fn a_window_that_was_opened_for_a_link_keeps_its_opener_and_others_do_not() {
    let world = World::start().await;
    let (visitor, owner) = (world.anonymous(), world.owner().await);
    let link = world.mail_link("example.test", &[]);
    let next: String = url::form_urlencoded::byte_serialize(link.as_bytes()).collect();
    let password = world.demo.owner_password();
    let sign_in = async |next: &str, password: &str| {
        let email = easement_server::demo::OWNER;
        let fields = [("email", email), ("password", password), ("next", next)];
        visitor.post("/sign-in", &fields).await
    };
    for answer in [
        visitor.get(&link).await,
        visitor.get(&format!("/sign-in?next={next}")).await,
        sign_in(&link, "wrong").await,
        sign_in(&link, password).await,
        owner.get(&link).await,
        owner.get(&world.mail_link("neighbour.test", &[])).await,
        owner.answer_consent(&link, "decline").await,
        owner.answer_consent(&link, "agree").await,
    ] {
        let policy = answer.header("cross-origin-opener-policy");
        assert_eq!(policy, "unsafe-none", "{answer:?}");
        assert_eq!(answer.header("x-frame-options"), "DENY");
    }
    for answer in [
        visitor.get("/sign-in").await,
        visitor.get("/sign-in?next=%2Fzones").await,
        sign_in("/zones", "wrong").await,
        sign_in("/zones", password).await,
        owner.get("/zones").await,
        owner.get("/account").await,
    ] {
        let policy = answer.header("cross-origin-opener-policy");
        assert_eq!(policy, "same-origin", "{answer:?}");
    }
}

/// Signing in is one form with all redirects behind it, also the one to the service provider.
#[tokio::test]
async fn signing_in_may_lead_straight_back_to_the_service_provider() {
    let world = World::start().await;
    let back = world.back();
    let redirect = ("redirect_uri", back.as_str());
    let origin = world.demo.website_url();
    let form = format!(
        "form-action 'self' https: {};",
        origin.trim_end_matches('/')
    );
    let visitor = world.anonymous();
    let link = world.mail_link("example.test", &[redirect]);
    let wrong = [
        ("email", "x@example.test"),
        ("password", "y"),
        ("next", &link),
    ];
    for page in [
        visitor.get(&link).await,
        visitor.post("/sign-in", &wrong).await,
    ] {
        let policy = page.header("content-security-policy");
        assert!(policy.contains(&form), "{policy}");
    }
    for next in [
        "/zones",
        "/zones?redirect_uri=https%3A%2F%2Fevil.example%2F",
    ] {
        let wrong = [
            ("email", "x@example.test"),
            ("password", "y"),
            ("next", next),
        ];
        let page = visitor.post("/sign-in", &wrong).await;
        let policy = page.header("content-security-policy");
        assert!(policy.contains("form-action 'self';"), "{next}: {policy}");
    }
}

#[tokio::test]
async fn declining_tells_the_service_provider_and_changes_nothing() {
    let world = World::start().await;
    let owner = world.owner().await;
    let back = world.back();
    let parameters = [("redirect_uri", back.as_str()), ("state", "x")];
    let link = world.mail_link("example.test", &parameters);
    let answer = owner.answer_consent(&link, "decline").await;
    let start = format!("{back}?error=access_denied&error_description=user_cancel");
    assert!(
        answer.location().starts_with(&start),
        "{}",
        answer.location()
    );
    assert!(
        answer.location().ends_with("&state=x"),
        "{}",
        answer.location()
    );
    assert!(!mail_servers(&world).await.contains("fernmail"));
}

#[tokio::test]
async fn a_person_signs_in_at_the_link_and_comes_back_to_it() {
    let world = World::start().await;
    let link = world.mail_link("example.test", &[("state", "a'b")]);
    let page = world.anonymous().get(&link).await;
    assert_eq!(page.status, StatusCode::OK);
    let next = page.hidden("next").unwrap().replace("&#38;", "&");
    assert_eq!(next, link);
    let password = world.demo.owner_password();
    let email = easement_server::demo::OWNER;
    let fields = [("email", email), ("password", password), ("next", &next)];
    let answer = world.anonymous().post("/sign-in", &fields).await;
    assert_eq!(answer.location(), link);
    let mut browser = world.anonymous();
    let of_the_page = HeaderValue::from_static("same-origin");
    browser
        .headers
        .insert(HeaderName::from_static("sec-fetch-site"), of_the_page);
    let posted = browser.post(&link, &[("answer", "agree")]).await;
    assert_eq!(
        posted.status,
        StatusCode::FORBIDDEN,
        "nobody agrees without signing in"
    );
}

#[tokio::test]
async fn a_link_that_is_not_what_was_signed_is_refused() {
    let world = World::start().await;
    let owner = world.owner().await;
    let back = world.back();
    let link = world.mail_link("example.test", &[("redirect_uri", back.as_str())]);
    let (unsigned, signature) = link.split_once("&sig=").unwrap();
    let bad = StatusCode::BAD_REQUEST;
    for (tampered, words) in [
        (link.replace("t-1", "t-2"), "does not fit"),
        (link.replace("tenant=t-1", "tenant=t%2D1"), "does not fit"),
        (format!("{link}&more=1"), "does not fit"),
        (unsigned.to_owned(), "not signed"),
        (
            format!("{unsigned}&sig={signature}&sig=x"),
            "more than once",
        ),
        (format!("{link}&key=_dck1"), "more than once"),
        (link.replace("&key=_dck1", ""), "missing"),
        (
            link.replace("&key=_dck1", "&key=_dck2"),
            "_dck2.fernmail.test",
        ),
        (
            link.replace("&key=_dck1", "&key=_dck1.evil.example"),
            "label",
        ),
        (format!("{unsigned}&sig=AAAA&key=_dck1"), "does not fit"),
        (format!("{unsigned}&sig=%21%21&key=_dck1"), "base64"),
        (link.replace("domain=", "domain=%ff"), "does not fit"),
        (format!("{link}&domain=neighbour.test"), "does not fit"),
    ] {
        let answer = owner.get(&tampered).await;
        assert_refused_here(&answer, bad, words);
        let fields = [("answer", "agree"), ("plan", "x")];
        assert_refused_here(&owner.post(&tampered, &fields).await, bad, words);
    }
}

#[tokio::test]
async fn a_signature_does_not_make_a_dangerous_redirect_safe() {
    let world = World::start().await;
    let owner = world.owner().await;
    for target in [
        "javascript:alert(1)",
        "data:text/html,x",
        "http://evil.example/",
        "https://user@fernmail.test/",
        "/relative",
    ] {
        let link = world.mail_link("example.test", &[("redirect_uri", target)]);
        let answer = owner.get(&link).await;
        assert_refused_here(&answer, StatusCode::BAD_REQUEST, "redirect_uri");
        assert!(
            !answer.body.contains(&format!("href=\"{target}")),
            "{}",
            answer.body
        );
    }
}

#[tokio::test]
async fn eight_thousand_octets_are_read_and_no_more() {
    let world = World::start().await;
    let owner = world.owner().await;
    let link = link_of(&world, 8000);
    assert_eq!(owner.get(&link).await.status, StatusCode::OK);
    let longer = owner.get(&format!("{link}y")).await;
    assert_refused_here(&longer, StatusCode::URI_TOO_LONG, "8001");
}

/// A link whose query has so many octets. How long a signature is depends on what is signed, so
/// several links are tried.
fn link_of(world: &World, octets: usize) -> String {
    let link = |letter: char, count: usize| {
        let (first, second) = (String::from(letter).repeat(4000), "y".repeat(count));
        world.mail_link("example.test", &[("x", &first), ("z", &second)])
    };
    let length = |link: &String| link.split_once('?').unwrap().1.len();
    let about = octets - length(&link('a', 0));
    ('a'..='z')
        .flat_map(|letter| (about - 20..about + 20).map(move |count| (letter, count)))
        .map(|(letter, count)| link(letter, count))
        .find(|link| length(link) == octets)
        .unwrap()
}

#[tokio::test]
async fn somebody_elses_zone_looks_like_one_that_is_not_here() {
    let world = World::start().await;
    let owner = world.owner().await;
    let refused = async |domain: &str| {
        let answer = owner.get(&world.mail_link(domain, &[])).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        let page = owner.get(&format!("/zones/{domain}")).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        format!("{}{}", answer.body, page.body).replace(domain, "X")
    };
    assert_eq!(
        refused("neighbour.test").await,
        refused("nowhere4u.test").await
    );
    assert_eq!(
        refused("neighbour.test").await,
        refused("www.example.test").await
    );
}

/// The person was never asked, so they did not say no.
#[tokio::test]
async fn somebody_without_rights_is_told_so_and_the_service_provider_is_not_told_of_a_no() {
    let world = World::start().await;
    let back = world.back();
    let link = world.mail_link("neighbour.test", &[("redirect_uri", &back), ("state", "x")]);
    let page = world.owner().await.get(&link).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    let told =
        "?error=access_denied&#38;error_description=the%20request%20was%20denied&#38;state=x";
    assert!(
        page.body.contains(&format!("{back}{told}")),
        "{}",
        page.body
    );
    assert!(!page.body.contains("user_cancel"), "{}", page.body);
}

#[tokio::test]
async fn a_viewer_looks_and_does_not_change() {
    let world = World::start().await;
    let request = AdminRequest::SetRole {
        apex: "example.test".parse().unwrap(),
        email: NEIGHBOUR.parse().unwrap(),
        role: Some(ZoneRole::Viewer),
    };
    world.demo.app().administer(request).await.unwrap();
    let viewer = world.neighbour().await;
    assert_eq!(
        viewer.get("/zones/example.test").await.status,
        StatusCode::OK
    );
    let link = world.mail_link("example.test", &[]);
    assert_eq!(viewer.get(&link).await.status, StatusCode::FORBIDDEN);
    let plan = world.owner().await.get(&link).await.hidden("plan").unwrap();
    let agreed = viewer
        .post(&link, &[("answer", "agree"), ("plan", &plan)])
        .await;
    assert_eq!(agreed.status, StatusCode::FORBIDDEN);
    assert!(!mail_servers(&world).await.contains("fernmail"));
    let owner = world.owner().await;
    owner.answer_consent(&link, "agree").await;
    let page = viewer.get("/zones/example.test/services/1/remove").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_was_not_shown_is_not_done() {
    let world = World::start().await;
    let owner = world.owner().await;
    let link = world.mail_link("example.test", &[]);
    let shown = owner.get(&link).await.hidden("plan").unwrap();

    change_mail(&world).await;
    let agreed = owner
        .post(&link, &[("answer", "agree"), ("plan", &shown)])
        .await;

    assert_eq!(agreed.status, StatusCode::OK);
    assert!(
        agreed.body.contains("The zone changed in the meantime"),
        "{}",
        agreed.body
    );
    assert!(agreed.body.contains("mx9.oldhost.test"), "{}", agreed.body);
    assert!(
        !mail_servers(&world).await.contains("fernmail"),
        "nothing was done"
    );
    let now_shown = agreed.hidden("plan").unwrap();
    assert_ne!(now_shown, shown);
    owner
        .post(&link, &[("answer", "agree"), ("plan", &now_shown)])
        .await;
    assert!(mail_servers(&world).await.contains("fernmail"));
}

#[tokio::test]
async fn a_change_elsewhere_in_the_zone_does_not_ask_again() {
    let world = World::start().await;
    let owner = world.owner().await;
    let link = world.mail_link("example.test", &[]);
    let shown = owner.get(&link).await.hidden("plan").unwrap();
    let other = world.link("onepager.test", "page", "example.test", &[("host", "shop")]);
    owner.answer_consent(&other, "agree").await;
    owner
        .post(&link, &[("answer", "agree"), ("plan", &shown)])
        .await;
    assert!(mail_servers(&world).await.contains("fernmail"));
}

/// Replaces the mail servers of `example.test`, as a zone file import does.
async fn change_mail(world: &World) {
    let zone = include_str!("../../demo/zones/example.test.zone");
    let request = AdminRequest::ImportZone {
        apex: "example.test".parse().unwrap(),
        text: zone.replace("mx1.oldhost.test.", "mx9.oldhost.test."),
        owner: None,
        existing: ExistingZone::Replace,
        options: ImportOptions::default(),
    };
    world.demo.app().administer(request).await.unwrap();
}

#[tokio::test]
async fn a_wrong_request_is_reported_to_the_service_provider() {
    let world = World::start().await;
    let back = world.back();
    let redirect = ("redirect_uri", back.as_str());
    let anonymous = world.anonymous();
    for (link, words) in [
        (
            world.link("onepager.test", "page", "example.test", &[redirect]),
            "host",
        ),
        (
            world.link("fernmail.test", "business", "example.test", &[redirect]),
            "tenant",
        ),
        (
            world.mail_link("example.test", &[redirect, ("groupId", "nope")]),
            "nope",
        ),
        (
            world.mail_link(
                "example.test",
                &[redirect, ("crit", "dc.newthing"), ("dc.newthing", "1")],
            ),
            "newthing",
        ),
        (
            world.mail_link(
                "example.test",
                &[redirect, ("crit", "dryRun"), ("dryRun", "1")],
            ),
            "dryRun",
        ),
        (
            world.mail_link("example.test", &[redirect, ("host", "a..b")]),
            "host",
        ),
    ] {
        let answer = anonymous.get(&link).await;
        let start = format!("{back}?error=invalid_request&error_description=");
        assert!(answer.location().starts_with(&start), "{words}: {answer:?}");
        assert!(
            answer.location().contains(words),
            "{words}: {}",
            answer.location()
        );
    }
}

#[tokio::test]
async fn a_connected_service_is_removed_after_being_shown() {
    let world = World::start().await;
    let owner = world.owner().await;
    owner
        .answer_consent(&world.mail_link("example.test", &[]), "agree")
        .await;
    let zone = owner.get("/zones/example.test").await;
    let (_, rest) = zone
        .body
        .split_once("/zones/example.test/services/")
        .unwrap();
    let (id, _) = rest.split_once("/remove").unwrap();
    let path = format!("/zones/example.test/services/{id}/remove");

    let stale = owner.post(&path, &[("plan", "something else")]).await;
    assert_eq!(stale.status, StatusCode::OK, "it is asked again");
    assert!(mail_servers(&world).await.contains("fernmail"));
    let plan = owner.get(&path).await.hidden("plan").unwrap();
    let removed = owner.post(&path, &[("plan", &plan)]).await;

    assert_eq!(removed.location(), "/zones/example.test");
    assert!(!mail_servers(&world).await.contains("fernmail"));
    assert_eq!(owner.get(&path).await.status, StatusCode::NOT_FOUND);
    let history = owner.get("/zones/example.test/history/3").await;
    assert_eq!(history.status, StatusCode::OK);
    assert!(history.body.contains("was removed"), "{}", history.body);
}

#[tokio::test]
async fn what_another_zone_answers_for_is_not_written_above_it() {
    let world = World::start().await;
    let owner = world.owner().await;
    let child = AdminRequest::CreateZone {
        apex: "shop.example.test".parse().unwrap(),
        owner: NEIGHBOUR.parse().unwrap(),
    };
    world.demo.app().administer(child).await.unwrap();
    let link = |host: &str| {
        let parameters = [("host", host)];
        world.link("onepager.test", "page", "example.test", &parameters)
    };
    for host in ["shop", "www.shop"] {
        let answer = owner.get(&link(host)).await;
        assert_refused_here(&answer, StatusCode::BAD_REQUEST, "a zone of its own");
    }
    // Which zones this server has is for the person to know, and for nobody else.
    let back = world.back();
    let parameters = [("host", "shop"), ("redirect_uri", back.as_str())];
    let told = world.link("onepager.test", "page", "example.test", &parameters);
    let answer = owner.get(&told).await;
    assert!(
        answer.location().contains("error=invalid_request"),
        "{answer:?}"
    );
    assert!(!answer.location().contains("shop"), "{}", answer.location());
    assert_eq!(owner.get(&link("workshop")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_zone_file_without_a_record_that_a_service_needs_ends_the_service() {
    let world = World::start().await;
    let owner = world.owner().await;
    owner
        .answer_consent(&world.mail_link("example.test", &[]), "agree")
        .await;
    let import = |existing| AdminRequest::ImportZone {
        apex: "example.test".parse().unwrap(),
        text: include_str!("../../demo/zones/example.test.zone").to_owned(),
        owner: None,
        existing,
        // The file has the serial of the first version, and is to be the whole zone again.
        options: ImportOptions {
            compare: CompareWith::Newest,
            ..ImportOptions::default()
        },
    };
    for (existing, connected) in [
        (ExistingZone::Compare, true),
        (ExistingZone::Replace, false),
    ] {
        let reply = world.demo.app().administer(import(existing)).await.unwrap();
        let AdminReply::ZoneImported(imported) = reply else {
            panic!("another reply")
        };
        assert_eq!(imported.ended, ["Fernmail: Business mail"], "{existing:?}");
        let zone = owner.get("/zones/example.test").await;
        assert_eq!(zone.body.contains("/remove"), connected, "{existing:?}");
    }
    assert!(mail_servers(&world).await.contains("oldhost"));
}
