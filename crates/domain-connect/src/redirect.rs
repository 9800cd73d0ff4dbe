//! Where a browser may be sent when an application is over
//! (draft-ietf-dconn-domainconnect-05 sections 8.3.5 and 8.3.6).

use easement_zone::Name;
use url::{Host, Url};

use crate::render::is_hostname_label;
use crate::{Template, percent};

/// A place that the browser may be sent to: checked, so that only making one proves it.
///
/// ```
/// use domain_connect::{
///     Authenticity, ErrorAnswer, LoopbackRedirects, Redirect, RedirectError, Template,
/// };
/// use url::Url;
///
/// let (template, _notes) = Template::from_json(r#"{
///     "providerId": "exampleservice.example", "providerName": "Example Service",
///     "serviceId": "web", "serviceName": "Websites",
///     "syncRedirectDomain": "exampleservice.example",
///     "records": [{"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": 600}]
/// }"#)?;
/// let check = |url: &str| -> Result<Result<Redirect, RedirectError>, url::ParseError> {
///     let url = Url::parse(url)?;
///     Ok(Redirect::check(&url, &template, Authenticity::Unsigned, LoopbackRedirects::Refuse))
/// };
///
/// let redirect = check("https://app.exampleservice.example/done?user=7")??;
/// assert_eq!(redirect.host(), "app.exampleservice.example");
/// assert_eq!(
///     redirect.success(Some("s1")).as_str(),
///     "https://app.exampleservice.example/done?user=7&state=s1"
/// );
/// let error = redirect.error(&ErrorAnswer::user_cancel(), Some("s1"));
/// assert!(error.as_str().contains("user=7&error=access_denied&error_description=user_cancel"));
///
/// let foreign = check("https://elsewhere.example/")?;
/// assert!(matches!(foreign, Err(RedirectError::NotListed { .. })));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Redirect {
    target: Url,
}

/// Whether a request was signed with the service provider's key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Authenticity {
    /// It was, and the signature fits.
    Signed,
    /// It was not.
    Unsigned,
}

/// Whether a browser may be sent to this same machine without encryption.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum LoopbackRedirects {
    /// No: every target must be `https`.
    #[default]
    Refuse,
    /// Yes, `http` is accepted for `localhost` and loopback addresses: for demonstrations and tests.
    Allow,
}

impl Redirect {
    /// Allows a target that the template lists, and any target of a validly signed request.
    ///
    /// A listed domain covers the names below it. Names are compared label by label, never as text.
    pub fn check(
        target: &Url,
        template: &Template,
        authenticity: Authenticity,
        loopback: LoopbackRedirects,
    ) -> Result<Self, RedirectError> {
        check_scheme(target, loopback)?;
        if !target.username().is_empty() || target.password().is_some() {
            return Err(RedirectError::UserInfo);
        }
        check_host(target)?;
        let is_listed = match target.host() {
            Some(Host::Domain(host)) => host.parse::<Name>().is_ok_and(|host| {
                let mut domains = template.redirect_domains().iter();
                domains.any(|domain| covers(domain, &host))
            }),
            Some(Host::Ipv4(_) | Host::Ipv6(_)) | None => false,
        };
        match authenticity {
            Authenticity::Signed => {}
            Authenticity::Unsigned if is_listed => {}
            Authenticity::Unsigned => {
                return Err(RedirectError::NotListed {
                    host: target.host_str().unwrap_or_default().to_owned(),
                });
            }
        }
        Ok(Self {
            target: target.clone(),
        })
    }

    /// The host, for people to see where they will go.
    pub fn host(&self) -> &str {
        self.target.host_str().unwrap_or_default()
    }

    /// Where to go when the template was applied.
    pub fn success(&self, state: Option<&str>) -> Url {
        self.with(&[("state", state)])
    }

    /// Where to go when it was not.
    pub fn error(&self, error: &ErrorAnswer, state: Option<&str>) -> Url {
        self.with(&[
            ("error", Some(error.code.as_str())),
            ("error_description", Some(&error.description)),
            ("state", state),
        ])
    }

    /// The target with parameters at the end of its query, before its fragment.
    fn with(&self, parameters: &[(&str, Option<&str>)]) -> Url {
        let mut query = self.target.query().unwrap_or_default().to_owned();
        for (name, value) in parameters {
            let Some(value) = value else { continue };
            if !query.is_empty() && !query.ends_with('&') {
                query.push('&');
            }
            query.push_str(name);
            query.push('=');
            query.push_str(&percent::encode(value));
        }
        let mut url = self.target.clone();
        if !query.is_empty() {
            url.set_query(Some(&query));
        }
        url
    }
}

/// A listed domain covers itself and what is below it; a single label, such as `com`, only itself.
fn covers(domain: &Name, host: &Name) -> bool {
    host == domain || (domain.label_count() > 1 && host.is_below(domain))
}

fn check_scheme(target: &Url, loopback: LoopbackRedirects) -> Result<(), RedirectError> {
    let is_loopback = match target.host() {
        Some(Host::Domain(host)) => host.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    match (target.scheme(), loopback) {
        ("https", _) if target.has_host() => Ok(()),
        ("http", LoopbackRedirects::Allow) if is_loopback => Ok(()),
        (scheme, _) => Err(RedirectError::Scheme {
            scheme: scheme.to_owned(),
        }),
    }
}

/// URLs may have hosts that no name on the internet is, such as `*` or `a;b`: whoever shows the host or
/// puts it into a header would have to think of them.
fn check_host(target: &Url) -> Result<(), RedirectError> {
    let is_usual = match target.host() {
        Some(Host::Domain(host)) => host
            .parse::<Name>()
            .is_ok_and(|host| host.labels().all(is_hostname_label)),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) | None => true,
    };
    if is_usual {
        return Ok(());
    }
    Err(RedirectError::Host {
        host: target.host_str().unwrap_or_default().to_owned(),
    })
}

//------------ ErrorAnswer -----------------------------------------------------------------------

/// What a service provider is told when nothing was applied (draft-05 section 8.3.6).
///
/// ```
/// use domain_connect::{ErrorAnswer, ErrorCode};
///
/// let answer = ErrorAnswer::new(ErrorCode::InvalidRequest, "the variable %ip% has no value");
/// assert_eq!(answer.code().as_str(), "invalid_request");
/// assert_eq!(answer.description(), "the variable %ip% has no value");
/// assert_eq!(ErrorAnswer::user_cancel().code(), ErrorCode::AccessDenied);
///
/// let odd = ErrorAnswer::new(ErrorCode::InvalidRequest, "`ü\\\"`");
/// assert_eq!(odd.description(), "`???`");
/// let long = ErrorAnswer::new(ErrorCode::InvalidRequest, "x".repeat(5000));
/// assert_eq!(long.description().len(), ErrorAnswer::MAX_DESCRIPTION);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ErrorAnswer {
    code: ErrorCode,
    description: String,
}

impl ErrorAnswer {
    /// The longest description: it becomes a part of an address, which may be read up to some length only.
    pub const MAX_DESCRIPTION: usize = 200;

    /// The person decided against it.
    pub fn user_cancel() -> Self {
        Self::new(
            ErrorCode::AccessDenied,
            "user_cancel: the person did not agree to the change",
        )
    }

    /// Something else went wrong. Characters that strict clients do not read (RFC 6749 section 4.1.2.1)
    /// become question marks, and what is too long is cut.
    pub fn new(code: ErrorCode, description: impl AsRef<str>) -> Self {
        let readable = |character: char| match character {
            ' '..='!' | '#'..='[' | ']'..='~' => character,
            _ => '?',
        };
        let characters = description.as_ref().chars().map(readable);
        Self {
            code,
            description: characters.take(Self::MAX_DESCRIPTION).collect(),
        }
    }

    /// The kind.
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// A sentence for developers, in English.
    pub fn description(&self) -> &str {
        &self.description
    }
}

/// The error codes of RFC 6749 section 4.1.2.1.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ErrorCode {
    /// The request is not right.
    InvalidRequest,
    /// The service provider may not ask for this.
    UnauthorizedClient,
    /// The person, or this server, says no.
    AccessDenied,
    /// The kind of answer is not supported.
    UnsupportedResponseType,
    /// What is asked for is not right.
    InvalidScope,
    /// This server failed.
    ServerError,
    /// This server is busy.
    TemporarilyUnavailable,
}

impl ErrorCode {
    /// The code on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::AccessDenied => "access_denied",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
        }
    }
}

//------------ RedirectError ---------------------------------------------------------------------

/// Why a browser is not sent to a place.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RedirectError {
    /// The target is not reached through an encrypted connection, or is no web page at all.
    #[error("the redirect_uri has the scheme `{scheme}`, and only https is followed")]
    Scheme {
        /// The scheme.
        scheme: String,
    },
    /// The target has a user name or password, which hides the real host from readers.
    #[error("the redirect_uri must not have a user name or password")]
    UserInfo,
    /// The host has a character that names on the internet do not have.
    #[error("the redirect_uri leads to `{host}`, which is not the name of a host")]
    Host {
        /// The host.
        host: String,
    },
    /// The target is not on the template's list and the request is not signed.
    #[error(
        "the redirect_uri leads to {host}, which the template does not list in syncRedirectDomain"
    )]
    NotListed {
        /// The host.
        host: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(domains: &str) -> Template {
        let json = format!(
            r#"{{"providerId": "p", "providerName": "P", "serviceId": "s", "serviceName": "S",
                "syncRedirectDomain": "{domains}", "records": []}}"#
        );
        Template::from_json(&json).unwrap().0
    }

    fn check(url: &str) -> Result<Redirect, RedirectError> {
        let url = Url::parse(url).unwrap();
        let template = template("example.com, Other.example");
        Redirect::check(
            &url,
            &template,
            Authenticity::Unsigned,
            LoopbackRedirects::Refuse,
        )
    }

    #[test]
    fn a_listed_domain_and_what_is_below_it_is_allowed() {
        for url in [
            "https://example.com/",
            "https://APP.Example.com/done?x=1#top",
            "https://other.example:8443/",
        ] {
            assert!(check(url).is_ok(), "{url}");
        }
    }

    #[test]
    fn a_listed_top_level_domain_does_not_cover_the_world() {
        let url = Url::parse("https://evil.example/").unwrap();
        let check = |domains| {
            let template = template(domains);
            let policy = LoopbackRedirects::Refuse;
            Redirect::check(&url, &template, Authenticity::Unsigned, policy)
        };
        assert!(check("example").is_err());
        assert!(check("evil.example").is_ok());
    }

    #[test]
    fn tricks_are_refused() {
        for url in [
            "https://evilexample.com/",
            "https://example.com.evil.example/",
            "https://example.com@evil.example/",
            "https://user@example.com/",
            "https://:pw@example.com/",
            "http://example.com/",
            "javascript:alert(1)//example.com",
            "data:text/html,example.com",
            "https://192.0.2.1/",
            "https://[2001:db8::1]/",
            "http://localhost/",
            "https://evil.example/?https://example.com/",
            "https://evil.example\\.example.com/",
            "ftp://example.com/",
            "https://example.com%2eevil.example/",
        ] {
            assert!(check(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_signed_request_may_name_another_host_but_no_other_scheme() {
        let template = template("");
        let check = |url: &str, loopback| {
            let url = Url::parse(url).unwrap();
            Redirect::check(&url, &template, Authenticity::Signed, loopback)
        };
        assert!(check("https://else.example/", LoopbackRedirects::Refuse).is_ok());
        assert!(check("https://xn--bcher-kva.example/", LoopbackRedirects::Refuse).is_ok());
        for odd in [
            "https://evil.example;script-src/",
            "https://a,b.example/",
            "https://*/",
            "https://*.example/",
            "https://x'y.example/",
            "https://a\"b.example/",
            "https://a&b.example/",
            "https://a..example/",
        ] {
            assert!(check(odd, LoopbackRedirects::Refuse).is_err(), "{odd}");
        }
        assert!(check("javascript:alert(1)", LoopbackRedirects::Allow).is_err());
        assert!(check("http://else.example/", LoopbackRedirects::Allow).is_err());
        assert!(check("http://127.0.0.1:8080/", LoopbackRedirects::Refuse).is_err());
        assert!(check("http://127.0.0.1:8080/", LoopbackRedirects::Allow).is_ok());
    }

    #[test]
    fn parameters_come_after_the_query_and_before_the_fragment() {
        for (url, expected) in [
            (
                "https://example.com",
                "https://example.com/?state=a%20%26%2Bb%25",
            ),
            (
                "https://example.com/p?x=1",
                "https://example.com/p?x=1&state=a%20%26%2Bb%25",
            ),
            (
                "https://example.com/p?x=1&#f",
                "https://example.com/p?x=1&state=a%20%26%2Bb%25#f",
            ),
            (
                "https://example.com/?#f",
                "https://example.com/?state=a%20%26%2Bb%25#f",
            ),
        ] {
            let redirect = check(url).unwrap();
            assert_eq!(redirect.success(Some("a &+b%")).as_str(), expected, "{url}");
        }
    }

    #[test]
    fn a_description_is_short_and_of_characters_that_clients_read() {
        let redirect = check("https://example.com/").unwrap();
        for (text, expected) in [
            ("`\"é\\\n~ !`", "`????~ !`".to_owned()),
            ("", String::new()),
            (&"é".repeat(4096), "?".repeat(200)),
        ] {
            let answer = ErrorAnswer::new(ErrorCode::InvalidRequest, text);
            let url = redirect.error(&answer, None);
            let (_, found) = url.query_pairs().last().unwrap();
            assert_eq!(found, expected, "{text}");
            assert!(url.as_str().len() < 800, "{url}");
        }
    }

    #[test]
    fn a_cancelled_application_says_so() {
        let redirect = check("https://example.com/").unwrap();
        assert_eq!(
            redirect
                .error(&ErrorAnswer::user_cancel(), Some("x"))
                .as_str(),
            "https://example.com/?error=access_denied&error_description=user_cancel%3A%20the%20\
             person%20did%20not%20agree%20to%20the%20change&state=x"
        );
    }
}
