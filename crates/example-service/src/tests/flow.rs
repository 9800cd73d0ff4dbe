//! From the form to the site, and every way on which it ends early.

use std::time::Duration;

use domain_connect::{ApplyQuery, RawQuery, SignatureParameters, Template, verify};
use easement_client::ServerState;
use http::StatusCode;

use super::world::{Answer, Browser, WISH, World, parameter};

const TEXT: &[u8] = b"shm=Hello <world> & 'all'";

async fn offers(browser: &Browser<'_>) -> Answer {
    let page = browser.post("/connect", &WISH).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    page
}

async fn come_back(browser: &Browser<'_>, id: &str, more: &str) -> Answer {
    let link = offers(browser).await.link(id);
    let state = parameter(&link, "state");
    browser.get(&format!("/return?{more}state={state}")).await
}

#[tokio::test]
async fn links_ask_for_what_the_visitor_wants_and_one_of_them_is_signed() {
    let world = World::new();
    let page = offers(&world.browser()).await;
    for part in [
        "Example DNS",
        "_domainconnect.example.com",
        "supported, version 1",
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    for (id, is_signed) in [("website", true), ("website-unsigned", false)] {
        let link = page.link(&format!("{id}-same"));
        let expected = format!(
            "https://ux.dns.example/v2/domainTemplates/providers/statelesshosting.example/services/{id}/apply"
        );
        assert!(link.as_str().starts_with(&expected), "{link}");
        let path = format!("/templates/statelesshosting.example.{id}.json");
        let (template, _) = Template::from_json(&world.browser().get(&path).await.body).unwrap();
        let query = ApplyQuery::parse(link.query().unwrap(), &template).unwrap();
        assert_eq!(query.domain.to_text(), "example.com");
        assert_eq!(query.host.to_string(), "www");
        assert_eq!(
            query.redirect_uri.unwrap().as_str(),
            "http://localhost:8081/return"
        );
        let value = |name: &str| {
            query
                .variables
                .get(&name.parse().unwrap())
                .map(str::to_owned)
        };
        assert_eq!(value("IP").as_deref(), Some("203.0.113.10"));
        assert_eq!(
            value("RANDOMTEXT").as_deref(),
            Some("Hello <world> & 'all'")
        );
        let raw = RawQuery::new(link.query().unwrap());
        let parameters = SignatureParameters::from_query(raw).unwrap();
        assert_eq!(parameters.is_some(), is_signed);
        if let Some(parameters) = parameters {
            let key = world.context.key.public_key().unwrap();
            verify(raw, &parameters, &key).unwrap();
        }
    }
}

#[tokio::test]
async fn a_site_is_live_when_dns_says_so_and_not_before() {
    let world = World::new();
    let browser = world.browser();
    let path = come_back(&browser, "website-same", "").await.location();
    assert!(path.starts_with("/outcome?"));

    let waiting = browser.get(&path).await;
    assert!(waiting.body.contains("Waiting for"), "{}", waiting.body);
    // The script looks again; without it, people do, and nothing moves under their hands.
    assert!(waiting.body.contains("data-again"), "{}", waiting.body);
    assert_eq!(waiting.header("refresh"), "");

    world
        .fake
        .set_text("www.example.com", b"shm=another message");
    assert!(browser.get(&path).await.body.contains("Waiting for"));

    world.fake.set_text("www.example.com", TEXT);
    let live = browser.get(&path).await;
    assert!(live.body.contains("Your site is"), "{}", live.body);
    assert!(!live.body.contains("data-again"), "{}", live.body);
    assert!(live.body.contains("http://www.example.com:8081/"));
    assert!(!live.body.contains("<world>"));
}

#[tokio::test]
async fn a_page_does_not_ask_for_ever() {
    let world = World::new();
    let browser = world.browser();
    let path = come_back(&browser, "website-unsigned-same", "")
        .await
        .location();
    world.pass(Duration::from_mins(11));
    let page = browser.get(&path).await;
    assert!(page.body.contains("not see"), "{}", page.body);
    assert!(page.body.contains("DNS does not say"), "{}", page.body);
    assert!(!page.body.contains("data-again"), "{}", page.body);
    let failed = ServerState::Failed("no <b>route</b>".to_owned());
    *world.fake.otherwise.lock().unwrap() = failed;
    let page = browser.get(&path).await;
    assert!(
        page.body.contains("No server of the zone answers"),
        "{}",
        page.body
    );
    assert!(
        !page.body.contains("DNS does not say"),
        "nobody knows: {}",
        page.body
    );
    assert!(!page.body.contains("<b>"), "{}", page.body);
    world.pass(Duration::from_hours(25));
    assert_eq!(browser.get(&path).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_window_of_its_own_tells_the_other_one() {
    let world = World::new();
    let browser = world.browser();
    let page = offers(&browser).await;
    assert!(
        page.body.contains("data-popup=\"640x480\""),
        "{}",
        page.body
    );
    let (_, journey) = page.body.split_once("data-journey=\"").unwrap();
    let journey = journey.split('"').next().unwrap();
    let state = parameter(&page.link("website-popup"), "state");
    let path = browser
        .get(&format!("/return?state={state}"))
        .await
        .location();
    let done = browser.get(&path).await;
    assert!(
        done.body.contains(&format!("data-done=\"{journey}\"")),
        "{}",
        done.body
    );
    // It works without a script, too.
    let next = path.replace("/done", "/outcome");
    assert!(
        done.body.contains(&format!("href=\"{next}\"")),
        "{}",
        done.body
    );
    assert!(browser.get(&next).await.body.contains("Waiting for"));
}

#[tokio::test]
async fn whoever_cancels_reads_that_nothing_was_changed() {
    let world = World::new();
    let browser = world.browser();
    let more = "error=access_denied&error_description=user_cancel&";
    let path = come_back(&browser, "website-same", more).await.location();
    let asked = world.asked();
    let page = browser.get(&path).await;
    assert!(page.body.contains("You cancelled"), "{}", page.body);
    assert_eq!(world.asked(), asked, "there is nothing to look for");
}

#[tokio::test]
async fn errors_of_the_provider_are_explained_and_shown_as_text() {
    let world = World::new();
    for (error, words) in [
        ("invalid_request", "did not understand our request"),
        ("access_denied", "did not allow it"),
        ("temporarily_unavailable", "Try again in some minutes"),
        ("%3Cb%3Emine", "does not know"),
        // Four octets a character, and more of them than are kept.
        ("%F0%9F%A6%80".repeat(200).as_str(), "does not know"),
    ] {
        let network = [198, 51, 100, u8::try_from(words.len()).unwrap()];
        let browser = world.browser().in_network(network);
        let more =
            format!("error={error}&error_description=%3Cscript%3Ealert(1)%3C/script%3E%E2%80%AEx&");
        let path = come_back(&browser, "website-same", &more).await.location();
        let page = browser.get(&path).await;
        assert!(page.body.contains(words), "{error}: {}", page.body);
        assert!(!page.body.contains("<script>alert"), "{}", page.body);
        assert!(!page.body.contains("<b>"), "{}", page.body);
        assert!(!page.body.contains('\u{202e}'), "{}", page.body);
    }
}

#[tokio::test]
async fn coming_back_counts_once_in_one_browser_for_an_hour() {
    let world = World::new();
    let browser = world.browser();
    let link = offers(&browser).await.link("website-same");
    let state = parameter(&link, "state");
    let back = format!("/return?state={state}");
    let refused = async |browser: &Browser<'_>, path: &str| {
        let page = browser.get(path).await;
        assert_eq!(
            page.status,
            StatusCode::BAD_REQUEST,
            "{path}: {}",
            page.body
        );
    };
    refused(&world.browser(), &back).await;
    for path in [
        "/return",
        "/return?state=",
        "/return?state=x.y",
        &format!("/return?state={state}x"),
        &format!("/return?state={state}&state=other"),
        &format!("/return?state={state}&error=a&error=b"),
        &format!("/outcome?t={state}"),
        &format!("/done?t={state}"),
    ] {
        refused(&browser, path).await;
    }
    let outcome = browser.get(&back).await.location();
    refused(&browser, &back).await;
    refused(&world.browser(), &outcome).await;

    let late = parameter(&offers(&browser).await.link("website-same"), "state");
    world.pass(Duration::from_mins(61));
    refused(&browser, &format!("/return?state={late}")).await;
}

#[tokio::test]
async fn what_cannot_be_set_up_is_shown_with_its_records() {
    let world = World::new();
    let browser = world.browser();
    world.fake.supported.lock().unwrap().clear();
    let page = offers(&browser).await;
    assert!(
        page.body.contains("does not take our templates"),
        "{}",
        page.body
    );
    assert!(!page.body.contains("ux.dns.example"), "{}", page.body);

    // What nobody could say is not "no".
    *world.fake.unsaid.lock().unwrap() = Some("status <i>500</i>");
    let page = offers(&browser).await;
    assert!(
        page.body.contains("did not answer when we asked"),
        "{}",
        page.body
    );
    assert!(
        page.body.contains("unknown: status &#60;i&#62;500"),
        "{}",
        page.body
    );
    page.link("website-same");
    page.link("lasting");

    *world.fake.settings.lock().unwrap() = None;
    let page = offers(&browser).await;
    assert!(
        page.body.contains("set two records by hand"),
        "{}",
        page.body
    );
    assert!(page.body.contains("&#60;b&#62;record"), "{}", page.body);
    assert!(
        page.body.contains("shm=Hello &#60;world&#62;"),
        "{}",
        page.body
    );
}

#[tokio::test]
async fn one_network_that_waits_makes_nobody_else_wait() {
    let world = World::new();
    let browser = world.browser();
    let other = world.browser().in_network([203, 0, 113, 7]);
    let closed = world.fake.gate.close();
    let stuck = async {
        tokio::join!(
            browser.post("/connect", &WISH),
            browser.post("/connect", &WISH),
            browser.post("/connect", &WISH),
        )
    };
    let meanwhile = async {
        // The three are let go first.
        tokio::task::yield_now().await;
        let fourth = browser.post("/connect", &WISH).await;
        assert_eq!(fourth.status, StatusCode::SERVICE_UNAVAILABLE);
        let site = browser.get_at("www.example.com", "/").await;
        assert_eq!(
            site.status,
            StatusCode::NOT_FOUND,
            "sites have places of their own"
        );
        let page = other.post(
            "/tools/verify",
            &[("link", "a=b"), ("key_domain", "a.example")],
        );
        assert_eq!(
            page.await.status,
            StatusCode::OK,
            "another network has its own"
        );
        drop(closed);
    };
    let ((one, two, three), ()) = tokio::join!(stuck, meanwhile);
    for answer in [one, two, three, offers(&browser).await] {
        assert_eq!(answer.status, StatusCode::OK);
    }
}
