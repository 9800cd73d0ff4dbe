//! The browser that a test holds.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::WebDriver;

use super::driver::{Driver, capabilities};
use super::{Scheme, Screen};
use crate::tools;

/// A running browser with one window and a profile of its own. All of it is gone when it is dropped,
/// also when the test failed.
#[derive(Debug)]
pub(crate) struct Browser {
    // The order matters: the session ends first, then its driver, then its files.
    page: WebDriver,
    _driver: Driver,
    _profile: TempDir,
}

impl Browser {
    /// Starts a browser, or says why this test is skipped.
    pub(crate) async fn start() -> Option<Self> {
        if !(tools::is_installed("chromedriver") && tools::is_installed("chromium")) {
            return None;
        }
        let driver = Driver::start();
        let profile = TempDir::with_prefix("easement-browser-").unwrap();
        let page = WebDriver::new(driver.url(), capabilities(profile.path()))
            .await
            .expect("Chromium starts");
        let browser = Self {
            page,
            _driver: driver,
            _profile: profile,
        };
        browser.show_as(Screen::Desktop, Scheme::Light).await;
        Some(browser)
    }

    /// The window: go somewhere, find elements, click.
    pub(crate) fn page(&self) -> &WebDriver {
        &self.page
    }

    /// Shows the page as this screen and colour scheme would, from now on.
    pub(crate) async fn show_as(&self, screen: Screen, scheme: Scheme) {
        let (width, height) = screen.size();
        let is_mobile = screen == Screen::Phone;
        self.send(
            "Emulation.setDeviceMetricsOverride",
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": is_mobile}),
        )
        .await;
        self.send(
            "Emulation.setEmulatedMedia",
            json!({"features": [{"name": "prefers-color-scheme", "value": scheme.name()}]}),
        )
        .await;
    }

    /// Shows the page on a phone that is so narrow, from now on.
    pub(crate) async fn show_narrow(&self, pixels: u32) {
        self.send(
            "Emulation.setDeviceMetricsOverride",
            json!({"width": pixels, "height": 740, "deviceScaleFactor": 1, "mobile": true}),
        )
        .await;
    }

    /// Goes back to a light desktop.
    pub(crate) async fn show_usual(&self) {
        self.show_as(Screen::Desktop, Scheme::Light).await;
    }

    /// Takes pictures of the whole page on every screen in every scheme, as
    /// `target/screenshots/NAME-SCREEN-SCHEME.png`, and goes back to a light desktop.
    pub(crate) async fn take_pictures(&self, name: &str) -> Vec<PathBuf> {
        let mut pictures = Vec::new();
        for screen in [Screen::Phone, Screen::Desktop] {
            for scheme in [Scheme::Light, Scheme::Dark] {
                self.show_as(screen, scheme).await;
                let file = format!("{name}-{}-{}.png", screen.name(), scheme.name());
                pictures.push(self.take_picture(&file).await);
            }
        }
        self.show_as(Screen::Desktop, Scheme::Light).await;
        pictures
    }

    /// What makes the page hard or impossible to use for some people, one finding a line. Empty when
    /// axe finds nothing.
    pub(crate) async fn accessibility_findings(&self) -> Vec<String> {
        let Some(axe) = tools::axe() else {
            return Vec::new();
        };
        self.page.execute(axe, Vec::new()).await.unwrap();
        let run = "const done = arguments[arguments.length - 1];
            axe.run().then(({violations}) => done(violations.flatMap(rule => rule.nodes.map(
                node => `${rule.id} at ${node.target.join(' ')}: ${rule.help}`))))";
        let found = self.page.execute_async(run, Vec::new()).await.unwrap();
        serde_json::from_value(found.json().clone()).unwrap()
    }

    async fn take_picture(&self, file: &str) -> PathBuf {
        let metrics = self.send("Page.getLayoutMetrics", json!({})).await;
        let size = |side| metrics.pointer(&format!("/cssContentSize/{side}"));
        let clip = json!({
            "x": 0, "y": 0, "width": size("width"), "height": size("height"), "scale": 1
        });
        let options = json!({"format": "png", "captureBeyondViewport": true, "clip": clip});
        let answer = self.send("Page.captureScreenshot", options).await;
        let picture = answer.pointer("/data").and_then(Value::as_str).unwrap();
        let path = screenshots().join(file);
        std::fs::write(&path, BASE64.decode(picture).unwrap()).unwrap();
        path
    }

    /// One command of the Chrome `DevTools` protocol.
    async fn send(&self, command: &str, parameters: Value) -> Value {
        self.page
            .cdp()
            .send_raw(command, parameters)
            .await
            .unwrap_or_else(|error| panic!("{command}: {error}"))
    }
}

/// `target/screenshots`, made when missing.
fn screenshots() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let folder = target.join("screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}
