//! The demo over TLS, because clients ask nothing without it, and its owner at a browser.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use easement_server::config::Config;
use easement_server::demo::{Demo, DemoOptions, OWNER};
use easement_server::{App, ServiceProviders, Surroundings};
use serde_json::json;
use thirtyfour::By;
use thirtyfour::prelude::ElementWaitable as _;
use url::Url;

use crate::browser::Browser;
use crate::devices::lab::{Dns, Folder};
use crate::tools::{is_client_installed, is_installed};
use crate::world::TestClock;

/// Where the known client wants people back. Nothing is there: its people copy the code from the address.
pub(super) const BACK: &str = "https://dynamicdns.domainconnect.org/ddnscode";

/// Names that the certificate is for besides 127.0.0.1: those that tell clients their address.
const NAMES: &str = "subjectAltName=IP:127.0.0.1,DNS:api.ipify.org,DNS:api6.ipify.org";

pub(super) struct World {
    pub(super) app: App,
    pub(super) clock: Arc<TestClock>,
    pub(super) folder: Folder,
    browser: Browser,
    password: String,
}

impl World {
    /// Nothing when a program is missing.
    pub(super) async fn start(client: &str, dns: &[&str]) -> Option<Self> {
        if !(is_client_installed(client) && is_installed("openssl")) {
            return None;
        }
        let browser = Browser::start().await?;
        // Fails when another test of the process has done it.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let folder = Folder::new();
        make_certificate(&folder);
        let clock = Arc::new(TestClock::default());
        let around = Surroundings {
            clock: clock.clone(),
            service_providers: ServiceProviders::OnThisMachine,
            ..Surroundings::of_this_machine()
        };
        let password = make_demo(&folder.path("demo"), &around).await;
        let app = App::start(config(&folder, dns), around).await.unwrap();
        let world = Self {
            app,
            clock,
            folder,
            browser,
            password,
        };
        world.sign_in().await;
        Some(world)
    }

    pub(super) fn dns(&self) -> Dns {
        Dns(self.dns_address())
    }

    pub(super) fn dns_address(&self) -> SocketAddr {
        self.app.dns_addresses()[0]
    }

    /// The origin that clients find.
    pub(super) fn origin(&self) -> String {
        self.app.public_url().origin()
    }

    // What the owner does

    /// Also when the last time is so long ago that the server has forgotten it.
    pub(super) async fn sign_in(&self) {
        let page = self.browser.page();
        page.cdp()
            .send_raw(
                "Security.setIgnoreCertificateErrors",
                json!({"ignore": true}),
            )
            .await
            .unwrap();
        self.open(&format!("{}/sign-in", self.origin())).await;
        for (field, text) in [("email", OWNER), ("password", self.password.as_str())] {
            let Ok(field) = page.find(By::Id(field)).await else {
                panic!("no {field} on the page:\n{}", self.text().await);
            };
            field.send_keys(text).await.unwrap();
        }
        self.click("main form button[type=submit]").await;
    }

    /// Opens a link and answers the question there. Gives where the browser is sent.
    pub(super) async fn answer(&self, link: &str, answer: &str) -> Url {
        self.open(link).await;
        self.click(&format!("button[name=answer][value={answer}]"))
            .await;
        self.browser.page().current_url().await.unwrap()
    }

    /// Agrees to what the known client asks, and gives the code that its person copies.
    pub(super) async fn agree(&self, link: &str) -> String {
        let address = self.answer(link, "agree").await;
        assert!(address.as_str().starts_with(BACK), "{address}");
        let code = address.query_pairs().find(|(name, _)| name == "code");
        code.expect("a code").1.into_owned()
    }

    /// Takes back what the only client has.
    pub(super) async fn revoke(&self) {
        self.sign_in().await;
        self.open(&format!("{}/apps", self.origin())).await;
        self.click("main a[href^='/apps/']").await;
        self.click("a.danger[href$='/revoke']").await;
        self.click("main button.danger[type=submit]").await;
    }

    pub(super) async fn open(&self, url: &str) {
        self.browser.page().goto(url).await.unwrap();
    }

    /// All that the page says.
    pub(super) async fn text(&self) -> String {
        let body = self.browser.page().find(By::Tag("body")).await.unwrap();
        body.text().await.unwrap()
    }

    /// Clicks what leads to another page, and waits for that page.
    async fn click(&self, selector: &str) {
        let page = self.browser.page();
        let Ok(element) = page.find(By::Css(selector)).await else {
            panic!("no {selector} on the page:\n{}", self.text().await);
        };
        let before = page.find(By::Tag("html")).await.unwrap();
        element.click().await.unwrap();
        before.wait_until().stale().await.unwrap();
    }
}

/// Fills a folder as the demo does, and gives its owner's password. The demo itself has no TLS.
async fn make_demo(folder: &Path, around: &Surroundings) -> String {
    let options = DemoOptions {
        web_port: 0,
        dns_port: 0,
        provider_port: 0,
        ..DemoOptions::new(folder.to_owned())
    };
    let demo = Demo::start(&options, around.clone()).await.unwrap();
    let password = demo.owner_password().to_owned();
    demo.shutdown().await;
    password
}

fn config(folder: &Folder, dns: &[&str]) -> Config {
    let mut config = Config::default();
    config.server.public_url = "https://127.0.0.1:0".parse().unwrap();
    config.server.listen = vec!["127.0.0.1:0".parse().unwrap()];
    config.server.tls_certificate = Some(folder.path("ca.pem"));
    config.server.tls_key = Some(folder.path("ca.key"));
    config.dns.listen = dns.iter().map(|one| one.parse().unwrap()).collect();
    config.dns.name_servers = vec!["ns1.example.test".parse().unwrap()];
    config.store.data_dir = folder.path("demo");
    config
}

/// Makes `ca.pem` and `ca.key`: a certificate that is its own authority.
fn make_certificate(folder: &Folder) {
    let arguments = "req -x509 -nodes -days 30 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -subj /CN=127.0.0.1 \
                     -addext basicConstraints=critical,CA:FALSE -keyout ca.key -out ca.pem -addext";
    let mut arguments: Vec<&str> = arguments.split_whitespace().collect();
    arguments.push(NAMES);
    folder.run("openssl", &arguments).well();
}
