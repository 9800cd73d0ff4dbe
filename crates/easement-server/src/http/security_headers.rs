//! The headers that every answer carries.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use url::{Host, Url};

use crate::domain_connect::paths::PROVIDERS;

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

/// Whether browsers are told to come back over TLS only.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Transport {
    /// Over TLS, for a year.
    Https,
    /// The server is used on its own machine.
    PlainLoopback,
}

/// Where the form of a page may lead besides this server: put into an answer's extensions by the
/// page that needs it, because browsers hold `form-action` against the redirects after a form too.
///
/// The address may redirect on, to other hosts of its owner that nobody knows here: from `example.com` to
/// `www.example.com`, say, or to where one signs in. Chrome stops at the first one that the policy does not name, after
/// the change was made, so every encrypted address is allowed. Forms of such pages are as safe as before, since
/// no text of strangers becomes markup.
#[derive(Clone, Debug)]
pub(crate) struct FormTarget(pub(crate) Url);

impl FormTarget {
    /// Where the address of a page says that its answer goes.
    pub(crate) fn in_query_of(path: &str) -> Option<Self> {
        let (_, query) = path.split_once('?')?;
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        let (_, target) = pairs.find(|(name, _)| name == "redirect_uri")?;
        Url::parse(&target).ok().map(Self)
    }

    /// The sources for a policy: nothing when browsers are never sent there.
    fn sources(&self) -> String {
        let Self(url) = self;
        let is_loopback = match url.host() {
            Some(Host::Domain(host)) => host == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        match url.scheme() {
            "https" => " https:".to_owned(),
            // Programs on the person's own machine, and demonstrations.
            "http" if is_loopback => format!(" https: {}", url.origin().ascii_serialization()),
            _ => String::new(),
        }
    }
}

/// A page that runs the script of its own that it names: put into an answer's extensions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OwnScript;

/// An answer on the way of a page that another page may have opened in a window: put into its extensions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeepsOpener;

/// Adds the headers, and leaves those that an endpoint has set itself.
pub(crate) async fn add(
    State(transport): State<Transport>,
    request: Request,
    next: Next,
) -> Response {
    let is_opened = request.uri().path().starts_with(PROVIDERS);
    let mut response = next.run(request).await;
    let extensions = response.extensions();
    let policy = content_security_policy(extensions.get(), extensions.get());
    // Service providers open these pages in windows, and wait for them to be closed. Cut off, the page that waits
    // sees a closed window at once, and this one could not close itself (draft-ietf-dconn-domainconnect-05
    // section 8.3.5).
    let opener = if is_opened || extensions.get::<KeepsOpener>().is_some() {
        "unsafe-none"
    } else {
        "same-origin"
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (OPENER_POLICY, opener),
        (
            PERMISSIONS_POLICY,
            "camera=(), geolocation=(), microphone=()",
        ),
        (CACHE_CONTROL, "no-store"),
    ] {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(policy);
    if transport == Transport::Https {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.entry(STRICT_TRANSPORT_SECURITY).or_insert(year);
    }
    response
}

/// Nothing but our own style sheet, pictures and forms; no frame around a page.
fn content_security_policy(
    form_target: Option<&FormTarget>,
    script: Option<&OwnScript>,
) -> HeaderValue {
    let target = form_target.map_or_else(String::new, FormTarget::sources);
    let script = script.map_or("", |OwnScript| "script-src 'self'; ");
    let policy = format!(
        "default-src 'none'; {script}style-src 'self'; img-src 'self'; form-action 'self'{target}; \
         base-uri 'none'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(target: Option<&str>) -> String {
        let target = target.map(|url| FormTarget(Url::parse(url).unwrap()));
        let policy = content_security_policy(target.as_ref(), None);
        policy.to_str().unwrap().to_owned()
    }

    #[test]
    fn a_form_may_lead_to_encrypted_addresses_and_to_the_own_machine() {
        let own = policy(None);
        assert!(own.contains("form-action 'self';"), "{own}");
        assert!(!own.contains("script-src"), "{own}");
        for (target, sources) in [
            ("https://App.Example:8443/done?x=1#top", "https:"),
            // The host is not repeated, so it cannot end the directive.
            ("https://evil.example;script-src/", "https:"),
            ("http://127.0.0.1:8080/done", "https: http://127.0.0.1:8080"),
            ("http://localhost/", "https: http://localhost"),
            ("http://[::1]:9/", "https: http://[::1]:9"),
        ] {
            let policy = policy(Some(target));
            let expected = format!("form-action 'self' {sources}; base-uri");
            assert!(policy.contains(&expected), "{target}: {policy}");
        }
        for nowhere in [
            "javascript:alert(1)",
            "data:text/html,x",
            "http://app.example/",
            "http://localhost.example/",
            "http://127.0.0.1.example/",
            "com.example.app:/done",
        ] {
            assert_eq!(policy(Some(nowhere)), own, "{nowhere}");
        }
    }

    #[test]
    fn a_script_runs_where_a_page_names_one() {
        let policy = content_security_policy(None, Some(&OwnScript));
        let policy = policy.to_str().unwrap();
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self'; "),
            "{policy}"
        );
    }

    #[test]
    fn where_the_answer_goes_stands_in_the_address_of_a_page() {
        let found =
            |path: &str| FormTarget::in_query_of(path).map(|FormTarget(url)| url.to_string());
        let expected = Some("https://a.example/x".to_owned());
        assert_eq!(
            found("/apply?domain=b&redirect_uri=https%3A%2F%2Fa.example%2Fx&state=1"),
            expected
        );
        for path in [
            "/apply",
            "/apply?domain=b",
            "/apply?redirect_uri=/x",
            "/redirect_uri=https://a.example",
        ] {
            assert_eq!(found(path), None, "{path}");
        }
    }
}
