//! Permission that lasts: asked for once, used many times, given back.

use std::time::Duration;

use domain_connect::{ConflictingRecord, GrantQuery};
use easement_client::{ServerState, Unapplied};
use http::StatusCode;

use super::world::{Answer, Browser, SECRET, World, parameter};

const WISH: [(&str, &str); 4] = [
    ("domain", "example.com"),
    ("host", "www"),
    ("second", "blog"),
    ("message", "Hello"),
];

async fn state(browser: &Browser<'_>) -> String {
    let page = browser.post("/connect", &WISH).await;
    parameter(&page.link("lasting"), "state")
}

/// The page of a new permission.
async fn permission(browser: &Browser<'_>) -> String {
    let state = state(browser).await;
    browser
        .get(&format!("/return/lasting?code=c0de&state={state}"))
        .await
        .location()
}

async fn change(browser: &Browser<'_>, page: &str, more: &[(&str, &str)]) -> Answer {
    let (_, id) = page.split_once("?g=").unwrap();
    let fields = [&[("g", id), ("message", "Changed")], more].concat();
    browser.post("/managed", &fields).await
}

const SITE: [(&str, &str); 2] = [("service", "managed-site"), ("host", "www")];
const NOTE: [(&str, &str); 2] = [("service", "managed-note"), ("host", "blog")];

#[tokio::test]
async fn the_link_asks_for_two_templates_at_two_hosts_and_holds_no_secret() {
    let world = World::new();
    let page = world.browser().post("/connect", &WISH).await;
    let link = page.link("lasting");
    assert!(
        link.as_str().starts_with(
            "https://ux.dns.example/v2/domainTemplates/providers/statelesshosting.example?"
        ),
        "{link}"
    );
    let query = GrantQuery::parse(link.query().unwrap()).unwrap();
    assert_eq!(query.domain.to_text(), "example.com");
    assert_eq!(parameter(&link, "scope"), "managed-site managed-note");
    assert_eq!(parameter(&link, "host"), "www,blog");
    assert_eq!(parameter(&link, "code_challenge_method"), "S256");
    assert_eq!(
        parameter(&link, "redirect_uri"),
        "http://localhost:8081/return/lasting"
    );
    assert!(!page.body.contains(SECRET));
}

#[tokio::test]
async fn a_permission_is_used_again_and_again_and_given_back() {
    let world = World::new();
    let browser = world.browser();
    let page = permission(&browser).await;
    let shown = browser.get(&page).await;
    for part in [
        "form-managed-site-www",
        "form-managed-site-blog",
        "form-managed-note-www",
        "form-managed-note-blog",
    ] {
        assert!(shown.body.contains(part), "{part}: {}", shown.body);
    }
    assert!(!shown.body.contains("at1") && !shown.body.contains(SECRET));
    let apply = ("do", "apply");
    change(&browser, &page, &[&SITE[..], &[apply]].concat())
        .await
        .location();
    change(&browser, &page, &[&NOTE[..], &[apply]].concat())
        .await
        .location();
    assert!(browser.get(&page).await.body.contains("applied."));
    change(&browser, &page, &[&SITE[..], &[("do", "revert")]].concat())
        .await
        .location();
    assert!(browser.get(&page).await.body.contains("taken back."));

    // The access token ends after an hour.
    world.pass(Duration::from_hours(1));
    change(&browser, &page, &[&SITE[..], &[apply]].concat())
        .await
        .location();
    let (_, id) = page.split_once("?g=").unwrap();
    browser.post("/managed/give-back", &[("g", id)]).await;
    assert_eq!(browser.get(&page).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        *world.fake.called.lock().unwrap(),
        [
            "exchange at https://api.dns.example with AuthorizationCode(hidden)",
            "Apply managed-site at www with at1 Report: Changed",
            "Apply managed-note at blog with at1 Report: Changed",
            "Revert managed-site at www with at1 Report: Changed",
            "refresh at https://api.dns.example",
            "Apply managed-site at www with at2 Report: Changed",
            "revoke",
        ]
    );
}

#[tokio::test]
async fn a_conflict_is_shown_as_text_and_replaced_on_request() {
    let world = World::new();
    let browser = world.browser();
    let page = permission(&browser).await;
    let record = ConflictingRecord {
        rtype: "CNAME".to_owned(),
        host: "www".to_owned(),
        data: "<script>alert(1)</script>".to_owned(),
    };
    let conflict = Unapplied::Conflict {
        records: vec![record],
    };
    world.fake.calls.lock().unwrap().push(Err(conflict));
    change(&browser, &page, &SITE).await.location();
    let shown = browser.get(&page).await;
    assert!(shown.body.contains("nothing was changed"), "{}", shown.body);
    assert!(
        shown.body.contains("Replace what is in the way"),
        "{}",
        shown.body
    );
    assert!(!shown.body.contains("<script>alert"), "{}", shown.body);
    change(&browser, &page, &[&SITE[..], &[("force", "1")]].concat())
        .await
        .location();
    let called = world.fake.called.lock().unwrap().last().unwrap().clone();
    assert_eq!(
        called,
        "Apply managed-site at www with at1 Replace: Changed"
    );
}

#[tokio::test]
async fn a_token_that_is_not_believed_is_renewed_once() {
    let world = World::new();
    let browser = world.browser();
    let page = permission(&browser).await;
    let unbelieved = || {
        Err(Unapplied::Unauthorized {
            message: "<b>no</b>".to_owned(),
        })
    };
    world
        .fake
        .calls
        .lock()
        .unwrap()
        .extend([unbelieved(), unbelieved()]);
    change(&browser, &page, &SITE).await.location();
    assert_eq!(
        world.fake.called.lock().unwrap().len(),
        4,
        "exchange, call, refresh, call"
    );
    let shown = browser.get(&page).await;
    assert!(shown.body.contains("&#60;b&#62;no"), "{}", shown.body);
}

#[tokio::test]
async fn coming_back_counts_once_in_one_browser() {
    let world = World::new();
    let browser = world.browser();
    let refused = async |browser: &Browser<'_>, path: &str| {
        let answer = browser.get(path).await;
        assert_eq!(
            answer.status,
            StatusCode::BAD_REQUEST,
            "{path}: {}",
            answer.body
        );
    };
    let back = format!("/return/lasting?code=c0de&state={}", state(&browser).await);
    world.pass(Duration::from_mins(61));
    refused(&browser, &back).await;
    for path in [
        "/return/lasting",
        "/return/lasting?state=",
        "/return/lasting?code=c0de&state=x",
    ] {
        refused(&browser, path).await;
    }
    assert_eq!(
        *world.fake.called.lock().unwrap(),
        [""; 0],
        "no code was sent anywhere"
    );

    let back = format!("/return/lasting?code=c0de&state={}", state(&browser).await);
    // A browser that it is not for does not use it up.
    refused(&world.browser(), &back).await;
    let page = browser.get(&back).await.location();
    assert_eq!(browser.get(&back).await.location(), page, "the same one");
    refused(&world.browser(), &back).await;
    refused(&world.browser(), &page).await;
    let (_, id) = page.split_once("?g=").unwrap();
    let fields = [&[("g", id), ("message", "x")], &SITE[..]].concat();
    let stranger = world.browser().post("/managed", &fields).await;
    assert_eq!(stranger.status, StatusCode::BAD_REQUEST);
    world.pass(Duration::from_hours(4));
    refused(&browser, &page).await;
}

#[tokio::test]
async fn whoever_gives_no_permission_reads_why() {
    let world = World::new();
    let browser = world.browser();
    for (error, words) in [
        (
            "error=access_denied&error_description=user_cancel",
            "You cancelled",
        ),
        (
            "error=invalid_scope&error_description=%3Cb%3Ex",
            "does not know one of our templates",
        ),
        ("", "no code"),
    ] {
        let back = format!("/return/lasting?{error}&state={}", state(&browser).await);
        let page = browser.get(&back).await;
        assert!(page.body.contains(words), "{error}: {}", page.body);
        assert!(!page.body.contains("<b>"), "{}", page.body);
    }
    assert_eq!(*world.fake.called.lock().unwrap(), [""; 0]);
}

#[tokio::test]
async fn only_what_the_permission_is_for_is_called() {
    let world = World::new();
    let browser = world.browser();
    let page = permission(&browser).await;
    for (service, host) in [
        ("website", "www"),
        ("managed-site", "other"),
        ("", ""),
        ("../x", "www"),
    ] {
        let answer = change(&browser, &page, &[("service", service), ("host", host)]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{service} {host}");
    }
    let (_, id) = page.split_once("?g=").unwrap();
    let fields = [&[("g", id), ("message", "a\"b")], &SITE[..]].concat();
    let answer = browser.post("/managed", &fields).await;
    assert!(answer.body.contains("quotation marks"), "{}", answer.body);
    let answer = browser.post_bare("/managed", &fields).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(
        world.fake.called.lock().unwrap().len(),
        1,
        "the exchange alone"
    );
}

#[tokio::test]
async fn a_provider_that_says_it_is_elsewhere_is_asked_for_nothing() {
    let world = World::new();
    for settings in [
        // The same id at another API: how a secret would be stolen.
        r#"{"providerId": "dns.example", "urlAPI": "https://evil.example", "urlAsyncUX": "https://ux.dns.example"}"#,
        r#"{"providerId": "new.example", "urlAPI": "https://api.dns.example", "urlAsyncUX": "https://ux.dns.example"}"#,
    ] {
        *world.fake.settings.lock().unwrap() = Some(settings.to_owned());
        let page = world.browser().post("/connect", &WISH).await;
        assert!(!page.body.contains("id=\"lasting\""), "{}", page.body);
        assert!(page.body.contains("and not with us"), "{}", page.body);
    }
}

/// Sends a request, and goes away before the answer.
async fn leave<T>(request: impl Future<Output = T>) {
    let left = tokio::time::timeout(Duration::from_millis(300), request).await;
    assert!(left.is_err(), "it was answered");
}

#[tokio::test]
async fn a_permission_arrives_when_the_browser_does_not_wait_for_it() {
    let world = World::new();
    let browser = world.browser();
    let back = format!("/return/lasting?code=c0de&state={}", state(&browser).await);
    let closed = world.fake.gate.close();
    leave(browser.get(&back)).await;
    drop(closed);
    tokio::task::yield_now().await;
    let page = browser.get(&back).await.location();
    assert!(page.starts_with("/managed?g="), "{page}");
    let stranger = world.browser().get(&back).await;
    assert_eq!(stranger.status, StatusCode::BAD_REQUEST);
    let exchanges = world.fake.called.lock().unwrap().len();
    assert_eq!(exchanges, 1, "the code was sent once");
}

#[tokio::test]
async fn renewed_tokens_are_kept_when_the_browser_does_not_wait_for_them() {
    let world = World::new();
    let browser = world.browser();
    let page = permission(&browser).await;
    world.pass(Duration::from_hours(1));
    let closed = world.fake.gate.close();
    leave(change(&browser, &page, &SITE)).await;
    let busy = change(&browser, &page, &SITE).await;
    assert_eq!(busy.status, StatusCode::SERVICE_UNAVAILABLE);
    drop(closed);
    let shown = browser.get(&page).await;
    assert!(shown.body.contains("applied."), "{}", shown.body);
    let called = world.fake.called.lock().unwrap().clone();
    assert_eq!(
        called[1..],
        [
            "refresh at https://api.dns.example",
            "Apply managed-site at www with at2 Report: Changed",
        ]
    );
}

#[tokio::test]
async fn what_cannot_be_kept_is_not_asked_for_and_not_lost() {
    let world = World::new();
    let browser = world.browser();
    let mut pages = Vec::new();
    for _ in 0..10 {
        pages.push(permission(&browser).await);
    }
    world.pass(Duration::from_mins(1));
    let back = format!("/return/lasting?code=c0de&state={}", state(&browser).await);
    let full = browser.get(&back).await;
    assert_eq!(full.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(full.body.contains("Give one"), "{}", full.body);
    assert_eq!(
        world.fake.called.lock().unwrap().len(),
        10,
        "no code was used up"
    );
    let (_, id) = pages[0].split_once("?g=").unwrap();
    browser.post("/managed/give-back", &[("g", id)]).await;
    browser.get(&back).await.location();
}

#[tokio::test]
async fn a_permission_that_is_not_taken_back_is_still_there_and_that_is_said() {
    let world = World::new();
    let browser = world.browser();
    let page = permission(&browser).await;
    let (_, id) = page.split_once("?g=").unwrap();
    *world.fake.unrevokable.lock().unwrap() = Some("status <i>500</i>");
    let kept = browser.post("/managed/give-back", &[("g", id)]).await;
    for part in [
        "was not given back",
        "status &#60;i&#62;500",
        "Forget it here",
    ] {
        assert!(kept.body.contains(part), "{part}: {}", kept.body);
    }
    assert_eq!(browser.get(&page).await.status, StatusCode::OK);
    *world.fake.unrevokable.lock().unwrap() = None;
    let given = browser.post("/managed/give-back", &[("g", id)]).await;
    assert!(given.body.contains("Given <em>back"), "{}", given.body);
    assert_eq!(browser.get(&page).await.status, StatusCode::BAD_REQUEST);

    *world.fake.unrevokable.lock().unwrap() = Some("never");
    let page = permission(&browser).await;
    let (_, id) = page.split_once("?g=").unwrap();
    browser
        .post("/managed/give-back", &[("g", id), ("do", "forget")])
        .await;
    assert_eq!(browser.get(&page).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn dns_has_the_last_word_on_what_was_applied_and_taken_back() {
    let world = World::new();
    let browser = world.browser();
    let page = permission(&browser).await;
    let text = "www.example.com";
    let shows = async |words: &str| {
        let shown = browser.get(&page).await;
        assert!(shown.body.contains(words), "{words}: {}", shown.body);
    };
    change(&browser, &page, &SITE).await.location();
    shows("DNS does not show it yet").await;
    world.fake.set_text(text, b"shm=Changed");
    shows("DNS shows it").await;
    shows("/site?name=www.example.com").await;
    // A provider that says "done" and does nothing is found out.
    change(
        &browser,
        &page,
        &[&SITE[..], &[("do", "revert"), ("message", "")]].concat(),
    )
    .await
    .location();
    shows("taken back.").await;
    shows("DNS does not show it yet").await;
    world.fake.set_text(text, b"something else");
    shows("DNS shows it").await;
    change(&browser, &page, &NOTE).await.location();
    world
        .fake
        .set_text("_note.blog.example.com", b"shm-note=Changed");
    shows("DNS shows it").await;
    *world.fake.otherwise.lock().unwrap() = ServerState::NotAuthoritative;
    world.fake.set_text("_note.blog.example.com", b"");
    shows("we do not know what DNS shows").await;
}

#[tokio::test]
async fn each_service_at_each_host_has_a_message_of_its_own() {
    let world = World::new();
    let browser = world.browser();
    let page = permission(&browser).await;
    change(&browser, &page, &SITE).await.location();
    let shown = browser.get(&page).await;
    assert_eq!(
        shown.body.matches("value=\"Changed\"").count(),
        1,
        "{}",
        shown.body
    );
    assert_eq!(
        shown.body.matches("value=\"Hello\"").count(),
        3,
        "{}",
        shown.body
    );
}

#[tokio::test]
async fn a_host_in_another_zone_is_not_promised() {
    let world = World::new();
    let twice = [
        ("domain", "example.com"),
        ("host", "www"),
        ("second", "WWW"),
        ("message", "Hi"),
    ];
    let page = world.browser().post("/connect", &twice).await;
    assert_eq!(parameter(&page.link("lasting"), "host"), "www");
    assert!(!page.body.contains("is not in the zone"), "{}", page.body);

    *world.fake.zone.lock().unwrap() = "www.example.com";
    let page = world.browser().post("/connect", &WISH).await;
    assert_eq!(parameter(&page.link("lasting"), "host"), "");
    let (_, said) = page.body.split_once("You agree once").unwrap();
    let (promised, rest) = said.split_once("</p>").unwrap();
    assert!(promised.contains("www.example.com"), "{promised}");
    assert!(!promised.contains("blog.example.com"), "{promised}");
    assert!(
        rest.contains("<code>blog.example.com</code> is not in the zone"),
        "{rest}"
    );
}

#[tokio::test]
async fn one_network_pushes_out_its_own_consents_alone() {
    let world = World::new();
    let patient = world.browser().in_network([203, 0, 113, 7]);
    let first = state(&patient).await;
    let eager = world.browser();
    let lost = state(&eager).await;
    for _ in 0..40 {
        world.pass(Duration::from_secs(10));
        state(&eager).await;
    }
    let back = |state: &str| format!("/return/lasting?code=c0de&state={state}");
    assert_eq!(
        eager.get(&back(&lost)).await.status,
        StatusCode::BAD_REQUEST
    );
    patient.get(&back(&first)).await.location();
}
