//! A service in a world of its own, and browsers that ask it.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use easement_client::{
    AuthorizationCode, Discovery, Expectation, HiddenText, PendingConsent, PlainHttp,
    ProviderCredentials, ProviderSettings, ServerReport, ServerState, TemplateChange, TemplateId,
    TemplateSupport, Tokens, Unapplied, UrlPrefix, VerifyReport,
};
use easement_core::{Clock, Timestamp};
use easement_outbound::SystemRandom;
use easement_zone::{Name, RecordData};
use http::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, SET_COOKIE};
use http::{HeaderMap, Request, StatusCode};
use tower::ServiceExt as _;
use url::form_urlencoded;

use crate::context::Shared;
use crate::options::ExampleOptions;
use crate::outside::{Answering, Calling, Outside, Trouble};
use crate::pages::Action;
use crate::router::router;
use crate::service::make_context;

/// The secret of the one client.
pub(super) const SECRET: &str = "s3cret-of-the-client";

/// The usual form.
pub(super) const WISH: [(&str, &str); 3] = [
    ("domain", "example.com"),
    ("host", "www"),
    ("message", "Hello <world> & 'all'"),
];

//------------ Fake ------------------------------------------------------------------------------

/// What the world says.
#[derive(Debug)]
pub(super) struct Fake {
    /// The settings of the one DNS provider, as JSON; none when there is no provider.
    pub(super) settings: Mutex<Option<String>>,
    pub(super) supported: Mutex<Vec<&'static str>>,
    /// The zone that every name is in.
    pub(super) zone: Mutex<&'static str>,
    pub(super) texts: Mutex<HashMap<Name, Vec<Vec<u8>>>>,
    /// What calls with a permission are answered, the last first.
    pub(super) calls: Mutex<Vec<Result<(), Unapplied>>>,
    /// Every call, as text.
    pub(super) called: Mutex<Vec<String>>,
    /// How often anything was asked.
    pub(super) asked: AtomicUsize,
    /// What is wrong with taking permissions back, if anything.
    pub(super) unrevokable: Mutex<Option<&'static str>>,
    /// Why nobody can say which templates are supported.
    pub(super) unsaid: Mutex<Option<&'static str>>,
    /// Why DNS does not answer.
    pub(super) silent: Mutex<Option<&'static str>>,
    /// What servers show that do not show the text.
    pub(super) otherwise: Mutex<ServerState>,
    /// Closed, nobody out there answers until it is opened.
    pub(super) gate: Gate,
}

/// Opens and closes.
#[derive(Debug, Default)]
pub(super) struct Gate(tokio::sync::RwLock<()>);

impl Gate {
    /// Closes it until the value is dropped.
    pub(super) fn close(&self) -> tokio::sync::RwLockWriteGuard<'_, ()> {
        self.0.try_write().unwrap()
    }

    async fn pass(&self) {
        drop(self.0.read().await);
    }
}

impl Default for Fake {
    fn default() -> Self {
        let settings = r#"{"providerId": "dns.example", "providerName": "Example DNS",
            "urlSyncUX": "https://ux.dns.example", "urlAsyncUX": "https://ux.dns.example",
            "urlAPI": "https://api.dns.example", "width": 640, "height": 480}"#;
        Self {
            settings: Mutex::new(Some(settings.to_owned())),
            supported: Mutex::new(vec![
                "website",
                "website-unsigned",
                "managed-site",
                "managed-note",
            ]),
            zone: Mutex::new("example.com"),
            texts: Mutex::default(),
            calls: Mutex::default(),
            called: Mutex::default(),
            asked: AtomicUsize::new(0),
            unrevokable: Mutex::default(),
            unsaid: Mutex::default(),
            silent: Mutex::default(),
            otherwise: Mutex::new(ServerState::Differs(Vec::new())),
            gate: Gate::default(),
        }
    }
}

impl Fake {
    pub(super) fn set_text(&self, name: &str, text: &[u8]) {
        let name = name.parse().unwrap();
        self.texts.lock().unwrap().insert(name, vec![text.to_vec()]);
    }

    fn note(&self, call: String) {
        self.count();
        self.called.lock().unwrap().push(call);
    }

    fn count(&self) {
        self.asked.fetch_add(1, Ordering::Relaxed);
    }
}

impl Outside for Arc<Fake> {
    fn discover<'a>(&'a self, name: &'a Name) -> Answering<'a, Discovery> {
        self.count();
        let settings = self.settings.lock().unwrap().clone();
        let zone: Name = self.zone.lock().unwrap().parse().unwrap();
        Box::pin(async move {
            self.gate.pass().await;
            let json = settings.ok_or_else(|| Trouble("there is no <b>record</b>".to_owned()))?;
            let settings =
                ProviderSettings::read(json.as_bytes(), "example.com", PlainHttp::Refuse);
            Ok(Discovery {
                host: name.relative_to(&zone).unwrap(),
                zone,
                announcement: "dns.example".parse().unwrap(),
                settings: settings.map_err(Trouble::of)?,
            })
        })
    }

    fn support<'a>(
        &'a self,
        _: &'a ProviderSettings,
        template: &'a TemplateId,
    ) -> Answering<'a, TemplateSupport> {
        self.count();
        let supported = self.supported.lock().unwrap().clone();
        let unsaid = *self.unsaid.lock().unwrap();
        Box::pin(async move {
            if let Some(words) = unsaid {
                return Err(Trouble(words.to_owned()));
            }
            Ok(if supported.contains(&template.service.as_str()) {
                TemplateSupport::Supported {
                    version: Some(1),
                    template: None,
                }
            } else {
                TemplateSupport::NotSupported
            })
        })
    }

    fn exchange<'a>(
        &'a self,
        consent: PendingConsent,
        code: AuthorizationCode,
        credentials: &'a ProviderCredentials,
    ) -> Answering<'a, Tokens> {
        self.note(format!("exchange at {} with {code:?}", credentials.url_api));
        let stored = serde_json::to_value(&consent).unwrap();
        Box::pin(async move {
            self.gate.pass().await;
            Ok(tokens(&stored, "at1"))
        })
    }

    fn refresh<'a>(
        &'a self,
        old: &'a Tokens,
        credentials: &'a ProviderCredentials,
    ) -> Answering<'a, Tokens> {
        self.note(format!("refresh at {}", credentials.url_api));
        let stored = serde_json::to_value(old).unwrap();
        Box::pin(async move {
            self.gate.pass().await;
            Ok(tokens(&stored, "at2"))
        })
    }

    fn revoke<'a>(&'a self, _: &'a Tokens, _: &'a ProviderCredentials) -> Answering<'a, ()> {
        self.note("revoke".to_owned());
        let wrong = *self.unrevokable.lock().unwrap();
        Box::pin(async move { wrong.map_or(Ok(()), |words| Err(Trouble(words.to_owned()))) })
    }

    fn call<'a>(
        &'a self,
        tokens: &'a Tokens,
        change: &'a TemplateChange,
        action: Action,
    ) -> Calling<'a> {
        let text = change.variables.get(&"RANDOMTEXT".parse().unwrap());
        self.note(format!(
            "{action:?} {} at {} with {} {:?}: {}",
            change.service,
            change.host,
            tokens.access_token.reveal(),
            change.conflicts,
            text.unwrap_or_default(),
        ));
        let answer = self.calls.lock().unwrap().pop().unwrap_or(Ok(()));
        Box::pin(async move { Ok(answer?) })
    }

    fn verify<'a>(
        &'a self,
        _: &'a Name,
        expected: &'a [Expectation],
    ) -> Answering<'a, VerifyReport> {
        self.count();
        let text = expected.last().unwrap();
        let texts = self.texts.lock().unwrap();
        let there = texts.get(&text.owner).cloned().unwrap_or_default();
        let mut there = there.iter().map(|text| RecordData::txt(text).unwrap());
        let state = if there.any(|one| one == text.values[0]) {
            ServerState::Shown
        } else {
            self.otherwise.lock().unwrap().clone()
        };
        Box::pin(async move {
            let mut server = ServerReport::named(SocketAddr::from(([192, 0, 2, 53], 53)));
            server.state = state;
            Ok(VerifyReport {
                servers: vec![server],
                rounds: 1,
            })
        })
    }

    fn texts<'a>(&'a self, name: &'a Name) -> Answering<'a, Vec<Vec<u8>>> {
        self.count();
        let texts = self.texts.lock().unwrap().get(name).cloned();
        let silent = *self.silent.lock().unwrap();
        Box::pin(async move {
            match silent {
                Some(words) => Err(Trouble(words.to_owned())),
                None => Ok(texts.unwrap_or_default()),
            }
        })
    }
}

/// Tokens for what a consent, or other tokens, were about.
fn tokens(stored: &serde_json::Value, access_token: &str) -> Tokens {
    let mut tokens = stored.clone();
    tokens["access_token"] = access_token.into();
    tokens["refresh_token"] = "rt".into();
    tokens["expires_at"] = 1_800_003_600_000_000_i64.into();
    serde_json::from_value(tokens).unwrap()
}

//------------ World -----------------------------------------------------------------------------

#[derive(Debug)]
struct HandClock(Mutex<Timestamp>);

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// A service that nobody listens for, and the world around it.
pub(super) struct World {
    pub(super) fake: Arc<Fake>,
    pub(super) context: Shared,
    clock: Arc<HandClock>,
    router: Router,
}

impl World {
    pub(super) fn new() -> Self {
        Self::at("http://localhost:8081/")
    }

    pub(super) fn at(public_url: &str) -> Self {
        Self::listening(public_url, SocketAddr::from(([127, 0, 0, 1], 8081)))
    }

    pub(super) fn listening(public_url: &str, address: SocketAddr) -> Self {
        let fake = Arc::new(Fake::default());
        let now = Timestamp::from_micros(1_800_000_000_000_000);
        let clock = Arc::new(HandClock(Mutex::new(now)));
        let domain = crate::DOMAIN.parse().unwrap();
        let mut options = ExampleOptions::new(domain, crate::KEY_LABEL.parse().unwrap());
        options.public_url = Some(public_url.parse().unwrap());
        options.site_address = [203, 0, 113, 10].into();
        options.credentials = vec![ProviderCredentials {
            provider_id: "dns.example".to_owned(),
            url_api: UrlPrefix::read("https://api.dns.example", PlainHttp::Refuse).unwrap(),
            client_id: "statelesshosting.example".to_owned(),
            client_secret: Some(HiddenText::new(SECRET)),
        }];
        let parts = (
            Box::new(Arc::clone(&fake)) as Box<dyn Outside>,
            Arc::clone(&clock) as Arc<dyn Clock>,
            Arc::new(SystemRandom) as Arc<dyn easement_core::Random>,
        );
        let context = Arc::new(make_context(options, address, parts).unwrap());
        Self {
            fake,
            router: router(Arc::clone(&context)),
            context,
            clock,
        }
    }

    pub(super) fn pass(&self, time: Duration) {
        let mut now = self.clock.0.lock().unwrap();
        *now = now.plus(time);
    }

    pub(super) fn asked(&self) -> usize {
        self.fake.asked.load(Ordering::Relaxed)
    }

    pub(super) fn browser(&self) -> Browser<'_> {
        Browser {
            world: self,
            cookie: Mutex::default(),
            address: [198, 51, 100, 7],
        }
    }
}

//------------ Browser ---------------------------------------------------------------------------

/// Somebody with a cookie.
pub(super) struct Browser<'a> {
    world: &'a World,
    cookie: Mutex<Option<String>>,
    address: [u8; 4],
}

/// What was answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Browser<'_> {
    /// The same in another network.
    pub(super) fn in_network(self, address: [u8; 4]) -> Self {
        Self { address, ..self }
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path), Body::empty()).await
    }

    /// Asks for a page at another name than the service's own.
    pub(super) async fn get_at(&self, host: &str, path: &str) -> Answer {
        self.send(Request::get(path).header(HOST, host), Body::empty())
            .await
    }

    /// Sends a form from our front page.
    pub(super) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.form_token().await;
        let token = ("form", token.as_str());
        let fields: Vec<_> = fields.iter().copied().chain([token]).collect();
        self.post_bare(path, &fields).await
    }

    /// Sends a form without anything that shows where it is from.
    pub(super) async fn post_bare(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, Body::from(body)).await
    }

    pub(super) async fn form_token(&self) -> String {
        let page = self.get("/").await;
        let (_, rest) = page.body.split_once("name=\"form\" value=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    }

    pub(super) async fn send(&self, request: http::request::Builder, body: Body) -> Answer {
        let mut request = request.body(body).unwrap();
        if !request.headers().contains_key(HOST) {
            let url = &self.world.context.public_url;
            let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
            request.headers_mut().insert(HOST, host.parse().unwrap());
        }
        if let Some(cookie) = self.cookie.lock().unwrap().as_ref() {
            request
                .headers_mut()
                .insert(COOKIE, cookie.parse().unwrap());
        }
        let peer = SocketAddr::from((self.address, 4711));
        request.extensions_mut().insert(ConnectInfo(peer));
        let response = self.world.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        if let Some(cookie) = parts.headers.get(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap().split(';').next().unwrap();
            *self.cookie.lock().unwrap() = Some(cookie.to_owned());
        }
        let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Where a redirect leads: never anywhere but to a page of ours.
    pub(super) fn location(&self) -> String {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.body);
        let location = self.header(LOCATION.as_str()).to_owned();
        let ours = ["/outcome?t=", "/done?t=", "/managed"];
        assert!(
            ours.iter().any(|path| location.starts_with(path)),
            "{location}"
        );
        location
    }

    /// The address of the link with this id, as a browser reads it.
    pub(super) fn link(&self, id: &str) -> url::Url {
        let (_, rest) = self
            .body
            .split_once(&format!("id=\"{id}\" href=\""))
            .unwrap();
        let href = rest.split('"').next().unwrap();
        href.replace("&#38;", "&")
            .replace("&amp;", "&")
            .parse()
            .unwrap()
    }
}

/// The value of a parameter of a URL.
pub(super) fn parameter(url: &url::Url, name: &str) -> String {
    let found = url.query_pairs().find(|(found, _)| found == name);
    found
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}
