//! What the record at `_domainconnect` says.

use std::fmt;
use std::str::FromStr;

use easement_zone::Name;
use url::Url;

use crate::url_prefix::is_loopback;

/// The longest value that is read.
const MAX_OCTETS: usize = 512;

/// The value of a `_domainconnect` record: a host, maybe with a port and a path; no scheme, query, or user name
/// (Domain Connect 2.3, "DNS Provider Discovery").
///
/// ```
/// use easement_client::Announcement;
///
/// let announced: Announcement = "connect.dns.example:8443/api".parse()?;
/// let url = announced.settings_url(&"example.com".parse()?);
/// assert_eq!(url.as_str(), "https://connect.dns.example:8443/api/v2/example.com/settings");
///
/// for refused in ["https://dns.example", "a@dns.example", "dns.example?x", "v=spf1 -all", "", "dns.example/../x"] {
///     assert!(refused.parse::<Announcement>().is_err(), "{refused}");
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Announcement {
    text: String,
    /// With `https`.
    url: Url,
}

impl Announcement {
    /// The value.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Where the settings for a zone are.
    pub fn settings_url(&self, zone: &Name) -> Url {
        let mut url = self.url.clone();
        url.set_path(self.url.path().trim_end_matches('/'));
        // What names hold besides letters, digits and hyphens is encoded, also `/`. URLs of https have segments always.
        if let Ok(mut path) = url.path_segments_mut() {
            let zone = zone.to_lowercase().to_text();
            path.pop_if_empty().extend(["v2", &zone, "settings"]);
        }
        url
    }

    /// Whether it leads to this machine, by its text.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.url)
    }
}

impl FromStr for Announcement {
    type Err = AnnouncementError;

    fn from_str(text: &str) -> Result<Self, AnnouncementError> {
        let fail = |fault| AnnouncementError {
            text: text.chars().take(120).collect(),
            fault,
        };
        let trimmed = text.trim();
        check_text(trimmed).map_err(fail)?;
        let not_a_host = || fail(AnnouncementFault::NotAHost);
        let url = Url::parse(&format!("https://{trimmed}")).map_err(|_| not_a_host())?;
        let is_kept = url.host_str().is_some_and(|host| !host.is_empty())
            && url.username().is_empty()
            && url.password().is_none()
            && url.port() != Some(0);
        if !is_kept {
            return Err(not_a_host());
        }
        Ok(Self {
            text: trimmed.to_owned(),
            url,
        })
    }
}

impl fmt::Display for Announcement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn check_text(text: &str) -> Result<(), AnnouncementFault> {
    if text.is_empty() {
        return Err(AnnouncementFault::Empty);
    }
    if text.len() > MAX_OCTETS {
        return Err(AnnouncementFault::TooLong);
    }
    if text.contains("://") {
        return Err(AnnouncementFault::Scheme);
    }
    let is_usual = |c: char| c.is_ascii_alphanumeric() || "-._~:/[]%".contains(c);
    if !text.chars().all(is_usual) {
        return Err(AnnouncementFault::Character);
    }
    let mut segments = text.split('/').skip(1);
    if text.starts_with('/') || segments.any(|segment| matches!(segment, "." | "..")) {
        return Err(AnnouncementFault::NotAHost);
    }
    Ok(())
}

/// A value that announces no DNS provider.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{}` is not a host, maybe with a port and a path: {fault}", text.escape_debug())]
pub struct AnnouncementError {
    /// The value.
    pub text: String,
    /// What is wrong.
    pub fault: AnnouncementFault,
}

/// What is wrong with a value.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AnnouncementFault {
    /// There is nothing.
    #[error("it is empty")]
    Empty,
    /// It is longer than the name of a host and a path.
    #[error("it is longer than {MAX_OCTETS} octets")]
    TooLong,
    /// It is a URL.
    #[error("it has a scheme, which is always https and left out")]
    Scheme,
    /// It has what no host and no path have.
    #[error("it has a character that is not part of a host or a path")]
    Character,
    /// It does not begin with a host.
    #[error("it does not begin with a host")]
    NotAHost,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_with_ports_and_paths_are_read() {
        for (text, expected) in [
            ("dns.example", "https://dns.example/v2/example.com/settings"),
            ("DNS.Example", "https://dns.example/v2/example.com/settings"),
            (
                "dns.example/",
                "https://dns.example/v2/example.com/settings",
            ),
            (
                "dns.example:443",
                "https://dns.example/v2/example.com/settings",
            ),
            (
                " dns.example/client/v4 ",
                "https://dns.example/client/v4/v2/example.com/settings",
            ),
            (
                "[2001:db8::1]:1",
                "https://[2001:db8::1]:1/v2/example.com/settings",
            ),
        ] {
            let announced: Announcement = text.parse().unwrap();
            let url = announced.settings_url(&"Example.com".parse().unwrap());
            assert_eq!(url.as_str(), expected, "{text}");
        }
    }

    #[test]
    fn a_zone_is_one_segment_of_the_path() {
        let announced: Announcement = "dns.example/a//".parse().unwrap();
        let url = announced.settings_url(&"0/25.2.0.192.in-addr.arpa".parse().unwrap());
        assert_eq!(url.path(), "/a/v2/0%2F25.2.0.192.in-addr.arpa/settings");
    }

    #[test]
    fn what_else_stands_in_texts_is_refused() {
        for text in [
            "",
            " ",
            "/x",
            "a b",
            "//dns.example",
            "https://dns.example",
            "dns.example#x",
            "dns.example:port",
            "dns.example:0",
            "user@dns.example",
            "user:pw@dns.example",
            "dns.example/%2e%2e/x?y",
            "dns.example\\x",
            "[::1",
            "dns.example:99999",
            "x/./y",
            "google-site-verification=abc",
        ] {
            assert!(text.parse::<Announcement>().is_err(), "{text}");
        }
        assert!("x".repeat(600).parse::<Announcement>().is_err());
    }
}
