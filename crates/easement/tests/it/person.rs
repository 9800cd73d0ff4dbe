//! Somebody at a browser: the owner of the demo's zone.

use std::process::Command;
use std::time::{Duration, Instant};

use thirtyfour::prelude::ElementWaitable as _;
use thirtyfour::{By, WebDriver};

use crate::browser::Browser;
use crate::demo::Demo;
use crate::run::Folder;
use crate::tools;

/// How long something that happens by itself may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// The demo, and somebody at a browser that nobody is signed in with.
pub(crate) struct Person {
    pub(crate) browser: Browser,
    pub(crate) demo: Demo,
    pub(crate) folder: Folder,
}

impl Person {
    /// Starts both, or says why the test is skipped.
    pub(crate) async fn start() -> Option<Self> {
        if !tools::is_installed("dig") {
            return None;
        }
        let browser = Browser::start().await?;
        let folder = Folder::new();
        let demo = Demo::start(&folder);
        Some(Self {
            browser,
            demo,
            folder,
        })
    }

    pub(crate) fn page(&self) -> &WebDriver {
        self.browser.page()
    }

    pub(crate) async fn open(&self, url: &str) {
        self.page().goto(url).await.unwrap();
    }

    /// All that the page says.
    pub(crate) async fn text(&self) -> String {
        let body = self.page().find(By::Tag("body")).await.unwrap();
        body.text().await.unwrap()
    }

    pub(crate) async fn address(&self) -> String {
        self.page().current_url().await.unwrap().to_string()
    }

    /// The address of the page, once it begins like this.
    pub(crate) async fn comes_to(&self, beginning: &str) -> String {
        let began = Instant::now();
        loop {
            let address = self.address().await;
            if address.starts_with(beginning) {
                return address;
            }
            assert!(began.elapsed() < PATIENCE, "not {beginning}: {address}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The page says all of this.
    #[track_caller]
    pub(crate) fn reads(&self, parts: &[&str]) -> impl Future<Output = String> {
        let caller = std::panic::Location::caller();
        async move {
            let text = self.text().await;
            for part in parts {
                assert!(
                    text.contains(part),
                    "{caller}: {part:?} is missing:\n{text}"
                );
            }
            text
        }
    }

    /// The page says this before long.
    pub(crate) async fn reads_soon(&self, part: &str) {
        let began = Instant::now();
        loop {
            // The page may be leaving just now.
            let body = self.page().find(By::Tag("body")).await;
            let text = match body {
                Ok(body) => body.text().await.unwrap_or_default(),
                Err(_) => String::new(),
            };
            if text.contains(part) {
                return;
            }
            assert!(
                began.elapsed() < PATIENCE,
                "{part:?} does not come:\n{text}"
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Clicks what leads to another page, and waits for that page.
    pub(crate) async fn click(&self, selector: &str) {
        let before = self.page().find(By::Tag("html")).await.unwrap();
        self.press(selector).await;
        before.wait_until().stale().await.unwrap();
    }

    /// Clicks something, and waits for nothing.
    pub(crate) async fn press(&self, selector: &str) {
        let Ok(element) = self.page().find(By::Css(selector)).await else {
            panic!("no {selector} on the page:\n{}", self.text().await);
        };
        element.click().await.unwrap();
    }

    pub(crate) async fn type_into(&self, selector: &str, text: &str) {
        let Ok(field) = self.page().find(By::Css(selector)).await else {
            panic!("no {selector} on the page:\n{}", self.text().await);
        };
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    pub(crate) async fn sign_in(&self) {
        let (email, password) = self.demo.owner();
        self.type_into("#email", &email).await;
        self.type_into("#password", &password).await;
        self.click("main form button[type=submit]").await;
    }

    pub(crate) async fn agree(&self) {
        self.click("button[name=answer][value=agree]").await;
    }

    pub(crate) async fn decline(&self) {
        self.click("button[name=answer][value=decline]").await;
    }

    /// Checks that everybody can use the page, and takes pictures of it.
    pub(crate) async fn inspect(&self, name: &str) {
        let findings = self.browser.accessibility_findings().await;
        assert!(findings.is_empty(), "{name}: {findings:#?}");
        self.browser.take_pictures(&format!("example-{name}")).await;
    }

    /// What `dig` is answered, sorted.
    pub(crate) fn dig(&self, name: &str, rtype: &str) -> Vec<String> {
        let dns = self.demo.dns();
        let (address, port) = dns.split_once(':').unwrap();
        let output = Command::new("dig")
            // From another address than the server's: dig and the server share ports (SO_REUSEPORT), and dig may
            // be given the very one that it asks, and hear itself.
            .args(["-b", "127.0.0.2", &format!("@{address}"), "-p", port])
            .args([name, rtype, "+short", "+norecurse", "+tries=1", "+time=5"])
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let lines = String::from_utf8(output.stdout).unwrap();
        let mut lines: Vec<String> = lines.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    }
}
