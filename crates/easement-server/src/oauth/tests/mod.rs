//! Clients that are honest, and others, over the whole router.

mod honest;
mod others;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use domain_connect::Variables;
use easement_core::{
    AuditEvent, ClientId, Clock, CodeBinding, GrantClient, GrantEnd, GrantId, GrantRefused,
    GrantRight, OAuthTokenKind, OAuthTokenText, Random, RedirectTarget, RefreshRule, Standing,
    Timestamp,
};
use easement_store::NewGrant;
use http::{HeaderMap, Request, StatusCode};
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt as _;

use super::test_place::Place;
use super::{ClientKind, paths};
use crate::admin::{
    AdminReply, AdminRequest, ClientDescription, ClientRequest, ExistingZone, ImportOptions,
};
use crate::config::{Config, PublicUrl};
use crate::{App, ServiceProviders, Surroundings};

const DONE: &str = "https://app.example/done";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const OWNER: &str = "owner@example.test";

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
