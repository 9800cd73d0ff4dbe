//! A server that is not the demo, with an owner of a zone and a device.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use easement_core::{Operations, Standing, TokenKind, TokenLimits, WebhookRight};
use easement_server::admin::{AdminReply, AdminRequest, GivenPassword, NewToken, TokenRequest};
use easement_server::config::{Config, WebhooksSection};
use easement_server::{App, ServiceProviders, Surroundings};
use http::{HeaderValue, Method, StatusCode};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use super::dns::{FakeDns, HERE};
use super::receiver::{Receiver, make_certificate};
use crate::world::{Answer, Browser, Repeating, TestClock};

const OWNER: &str = "owner@example.test";
const PASSWORD: &str = "correct horse battery staple";
/// Long enough for every machine; only a test that fails waits for it.
const PATIENCE: Duration = Duration::from_mins(1);

pub(super) struct World {
    pub(super) clock: Arc<TestClock>,
    pub(super) dns: FakeDns,
    folder: TempDir,
    config: Config,
    random: Arc<Repeating>,
    app: Option<App>,
}

impl World {
    /// A server that sends to this machine at 127.0.0.1, and believes in the certificate of receivers.
    pub(super) async fn start() -> Self {
        Self::start_with(&["127.0.0.1/32"]).await
    }

    pub(super) async fn start_with(allowed: &[&str]) -> Self {
        // Fails when another test of the process has done it.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let folder = TempDir::with_prefix("easement-webhooks-").unwrap();
        let subjects = "DNS:hook.example.net,DNS:other.example.net,IP:127.0.0.1,IP:127.0.0.2";
        make_certificate(folder.path(), "receiver", subjects);
        let dns = FakeDns::start().await;
        let mut config = Config::default();
        config.server.listen = vec!["127.0.0.1:0".parse().unwrap()];
        config.server.public_url = "http://127.0.0.1:0".parse().unwrap();
        config.dns.listen = vec!["127.0.0.1:0".parse().unwrap()];
        config.dns.name_servers = vec!["ns1.example.net".parse().unwrap()];
        config.dns.resolver = Some(dns.address);
        config.store.data_dir = folder.path().join("data");
        config.metrics.listen = vec!["127.0.0.1:0".parse().unwrap()];
        config.webhooks = WebhooksSection {
            allow_networks: allowed.iter().map(|text| text.parse().unwrap()).collect(),
            extra_roots: Some(folder.path().join("receiver.pem")),
            per_account: 4,
            ..WebhooksSection::default()
        };
        let mut world = Self {
            clock: Arc::default(),
            dns,
            folder,
            config,
            random: Arc::default(),
            app: None,
        };
        world.begin().await;
        world.furnish().await;
        world
    }

    /// Starts the server, maybe once more.
    pub(super) async fn begin(&mut self) {
        let surroundings = Surroundings {
            clock: self.clock.clone(),
            random: self.random.clone(),
            service_providers: ServiceProviders::OnTheInternet,
        };
        let app = App::start(self.config.clone(), surroundings).await;
        self.app = Some(app.unwrap());
    }

    pub(super) async fn end(&mut self) {
        self.app.take().unwrap().shutdown().await;
    }

    /// The configuration of the next start has other networks that may be sent to.
    pub(super) fn allow(&mut self, networks: &[&str]) {
        let networks = networks.iter().map(|text| text.parse().unwrap());
        self.config.webhooks.allow_networks = networks.collect();
    }

    /// Puts another text of the same length in place of one that is stored, while no server runs.
    pub(super) fn spoil(&self, text: &str, other: &str) {
        assert_eq!(text.len(), other.len());
        let file = self.config.store.data_dir.join("easement.sqlite");
        let mut octets = std::fs::read(&file).unwrap();
        let places = octets.windows(text.len()).enumerate();
        let places = places.filter(|(_, window)| *window == text.as_bytes());
        let places: Vec<usize> = places.map(|(place, _)| place).collect();
        assert!(!places.is_empty(), "`{text}` is not stored");
        for place in places {
            octets[place..place + text.len()].copy_from_slice(other.as_bytes());
        }
        std::fs::write(&file, octets).unwrap();
    }

    pub(super) fn app(&self) -> &App {
        self.app.as_ref().unwrap()
    }

    async fn furnish(&self) {
        self.administer(AdminRequest::CreateAccount {
            email: OWNER.parse().unwrap(),
            standing: Standing::Member,
            password: Some(GivenPassword::new(PASSWORD)),
        })
        .await;
        self.administer(AdminRequest::CreateZone {
            apex: "example.test".parse().unwrap(),
            owner: OWNER.parse().unwrap(),
        })
        .await;
    }

    pub(super) async fn administer(&self, request: AdminRequest) -> AdminReply {
        self.app().administer(request).await.unwrap()
    }

    pub(super) fn certificate(&self) -> PathBuf {
        self.folder.path().join("receiver.pem")
    }

    pub(super) fn files(&self) -> &Path {
        self.folder.path()
    }

    /// A receiver on this machine, at `hook.example.net`.
    pub(super) async fn receiver(&self) -> Receiver {
        let receiver = Receiver::start(HERE, &self.certificate()).await;
        self.dns.set("hook.example.net", &[&["127.0.0.1"]]);
        receiver
    }

    // People

    /// The owner of `example.test`, signed in.
    pub(super) async fn owner(&self) -> Owner {
        let mut browser = Browser::of(self.app());
        browser.sign_in(OWNER, PASSWORD).await;
        Owner(browser)
    }

    /// Somebody else with an account, signed in.
    pub(super) async fn neighbour(&self) -> Browser {
        let email = "neighbour@example.test";
        self.administer(AdminRequest::CreateAccount {
            email: email.parse().unwrap(),
            standing: Standing::Operator,
            password: Some(GivenPassword::new(PASSWORD)),
        })
        .await;
        let mut browser = Browser::of(self.app());
        browser.sign_in(email, PASSWORD).await;
        browser
    }

    /// A device that may set the addresses of `home.example.test`, and of names below it.
    pub(super) async fn device(&self) -> Device {
        self.with_token(WebhookRight::None).await
    }

    /// A program with the same token, that may manage webhooks besides.
    pub(super) async fn program(&self) -> Device {
        self.with_token(WebhookRight::Manage).await
    }

    /// The same device, at the server that runs now.
    pub(super) fn again(&self, device: &Device) -> Device {
        Device {
            browser: Browser::of(self.app()),
            token: device.token.clone(),
        }
    }

    async fn with_token(&self, webhooks: WebhookRight) -> Device {
        let limits = TokenLimits {
            webhooks,
            ..TokenLimits::new(
                vec!["*.home.example.test".parse().unwrap()],
                vec!["A".parse().unwrap()],
                Operations::all(),
            )
        };
        let new = NewToken {
            account: Some(OWNER.parse().unwrap()),
            from: None,
            kind: TokenKind::Live,
            name: "Router at home".parse().unwrap(),
            limits,
            end: None,
        };
        let request = TokenRequest::Create(Box::new(new));
        let reply = self.administer(AdminRequest::Token(request)).await;
        let AdminReply::TokenMade(made) = reply else {
            panic!("{reply:?}");
        };
        Device {
            browser: Browser::of(self.app()),
            token: made.token.reveal().to_owned(),
        }
    }
}

/// The owner's browser.
pub(super) struct Owner(pub(super) Browser);

/// A webhook as its owner knows it.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub(super) path: String,
    pub(super) secret: String,
}

impl Owner {
    /// Makes a webhook with the form.
    pub(super) async fn make(&self, url: &str) -> Made {
        let answer = self.try_make(url).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let between = |start: &str, end: &str| {
            let (_, rest) = answer.body.split_once(start).expect(start);
            rest.split_once(end).unwrap().0.to_owned()
        };
        Made {
            path: format!("/webhooks/wh_{}", between("wh_", "<")),
            secret: format!("whsec_{}", between("whsec_", "<")),
        }
    }

    pub(super) async fn try_make(&self, url: &str) -> Answer {
        let events = [
            "ip_changed",
            "hostname_created",
            "hostname_deleted",
            "update_failed",
        ];
        let mut fields = vec![("url", url)];
        fields.extend(events.map(|event| ("event", event)));
        self.0.post("/webhooks", &fields).await
    }

    pub(super) async fn act(&self, webhook: &Made, what: &str) -> Answer {
        self.0.post(&webhook.path, &[("do", what)]).await
    }

    /// The page of a webhook, once something is there.
    pub(super) async fn page_with(&self, path: &str, text: &str) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let page = self.0.get(path).await.body;
            if page.contains(text) {
                return page;
            }
            assert!(Instant::now() < end, "{path} never says `{text}`: {page}");
            // Deliveries are made by a task of the server, whose state the page alone shows.
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// The address of the newest delivery of a webhook.
    pub(super) async fn newest_delivery(&self, webhook: &Made) -> String {
        let page = self.0.get(&webhook.path).await.body;
        let start = format!("{}/deliveries/", webhook.path);
        let (_, rest) = page.split_once(&start).expect("there is a delivery");
        format!("{start}{}", rest.split_once('"').unwrap().0)
    }
}

/// Something with a token.
pub(super) struct Device {
    browser: Browser,
    token: String,
}

impl Device {
    /// Sets the address of a host with ApertoDNS.
    pub(super) async fn update(&self, host: &str, address: &str) -> Answer {
        let body = serde_json::json!({"hostname": host, "ipv4": address});
        self.send(Method::POST, "/.well-known/apertodns/v1/update", body)
            .await
    }

    /// Sends a request with the token.
    pub(super) async fn send(&self, method: Method, path: &str, body: serde_json::Value) -> Answer {
        let mut browser = self.browser.clone();
        let bearer = HeaderValue::try_from(format!("Bearer {}", self.token)).unwrap();
        browser.headers.insert("authorization", bearer);
        browser
            .send(method, path, Body::from(body.to_string()))
            .await
    }
}
