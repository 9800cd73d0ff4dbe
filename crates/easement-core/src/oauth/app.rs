//! An app that nobody registered, as a grant names it.

use std::fmt;

use namedrop::{App, AppError, AppOrigin};
use serde::{Deserialize, Serialize};
use url::Url;

/// An app that is known by its own address alone (NameDrop 0.4.0, "Overview"): whoever can answer there, and proves
/// with each code that it asked for it, is the app.
///
/// ```
/// use easement_core::GrantApp;
/// use namedrop::App;
///
/// let asked = App::check("https://app.example/", "https://app.example/done")?;
/// let app = GrantApp::of(&asked);
/// assert!(app.is("https://app.example"));
/// assert!(!app.is("https://app.example.evil.example/"));
/// assert_eq!(app.origin().ascii(), "https://app.example");
/// # Ok::<(), namedrop::AppError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct GrantApp {
    client_id: String,
    origin: AppOrigin,
}

impl GrantApp {
    /// The app that asked.
    pub fn of(app: &App) -> Self {
        Self {
            client_id: app.client_id().to_owned(),
            origin: app.origin().clone(),
        }
    }

    /// What it is called in requests: an address.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Where it is, for people.
    pub fn origin(&self) -> &AppOrigin {
        &self.origin
    }

    /// Whether this text names the app, however the same address is written.
    pub fn is(&self, client_id: &str) -> bool {
        let read = |text: &str| Url::parse(text).ok();
        let is_short = client_id.len() <= App::MAX_OCTETS;
        is_short && read(client_id).is_some_and(|url| read(&self.client_id) == Some(url))
    }
}

impl TryFrom<String> for GrantApp {
    type Error = AppError;

    fn try_from(client_id: String) -> Result<Self, AppError> {
        // An address is a prefix of itself.
        App::check(&client_id, &client_id).map(|app| Self::of(&app))
    }
}

impl From<GrantApp> for String {
    fn from(app: GrantApp) -> Self {
        app.client_id
    }
}

/// For people and logs, with international names as machines read them: letters that look like others mislead.
impl fmt::Display for GrantApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Url::parse(&self.client_id) {
            Ok(url) => f.pad(url.as_str()),
            Err(_) => f.pad(self.origin.ascii()),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn app(client_id: &str) -> GrantApp {
        client_id.to_owned().try_into().unwrap()
    }

    #[test]
    fn an_app_is_its_address_and_nothing_else() {
        for (client_id, said, is_it) in [
            ("https://app.example", "https://app.example/", true),
            ("https://app.example/", "HTTPS://APP.example:443", true),
            (
                "https://bücher.example/",
                "https://xn--bcher-kva.example",
                true,
            ),
            ("https://app.example/a", "https://app.example/a/", false),
            ("https://app.example/", "https://app.example/a", false),
            ("https://app.example/", "http://app.example/", false),
            ("https://app.example/", "https://app.example:8443/", false),
            (
                "https://app.example/",
                "https://app.example.evil.example/",
                false,
            ),
            ("https://app.example/", "app.example", false),
            ("https://app.example/", "", false),
        ] {
            assert_eq!(app(client_id).is(said), is_it, "{client_id} {said}");
        }
    }

    #[test]
    fn letters_that_look_like_others_are_not_shown() {
        let app = app("https://раypal.example/a");
        assert_eq!(app.to_string(), "https://xn--ypal-43d9g.example/a");
        assert_eq!(app.client_id(), "https://раypal.example/a");
    }

    #[test]
    fn only_what_was_checked_is_read_back() {
        for client_id in ["https://app.example/?a=b", "http://localhost:7000/cb"] {
            let json = serde_json::to_string(&app(client_id)).unwrap();
            assert_eq!(
                serde_json::from_str::<GrantApp>(&json).unwrap(),
                app(client_id)
            );
        }
        for wrong in [
            "app.example",
            "javascript:alert(1)",
            "http://app.example/",
            "",
        ] {
            let json = serde_json::to_string(wrong).unwrap();
            assert!(serde_json::from_str::<GrantApp>(&json).is_err(), "{wrong}");
        }
    }
}
