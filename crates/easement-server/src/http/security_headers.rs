//! The headers that every answer carries.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use url::Url;

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
/// page that needs it, because browsers hold `form-action` against the redirect after a form too.
#[derive(Clone, Debug)]
pub(crate) struct FormTarget(pub(crate) Url);

/// Adds the headers, and leaves those that an endpoint has set itself.
pub(crate) async fn add(
    State(transport): State<Transport>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let policy = content_security_policy(response.extensions().get::<FormTarget>());
    let headers = response.headers_mut();
    for (name, value) in [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (OPENER_POLICY, "same-origin"),
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
fn content_security_policy(form_target: Option<&FormTarget>) -> HeaderValue {
    let target = form_target
        .map(|FormTarget(url)| url.origin().ascii_serialization())
        .filter(|origin| is_source(origin))
        .map_or_else(String::new, |origin| format!(" {origin}"));
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'{target}; \
         base-uri 'none'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

/// Whether the text names one origin in a policy and nothing more: the hosts of URLs may have
/// characters that end a directive (`;`), begin another policy (`,`) or stand for every host (`*`).
fn is_source(origin: &str) -> bool {
    origin != "null"
        && origin
            .bytes()
            .all(|octet| octet.is_ascii_alphanumeric() || b"-_.:/[]".contains(&octet))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_may_lead_to_one_origin_more_and_never_elsewhere() {
        let policy = |target: Option<&str>| {
            let target = target.map(|url| FormTarget(Url::parse(url).unwrap()));
            content_security_policy(target.as_ref())
        };
        let own = policy(None).to_str().unwrap().to_owned();
        assert!(own.contains("form-action 'self';"), "{own}");
        let other = policy(Some("https://App.Example:8443/done?x=1#top"));
        let other = other.to_str().unwrap();
        assert!(
            other.contains("form-action 'self' https://app.example:8443;"),
            "{other}"
        );
        for nowhere in [
            "javascript:alert(1)",
            "data:text/html,x",
            "https://evil.example;script-src/",
            "https://a,b.example/",
            "https://*/",
            "https://*.example/",
            "https://x'unsafe-inline'/",
        ] {
            assert_eq!(policy(Some(nowhere)).to_str().unwrap(), own, "{nowhere}");
        }
    }
}
