//! Standing access: an owner lets a program apply templates later, and takes that back.

mod applications;
mod calls;
mod limits;
mod meanwhile;
mod question;

use axum::body::Body;
use easement_core::TemplateStatus;
use easement_server::admin::{AdminRequest, TemplateFile, TemplateWish};
use http::header::AUTHORIZATION;
use http::{Method, StatusCode};
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

/// The operator withdraws the template that the program applies.
async fn withdraw_template(world: &World) {
    let withdraw = AdminRequest::DecideTemplate {
        provider: "domainconnect.org".parse().unwrap(),
        service: "dynamicdns-v2".parse().unwrap(),
        status: TemplateStatus::Withdrawn,
        reason: "for the test".to_owned(),
        checksum: None,
    };
    world.demo.app().administer(withdraw).await.unwrap();
}
