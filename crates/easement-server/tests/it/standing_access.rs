//! Standing access: an owner lets a program apply templates later, and takes that back.

use std::time::Duration;

use axum::body::Body;
use easement_core::{TemplateStatus, ZoneRole};
use easement_server::admin::{
    AdminRequest, ClientChange, ClientRequest, TemplateFile, TemplateWish,
};
use easement_server::demo::{NEIGHBOUR, OWNER};
use http::header::{AUTHORIZATION, HeaderName};
use http::{HeaderValue, Method, StatusCode};
use serde_json::Value;
use url::Url;

use crate::world::{Answer, Browser, World};

const BACK: &str = "https://dynamicdns.domainconnect.org/ddnscode";
const SERVICES: &str = "/v2/domainTemplates/providers/domainconnect.org/services";

/// The path of a link as the known dynamic DNS program makes it.
fn link(domain: &str, more: &str) -> String {
    format!(
        "/v2/domainTemplates/providers/domainconnect.org?client_id=domainconnect.org&scope=dynamicdns-v2\
         &domain={domain}&IP=0.0.0.0&IPv4=0.0.0.0&IPv6=%3A%3A\
         &redirect_uri=https%3A%2F%2Fdynamicdns.domainconnect.org%2Fddnscode{more}"
    )
}

/// Opens a link and answers the question, for as long as is said.
async fn answer(owner: &Browser, link: &str, answer: &str, until: &str) -> Answer {
    let page = owner.get(link).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let shown = page.hidden("shown").expect("the page asks");
    let fields = [
        ("shown", shown.as_str()),
        ("answer", answer),
        ("until", until),
    ];
    owner.post(link, &fields).await
}

/// What stands in the query of the place that a browser is sent to.
fn sent(answer: &Answer, name: &str) -> Option<String> {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let url: Url = answer.location().parse().unwrap();
    assert!(url.as_str().starts_with(BACK), "{url}");
    let mut pairs = url.query_pairs();
    pairs
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// A program with tokens.
struct Program {
    browser: Browser,
    access: String,
    refresh: String,
}

impl Program {
    /// The whole way: the owner agrees, and the program gets its tokens.
    async fn with_access(world: &World, more: &str) -> Self {
        let owner = world.owner().await;
        let agreed = answer(&owner, &link("example.test", more), "agree", "never").await;
        let code = sent(&agreed, "code").expect("a code");
        Self::with_code(world, &code).await
    }

    async fn with_code(world: &World, code: &str) -> Self {
        let mut program = Self {
            browser: world.anonymous(),
            access: String::new(),
            refresh: String::new(),
        };
        let asked = format!("grant_type=authorization_code&code={code}&redirect_uri={BACK}");
        program.take(&asked).await;
        program
    }

    async fn take(&mut self, asked: &str) {
        let path = format!(
            "/v2/oauth/access_token?{asked}&client_id=domainconnect.org&client_secret=inconceivable"
        );
        let answer = self.browser.send(Method::POST, &path, Body::empty()).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let tokens: Value = serde_json::from_str(&answer.body).unwrap();
        let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
        (self.access, self.refresh) = (text("access_token"), text("refresh_token"));
    }

    async fn refresh(&mut self) {
        let asked = format!("grant_type=refresh_token&refresh_token={}", self.refresh);
        self.take(&asked).await;
    }

    async fn apply(&self, parameters: &str) -> Answer {
        self.call(&format!("{SERVICES}/dynamicdns-v2/apply?{parameters}"))
            .await
    }

    async fn revert(&self, parameters: &str) -> Answer {
        self.call(&format!("{SERVICES}/dynamicdns-v2/revert?{parameters}"))
            .await
    }

    async fn call(&self, path: &str) -> Answer {
        let mut browser = self.browser.clone();
        let value = format!("Bearer {}", self.access).parse().unwrap();
        browser.headers.insert(AUTHORIZATION, value);
        browser.send(Method::POST, path, Body::empty()).await
    }
}

/// Puts another text in the place of the template of the known client.
async fn replace_template(world: &World, json: &str) {
    let file = TemplateFile {
        name: "domainconnect.org.dynamicdns-v2.json".to_owned(),
        json: json.to_owned(),
    };
    let import = AdminRequest::ImportTemplates {
        files: vec![file],
        wish: TemplateWish::AllOrNone,
    };
    world.demo.app().administer(import).await.unwrap();
    let decide = AdminRequest::DecideTemplate {
        provider: "domainconnect.org".parse().unwrap(),
        service: "dynamicdns-v2".parse().unwrap(),
        status: TemplateStatus::Approved,
        reason: "for the test".to_owned(),
        checksum: None,
    };
    world.demo.app().administer(decide).await.unwrap();
}

fn assert_done(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(answer.body, "{}", "real clients read the body");
}

fn assert_failed(answer: &Answer, status: StatusCode, error: &str) {
    assert_eq!(answer.status, status, "{}", answer.body);
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(body["error"], error, "{}", answer.body);
}

/// What the zone has at a host.
async fn records(world: &World, host: &str) -> String {
    let path = format!("/zones/example.test?q={host}.example.test");
    world.owner().await.get(&path).await.body
}

#[tokio::test]
async fn an_owner_sees_what_may_be_written_and_for_how_long() {
    let world = World::start().await;
    let owner = world.owner().await;
    let page = owner.get(&link("example.test", "&host=home")).await;
    for part in [
        "home",
        "AAAA",
        "at any time",
        "dynamicdns.domainconnect.org",
        "Until I take it back",
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    let policy = page.header("content-security-policy");
    assert!(policy.contains("form-action 'self' https:;"), "{policy}");
}

#[tokio::test]
async fn an_owner_agrees_and_a_program_updates_and_is_stopped() {
    let world = World::start().await;
    let mut program = Program::with_access(&world, "&host=home").await;
    assert!(
        !records(&world, "home").await.contains("198.51.100.7"),
        "nothing changed yet"
    );
    let home = "domain=example.test&host=home";
    assert_done(
        &program
            .apply(&format!(
                "{home}&IPv4=198.51.100.7&IPv6=2001:db8::7&groupId=IPv4,IPv6"
            ))
            .await,
    );
    // Again, within the minute, and one family alone: the other stays.
    assert_done(
        &program
            .apply(&format!(
                "{home}&IPv4=198.51.100.7&IPv6=2001:db8::7&groupId=IPv4,IPv6"
            ))
            .await,
    );
    assert_done(
        &program
            .apply(&format!("{home}&IPv4=198.51.100.8&groupId=IPv4"))
            .await,
    );
    let now = records(&world, "home").await;
    assert!(
        now.contains("198.51.100.8") && now.contains("2001:db8::7"),
        "{now}"
    );
    assert!(!now.contains("198.51.100.7"), "{now}");

    world.clock.pass(Duration::from_hours(24 * 8));
    let expired = program
        .apply(&format!("{home}&IPv4=198.51.100.9&groupId=IPv4"))
        .await;
    assert_failed(&expired, StatusCode::UNAUTHORIZED, "invalid_token");
    program.refresh().await;
    assert_done(
        &program
            .apply(&format!("{home}&IPv4=198.51.100.9&groupId=IPv4"))
            .await,
    );

    let apps = world.owner().await;
    let list = apps.get("/apps").await;
    assert!(list.body.contains("home.example.test"), "{}", list.body);
    let (_, rest) = list.body.split_once("href=\"/apps/").unwrap();
    let id = rest.split_once('"').unwrap().0.to_owned();
    let shown = apps.get(&format!("/apps/{id}")).await;
    assert!(
        shown.body.contains("was connected"),
        "its history: {}",
        shown.body
    );
    let revoked = apps.post(&format!("/apps/{id}/revoke"), &[]).await;
    assert_eq!(revoked.status, StatusCode::SEE_OTHER);
    let stopped = program
        .apply(&format!("{home}&IPv4=198.51.100.10&groupId=IPv4"))
        .await;
    assert_failed(&stopped, StatusCode::UNAUTHORIZED, "invalid_token");
    assert!(
        records(&world, "home").await.contains("198.51.100.9"),
        "records stay as they are"
    );
    let page = apps.get(&format!("/apps/{id}")).await;
    assert!(page.body.contains("it was taken back"), "{}", page.body);
}

#[tokio::test]
async fn who_declines_sends_the_browser_back_and_allows_nothing() {
    let world = World::start().await;
    let owner = world.owner().await;
    let declined = answer(
        &owner,
        &link("example.test", "&state=a%26b"),
        "decline",
        "never",
    )
    .await;
    assert_eq!(sent(&declined, "error").as_deref(), Some("access_denied"));
    assert_eq!(sent(&declined, "state").as_deref(), Some("a&b"));
    assert_eq!(sent(&declined, "code"), None);
    assert!(owner.get("/apps").await.body.contains("No app has access"));
}

#[tokio::test]
async fn access_ends_when_the_owner_said() {
    let world = World::start().await;
    let owner = world.owner().await;
    let link = link("example.test", "&host=home");
    let wrong = answer(&owner, &link, "agree", "date").await;
    assert_eq!(wrong.status, StatusCode::OK, "{}", wrong.body);
    assert!(wrong.body.contains("is not a date"), "{}", wrong.body);
    let agreed = answer(&owner, &link, "agree", "30d").await;
    let mut program = Program::with_code(&world, &sent(&agreed, "code").unwrap()).await;
    let apply = "domain=example.test&host=home&IPv4=198.51.100.7&groupId=IPv4";
    world.clock.pass(Duration::from_hours(24 * 29));
    program.refresh().await;
    assert_done(&program.apply(apply).await);
    world.clock.pass(Duration::from_hours(24 * 2));
    let over = program.apply(apply).await;
    assert_failed(&over, StatusCode::UNAUTHORIZED, "invalid_token");
}

#[tokio::test]
async fn a_link_that_is_not_the_clients_leads_nowhere() {
    let world = World::start().await;
    let owner = world.owner().await;
    let good = link("example.test", "");
    for (from, to) in [
        ("client_id=domainconnect.org", "client_id=nobody.example"),
        ("client_id=domainconnect.org", "x=1"),
        (
            "dynamicdns.domainconnect.org%2Fddnscode",
            "evil.example%2Fddnscode",
        ),
        (
            "domainconnect.org%2Fddnscode",
            "domainconnect.org.evil.example%2Fddnscode",
        ),
        ("%2Fddnscode", "%2Fddnscode%2F..%2Fother"),
        ("https%3A%2F%2Fdynamicdns", "http%3A%2F%2Fdynamicdns"),
        ("https%3A%2F%2Fdynamicdns", "javascript%3A%2F%2Fdynamicdns"),
        ("https%3A%2F%2Fdynamicdns", "https%3A%2F%2Fx%40dynamicdns"),
        (
            "redirect_uri=",
            "redirect_uri=https%3A%2F%2Fevil.example&redirect_uri=",
        ),
    ] {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good, "{from}");
        for browser in [&owner, &world.anonymous()] {
            let page = browser.get(&bad).await;
            assert_eq!(page.status, StatusCode::BAD_REQUEST, "{bad}: {}", page.body);
            assert_eq!(page.location(), "", "nobody is sent anywhere: {bad}");
        }
    }
}

#[tokio::test]
async fn a_client_is_told_what_is_wrong_with_its_link() {
    let world = World::start().await;
    let owner = world.owner().await;
    let good = link("example.test", "&state=s");
    for (from, to, error) in [
        ("scope=dynamicdns-v2", "scope=website", "invalid_scope"),
        ("scope=dynamicdns-v2", "scope=", "invalid_scope"),
        ("domain=example.test", "domain=", "invalid_request"),
        (
            "domain=example.test",
            "domain=example.test&domain=neighbour.test",
            "invalid_request",
        ),
        (
            "&state",
            "&response_type=token&state",
            "unsupported_response_type",
        ),
        (
            "&state",
            "&code_challenge=x&code_challenge_method=plain&state",
            "invalid_request",
        ),
        ("&IPv4=0.0.0.0", "&IPv4=example", "invalid_request"),
        (
            "/domainconnect.org?",
            "/fernmail.test?",
            "unauthorized_client",
        ),
    ] {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good, "{from}");
        let answer = owner.get(&bad).await;
        assert_eq!(sent(&answer, "error").as_deref(), Some(error), "{bad}");
        assert_eq!(sent(&answer, "state").as_deref(), Some("s"), "{bad}");
    }
}

#[tokio::test]
async fn nobody_grants_what_is_not_theirs_and_no_other_page_can_make_them() {
    let world = World::start().await;
    let owner = world.owner().await;
    for domain in ["neighbour.test", "nowhere.test"] {
        let page = owner.get(&link(domain, "")).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.body);
        let fields = [("answer", "agree"), ("until", "never"), ("shown", "")];
        let posted = owner.post(&link(domain, ""), &fields).await;
        assert_eq!(posted.status, StatusCode::FORBIDDEN, "{}", posted.body);
    }
    let page = owner.get(&link("example.test", "")).await;
    let shown = page.hidden("shown").unwrap();
    let fields = [
        ("answer", "agree"),
        ("until", "never"),
        ("shown", shown.as_str()),
    ];
    let mut foreign = owner.clone();
    foreign.headers.insert(
        HeaderName::from_static("sec-fetch-site"),
        HeaderValue::from_static("cross-site"),
    );
    let posted = foreign.post(&link("example.test", ""), &fields).await;
    assert_eq!(posted.status, StatusCode::FORBIDDEN, "{}", posted.body);
    // What is agreed to is what was shown.
    let other = owner
        .post(&link("example.test", "&host=home"), &fields)
        .await;
    assert_eq!(other.status, StatusCode::OK);
    assert!(
        other.body.contains("Something changed in the meantime"),
        "{}",
        other.body
    );
    assert!(owner.get("/apps").await.body.contains("No app has access"));
    let neighbour = world.neighbour().await;
    let _program = Program::with_access(&world, "").await;
    assert!(
        neighbour
            .get("/apps")
            .await
            .body
            .contains("No app has access")
    );
    for path in ["/apps/1", "/apps/1/revoke", "/apps/x"] {
        assert_eq!(
            neighbour.get(path).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    assert_eq!(
        neighbour.post("/apps/1/revoke", &[]).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_token_does_what_was_agreed_to_and_nothing_else() {
    let world = World::start().await;
    let program = Program::with_access(&world, "&host=home").await;
    let rest = "&IPv4=198.51.100.7&groupId=IPv4";
    for parameters in [
        "domain=example.test&host=office",
        "domain=example.test&host=a.home",
        "domain=example.test&host=ome",
        "domain=example.test",
        "domain=neighbour.test&host=home",
        "domain=nowhere.test&host=home",
    ] {
        let refused = program.apply(&format!("{parameters}{rest}")).await;
        assert_failed(&refused, StatusCode::FORBIDDEN, "insufficient_scope");
        let refused = program.revert(parameters).await;
        assert_failed(&refused, StatusCode::FORBIDDEN, "insufficient_scope");
    }
    let home = format!("domain=example.test&host=home{rest}");
    for path in [
        format!("{SERVICES}/dynamicdns/apply?{home}&IP=198.51.100.7"),
        format!("/v2/domainTemplates/providers/fernmail.test/services/business/apply?{home}"),
    ] {
        let refused = program.call(&path).await;
        assert_failed(&refused, StatusCode::FORBIDDEN, "insufficient_scope");
    }
    for parameters in [
        format!("{home}&host=office"),
        format!("{home}&IPv4=198.51.100.8"),
        format!("{home}&force=maybe"),
        format!("{home}&access_token=x"),
        "host=home&IPv4=198.51.100.7".to_owned(),
        "domain=example.test&host=home&IPv4=nonsense&groupId=IPv4".to_owned(),
        "domain=example.test&host=home&IPv4=198.51.100.7&groupId=other".to_owned(),
        "domain=example.test&host=home&groupId=IPv4".to_owned(),
    ] {
        let refused = program.apply(&parameters).await;
        assert_failed(&refused, StatusCode::BAD_REQUEST, "invalid_request");
    }
    for value in [
        "",
        "Bearer",
        "Bearer x",
        "Basic eDp5",
        &format!("Bearer {}", program.refresh),
    ] {
        let mut browser = world.anonymous();
        browser
            .headers
            .insert(AUTHORIZATION, value.parse().unwrap());
        let path = format!("{SERVICES}/dynamicdns-v2/apply?{home}");
        let refused = browser.send(Method::POST, &path, Body::empty()).await;
        assert_failed(&refused, StatusCode::UNAUTHORIZED, "invalid_token");
        assert!(refused.header("www-authenticate").starts_with("Bearer"));
    }
    let now = records(&world, "home").await;
    assert!(!now.contains("198.51.100.7"), "nothing changed: {now}");
}

#[tokio::test]
async fn what_came_after_the_owner_agreed_stays_until_the_program_means_it() {
    let world = World::start().await;
    let owner = world.owner().await;
    // What the owner saw in the way goes without another question.
    let page = owner.get(&link("example.test", "&host=www")).await;
    assert!(page.body.contains("would go"), "{}", page.body);
    let program = Program::with_access(&world, "&host=www").await;
    let www = "domain=example.test&host=www&IPv4=198.51.100.7&groupId=IPv4";
    assert_done(&program.apply(www).await);
    assert!(records(&world, "www").await.contains("198.51.100.7"));

    let program = Program::with_access(&world, "&host=shop").await;
    let page = world.link("onepager.test", "page", "example.test", &[("host", "shop")]);
    let connected = owner.answer_consent(&page, "agree").await;
    assert_eq!(connected.status, StatusCode::OK, "{}", connected.body);
    let shop = "domain=example.test&host=shop&IPv4=198.51.100.7&groupId=IPv4";
    let conflict = program.apply(shop).await;
    assert_eq!(conflict.status, StatusCode::CONFLICT, "{}", conflict.body);
    let body: Value = serde_json::from_str(&conflict.body).unwrap();
    assert_eq!(body["code"], "409");
    assert_eq!(body["records"][0]["host"], "shop", "{body}");
    assert!(
        !records(&world, "shop").await.contains("198.51.100.7"),
        "nothing changed"
    );
    assert_done(&program.apply(&format!("{shop}&force=1")).await);
    assert!(records(&world, "shop").await.contains("198.51.100.7"));

    assert_done(&program.revert("domain=example.test&host=shop").await);
    assert!(!records(&world, "shop").await.contains("198.51.100.7"));
    let gone = program.revert("domain=example.test&host=shop").await;
    assert_failed(&gone, StatusCode::GONE, "gone");
}

#[tokio::test]
async fn a_template_that_was_withdrawn_is_not_applied_any_more() {
    let world = World::start().await;
    let program = Program::with_access(&world, "&host=home").await;
    let withdraw = AdminRequest::DecideTemplate {
        provider: "domainconnect.org".parse().unwrap(),
        service: "dynamicdns-v2".parse().unwrap(),
        status: TemplateStatus::Withdrawn,
        reason: "for the test".to_owned(),
        checksum: None,
    };
    world.demo.app().administer(withdraw).await.unwrap();
    let refused = program
        .apply("domain=example.test&host=home&IPv4=198.51.100.7&groupId=IPv4")
        .await;
    assert_failed(&refused, StatusCode::NOT_FOUND, "not_found");
    let answer = world.owner().await.get(&link("example.test", "")).await;
    assert_eq!(sent(&answer, "error").as_deref(), Some("invalid_scope"));
}

#[tokio::test]
async fn a_text_of_a_template_that_asks_for_more_was_not_agreed_to() {
    let world = World::start().await;
    let program = Program::with_access(&world, "&host=home").await;
    let wider = r#"{"providerId": "domainconnect.org", "providerName": "Domain Connect",
        "serviceId": "dynamicdns-v2", "serviceName": "Dynamic DNS", "version": 99, "syncBlock": true,
        "records": [{"groupId": "IPv4", "type": "A", "host": "@", "pointsTo": "%IPv4%", "ttl": 60},
            {"groupId": "IPv6", "type": "AAAA", "host": "@", "pointsTo": "%IPv6%", "ttl": 60},
            {"groupId": "IPv4", "type": "A", "host": "www", "pointsTo": "%IPv4%", "ttl": 60}]}"#;
    replace_template(&world, wider).await;
    let shown = world.owner().await.get("/apps/1").await;
    for part in ["asks for more by now", "A at www.home.example.test"] {
        assert!(shown.body.contains(part), "{part}: {}", shown.body);
    }
    let home = "domain=example.test&host=home&IPv4=198.51.100.7&groupId=IPv4";
    let refused = program.apply(home).await;
    assert_failed(&refused, StatusCode::FORBIDDEN, "insufficient_scope");
    assert!(
        refused.body.contains("www.home.example.test"),
        "{}",
        refused.body
    );
    let asked_again = Program::with_access(&world, "&host=home").await;
    assert_done(&asked_again.apply(home).await);
}

#[tokio::test]
async fn a_role_that_was_taken_stops_what_was_granted_with_it() {
    let world = World::start().await;
    let program = Program::with_access(&world, "&host=home").await;
    for (email, role) in [(NEIGHBOUR, Some(ZoneRole::Owner)), (OWNER, None)] {
        let change = AdminRequest::SetRole {
            apex: "example.test".parse().unwrap(),
            email: email.parse().unwrap(),
            role,
        };
        world.demo.app().administer(change).await.unwrap();
    }
    let refused = program
        .apply("domain=example.test&host=home&IPv4=198.51.100.7&groupId=IPv4")
        .await;
    assert_failed(&refused, StatusCode::UNAUTHORIZED, "invalid_token");
    // It does not come back with the role.
    let change = AdminRequest::SetRole {
        apex: "example.test".parse().unwrap(),
        email: OWNER.parse().unwrap(),
        role: Some(ZoneRole::Owner),
    };
    world.demo.app().administer(change).await.unwrap();
    let refused = program
        .apply("domain=example.test&host=home&IPv4=198.51.100.7&groupId=IPv4")
        .await;
    assert_failed(&refused, StatusCode::UNAUTHORIZED, "invalid_token");
}

#[tokio::test]
async fn clients_that_put_the_service_into_the_path_find_the_question() {
    let world = World::start().await;
    let path = format!(
        "{SERVICES}/dynamicdns-v2?client_id=domainconnect.org&domain=example.test&redirect_uri={BACK}"
    );
    let answer = world.anonymous().get(&path).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let page = world.owner().await.get(answer.location()).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(page.hidden("shown").is_some());
}

#[tokio::test]
async fn instances_come_one_by_one_and_go_as_one_change() {
    let world = World::start().await;
    let several = r#"{"providerId": "domainconnect.org", "providerName": "Domain Connect",
        "serviceId": "dynamicdns-v2", "serviceName": "Proofs", "version": 98, "syncBlock": true,
        "multiInstance": true,
        "records": [{"type": "TXT", "host": "_proof", "data": "%IPv4%", "ttl": 60}]}"#;
    replace_template(&world, several).await;
    let program = Program::with_access(&world, "&host=home").await;
    let home = "domain=example.test&host=home";
    for (instance, value) in [("a", "first"), ("b", "second"), ("c", "third")] {
        let call = format!("{home}&instanceId={instance}&IPv4={value}");
        assert_done(&program.apply(&call).await);
    }
    let now = records(&world, "_proof.home").await;
    assert!(
        ["first", "second", "third"]
            .iter()
            .all(|one| now.contains(one)),
        "{now}"
    );
    assert_done(&program.revert(&format!("{home}&instanceId=b")).await);
    let now = records(&world, "_proof.home").await;
    assert!(now.contains("first") && !now.contains("second"), "{now}");
    let gone = program.revert(&format!("{home}&instanceId=b")).await;
    assert_failed(&gone, StatusCode::GONE, "gone");
    assert_done(&program.revert(home).await);
    let now = records(&world, "_proof.home").await;
    assert!(!now.contains("first") && !now.contains("third"), "{now}");
    assert_failed(&program.revert(home).await, StatusCode::GONE, "gone");
    let page = world.owner().await.get("/apps/1").await.body;
    assert_eq!(page.matches("was connected").count(), 3, "{page}");
    assert_eq!(
        page.matches("was removed").count(),
        2,
        "two at once: {page}"
    );
}

#[tokio::test]
async fn what_is_applied_again_as_it_is_leaves_no_trace() {
    let world = World::start().await;
    let program = Program::with_access(&world, "&host=home").await;
    let home = "domain=example.test&host=home&IPv4=198.51.100.7&groupId=IPv4";
    for _ in 0..3 {
        assert_done(&program.apply(home).await);
    }
    let uses = async || {
        let page = world.owner().await.get("/apps/1").await.body;
        page.matches("was connected").count()
    };
    assert_eq!(uses().await, 1);
    assert_done(&program.apply(&home.replace(".7", ".8")).await);
    assert_eq!(uses().await, 2);
}

#[tokio::test]
async fn what_an_earlier_application_left_at_another_name_is_shown_to_go() {
    let world = World::start().await;
    let named = r#"{"providerId": "domainconnect.org", "providerName": "Domain Connect",
        "serviceId": "dynamicdns-v2", "serviceName": "Named", "version": 97, "syncBlock": true,
        "records": [{"type": "A", "host": "%name%", "pointsTo": "%IPv4%", "ttl": 60}]}"#;
    replace_template(&world, named).await;
    let program = Program::with_access(&world, "&host=home&name=one").await;
    let home = "domain=example.test&host=home&IPv4=198.51.100.7";
    assert_done(&program.apply(home).await);
    let owner = world.owner().await;
    let again = owner
        .get(&link("example.test", "&host=home&name=one"))
        .await;
    let words = "from an earlier application of this template";
    assert!(!again.body.contains(words), "{}", again.body);
    let page = owner
        .get(&link("example.test", "&host=home&name=two"))
        .await;
    for part in [words, "One record of today would go", "198.51.100.7"] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
}

#[tokio::test]
async fn the_page_of_an_app_shows_what_was_agreed_to() {
    let world = World::start().await;
    let _program = Program::with_access(&world, "&host=www").await;
    let withdraw = AdminRequest::DecideTemplate {
        provider: "domainconnect.org".parse().unwrap(),
        service: "dynamicdns-v2".parse().unwrap(),
        status: TemplateStatus::Withdrawn,
        reason: "for the test".to_owned(),
        checksum: None,
    };
    world.demo.app().administer(withdraw).await.unwrap();
    let page = world.owner().await.get("/apps/1").await;
    for part in [
        "What was agreed to",
        "AAAA",
        "in the way that day",
        "is not offered any more",
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
}

#[tokio::test]
async fn calls_beside_other_changes_of_records_and_rights_are_all_carried_out() {
    let world = World::start().await;
    let program = Program::with_access(&world, "&host=home").await;
    let calls = (0..6).flat_map(|number| {
        [
            format!("domain=example.test&host=home&IPv4=198.51.100.{number}&groupId=IPv4"),
            format!("domain=example.test&host=home&IPv6=2001:db8::{number}&groupId=IPv6"),
        ]
    });
    let calls = calls.map(async |call| program.apply(&call).await);
    // Each begins an epoch, in which what was looked up before does not count.
    let changes = (0..6).map(async |number| {
        let role = [ZoneRole::Viewer, ZoneRole::Editor][number % 2];
        let change = AdminRequest::SetRole {
            apex: "example.test".parse().unwrap(),
            email: NEIGHBOUR.parse().unwrap(),
            role: Some(role),
        };
        world.demo.app().administer(change).await.unwrap();
    });
    let (answers, _) = futures_util::future::join(
        futures_util::future::join_all(calls),
        futures_util::future::join_all(changes),
    )
    .await;
    for answer in &answers {
        assert_done(answer);
    }
    let now = records(&world, "home").await;
    assert_eq!(now.matches("198.51.100.").count(), 1, "{now}");
    assert_eq!(now.matches("2001:db8::").count(), 1, "{now}");
}

//------------ Limits ----------------------------------------------------------------------------

#[tokio::test]
async fn a_network_that_guesses_tokens_has_to_wait_and_owners_of_tokens_do_not() {
    let world = World::start().await;
    let program = Program::with_access(&world, "&host=home").await;
    let home = "domain=example.test&host=home&IPv4=198.51.100.7&groupId=IPv4";
    let mut guess = Program {
        browser: world.anonymous(),
        access: "easement_access_guess".to_owned(),
        refresh: String::new(),
    };
    for _ in 0..120 {
        let refused = guess.apply(home).await;
        assert_failed(&refused, StatusCode::UNAUTHORIZED, "invalid_token");
    }
    let refused = guess.apply(home).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(!refused.header("retry-after").is_empty());
    assert_done(&program.apply(home).await);
    guess.browser = guess.browser.from("203.0.113.9:4000");
    let elsewhere = guess.apply(home).await;
    assert_failed(&elsewhere, StatusCode::UNAUTHORIZED, "invalid_token");
    guess.browser = world.anonymous();
    world.clock.pass(Duration::from_mins(1));
    let later = guess.apply(home).await;
    assert_failed(&later, StatusCode::UNAUTHORIZED, "invalid_token");
}

#[tokio::test]
async fn one_access_is_used_so_often_and_no_more() {
    let world = World::start().await;
    let program = Program::with_access(&world, "&host=home").await;
    let other = Program::with_access(&world, "&host=home").await;
    let home = "domain=example.test&host=home&IPv4=198.51.100.7&groupId=IPv4";
    for _ in 0..120 {
        assert_done(&program.apply(home).await);
    }
    let refused = program.apply(home).await;
    assert_failed(&refused, StatusCode::TOO_MANY_REQUESTS, "too_many_requests");
    assert!(!refused.header("retry-after").is_empty());
    assert_done(&other.apply(home).await);
    world.clock.pass(Duration::from_mins(1));
    assert_done(&program.apply(home).await);
}

//------------ The client, and who declines ------------------------------------------------------

#[tokio::test]
async fn a_disabled_client_asks_and_does_nothing_until_it_is_enabled() {
    let world = World::start().await;
    let program = Program::with_access(&world, "&host=home").await;
    let change = async |change| {
        let id = "domainconnect.org".parse().unwrap();
        let request = AdminRequest::Client(ClientRequest::Change { id, change });
        world.demo.app().administer(request).await.unwrap();
    };
    change(ClientChange::Disable).await;
    let home = "domain=example.test&host=home&IPv4=198.51.100.7&groupId=IPv4";
    let refused = program.apply(home).await;
    assert_failed(&refused, StatusCode::UNAUTHORIZED, "invalid_token");
    let refused = program.revert("domain=example.test&host=home").await;
    assert_failed(&refused, StatusCode::UNAUTHORIZED, "invalid_token");
    let owner = world.owner().await;
    let page = owner.get(&link("example.test", "&host=home")).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "{}", page.body);
    assert_eq!(page.location(), "", "nobody is sent anywhere");
    for path in ["/apps", "/apps/1"] {
        let page = owner.get(path).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains("disabled it"), "{path}: {}", page.body);
    }
    assert!(!records(&world, "home").await.contains("198.51.100.7"));
    change(ClientChange::Enable).await;
    assert_done(&program.apply(home).await);
}

#[tokio::test]
async fn who_declines_for_a_zone_of_somebody_else_leaves_no_trace() {
    let world = World::start().await;
    let owner = world.owner().await;
    let declined = async || {
        let data = owner.get("/account/export").await.body;
        data.matches("grant_declined").count()
    };
    for domain in ["neighbour.test", "nowhere.test"] {
        let posted = owner
            .post(&link(domain, ""), &[("answer", "decline")])
            .await;
        assert_eq!(sent(&posted, "error").as_deref(), Some("access_denied"));
    }
    assert_eq!(declined().await, 0);
    let posted = owner
        .post(&link("example.test", ""), &[("answer", "decline")])
        .await;
    assert_eq!(sent(&posted, "error").as_deref(), Some("access_denied"));
    assert_eq!(declined().await, 1);
}
