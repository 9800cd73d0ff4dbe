//! A real browser for tests: headless Chromium, driven over `WebDriver`.
//!
//! **What it is for.** Walking through pages as a person does, and taking pictures of them for people
//! to judge. A test starts with [`Browser::start`] and goes on with [`Browser::page`].
//!
//! **What it is not for.** What an endpoint answers: ask the router, which is faster and says more.
//!
//! Chromium and `ChromeDriver` come from `scripts/install-test-tools`. Where they are missing the test
//! says so and is skipped, or fails when `EASEMENT_REQUIRE_TOOLS` is set, as `./check` sets it.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::{Capabilities, WebDriver};

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
        if !(is_installed("chromedriver") && is_installed("chromium")) {
            return None;
        }
        let driver = Driver::start();
        let profile = TempDir::with_prefix("easement-browser-").unwrap();
        let url = format!("http://127.0.0.1:{}", driver.port);
        let page = WebDriver::new(url, capabilities(profile.path()))
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

/// The screen that a page is shown on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Screen {
    /// A narrow phone.
    Phone,
    /// An ordinary desktop window.
    Desktop,
}

impl Screen {
    fn size(self) -> (u32, u32) {
        match self {
            Self::Phone => (390, 844),
            Self::Desktop => (1280, 900),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Desktop => "desktop",
        }
    }
}

/// The colours that a person asked their system for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Scheme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Scheme {
    fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// A running `ChromeDriver`.
#[derive(Debug)]
struct Driver {
    process: Child,
    port: u16,
}

impl Driver {
    /// Starts it on a port that it chooses itself. `setpriv` ends it with this process, even when
    /// the test is killed.
    fn start() -> Self {
        let mut process = Command::new("setpriv")
            .args(["--pdeathsig", "TERM", "chromedriver", "--port=0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("setpriv of util-linux starts chromedriver");
        let output = process.stdout.take().expect("its output is a pipe");
        let port = BufReader::new(output)
            .lines()
            .map_while(Result::ok)
            .find_map(|line| port_in(&line))
            .expect("chromedriver names its port");
        Self { process, port }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The port in "`ChromeDriver` was started successfully on port 43211."
fn port_in(line: &str) -> Option<u16> {
    let (_, port) = line.split_once("started successfully on port ")?;
    port.trim_end_matches('.').parse().ok()
}

/// Chromium without a window, without a sandbox (tests may run as root), and without a word to any
/// other machine: only loopback addresses resolve, and nothing runs in the background.
fn capabilities(profile: &Path) -> Capabilities {
    let arguments = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--hide-scrollbars",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
        &format!("--user-data-dir={}", profile.display()),
    ];
    let mut capabilities = Capabilities::new();
    let options = json!({"args": arguments});
    capabilities.set("browserName", "chrome").unwrap();
    capabilities.set("goog:chromeOptions", options).unwrap();
    capabilities
}

/// Whether a program is there. Says so when not; fails when tests may not be skipped.
fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if std::env::split_paths(&path).any(|folder| folder.join(program).is_file()) {
        return true;
    }
    let message = format!("{program} is not installed: run scripts/install-test-tools");
    assert!(
        std::env::var_os("EASEMENT_REQUIRE_TOOLS").is_none(),
        "{message}"
    );
    eprintln!("SKIPPED: {message}");
    false
}

/// `target/screenshots`, made when missing.
fn screenshots() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let folder = target.join("screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn shows_a_page_and_takes_pictures_of_it() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let page = "data:text/html,<meta name=viewport content=width=device-width>\
        <style>@media (prefers-color-scheme: dark) { body { background: black } }</style>\
        <title>Hello</title><h1>Hello</h1><div style='height: 3000px'>";
    browser.page().goto(page).await.unwrap();
    assert_eq!(browser.page().title().await.unwrap(), "Hello");

    let pictures = browser.take_pictures("smoke").await;

    let sizes: Vec<_> = pictures.iter().map(|path| png_size(path)).collect();
    let (widths, heights): (Vec<u32>, Vec<u32>) = sizes.into_iter().unzip();
    assert_eq!(widths, [390, 390, 1280, 1280]);
    assert!(heights.iter().all(|height| *height > 3000), "{heights:?}");
    let bytes = |index: usize| std::fs::read(&pictures[index]).unwrap();
    assert_ne!(bytes(0), bytes(1), "light and dark look the same");
}

/// Width and height, from the header that every PNG file starts with.
fn png_size(path: &Path) -> (u32, u32) {
    let bytes = std::fs::read(path).unwrap();
    let number = |at| u32::from_be_bytes(*bytes[at..].first_chunk().unwrap());
    (number(16), number(20))
}
