//! A whole server in a temporary folder, with a clock that tests set and secrets that repeat, and
//! people who use it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use easement_core::{Clock, Random, Timestamp};
use easement_server::config::Overrides;
use easement_server::demo::{Demo, DemoOptions, NEIGHBOUR, OWNER, Wish};
use easement_server::{App, ServiceProviders, Surroundings};
use http::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, SET_COOKIE};
use http::{HeaderMap, Method, Request, StatusCode};
use tempfile::TempDir;
use tower::ServiceExt as _;
use url::form_urlencoded;

/// The demo, on free ports.
pub(crate) struct World {
    pub(crate) demo: Demo,
    pub(crate) clock: Arc<TestClock>,
    folder: TempDir,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// With these settings, such as `log.level=debug`.
    pub(crate) async fn start_with(settings: &[&str]) -> Self {
        let folder = TempDir::with_prefix("easement-world-").unwrap();
        let clock = Arc::new(TestClock::default());
        let mut overrides = Overrides::default();
        for setting in settings {
            overrides.add_argument(setting).unwrap();
        }
        let options = DemoOptions {
            overrides,
            web_port: 0,
            dns_port: 0,
            provider_port: 0,
            ..DemoOptions::new(folder.path().join("demo"))
        };
        let surroundings = Surroundings {
            clock: clock.clone(),
            random: Arc::new(Repeating::default()),
            service_providers: ServiceProviders::OnThisMachine,
        };
        let demo = Demo::start(&options, surroundings).await.unwrap();
        Self {
            demo,
            clock,
            folder,
        }
    }

    /// Everything that the server has written into its folder.
    pub(crate) fn written(&self) -> Vec<u8> {
        let mut written = Vec::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let entry = entry.unwrap();
                let kind = entry.file_type().unwrap();
                if kind.is_dir() {
                    folders.push(entry.path());
                } else if kind.is_file() {
                    written.extend(std::fs::read(entry.path()).unwrap());
                }
            }
        }
        written
    }

    /// A browser with nobody signed in.
    pub(crate) fn anonymous(&self) -> Browser {
        Browser::of(self.demo.app())
    }

    /// The owner of `example.test`, signed in.
    pub(crate) async fn owner(&self) -> Browser {
        let mut browser = self.anonymous();
        browser.sign_in(OWNER, self.demo.owner_password()).await;
        browser
    }

    /// The owner of `neighbour.test`, signed in.
    pub(crate) async fn neighbour(&self) -> Browser {
        let mut browser = self.anonymous();
        browser
            .sign_in(NEIGHBOUR, self.demo.neighbour_password())
            .await;
        browser
    }

    /// The path of a signed link to connect Fernmail.
    pub(crate) fn mail_link(&self, domain: &str, more: &[(&str, &str)]) -> String {
        let mut parameters = vec![("tenant", "t-1")];
        parameters.extend(more);
        self.link("fernmail.test", "business", domain, &parameters)
    }

    /// The path of a signed link.
    pub(crate) fn link(
        &self,
        provider: &str,
        service: &str,
        domain: &str,
        parameters: &[(&str, &str)],
    ) -> String {
        let wish = Wish {
            provider,
            service,
            domain,
            parameters,
        };
        let link = self.demo.service_provider().link(&wish).unwrap();
        let origin = self.demo.app().public_url().origin();
        link.strip_prefix(&origin).unwrap().to_owned()
    }

    /// Where links of tests lead back to.
    pub(crate) fn back(&self) -> String {
        format!("{}return", self.demo.website_url())
    }
}

//------------ Browser ---------------------------------------------------------------------------

/// What a person's browser sends: from one address, with the cookie it was given, as a request of the
/// site itself unless a test says otherwise.
#[derive(Clone)]
pub(crate) struct Browser {
    router: Router,
    host: String,
    pub(crate) peer: SocketAddr,
    /// Headers to send with every request.
    pub(crate) headers: HeaderMap,
    pub(crate) cookie: Option<String>,
}

impl Browser {
    /// A browser with nobody signed in.
    pub(crate) fn of(app: &App) -> Self {
        Self {
            router: app.router(),
            host: app.public_url().authority(),
            peer: "192.0.2.44:40000".parse().unwrap(),
            headers: HeaderMap::new(),
            cookie: None,
        }
    }

    /// The same at another address.
    pub(crate) fn from(&self, peer: &str) -> Self {
        Self {
            peer: peer.parse().unwrap(),
            ..self.clone()
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, Body::empty()).await
    }

    /// Posts a form.
    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.send(Method::POST, path, Body::from(form)).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Body) -> Answer {
        let mut request = Request::builder()
            .method(&method)
            .uri(path)
            .header(HOST, &self.host)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(cookie) = &self.cookie {
            request = request.header(COOKIE, format!("__Host-easement={cookie}"));
        }
        let mut request = request
            .extension(ConnectInfo(self.peer))
            .body(body)
            .unwrap();
        request.headers_mut().extend(self.headers.clone());
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        let answer = Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        };
        crate::interface::check_answer(&method, path, &answer);
        answer
    }

    pub(crate) async fn try_sign_in(&self, email: &str, password: &str) -> Answer {
        let fields = [("email", email), ("password", password)];
        self.post("/sign-in", &fields).await
    }

    pub(crate) async fn sign_in(&mut self, email: &str, password: &str) {
        let answer = self.try_sign_in(email, password).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        self.cookie = answer.session();
        assert!(self.cookie.is_some());
    }

    /// Opens an apply link and presses a button of the page.
    pub(crate) async fn answer_consent(&self, link: &str, answer: &str) -> Answer {
        let page = self.get(link).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        let plan = page.hidden("plan").expect("the page asks for consent");
        self.post(link, &[("plan", &plan), ("answer", answer)])
            .await
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn location(&self) -> &str {
        self.header(LOCATION.as_str())
    }

    /// The secret of the session cookie that was set; empty when it was taken away.
    pub(crate) fn session(&self) -> Option<String> {
        let line = self.headers.get(SET_COOKIE)?.to_str().unwrap();
        let (pair, _) = line.split_once(';').unwrap();
        Some(pair.strip_prefix("__Host-easement=").unwrap().to_owned())
    }

    /// The value of a hidden field.
    pub(crate) fn hidden(&self, name: &str) -> Option<String> {
        let start = format!("name=\"{name}\" value=\"");
        let (_, rest) = self.body.split_once(&start)?;
        rest.split_once('"').map(|(value, _)| value.to_owned())
    }
}

//------------ Time and randomness ---------------------------------------------------------------

/// A clock that stands still until a test moves it.
#[derive(Debug)]
pub(crate) struct TestClock(AtomicI64);

impl TestClock {
    pub(crate) fn pass(&self, duration: Duration) {
        let micros = i64::try_from(duration.as_micros()).unwrap();
        self.0.fetch_add(micros, Ordering::SeqCst);
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self(AtomicI64::new(1_795_301_748_000_000))
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// Octets that differ from call to call and are the same in every run.
#[derive(Debug, Default)]
pub(crate) struct Repeating(AtomicU64);

impl Random for Repeating {
    fn octets(&self, count: usize) -> Vec<u8> {
        let mut state = self
            .0
            .fetch_add(1, Ordering::SeqCst)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            | 1;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_be_bytes()[3]
        };
        (0..count).map(|_| next()).collect()
    }
}
