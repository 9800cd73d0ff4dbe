//! Where a request of an old protocol carries its token.

use apertodns::Secret;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;

/// What stands in the header `Authorization`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Credentials {
    /// The user, which may name the host.
    pub(super) user: Option<String>,
    /// The password, which is the token.
    pub(super) password: Secret,
}

impl Credentials {
    /// `Basic` (RFC 7617) or `Bearer` (RFC 6750). Some clients can send one secret alone, and send it as the
    /// user.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let header = headers.get(AUTHORIZATION)?.to_str().ok()?;
        let (scheme, rest) = header.split_once(' ')?;
        let rest = rest.trim();
        if scheme.eq_ignore_ascii_case("bearer") {
            let password = Secret::new(rest);
            return Some(Self {
                user: None,
                password,
            });
        }
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let octets = BASE64_STANDARD.decode(rest).ok()?;
        let text = String::from_utf8(octets).ok()?;
        let (user, password) = text.split_once(':')?;
        Some(match password {
            "" => Self {
                user: None,
                password: Secret::new(user),
            },
            password => Self {
                user: Some(user.to_owned()),
                password: Secret::new(password),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_found_where_clients_put_it() {
        let basic = |text: &str| format!("Basic {}", BASE64_STANDARD.encode(text));
        for (header, expected) in [
            (
                basic("home.example.test:secret"),
                Some((Some("home.example.test"), "secret")),
            ),
            (basic("user:a:b"), Some((Some("user"), "a:b"))),
            (basic("secret:"), Some((None, "secret"))),
            (basic(":secret"), Some((Some(""), "secret"))),
            ("bearer secret".to_owned(), Some((None, "secret"))),
            ("Basic ????".to_owned(), None),
            ("Digest x".to_owned(), None),
            ("Basic".to_owned(), None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, header.parse().unwrap());
            let found = Credentials::of(&headers);
            let found = found
                .as_ref()
                .map(|one| (one.user.as_deref(), one.password.reveal()));
            assert_eq!(found, expected, "{header}");
        }
        assert_eq!(Credentials::of(&HeaderMap::new()), None);
    }
}
