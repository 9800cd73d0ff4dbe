//! Clients that are honest, and others, over the whole router.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain_connect::Variables;
use easement_core::{
    Actor, AuditEvent, ClientId, Clock, CodeBinding, GrantClient, GrantEnd, GrantId, GrantRefused,
    GrantRight, OAuthTokenKind, OAuthTokenText, Origin, Random, RedirectTarget, RefreshRule,
    Standing, TemplateStatus, Timestamp,
};
use easement_store::NewGrant;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Request, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt as _;

use super::test_place::{Place, on_both};
use super::{ClientChange, ClientDesk, ClientKind, paths};
use crate::admin::{
    AdminReply, AdminRequest, ClientDescription, ClientRequest, ExistingZone, ImportOptions,
    TemplateFile, TemplateWish,
};
use crate::config::{Config, PublicUrl};
use crate::{App, ServiceProviders, Surroundings};

const DONE: &str = "https://app.example/done";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const OWNER: &str = "owner@example.test";

on_both! {
    a_code_becomes_tokens_from_wherever_the_parameters_come
    a_public_client_proves_that_it_asked
    the_known_client_keeps_its_refresh_token
    a_code_that_is_shown_again_ends_what_it_gave
    a_refresh_token_that_is_shown_again_ends_what_was_granted
    a_client_that_lost_an_answer_asks_once_more
    nobody_else_gets_tokens_for_a_code
    what_contradicts_itself_is_refused
    a_client_gives_back_and_asks_about_its_own_tokens_alone
    a_refresh_token_that_was_replaced_is_given_back_with_its_grant
    an_access_token_counts_for_an_hour_and_while_its_client_may_act
    a_template_without_a_key_is_there_for_a_registered_client_alone
    a_zone_that_this_node_does_not_serve_yet_is_asked_for_again
    one_network_asks_so_often_and_no_more
}

#[derive(Default)]
struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::Relaxed) + 1_800_000_000_000_000)
    }
}

/// Never the same octets again.
#[derive(Default)]
struct Counting(AtomicU64);

impl Random for Counting {
    fn octets(&self, count: usize) -> Vec<u8> {
        let number = self.0.fetch_add(1, Ordering::Relaxed);
        number
            .to_be_bytes()
            .into_iter()
            .cycle()
            .take(count)
            .collect()
    }
}

/// A server with a zone, its owner, and three clients.
struct World {
    app: App,
    clock: Arc<TestClock>,
    secret: String,
    _folder: TempDir,
    /// After the server: it goes away with it.
    _place: Place,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Value,
}

impl Answer {
    fn text(&self, member: &str) -> &str {
        self.body[member].as_str().unwrap_or_default()
    }
}

impl World {
    async fn start(place: Place) -> Self {
        let folder = TempDir::with_prefix("easement-oauth-").unwrap();
        let clock = Arc::new(TestClock::default());
        let mut config = Config::default();
        let web = SocketAddr::from(([127, 0, 0, 1], 0));
        config.server.public_url = PublicUrl::loopback(web).unwrap();
        config.server.listen = vec![web];
        config.dns.listen = vec![web];
        config.dns.name_servers = vec!["ns1.example.test".parse().unwrap()];
        config.store.data_dir = folder.path().to_owned();
        config.store.postgres_url = place.url();
        let around = Surroundings {
            clock: clock.clone(),
            random: Arc::new(Counting::default()),
            service_providers: ServiceProviders::OnThisMachine,
        };
        let app = App::start(config, around).await.unwrap();
        let world = Self {
            app,
            clock,
            secret: String::new(),
            _folder: folder,
            _place: place,
        };
        world.furnish().await
    }

    async fn furnish(mut self) -> Self {
        let account = AdminRequest::CreateAccount {
            email: OWNER.parse().unwrap(),
            standing: Standing::Member,
            password: None,
        };
        self.app.administer(account).await.unwrap();
        let zone = AdminRequest::ImportZone {
            apex: "example.test".parse().unwrap(),
            text: "@ SOA ns1 ns1 1 1 1 1 1\n@ NS ns1.example.test.\n".to_owned(),
            owner: Some(OWNER.parse().unwrap()),
            existing: ExistingZone::Replace,
            options: ImportOptions::default(),
        };
        self.app.administer(zone).await.unwrap();
        let known = ClientRequest::CreateKnown {
            known: "domainconnect.org".to_owned(),
        };
        self.app
            .administer(AdminRequest::Client(known))
            .await
            .unwrap();
        self.secret = self.register("app.example", ClientKind::Confidential).await;
        self.register("public.example", ClientKind::Public).await;
        self.register("other.example", ClientKind::Confidential)
            .await;
        self
    }

    /// Registers a client, and gives its secret.
    async fn register(&self, id: &str, kind: ClientKind) -> String {
        let description = ClientDescription {
            id: id.parse().unwrap(),
            name: "The app".parse().unwrap(),
            provider: "host.example".parse().unwrap(),
            templates: easement_core::ClientTemplates::All,
            redirects: vec![DONE.parse().unwrap()],
            public: kind == ClientKind::Public,
            access: None,
            refresh: None,
            rule: RefreshRule::Rotate,
        };
        let request = ClientRequest::Create(Box::new(description));
        let made = self.app.administer(AdminRequest::Client(request)).await;
        let AdminReply::ClientMade(made) = made.unwrap() else {
            panic!("a client");
        };
        made.secret
            .map_or_else(String::new, |secret| secret.reveal().to_owned())
    }

    /// What the owner's yes makes: the grant, and its code.
    async fn grant(
        &self,
        client: &str,
        redirect: &str,
        challenge: Option<&str>,
    ) -> (GrantId, String) {
        let state = self.app.state();
        let id: ClientId = client.parse().unwrap();
        let client = state.store.oauth_client(&id).await.unwrap().unwrap();
        let email = OWNER.parse().unwrap();
        let account = state.store.account_by_email(&email);
        let account = account.await.unwrap().unwrap().account;
        let apex = "example.test".parse().unwrap();
        let zone = state.store.zone_by_apex(&apex).await.unwrap().unwrap();
        let code = OAuthTokenText::generate(OAuthTokenKind::Code, state.random.as_ref()).unwrap();
        let new = NewGrant {
            account: account.id,
            client: GrantClient::Registered(client.id),
            zone: zone.id,
            right: GrantRight::Templates {
                provider: client.registration.provider.clone(),
                services: vec!["website".parse().unwrap()],
                hosts: vec!["@".parse().unwrap(), "www".parse().unwrap()],
                fixed: Variables::new(),
                records: Vec::new(),
                agreed: Vec::new(),
            },
            expires_at: None,
            code: code.hash(),
            binding: CodeBinding {
                redirect: RedirectTarget::from_stored(redirect).unwrap(),
                challenge: challenge.map(|text| text.parse().unwrap()),
            },
        };
        let grant = state.store.create_grant(new).await.unwrap();
        (grant.id, code.reveal())
    }

    async fn send(&self, path: &str, headers: &[(&str, &str)], body: String) -> Answer {
        let mut request = Request::builder().method("POST").uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let peer: SocketAddr = "192.0.2.44:40000".parse().unwrap();
        let request = request
            .extension(ConnectInfo(peer))
            .body(Body::from(body))
            .unwrap();
        let response = self.app.router().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: serde_json::from_slice(&body).unwrap(),
        }
    }

    /// Posts a form.
    async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let kind = ("content-type", "application/x-www-form-urlencoded");
        self.send(path, &[kind], form).await
    }

    async fn redeem(&self, code: &str, more: &[(&str, &str)]) -> Answer {
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("client_id", "app.example"),
            ("client_secret", &self.secret),
            ("redirect_uri", DONE),
            ("code", code),
        ];
        for (name, value) in more {
            fields.retain(|(known, _)| known != name);
            fields.push((name, value));
        }
        self.form(paths::ACCESS_TOKEN, &fields).await
    }

    async fn refresh(&self, token: &str) -> Answer {
        let fields = [
            ("grant_type", "refresh_token"),
            ("client_id", "app.example"),
            ("client_secret", &self.secret),
            ("refresh_token", token),
        ];
        self.form(paths::TOKEN, &fields).await
    }

    /// Whether an access token counts now; what its grant says, when it does not.
    async fn bearer(&self, token: &str) -> Result<(), Option<GrantRefused>> {
        let state = self.app.state();
        let hash = OAuthTokenText::hash_of(OAuthTokenKind::Access, token).ok_or(None)?;
        let kind = OAuthTokenKind::Access;
        let found = state.store.oauth_token(kind, &hash).await.unwrap();
        let found = found.ok_or(None)?;
        let now = state.clock.now();
        if now >= found.token.expires_at {
            return Err(None);
        }
        let admitted = found.token.grant.admit(found.holder, now);
        admitted.map(|_| ()).map_err(Some)
    }

    fn advance(&self, by: Duration) {
        let micros = i64::try_from(by.as_micros()).unwrap();
        self.clock.0.fetch_add(micros, Ordering::Relaxed);
    }

    /// Why grants ended, as it was written down.
    async fn ends(&self) -> Vec<GrantEnd> {
        let entries = self.app.state().store.audit_entries(None, 50).await;
        let ends = entries.unwrap().into_iter().filter_map(|entry| {
            if let AuditEvent::GrantEnded { because, .. } = entry.event {
                Some(because)
            } else {
                None
            }
        });
        ends.collect()
    }
}

fn refused(answer: &Answer, code: &str) {
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);
    assert_eq!(answer.text("error"), code, "{}", answer.body);
    assert_eq!(answer.headers["cache-control"], "no-store");
}

//------------ Honest ----------------------------------------------------------------------------

async fn a_code_becomes_tokens_from_wherever_the_parameters_come(place: Place) {
    let world = World::start(place).await;
    let json = ("content-type", "application/json");
    let secret = &world.secret;
    let (_, code) = world.grant("app.example", DONE, None).await;
    // As the library for Python sends it.
    let path = format!(
        "{}?code={code}&grant_type=authorization_code&redirect_uri=https%3A%2F%2Fapp.example%2Fdone",
        paths::ACCESS_TOKEN
    );
    let body = json!({"client_id": "app.example", "client_secret": secret}).to_string();
    let answer = world.send(&path, &[json], body.clone()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(answer.body["token_type"], "bearer");
    assert_eq!(answer.body["expires_in"], 3600);
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert!(world.bearer(answer.text("access_token")).await.is_ok());
    let path = format!(
        "{}?client_id=app.example&client_secret={secret}&grant_type=refresh_token&refresh_token={}&redirect_uri=x",
        paths::ACCESS_TOKEN,
        answer.text("refresh_token")
    );
    let answer = world.send(&path, &[json], body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    // All in the query, and an empty body; and with the client in the header.
    let (_, code) = world.grant("app.example", DONE, None).await;
    let rest = format!(
        "grant_type=authorization_code&code={code}&redirect_uri=https%3A%2F%2Fapp.example%2Fdone"
    );
    let basic = BASE64_STANDARD.encode(format!("app.example:{secret}"));
    let basic = format!("Basic {basic}");
    let path = format!("{}?{rest}", paths::TOKEN);
    let answer = world
        .send(&path, &[("authorization", &basic)], String::new())
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

async fn a_public_client_proves_that_it_asked(place: Place) {
    let world = World::start(place).await;
    let public = [("client_id", "public.example"), ("client_secret", "")];
    let (grant, code) = world.grant("public.example", DONE, Some(CHALLENGE)).await;
    refused(&world.redeem(&code, &public).await, "invalid_grant");
    let other = "v".repeat(43);
    refused(
        &world
            .redeem(&code, &[public[0], public[1], ("code_verifier", &other)])
            .await,
        "invalid_grant",
    );
    for length in [42, 129] {
        let verifier = "v".repeat(length);
        refused(
            &world
                .redeem(&code, &[public[0], public[1], ("code_verifier", &verifier)])
                .await,
            "invalid_request",
        );
    }
    let answer = world
        .redeem(&code, &[public[0], public[1], ("code_verifier", VERIFIER)])
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    // Whoever saw the code ends nothing with it.
    refused(&world.redeem(&code, &public).await, "invalid_grant");
    let entry = world.app.state().store.grant(grant).await.unwrap();
    assert_eq!(entry.unwrap().grant.ended, None);
}

async fn the_known_client_keeps_its_refresh_token(place: Place) {
    let world = World::start(place).await;
    let redirect = "https://dynamicdns.domainconnect.org/ddnscode";
    let (_, code) = world.grant("domainconnect.org", redirect, None).await;
    let client = [
        ("client_id", "domainconnect.org"),
        ("client_secret", "inconceivable"),
        ("redirect_uri", redirect),
    ];
    let answer = world.redeem(&code, &client).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let refresh = answer.text("refresh_token").to_owned();
    for _ in 0..2 {
        world.advance(Duration::from_hours(2));
        let fields = [
            ("grant_type", "refresh_token"),
            ("refresh_token", &refresh),
            client[0],
            client[1],
        ];
        let answer = world.form(paths::ACCESS_TOKEN, &fields).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        assert_eq!(answer.text("refresh_token"), refresh);
        assert!(world.bearer(answer.text("access_token")).await.is_ok());
    }
}

//------------ Others ----------------------------------------------------------------------------

async fn a_code_that_is_shown_again_ends_what_it_gave(place: Place) {
    let world = World::start(place).await;
    let (_, code) = world.grant("app.example", DONE, None).await;
    let first = world.redeem(&code, &[]).await;
    let access = first.text("access_token");
    assert!(world.bearer(access).await.is_ok());
    refused(&world.redeem(&code, &[]).await, "invalid_grant");
    let end = world.bearer(access).await;
    assert!(
        matches!(end, Err(Some(GrantRefused::Ended { .. }))),
        "{end:?}"
    );
    let refresh = world.refresh(first.text("refresh_token")).await;
    refused(&refresh, "invalid_grant");
    assert_eq!(world.ends().await, [GrantEnd::CodeReplayed]);
}

async fn a_refresh_token_that_is_shown_again_ends_what_was_granted(place: Place) {
    let world = World::start(place).await;
    let (_, code) = world.grant("app.example", DONE, None).await;
    let first = world.redeem(&code, &[]).await;
    let second = world.refresh(first.text("refresh_token")).await;
    assert_eq!(second.status, StatusCode::OK, "{}", second.body);
    assert_ne!(second.text("refresh_token"), first.text("refresh_token"));
    world.advance(Duration::from_mins(1));
    let as_refresh = world.refresh(second.text("access_token")).await;
    refused(&as_refresh, "invalid_grant");
    let again = world.refresh(first.text("refresh_token")).await;
    refused(&again, "invalid_grant");
    assert!(world.bearer(second.text("access_token")).await.is_err());
    assert_eq!(world.ends().await, [GrantEnd::RefreshTokenReused]);
}

async fn a_client_that_lost_an_answer_asks_once_more(place: Place) {
    let world = World::start(place).await;
    let (_, code) = world.grant("app.example", DONE, None).await;
    let first = world.redeem(&code, &[]).await;
    let lost = world.refresh(first.text("refresh_token")).await;
    world.advance(Duration::from_secs(30));
    let again = world.refresh(first.text("refresh_token")).await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.body);
    assert!(world.bearer(again.text("access_token")).await.is_ok());
    assert!(world.bearer(lost.text("access_token")).await.is_err());
    let next = world.refresh(again.text("refresh_token")).await;
    assert_eq!(next.status, StatusCode::OK, "{}", next.body);
    assert_eq!(world.ends().await, []);
    // A third time is too often, and so is what was lost, when it turns up.
    let stolen = world.refresh(lost.text("refresh_token")).await;
    refused(&stolen, "invalid_grant");
    assert_eq!(world.ends().await, [GrantEnd::RefreshTokenReused]);
    assert!(world.bearer(next.text("access_token")).await.is_err());
}

async fn nobody_else_gets_tokens_for_a_code(place: Place) {
    let world = World::start(place).await;
    let (_, code) = world.grant("app.example", DONE, None).await;
    let other = world
        .register("third.example", ClientKind::Confidential)
        .await;
    let unknown = world
        .redeem(&code, &[("client_id", "nobody.example")])
        .await;
    let wrong = world.redeem(&code, &[("client_secret", "wrong")]).await;
    refused(&wrong, "invalid_client");
    assert_eq!(
        unknown.body, wrong.body,
        "which clients there are is not told"
    );
    for (fields, error) in [
        (&[("client_secret", "")][..], "invalid_client"),
        (
            &[("client_id", "third.example"), ("client_secret", &other)],
            "invalid_grant",
        ),
        (&[("redirect_uri", "https://app.example/")], "invalid_grant"),
        (&[("redirect_uri", "")], "invalid_grant"),
        (&[("code_verifier", VERIFIER)], "invalid_grant"),
        (&[("grant_type", "password")], "unsupported_grant_type"),
        (&[("grant_type", "refresh_token")], "invalid_request"),
        (&[("code", "")], "invalid_request"),
    ] {
        refused(&world.redeem(&code, fields).await, error);
    }
    world.advance(Duration::from_mins(10));
    refused(&world.redeem(&code, &[]).await, "invalid_grant");
    assert_eq!(world.ends().await, []);
}

async fn what_contradicts_itself_is_refused(place: Place) {
    let world = World::start(place).await;
    let (_, code) = world.grant("app.example", DONE, None).await;
    let secret = &world.secret;
    let form = ("content-type", "application/x-www-form-urlencoded");
    let rest = format!(
        "grant_type=authorization_code&code={code}&redirect_uri=https%3A%2F%2Fapp.example%2Fdone"
    );
    let basic = |text: &str| format!("Basic {}", BASE64_STANDARD.encode(text));
    let path = format!("{}?client_id=other.example", paths::TOKEN);
    let body = format!("{rest}&client_id=app.example&client_secret={secret}");
    refused(&world.send(&path, &[form], body).await, "invalid_request");
    let header = basic(&format!("app.example:{secret}"));
    let headers = [form, ("authorization", header.as_str())];
    let body = format!("{rest}&client_id=other.example");
    refused(
        &world.send(paths::TOKEN, &headers, body).await,
        "invalid_request",
    );
    let header = basic("app.example:wrong");
    let headers = [form, ("authorization", header.as_str())];
    let answer = world.send(paths::TOKEN, &headers, rest).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(
        answer.headers["www-authenticate"]
            .to_str()
            .unwrap()
            .starts_with("Basic")
    );
    for body in [
        "[]",
        "{",
        r#"{"code": {}}"#,
        r#"{"client_id": "app.example", "client_id": "other.example"}"#,
    ] {
        let json = [(CONTENT_TYPE.as_str(), "application/json")];
        let answer = world.send(paths::TOKEN, &json, body.to_owned()).await;
        refused(&answer, "invalid_request");
    }
    let long = "a".repeat(20_000);
    refused(
        &world.send(paths::TOKEN, &[form], long).await,
        "invalid_request",
    );
}

async fn a_client_gives_back_and_asks_about_its_own_tokens_alone(place: Place) {
    let world = World::start(place).await;
    let other = world
        .register("third.example", ClientKind::Confidential)
        .await;
    let own = [
        ("client_id", "app.example"),
        ("client_secret", &*world.secret),
    ];
    let foreign = [("client_id", "third.example"), ("client_secret", &*other)];
    let (grant, code) = world.grant("app.example", DONE, None).await;
    let first = world.redeem(&code, &[]).await;
    let (access, refresh) = (first.text("access_token"), first.text("refresh_token"));
    let about = |client: [(&'static str, &str); 2], token: &str| {
        [client[0], client[1], ("token", token)].map(|(name, value)| (name, value.to_owned()))
    };
    let ask = async |path: &str, client, token: &str| {
        let fields = about(client, token);
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        world.form(path, &fields).await
    };
    let told = ask(paths::INTROSPECT, own, access).await;
    let expected = json!({
        "active": true, "client_id": "app.example", "token_type": "bearer", "exp": 1_800_003_600,
        "iat": 1_800_000_000, "scope": "website", "domain": "example.test.", "host": ",www",
    });
    assert_eq!(told.body["scope"], expected["scope"], "{}", told.body);
    assert_eq!(told.body["host"], expected["host"], "{}", told.body);
    assert_eq!(told.body["exp"], expected["exp"], "{}", told.body);
    for token in [access, refresh, "nonsense"] {
        let told = ask(paths::INTROSPECT, foreign, token).await;
        assert_eq!(told.body, json!({"active": false}));
        let told = ask(paths::REVOKE, foreign, token).await;
        assert_eq!((told.status, told.body), (StatusCode::OK, json!({})));
    }
    assert!(world.bearer(access).await.is_ok());
    ask(paths::REVOKE, own, access).await;
    assert!(world.bearer(access).await.is_err());
    let second = world.refresh(refresh).await;
    assert_eq!(second.status, StatusCode::OK, "the grant is still there");
    ask(paths::REVOKE, own, second.text("refresh_token")).await;
    assert!(world.bearer(second.text("access_token")).await.is_err());
    assert_eq!(world.ends().await, [GrantEnd::RevokedByClient]);
    let entry = world.app.state().store.grant(grant).await.unwrap();
    assert!(entry.unwrap().grant.ended.is_some());
}

async fn a_refresh_token_that_was_replaced_is_given_back_with_its_grant(place: Place) {
    let world = World::start(place).await;
    let other = world
        .register("third.example", ClientKind::Confidential)
        .await;
    let (_, code) = world.grant("app.example", DONE, None).await;
    let first = world.redeem(&code, &[]).await;
    let replaced = first.text("refresh_token");
    let second = world.refresh(replaced).await;
    assert_eq!(second.status, StatusCode::OK, "{}", second.body);
    let give_back = async |client: &str, secret: &str| {
        let fields = [
            ("client_id", client),
            ("client_secret", secret),
            ("token", replaced),
        ];
        world.form(paths::REVOKE, &fields).await
    };
    let foreign = give_back("third.example", &other).await;
    assert_eq!((foreign.status, foreign.body), (StatusCode::OK, json!({})));
    refused(&give_back("app.example", "wrong").await, "invalid_client");
    assert!(world.bearer(second.text("access_token")).await.is_ok());
    assert_eq!(world.ends().await, []);
    for _ in 0..2 {
        let own = give_back("app.example", &world.secret).await;
        assert_eq!((own.status, own.body), (StatusCode::OK, json!({})));
    }
    assert!(world.bearer(second.text("access_token")).await.is_err());
    let late = world.refresh(second.text("refresh_token")).await;
    refused(&late, "invalid_grant");
    assert_eq!(world.ends().await, [GrantEnd::RevokedByClient]);
}

async fn an_access_token_counts_for_an_hour_and_while_its_client_may_act(place: Place) {
    let world = World::start(place).await;
    let (_, code) = world.grant("app.example", DONE, None).await;
    let first = world.redeem(&code, &[]).await;
    let access = first.text("access_token").to_owned();
    for wrong in [first.text("refresh_token"), &code, "x", ""] {
        assert_eq!(world.bearer(wrong).await, Err(None), "{wrong}");
    }
    let state = world.app.state();
    let id: ClientId = "app.example".parse().unwrap();
    let client = state.store.oauth_client(&id).await.unwrap().unwrap();
    let desk = ClientDesk {
        store: &state.store,
        random: state.random.as_ref(),
        origin: Origin {
            actor: Actor::Console,
            address: None,
        },
    };
    assert!(desk.change(&client, ClientChange::Disable).await.unwrap());
    assert!(world.bearer(&access).await.is_err());
    assert!(desk.change(&client, ClientChange::Enable).await.unwrap());
    assert!(world.bearer(&access).await.is_ok());
    world.advance(Duration::from_hours(1));
    assert_eq!(world.bearer(&access).await, Err(None));
}

async fn a_zone_that_this_node_does_not_serve_yet_is_asked_for_again(place: Place) {
    let world = World::start(place).await;
    let (_, code) = world.grant("app.example", DONE, None).await;
    let tokens = world.redeem(&code, &[]).await;
    let bearer = format!("Bearer {}", tokens.text("access_token"));
    let call = async |doing: &str, domain: &str| {
        let path = format!(
            "/v2/domainTemplates/providers/host.example/services/website/{doing}?domain={domain}&host=www"
        );
        let headers = [("authorization", bearer.as_str())];
        world.send(&path, &headers, String::new()).await
    };
    let hosted = &world.app.state().hosted;
    let apex = "example.test".parse().unwrap();
    let snapshot = hosted.get(&apex).unwrap().snapshot();
    hosted.withdraw(&apex);
    for doing in ["apply", "revert"] {
        let answer = call(doing, "example.test").await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{doing}");
        assert_eq!(answer.text("error"), "temporarily_unavailable", "{doing}");
        assert!(answer.headers.contains_key("retry-after"), "{doing}");
        let other = call(doing, "other.test").await;
        assert_eq!(other.status, StatusCode::FORBIDDEN, "{doing}");
    }
    hosted.publish((*snapshot).clone());
    assert_eq!(
        call("revert", "example.test").await.status,
        StatusCode::GONE
    );
}

async fn a_template_without_a_key_is_there_for_a_registered_client_alone(place: Place) {
    let world = World::start(place).await;
    let state = world.app.state();
    for provider in ["host.example", "lone.example"] {
        let json = format!(
            r#"{{"providerId": "{provider}", "providerName": "Host", "serviceId": "website",
                "serviceName": "Website", "version": 1,
                "records": [{{"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": 600}}]}}"#
        );
        let import = AdminRequest::ImportTemplates {
            files: vec![TemplateFile {
                name: format!("{provider}.website.json"),
                json,
            }],
            wish: TemplateWish::AllOrNone,
        };
        world.app.administer(import).await.unwrap();
        let decide = AdminRequest::DecideTemplate {
            provider: provider.parse().unwrap(),
            service: "website".parse().unwrap(),
            status: TemplateStatus::Approved,
            reason: "for the test".to_owned(),
            checksum: None,
        };
        world.app.administer(decide).await.unwrap();
    }
    let ask = async |provider: &str| {
        let path = format!("/v2/domainTemplates/providers/{provider}/services/website");
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        let response = world.app.router().oneshot(request).await.unwrap();
        response.status()
    };
    assert_eq!(ask("host.example").await, StatusCode::OK);
    assert_eq!(ask("lone.example").await, StatusCode::NOT_FOUND);
    for client in state.store.oauth_clients().await.unwrap() {
        let origin = Origin {
            actor: Actor::Console,
            address: None,
        };
        let disabled = state.store.disable_oauth_client(&client, &origin).await;
        assert!(disabled.unwrap());
    }
    assert_eq!(ask("host.example").await, StatusCode::NOT_FOUND);
}

async fn one_network_asks_so_often_and_no_more(place: Place) {
    let world = World::start(place).await;
    for _ in 0..1200 {
        let answer = world.redeem("x", &[("client_secret", "guess")]).await;
        refused(&answer, "invalid_client");
    }
    let answer = world.redeem("x", &[]).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(answer.headers.contains_key("retry-after"));
    world.advance(Duration::from_mins(1));
    refused(&world.redeem("x", &[]).await, "invalid_grant");
}
