//! The cookie that stands for a session.

use easement_core::Secret;
use http::HeaderMap;
use http::header::{COOKIE, HeaderValue};

/// Browsers keep a cookie with this prefix only from the very host, over a secure connection, and
/// for every path; so nobody else can plant one (RFC 6265bis section 4.1.3.2).
const NAME: &str = "__Host-easement";

/// The secret in the cookie of a request. Something else under its name is no session.
pub(crate) fn read(headers: &HeaderMap) -> Option<Secret> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == NAME)
        .and_then(|(_, value)| value.parse().ok())
}

/// The header that sets the cookie. It ends with the browser; the session behind it ends earlier or
/// later by itself.
pub(crate) fn set(secret: &Secret) -> Option<HeaderValue> {
    header(&format!(
        "{NAME}={}; Path=/; Secure; HttpOnly; SameSite=Lax",
        secret.reveal()
    ))
}

/// The header that takes the cookie away.
pub(crate) fn clear() -> Option<HeaderValue> {
    header(&format!(
        "{NAME}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"
    ))
}

fn header(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use easement_outbound::SystemRandom;

    #[test]
    fn a_cookie_is_found_among_others_and_survives_the_way() {
        let secret = Secret::generate(&SystemRandom).unwrap();
        let set = set(&secret).unwrap();
        let text = set.to_str().unwrap();
        assert!(
            text.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax"),
            "{text}"
        );
        assert!(!format!("{set:?}").contains(&secret.reveal()));

        let mut headers = HeaderMap::new();
        let line = format!("other=1; __Host-easement={}; easement=2", secret.reveal());
        headers.append(COOKIE, "a=b".parse().unwrap());
        headers.append(COOKIE, line.parse().unwrap());
        assert_eq!(read(&headers).unwrap().hash(), secret.hash());

        headers.clear();
        headers.append(COOKIE, "__Host-easement=short".parse().unwrap());
        assert!(read(&headers).is_none());
    }
}
