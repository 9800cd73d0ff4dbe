//! Who asks, as far as that is known.

use namedrop::{App, NameHint};

/// The longest address that is shown of where one goes back to.
const MAX_ADDRESS: usize = 160;

/// An app that nobody registered.
#[derive(Clone, Debug)]
pub struct AskingApp {
    /// Scheme, host and port: all that is known of it.
    pub origin: String,
    /// The same as machines read it, when that is something else.
    pub ascii: Option<String>,
    /// What a reader should know about the name.
    pub caution: Option<&'static str>,
    /// Where one goes back to.
    pub return_to: String,
}

impl AskingApp {
    /// What is known of an app.
    pub fn new(app: &App) -> Self {
        let origin = app.origin();
        let is_other = origin.ascii() != origin.unicode();
        Self {
            origin: origin.unicode().to_owned(),
            ascii: is_other.then(|| origin.ascii().to_owned()),
            caution: caution(origin.hint()),
            return_to: return_to(app),
        }
    }
}

fn caution(hint: NameHint) -> Option<&'static str> {
    match hint {
        NameHint::None => None,
        NameHint::International => Some(
            "Its name has letters that may look like others. Compare it with the one you know, letter by letter.",
        ),
        NameHint::Misleading => Some(
            "Its name mixes alphabets, or has signs that cannot be told apart, so it is shown as machines read it. \
             Somebody may want it to look like another.",
        ),
        NameHint::Address => Some("It has no name, only the address of a machine."),
        NameHint::Loopback => Some(
            "It is a program on the machine that you are using. Go on only if you started it yourself.",
        ),
    }
}

/// All of the address: its query may lead on to somebody else. What is long is cut in the middle.
fn return_to(app: &App) -> String {
    let address: Vec<char> = app.redirect().as_str().chars().collect();
    let cut = address.len().saturating_sub(MAX_ADDRESS);
    if cut == 0 {
        return address.into_iter().collect();
    }
    let half = MAX_ADDRESS / 2;
    let start: String = address.iter().take(half).collect();
    let end: String = address.iter().skip(half + cut).collect();
    format!("{start} … {end}")
}

#[cfg(test)]
impl AskingApp {
    pub(super) fn sample() -> Self {
        Self::of(
            "https://notes.example",
            "https://notes.example/oauth/done?x=1",
        )
    }

    pub(super) fn of(client_id: &str, redirect: &str) -> Self {
        Self::new(&App::check(client_id, redirect).unwrap())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_mislead_are_shown_with_what_they_are() {
        let shown = |address: &str| {
            let app = AskingApp::of(address, address);
            (app.origin, app.ascii.is_some(), app.caution.is_some())
        };
        for (address, origin, has_ascii, has_caution) in [
            (
                "https://notes.example/x",
                "https://notes.example",
                false,
                false,
            ),
            (
                "https://NOTES.example:8443",
                "https://notes.example:8443",
                false,
                false,
            ),
            (
                "https://b\u{fc}cher.example",
                "https://b\u{fc}cher.example",
                true,
                true,
            ),
            (
                "https://p\u{430}ypal.example",
                "https://xn--pypal-4ve.example",
                false,
                true,
            ),
            ("https://192.0.2.1", "https://192.0.2.1", false, true),
            (
                "http://localhost:8000",
                "http://localhost:8000",
                false,
                true,
            ),
        ] {
            let expected = (origin.to_owned(), has_ascii, has_caution);
            assert_eq!(shown(address), expected, "{address}");
        }
    }

    #[test]
    fn the_way_back_is_shown_with_its_query() {
        let long = format!("https://notes.example/{}?to=evil.example", "x".repeat(1000));
        let shown = AskingApp::of("https://notes.example", &long).return_to;
        assert_eq!(shown.chars().count(), MAX_ADDRESS + 3);
        assert!(shown.starts_with("https://notes.example/xxx"), "{shown}");
        assert!(shown.ends_with("?to=evil.example"), "{shown}");
        assert_eq!(
            AskingApp::sample().return_to,
            "https://notes.example/oauth/done?x=1"
        );
    }
}
