//! `ChromeDriver` and how it starts Chromium.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::json;
use thirtyfour::Capabilities;

/// A running `ChromeDriver`.
#[derive(Debug)]
pub(super) struct Driver {
    process: Child,
    port: u16,
}

impl Driver {
    /// Starts it on a port that it chooses itself. `setpriv` ends it with this process, even when
    /// the test is killed.
    pub(super) fn start() -> Self {
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

    /// Where it listens.
    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
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
pub(super) fn capabilities(profile: &Path) -> Capabilities {
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
        // A page that still scrolls is clicked beside its buttons.
        "--force-prefers-reduced-motion",
        // Names of the demo's zone lead here, as they would for somebody whose computer asks its DNS server.
        "--host-resolver-rules=MAP *.example.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
        &format!("--user-data-dir={}", profile.display()),
    ];
    let mut capabilities = Capabilities::new();
    let options = json!({"args": arguments});
    capabilities.set("browserName", "chrome").unwrap();
    capabilities.set("goog:chromeOptions", options).unwrap();
    capabilities
}
