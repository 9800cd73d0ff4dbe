//! Pages that say what went wrong, with which value, and what to do next.

use askama::Template;
use easement_zone::Name;

use super::filters;
use super::paths;
use super::shell::{Link, Shell};
use super::show::{ShownName, duration_words};
use super::words::Words;

/// An error page.
#[derive(Clone, Debug, Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// What stands around it.
    pub shell: Shell,
    /// The HTTP status that it is sent with.
    pub status: u16,
    /// What went wrong, in a few words.
    pub title: String,
    /// What went wrong, in full.
    pub reason: Words,
    /// The value that it went wrong with, and what that value is.
    pub value: Option<(String, String)>,
    /// What to do next.
    pub next: Words,
    /// Where to go from here.
    pub links: Vec<Link>,
    /// The id under which the server's log knows this request.
    pub request_id: Option<String>,
}

impl ErrorPage {
    // Requests that are wrong

    /// 400: a request that cannot be carried out as it is. `reason` and `next` are whole sentences.
    pub fn bad_request(shell: Shell, title: &str, reason: &str, next: &str) -> Self {
        let next = Words::new(next);
        Self::new(shell, 400, title, Words::new(reason), next)
    }

    /// 400: a Domain Connect link that cannot be carried out. The service provider can mend it.
    pub fn bad_link(shell: Shell, provider: &str, reason: &str) -> Self {
        let next = Words::new("Nothing was changed. Go back to ")
            .strong(provider)
            .plain(" and start again there. If that does not help, send them the text above: they can mend it.");
        let title = "This link does not work";
        Self::new(shell, 400, title, Words::new(reason), next)
    }

    /// 404: there is nothing at this address, or the person may not know of it.
    pub fn not_found(shell: Shell) -> Self {
        let reason = Words::new("There is nothing at this address.");
        let next = Words::new("Check it for misspellings, or start from the list of your zones.");
        Self::new(shell, 404, "Page not found", reason, next).with_link("Your zones", paths::ZONES)
    }

    /// 404: a service or template that this server does not offer.
    pub fn unknown_template(shell: Shell, provider: &str, service: &str) -> Self {
        let reason = Words::new("This server does not offer the service ")
            .name(service)
            .plain(" of ")
            .name(provider)
            .plain(".");
        let next = Words::new("Set up the records by hand as ")
            .name(provider)
            .plain(" describes it, or ask whoever runs this server to add the template.");
        Self::new(shell, 404, "This service is not offered here", reason, next)
    }

    /// 405: the address is right and the method is not.
    pub fn method_not_allowed(shell: Shell) -> Self {
        let reason = Words::new("This address cannot be used in this way.");
        let next = Words::new("Go back and use the buttons of the page you came from.");
        Self::new(shell, 405, "That does not work here", reason, next)
    }

    /// 410: a one-time link that was used or has run out.
    pub fn link_used(shell: Shell) -> Self {
        let reason = Words::new(
            "This link worked once and for a limited time. It was used, or its time is over.",
        );
        let next = Words::new(
            "If you have chosen a password with it, sign in. If not, ask whoever gave you the link for a new one.",
        );
        Self::new(
            shell,
            410,
            "This link has been used or has run out",
            reason,
            next,
        )
        .with_link("Sign in", paths::SIGN_IN)
    }

    /// 413: a form with more in it than is accepted.
    pub fn too_large(shell: Shell) -> Self {
        let reason = Words::new("What was sent is larger than this server accepts.");
        let next = Words::new("Nothing was changed. Go back and send less.");
        Self::new(shell, 413, "Too much at once", reason, next)
    }

    /// 414: an address with more octets than are accepted.
    pub fn address_too_long(shell: Shell, octets: usize, limit: usize) -> Self {
        let reason = Words::new(format!(
            "The address has {octets} characters, and this server accepts at most {limit}."
        ));
        let next = Words::new(
            "Nothing was changed. Tell the service that sent you here: its link is too long.",
        );
        Self::new(shell, 414, "The link is too long", reason, next)
    }

    /// 429: too many requests in a while.
    pub fn too_many(shell: Shell, wait_seconds: u64) -> Self {
        let wait = duration_words(wait_seconds);
        let reason = Words::new("Too many requests came from your network in a short time.");
        let next = Words::new(format!("Wait {wait}, then load this page again."));
        Self::new(shell, 429, "Too fast", reason, next)
    }

    // Rights

    /// 403: a zone in which the account has no role, or too small a one.
    pub fn not_your_zone(shell: Shell, apex: &ShownName) -> Self {
        let account = shell
            .person
            .as_ref()
            .map_or_else(String::new, |person| person.email.clone());
        let reason = Words::new("The account ")
            .strong(account)
            .plain(" may not change the zone ")
            .name(&apex.text)
            .plain(", or this server does not host it.");
        let next = Words::new(
            "Nothing was changed. Sign in with the account that the zone belongs to, or ask for the role of an editor in it: an owner of the zone gives it on the page People of the zone, and so can whoever runs this server.",
        );
        Self::new(shell, 403, "This zone is not yours to change", reason, next)
            .with_link("Your zones", paths::ZONES)
    }

    /// 403: a page for owners of a zone, and the person has another role in it.
    pub fn owners_only(shell: Shell, apex: &Name) -> Self {
        let reason = Words::new("Who has which role in the zone ")
            .name(ShownName::new(apex).text)
            .plain(" is for its owners to see and to decide.");
        let next = Words::new(
            "Nothing was changed. Ask an owner of the zone, or whoever runs this server.",
        );
        Self::new(shell, 403, "For owners of the zone only", reason, next)
            .with_link("To the zone", &paths::zone(apex))
    }

    /// 403: an app asks for a name, and the account has no domain to give one of.
    pub fn no_zone_to_give(shell: Shell, app: &str) -> Self {
        let account = shell
            .person
            .as_ref()
            .map_or_else(String::new, |person| person.email.clone());
        let reason = Words::new("The app at ")
            .name(app)
            .plain(" asks for a name, and the account ")
            .strong(account)
            .plain(" may change no domain on this server.");
        let next = Words::new(
            "Nothing was allowed. Sign in with another account, or ask whoever runs this server for a domain.",
        );
        Self::new(
            shell,
            403,
            "You have no domain to give a name of",
            reason,
            next,
        )
    }

    /// 403: a page for operators.
    pub fn operators_only(shell: Shell) -> Self {
        let reason = Words::new("This page is for those who run the server.");
        let next = Words::new("Sign in with an operator's account to see it.");
        Self::new(shell, 403, "For operators only", reason, next)
            .with_link("Your zones", paths::ZONES)
    }

    /// 403: a form that was sent from another web site.
    pub fn foreign_form(shell: Shell) -> Self {
        let reason = Words::new(
            "The form that was sent did not come from a page of this server, so it was not acted on.",
        );
        let next = Words::new(
            "Nothing was changed. If you pressed a button here, load the page again and press it once more.",
        );
        Self::new(shell, 403, "The form came from elsewhere", reason, next)
            .with_link("Your zones", paths::ZONES)
    }

    /// 403: a form whose session has ended.
    pub fn signed_out(shell: Shell) -> Self {
        let reason =
            Words::new("You were signed out before the form arrived, so it was not acted on.");
        let next = Words::new("Nothing was changed. Sign in and do it again.");
        Self::new(shell, 403, "You are signed out", reason, next)
            .with_link("Sign in", paths::SIGN_IN)
    }

    // The server itself

    /// 500: something in the server is broken.
    pub fn failure(shell: Shell, request_id: &str) -> Self {
        let reason = Words::new("The server could not do this, and it is not your fault.");
        let next = Words::new(
            "Try again in a moment. If it happens again, give the number below to whoever runs this server.",
        );
        let mut page = Self::new(shell, 500, "Something is broken here", reason, next);
        page.request_id = Some(request_id.to_owned());
        page
    }

    /// 503: the server is starting, stopping or overloaded.
    pub fn unavailable(shell: Shell) -> Self {
        let reason = Words::new("The server is starting, stopping, or has too much to do.");
        let next = Words::new("Nothing was changed. Wait a minute, then load this page again.");
        Self::new(shell, 503, "Not available right now", reason, next)
    }

    /// Somebody did something too often.
    pub fn too_often(shell: Shell, wait: std::time::Duration) -> Self {
        let reason = Words::new("This was asked for too often from your network.");
        let minutes = wait.as_secs().div_ceil(60).max(1);
        let next = Words::new(format!(
            "Nothing was changed. Try again in {}.",
            super::count(minutes, "minute")
        ));
        Self::new(shell, 429, "Too many requests", reason, next)
    }

    // Parts

    /// Shows the value that it went wrong with.
    #[must_use]
    pub fn with_value(mut self, what: &str, value: &str) -> Self {
        self.value = Some((what.to_owned(), value.to_owned()));
        self
    }

    /// Adds a place to go.
    #[must_use]
    pub fn with_link(mut self, label: &str, href: &str) -> Self {
        self.links.push(Link {
            label: label.to_owned(),
            href: href.to_owned(),
        });
        self
    }

    fn new(shell: Shell, status: u16, title: &str, reason: Words, next: Words) -> Self {
        Self {
            shell,
            status,
            title: title.to_owned(),
            reason,
            value: None,
            next,
            links: Vec::new(),
            request_id: None,
        }
    }
}

#[cfg(test)]
impl ErrorPage {
    pub(crate) fn samples() -> Vec<(&'static str, Self)> {
        let shell = Shell::sample;
        let apex = ShownName::new(&super::samples::name("neighbour.example"));
        vec![
            (
                "error-bad-link",
                Self::bad_link(
                    shell(),
                    "Fernmail",
                    "The signature does not fit the link: it was changed after Fernmail signed it.",
                )
                .with_value("key", "_dck1.fernmail.example"),
            ),
            (
                "error-bad-request",
                Self::bad_request(
                    shell(),
                    "The type is not known",
                    "A record type is needed to search for one.",
                    "Pick one from the list.",
                )
                .with_value("type", "MXX"),
            ),
            ("error-not-found", Self::not_found(shell())),
            (
                "error-unknown-template",
                Self::unknown_template(shell(), "fernmail.example", "business"),
            ),
            ("error-method", Self::method_not_allowed(shell())),
            (
                "error-link-used",
                Self::link_used(Shell::sample_signed_out()),
            ),
            ("error-too-large", Self::too_large(shell())),
            (
                "error-too-long",
                Self::address_too_long(shell(), 9120, 8000),
            ),
            (
                "error-too-many",
                Self::too_many(Shell::sample_signed_out(), 60),
            ),
            ("error-not-your-zone", Self::not_your_zone(shell(), &apex)),
            (
                "error-owners-only",
                Self::owners_only(shell(), &super::samples::name("example.test")),
            ),
            ("error-operators-only", Self::operators_only(shell())),
            ("error-foreign-form", Self::foreign_form(shell())),
            (
                "error-signed-out",
                Self::signed_out(Shell::sample_signed_out()),
            ),
            ("error-failure", Self::failure(shell(), "01JD8Z3K7Q")),
            (
                "error-unavailable",
                Self::unavailable(Shell::sample_signed_out()),
            ),
        ]
    }
}
