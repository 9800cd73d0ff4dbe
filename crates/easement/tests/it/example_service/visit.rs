//! What visitors of the example service do.

use std::time::Duration;

use thirtyfour::{By, WindowHandle};
use url::Url;

use crate::person::Person;

impl Person {
    /// The example service, without anything filled in.
    pub(super) fn service(&self) -> Url {
        let url = self.demo.example_service().expect("the demo has one");
        let mut url: Url = url.parse().unwrap();
        url.set_query(None);
        url
    }

    /// Asks for a site, and comes to the page with the ways to it.
    pub(super) async fn wish(&self, host: &str, message: &str) {
        self.open(self.service().as_str()).await;
        self.type_into("#domain", "example.test").await;
        self.type_into("#host", host).await;
        self.type_into("#message", message).await;
        self.click("main form button.primary").await;
        self.reads(&["Your DNS is at Easement demo"]).await;
    }

    /// Where a link leads.
    pub(super) async fn link(&self, id: &str) -> Url {
        let link = self.page().find(By::Id(id)).await.unwrap();
        let link = link.prop("href").await.unwrap();
        link.unwrap().parse().unwrap()
    }

    /// The window that is not this one, when it is there.
    pub(super) async fn second_window(&self) -> WindowHandle {
        let first = self.page().window().await.unwrap();
        for _ in 0..600 {
            let windows = self.page().windows().await.unwrap();
            if let Some(second) = windows.into_iter().find(|window| *window != first) {
                return second;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("no second window opens");
    }

    /// The site says this: by way of the service, and at its own name.
    pub(super) async fn sees_the_site(&self, host: &str, message: &str) {
        let name = format!("{host}.example.test");
        assert_eq!(
            self.dig(&name, "TXT"),
            [format!("\"shm={message}\"")],
            "{name}"
        );
        assert_eq!(self.dig(&name, "A"), ["127.0.0.1"], "{name}");
        let mut preview = self.service().join("site").unwrap();
        preview.set_query(Some(&format!("name={name}")));
        let port = self.service().port().unwrap();
        for url in [preview.to_string(), format!("http://{name}:{port}/")] {
            self.open(&url).await;
            self.reads(&[message]).await;
            let heading = self.page().find(By::Tag("h1")).await.unwrap();
            assert_eq!(heading.text().await.unwrap(), message, "{url}");
        }
    }

    /// DNS has nothing at the name.
    pub(super) fn there_is_nothing_at(&self, host: &str) {
        let name = format!("{host}.example.test");
        for rtype in ["A", "TXT"] {
            assert_eq!(self.dig(&name, rtype), [""; 0], "{name} {rtype}");
        }
    }
}
