//! A running demo, a browser, and the questions that tests ask of both.

use std::process::Command;

use easement_server::Surroundings;
use easement_server::demo::{Demo, DemoOptions, OWNER, Wish};
use tempfile::TempDir;
use thirtyfour::prelude::ElementWaitable as _;
use thirtyfour::{By, WebElement};

use crate::browser::Browser;
use crate::tools;

/// The links that the demo's service providers would make.
pub(super) const MAIL: Wished = Wished {
    provider: "fernmail.test",
    service: "business",
    parameters: &[("tenant", "t-1")],
};
pub(super) const WEBSITE: Wished = Wished {
    provider: "sitewright.test",
    service: "website",
    parameters: &[("address", "192.0.2.80"), ("site", "s-1")],
};
/// The same with a value that makes no record.
pub(super) const WEBSITE_AT_NO_ADDRESS: Wished = Wished {
    provider: "sitewright.test",
    service: "website",
    parameters: &[("address", "nowhere"), ("site", "s-1")],
};
pub(super) const NEWSLETTER: Wished = Wished {
    provider: "parcelpress.test",
    service: "newsletter",
    parameters: &[("groupId", "sending")],
};
pub(super) const PAGE_AT_WWW: Wished = Wished {
    provider: "onepager.test",
    service: "page",
    parameters: &[("host", "www")],
};

/// What a link asks for, besides zone, return address and state.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wished {
    provider: &'static str,
    service: &'static str,
    parameters: &'static [(&'static str, &'static str)],
}

/// A demo of its own for each test, and a browser that nobody is signed in with.
pub(super) struct World {
    pub(super) demo: Demo,
    pub(super) browser: Browser,
    _folder: TempDir,
}

impl World {
    /// Starts both, or says why the test is skipped.
    pub(super) async fn start() -> Option<Self> {
        if !tools::is_installed("dig") {
            return None;
        }
        let browser = Browser::start().await?;
        let folder = TempDir::with_prefix("easement-story-").unwrap();
        let mut options = DemoOptions::new(folder.path().join("demo"));
        (options.web_port, options.dns_port, options.provider_port) = (0, 0, 0);
        let demo = Demo::start(&options, Surroundings::of_this_machine())
            .await
            .unwrap();
        Some(Self {
            demo,
            browser,
            _folder: folder,
        })
    }

    // The service provider's side

    /// Where the service provider wants people back.
    pub(super) fn return_address(&self) -> String {
        format!("{}return", self.demo.website_url())
    }

    /// A signed link for a zone that leads back to the service provider with the state `s1`.
    pub(super) fn link(&self, wished: Wished, domain: &str) -> String {
        self.link_back_to(wished, domain, &self.return_address())
    }

    /// The same, leading elsewhere.
    pub(super) fn link_back_to(&self, wished: Wished, domain: &str, back: &str) -> String {
        let mut parameters = wished.parameters.to_vec();
        parameters.extend([("redirect_uri", back), ("state", "s1")]);
        let wish = Wish {
            provider: wished.provider,
            service: wished.service,
            domain,
            parameters: &parameters,
        };
        self.demo.service_provider().link(&wish).unwrap()
    }

    /// The same, leading nowhere.
    pub(super) fn link_without_return(&self, wished: Wished, domain: &str) -> String {
        let wish = Wish {
            provider: wished.provider,
            service: wished.service,
            domain,
            parameters: wished.parameters,
        };
        self.demo.service_provider().link(&wish).unwrap()
    }

    // The person's side

    pub(super) async fn open(&self, url: &str) {
        self.browser.page().goto(url).await.unwrap();
    }

    /// Opens a link as the owner of example.test, who signs in on the way.
    pub(super) async fn open_signed_in(&self, url: &str) {
        self.open(url).await;
        self.sign_in().await;
    }

    pub(super) async fn sign_in(&self) {
        let page = self.browser.page();
        page.find(By::Id("email"))
            .await
            .unwrap()
            .send_keys(OWNER)
            .await
            .unwrap();
        let password = page.find(By::Id("password")).await.unwrap();
        password
            .send_keys(self.demo.owner_password())
            .await
            .unwrap();
        self.click("main form button[type=submit]").await;
    }

    pub(super) async fn agree(&self) {
        self.click("button[name=answer][value=agree]").await;
    }

    /// Connects something else in a second tab, and comes back to the first.
    pub(super) async fn connect_in_another_tab(&self, wished: Wished) {
        let page = self.browser.page();
        let first = page.window().await.unwrap();
        let second = page.new_tab().await.unwrap();
        page.switch_to_window(second).await.unwrap();
        self.open(&self.link(wished, "example.test")).await;
        self.agree().await;
        page.switch_to_window(first).await.unwrap();
    }

    pub(super) async fn cancel(&self) {
        self.click("button[name=answer][value=decline]").await;
    }

    /// Clicks what leads to another page, and waits for that page.
    pub(super) async fn click(&self, selector: &str) {
        let Ok(element) = self.browser.page().find(By::Css(selector)).await else {
            panic!("no {selector} on the page:\n{}", self.text().await);
        };
        self.follow(&element).await;
    }

    pub(super) async fn follow(&self, element: &WebElement) {
        let page = self.browser.page().find(By::Tag("html")).await.unwrap();
        element.click().await.unwrap();
        page.wait_until().stale().await.unwrap();
    }

    /// All that the page says.
    pub(super) async fn text(&self) -> String {
        self.browser
            .page()
            .find(By::Tag("body"))
            .await
            .unwrap()
            .text()
            .await
            .unwrap()
    }

    pub(super) async fn address(&self) -> String {
        self.browser.page().current_url().await.unwrap().to_string()
    }

    /// Whether the page is one of ours.
    pub(super) async fn is_at_home(&self) -> bool {
        let home = self.demo.app().public_url().to_string();
        self.address().await.starts_with(home.trim_end_matches('/'))
    }

    pub(super) fn page(&self, path: &str) -> String {
        let home = self.demo.app().public_url().to_string();
        format!("{}{path}", home.trim_end_matches('/'))
    }

    pub(super) async fn type_into(&self, field: &str, text: &str) {
        let field = self.browser.page().find(By::Id(field)).await.unwrap();
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    pub(super) fn zone_page(&self, apex: &str) -> String {
        self.page(&format!("/zones/{apex}"))
    }

    /// Checks that everybody can use the page, and takes pictures of it.
    pub(super) async fn inspect(&self, name: &str) {
        assert_eq!(
            self.browser.accessibility_findings().await,
            [""; 0],
            "{name}"
        );
        self.browser.take_pictures(name).await;
    }

    // DNS

    /// What `dig` is answered, sorted.
    pub(super) fn dig(&self, name: &str, rtype: &str) -> Vec<String> {
        let server = self.demo.app().dns_addresses()[0];
        let output = Command::new("dig")
            .arg(format!("@{}", server.ip()))
            // From another address than the server's: dig and the server share ports (SO_REUSEPORT), and dig may
            // be given the very one that it asks, and hear itself.
            .args(["-b", "127.0.0.2"])
            .args(["-p", &server.port().to_string()])
            .args([name, rtype, "+short", "+norecurse", "+tries=1", "+time=5"])
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "dig: {}",
            String::from_utf8_lossy(&output.stdout)
        );
        let mut lines: Vec<String> = String::from_utf8(output.stdout)
            .unwrap()
            .lines()
            .map(str::to_owned)
            .collect();
        lines.sort();
        lines
    }

    pub(super) async fn stop(self) {
        let Self {
            demo,
            browser,
            _folder,
        } = self;
        drop(browser);
        demo.shutdown().await;
    }
}

/// Where mail goes before anything is connected.
pub(super) const OLD_MAIL: [&str; 2] = ["10 mx1.oldhost.test.", "20 mx2.oldhost.test."];
/// Where it goes when the mail provider of the demo has it.
pub(super) const NEW_MAIL: [&str; 2] = ["10 in1.fernmail.test.", "20 in2.fernmail.test."];
