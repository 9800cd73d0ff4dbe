//! A whole server with two owners, and what apps send it.

use std::fmt::Write as _;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use domain::base::iana::Rcode;
use domain::base::{Message, MessageBuilder, Name, Rtype};
use domain::rdata::AllRecordData;
use easement_core::{
    AccountId, Clock, CodeBinding, GrantApp, GrantClient, GrantEnd, GrantId, GrantRight,
    OAuthTokenKind, OAuthTokenText, Random, Standing, Timestamp, ZoneRole,
};
use easement_store::NewGrant;
use http::{Method, StatusCode};
use namedrop::{AuthorizeQuery, Permissions};
use openapi::Need;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::admin::{AdminRequest, ExistingZone, ImportOptions};
use crate::config::{Config, PublicUrl};
use crate::oauth::test_place::Place;
use crate::{App, ServiceProviders, Surroundings};

pub(super) const OWNER: &str = "owner@example.test";
pub(super) const NEIGHBOUR: &str = "neighbour@example.test";
pub(super) const APP: &str = "https://app.example/done";
/// Shorter than the RFC wants, as the client in JavaScript makes them, and its SHA-256.
pub(super) const VERIFIER: &str = "Zg6klgrnixQJ629GsawRMV8MjWvwRAr6";
pub(super) const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
pub(super) const TEXT: (&str, &str) = ("content-type", "text/plain;charset=UTF-8");

#[derive(Default)]
pub(super) struct TestClock(AtomicI64);

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

/// A server with the zones of two owners: `example.test`, and below it `own.example.test`; `other.test`.
pub(super) struct World {
    pub(super) app: App,
    clock: Arc<TestClock>,
    _folder: TempDir,
    /// After the server: it goes away with it.
    _place: Place,
}

/// What an app has.
pub(super) struct Tokens {
    pub(super) grant: GrantId,
    pub(super) access: String,
    pub(super) refresh: String,
}

impl World {
    pub(super) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub(super) async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        Self::start_on(Place::Sqlite, change).await
    }

    pub(super) async fn on(place: Place) -> Self {
        Self::start_on(place, |_| {}).await
    }

    async fn start_on(place: Place, change: impl FnOnce(&mut Config)) -> Self {
        let folder = TempDir::with_prefix("easement-namedrop-").unwrap();
        let clock = Arc::new(TestClock::default());
        let mut config = Config::default();
        let web = SocketAddr::from(([127, 0, 0, 1], 0));
        config.server.public_url = PublicUrl::loopback(web).unwrap();
        config.server.listen = vec![web];
        config.dns.listen = vec![web];
        config.dns.name_servers = vec!["ns1.example.test".parse().unwrap()];
        config.store.data_dir = folder.path().to_owned();
        config.store.postgres_url = place.url();
        change(&mut config);
        let around = Surroundings {
            clock: clock.clone(),
            random: Arc::new(Counting::default()),
            service_providers: ServiceProviders::OnThisMachine,
        };
        let app = App::start(config, around).await.unwrap();
        let world = Self {
            app,
            clock,
            _folder: folder,
            _place: place,
        };
        world.furnish().await;
        world
    }

    async fn furnish(&self) {
        for email in [OWNER, NEIGHBOUR] {
            let account = AdminRequest::CreateAccount {
                email: email.parse().unwrap(),
                standing: Standing::Member,
                password: None,
            };
            self.app.administer(account).await.unwrap();
        }
        let head = "@ SOA ns1 ns1 1 1 1 1 1\n@ NS ns1.example.test.\n";
        let own = "@ TXT \"v=spf1 -all\"\n@ TXT \"proof\"\nevilsub A 192.0.2.66\ntaken A 192.0.2.1\n\
            lent NS ns.elsewhere.test.\n";
        for (apex, more, owner) in [
            ("example.test", own, OWNER),
            ("own.example.test", "", OWNER),
            ("other.test", "", NEIGHBOUR),
        ] {
            let zone = AdminRequest::ImportZone {
                apex: apex.parse().unwrap(),
                text: format!("{head}{more}"),
                owner: Some(owner.parse().unwrap()),
                existing: ExistingZone::Replace,
                options: ImportOptions::default(),
            };
            self.app.administer(zone).await.unwrap();
        }
    }

    pub(super) fn advance(&self, by: Duration) {
        let micros = i64::try_from(by.as_micros()).unwrap();
        self.clock.0.fetch_add(micros, Ordering::Relaxed);
    }

    pub(super) async fn set_role(&self, apex: &str, email: &str, role: Option<ZoneRole>) {
        let request = AdminRequest::SetRole {
            apex: apex.parse().unwrap(),
            email: email.parse().unwrap(),
            role,
        };
        self.app.administer(request).await.unwrap();
    }

    // What the page that asks makes

    /// The owner's yes to a link, for these permissions in this zone, written `SCOPE HOST`; gives the code.
    pub(super) async fn agree(&self, apex: &str, given: &[&str]) -> (GrantId, String) {
        self.agree_as(OWNER, apex, given).await
    }

    pub(super) async fn agree_as(
        &self,
        email: &str,
        apex: &str,
        given: &[&str],
    ) -> (GrantId, String) {
        self.agree_in(email, apex, apex, given).await
    }

    /// The same, for a zone and permissions that name another one.
    pub(super) async fn agree_in(
        &self,
        email: &str,
        apex: &str,
        named: &str,
        given: &[&str],
    ) -> (GrantId, String) {
        let state = self.app.state();
        let challenge = CodeChallengeOf(VERIFIER);
        let query = format!(
            "client_id=https%3A%2F%2Fapp.example%2Fdone&redirect_uri=https%3A%2F%2Fapp.example%2Fdone\
             &scope=namedrop-hosts&code_challenge={challenge}&code_challenge_method=S256"
        );
        let asked = AuthorizeQuery::parse(&query).unwrap();
        let account = self.account(email).await;
        let zone = state.store.zone_by_apex(&apex.parse().unwrap()).await;
        let code = OAuthTokenText::generate(OAuthTokenKind::Code, state.random.as_ref()).unwrap();
        let new = NewGrant {
            account,
            client: GrantClient::App(GrantApp::of(&asked.app)),
            zone: zone.unwrap().unwrap().id,
            right: GrantRight::Names {
                permissions: permissions(named, given),
            },
            expires_at: None,
            code: code.hash(),
            binding: CodeBinding::of_app(&asked).unwrap(),
        };
        let grant = state.store.create_grant(new).await.unwrap();
        (grant.id, code.reveal())
    }

    pub(super) async fn account(&self, email: &str) -> AccountId {
        let email = email.parse().unwrap();
        let found = self.app.state().store.account_by_email(&email).await;
        found.unwrap().unwrap().account.id
    }

    /// The whole way to tokens.
    pub(super) async fn tokens(&self, apex: &str, given: &[&str]) -> Tokens {
        self.tokens_as(OWNER, apex, given).await
    }

    pub(super) async fn tokens_as(&self, email: &str, apex: &str, given: &[&str]) -> Tokens {
        let (grant, code) = self.agree_as(email, apex, given).await;
        let answer = self.redeem(&code, &[]).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        Tokens {
            grant,
            access: answer.text("access_token"),
            refresh: answer.text("refresh_token"),
        }
    }

    pub(super) async fn ended(&self, grant: GrantId) -> Option<GrantEnd> {
        let entry = self.app.state().store.grant(grant).await.unwrap().unwrap();
        entry.grant.ended.map(|(_, because)| because)
    }

    // What apps send

    /// A code, as the client in JavaScript shows it, with other fields in the place of its own.
    pub(super) async fn redeem(&self, code: &str, more: &[(&str, &str)]) -> Answer {
        let mut fields = vec![
            ("code", code),
            ("client_id", APP),
            ("redirect_uri", APP),
            ("code_verifier", VERIFIER),
            ("grant_type", "authorization_code"),
        ];
        for (name, value) in more {
            fields.retain(|(known, _)| known != name);
            fields.push((name, value));
        }
        self.form("/namedrop/token", &fields).await
    }

    pub(super) async fn refresh(&self, token: &str) -> Answer {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.form("/namedrop/token", &fields).await
    }

    pub(super) async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.post(path, &[FORM], &encode(fields)).await
    }

    /// A call of version 0.4.0, as a page in a browser sends it.
    pub(super) async fn call(&self, what: &str, token: &str, mut body: Value) -> Answer {
        body["token"] = json!(token);
        let path = format!("/namedrop/{what}-records");
        self.post(&path, &[TEXT], &body.to_string()).await
    }

    pub(super) async fn post(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.send(Method::POST, path, headers, body).await
    }

    /// Sends a request over a connection of its own, and holds the answer against what every answer has.
    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let answer = self.send_plain(&method, path, headers, body).await;
        assert_eq!(
            answer.header("access-control-allow-origin"),
            Some("*"),
            "{path}"
        );
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        assert_eq!(answer.header("set-cookie"), None);
        assert!(answer.header("x-request-id").is_some(), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        answer.check(&method, path);
        answer
    }

    pub(super) async fn send_plain(
        &self,
        method: &Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let place = self.app.web_addresses()[0];
        let mut text = format!(
            "{method} {path} HTTP/1.1\r\nhost: {place}\r\nconnection: close\r\ncontent-length: {}\r\n",
            body.len()
        );
        for (name, value) in headers {
            write!(text, "{name}: {value}\r\n").unwrap();
        }
        write!(text, "\r\n{body}").unwrap();
        let mut stream = TcpStream::connect(place).await.unwrap();
        // A server that reads no further answers and closes.
        let _ = stream.write_all(text.as_bytes()).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        Answer::read(&String::from_utf8(answer).unwrap())
    }

    // What DNS says

    /// The answers to a question, in order.
    pub(super) fn dns(&self, name: &str, rtype: Rtype) -> Vec<String> {
        let name: Name<Vec<u8>> = name.parse().unwrap();
        let mut question = MessageBuilder::new_vec().question();
        question.push((&name, rtype)).unwrap();
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        socket.connect(self.app.dns_addresses()[0]).unwrap();
        socket.send(&question.finish()).unwrap();
        let mut octets = vec![0; 4096];
        let length = socket.recv(&mut octets).unwrap();
        octets.truncate(length);
        let message = Message::from_octets(octets).unwrap();
        let rcode = message.header().rcode();
        assert!(
            rcode == Rcode::NOERROR || rcode == Rcode::NXDOMAIN,
            "{rcode}"
        );
        let records = message.answer().unwrap();
        let records = records.limit_to::<AllRecordData<_, _>>();
        let mut found: Vec<String> = records
            .map(|record| record.unwrap().data().to_string())
            .collect();
        found.sort();
        found
    }
}

/// The challenge of a verifier.
struct CodeChallengeOf(&'static str);

impl std::fmt::Display for CodeChallengeOf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        use base64::Engine as _;
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, self.0.as_bytes());
        f.write_str(&base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(digest.as_ref()))
    }
}

pub(super) fn permissions(apex: &str, given: &[&str]) -> Permissions {
    let list = given.iter().map(|text| {
        let (scope, host) = text.split_once(' ').unwrap_or((text, ""));
        json!({"scope": format!("namedrop-{scope}"), "domain": apex, "host": host})
    });
    serde_json::from_value(list.collect()).unwrap()
}

pub(super) fn encode(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

//------------ Answer ----------------------------------------------------------------------------

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    headers: Vec<(String, String)>,
    pub(super) body: Value,
}

impl Answer {
    fn read(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap();
        let headers = lines.map(|line| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_ascii_lowercase(), value.to_owned())
        });
        Self {
            status: status.parse().unwrap(),
            headers: headers.collect(),
            body: serde_json::from_str(body).unwrap_or(Value::Null),
        }
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(super) fn text(&self, member: &str) -> String {
        self.body[member].as_str().unwrap_or_default().to_owned()
    }

    /// The first message of an error.
    pub(super) fn message(&self) -> &str {
        self.body["errors"][0]["message"]
            .as_str()
            .unwrap_or_default()
    }

    /// A success: its records as `HOST TYPE VALUE`.
    pub(super) fn records(&self) -> Vec<String> {
        assert_eq!(self.status, StatusCode::OK, "{}", self.body);
        assert_eq!(self.body["type"], "success");
        let records = self.body["records"].as_array().unwrap().iter();
        let text = |record: &Value, member: &str| record[member].as_str().unwrap().to_owned();
        let mut told: Vec<String> = records
            .map(|one| [text(one, "host"), text(one, "type"), text(one, "value")].join(" "))
            .collect();
        told.sort();
        told
    }

    /// Nothing was done, and why is said so that the clients read it.
    pub(super) fn assert_failed(&self, status: u16, words: &str) {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        assert_eq!(self.body["type"], "error", "{}", self.body);
        assert!(self.message().contains(words), "{}", self.body);
    }

    /// A refusal of OAuth.
    pub(super) fn assert_refused(&self, status: u16, code: &str) {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        assert_eq!(self.text("error"), code, "{}", self.body);
        assert_eq!(self.header("cache-control"), Some("no-store"));
    }

    /// It is one that the document of the interface describes.
    fn check(&self, method: &Method, target: &str) {
        let path = target.split_once('?').map_or(target, |(path, _)| path);
        let document = crate::openapi::document();
        let Some(operation) = document.find(method.as_str(), path) else {
            return;
        };
        let status = self.status.as_u16();
        let reply = operation
            .replies
            .iter()
            .find(|reply| reply.status == status);
        let reply = reply.unwrap_or_else(|| panic!("{path} {status}: {}", self.body));
        for header in &reply.headers {
            let is_there = self
                .header(header.name.to_ascii_lowercase().as_str())
                .is_some();
            assert!(
                is_there || header.need == Need::Optional,
                "{path}: {}",
                header.name
            );
        }
        if let Some(content) = reply.contents.first() {
            let problems = content.schema.check(&self.body);
            assert!(problems.is_empty(), "{path}: {problems:?} {}", self.body);
        }
        if let Some(code) = self.body.get("error").and_then(Value::as_str) {
            let is_known = reply.codes.iter().any(|known| known.code == code);
            assert!(is_known, "{path}: {code}");
        }
    }
}
