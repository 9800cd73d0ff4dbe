//! Where a person goes after signing in.

use url::Url;

/// A path of this server, with its query: never another site.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct NextPath(String);

impl NextPath {
    /// The path, when the text is one. Browsers read some paths as other hosts (`//host`, `/\host`),
    /// so the text is resolved as they do it, and has to stay where it is.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        const OWN: &str = "https://own.invalid";
        if !text.starts_with('/') || text.chars().any(|c| c.is_control() || c == '\\') {
            return None;
        }
        let own = Url::parse(OWN).ok()?;
        let resolved = own.join(text).ok()?;
        if resolved.origin() != own.origin() || !resolved.username().is_empty() {
            return None;
        }
        if resolved.path().starts_with("//") {
            return None;
        }
        // The text itself is kept: a signature may have been made over its very octets.
        let kept = text.split('#').next().unwrap_or_default();
        Some(Self(kept.to_owned()))
    }

    /// The path as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_server_are_followed() {
        for path in [
            "/",
            "/zones/example.com?q=mail&page=2",
            "/v2/domainTemplates/providers/p/services/s/apply?a=%2f%2Fx&sig=a%2Bb&redirect_uri=https%3A%2F%2Fx",
        ] {
            assert_eq!(NextPath::parse(path).unwrap().as_str(), path);
        }
        for elsewhere in [
            "",
            "zones",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "/\n//evil.example",
            "https://evil.example/",
            "javascript:alert(1)",
            "/..//evil.example",
            "/a/..//evil.example",
        ] {
            assert_eq!(NextPath::parse(elsewhere), None, "{elsewhere:?}");
        }
        assert_eq!(NextPath::parse("/a#frag").unwrap().as_str(), "/a");
    }
}
