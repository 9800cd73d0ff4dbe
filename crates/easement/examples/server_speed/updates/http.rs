//! What is sent over HTTP, written and read by hand so that it costs little.

use std::net::Ipv4Addr;

use easement_zone::Name;

use super::configs::API_KEY;

/// How an address is changed over HTTP.
#[derive(Clone, Debug)]
pub(super) enum Dialect {
    /// `POST /update` of ApertoDNS, with this token.
    Apertodns(String),
    /// `GET /nic/update` of DynDNS2, with this token.
    Dyndns2(String),
    /// PowerDNS' own.
    PowerDns,
}

impl Dialect {
    /// The request that makes this the one address of a name.
    pub(super) fn request(&self, apex: &Name, owner: &Name, address: Ipv4Addr) -> Vec<u8> {
        // Written without the last dot.
        let host = owner.to_string();
        let host = host.trim_end_matches('.');
        let text = match self {
            Self::Apertodns(token) => {
                let body = format!("{{\"hostname\":\"{host}\",\"ipv4\":\"{address}\"}}");
                format!(
                    "POST /.well-known/apertodns/v1/update HTTP/1.1\r\nHost: localhost\r\n\
                     Authorization: Bearer {token}\r\nContent-Type: application/json\r\n\
                     Content-Length: {}\r\n\r\n{body}",
                    body.len()
                )
            }
            Self::Dyndns2(token) => format!(
                "GET /nic/update?hostname={host}&myip={address} HTTP/1.1\r\nHost: localhost\r\n\
                 Authorization: Bearer {token}\r\n\r\n"
            ),
            Self::PowerDns => {
                let apex = apex.to_string();
                let apex = apex.trim_end_matches('.');
                let body = format!(
                    "{{\"rrsets\":[{{\"name\":\"{host}.\",\"type\":\"A\",\"ttl\":3600,\"changetype\":\
                     \"REPLACE\",\"records\":[{{\"content\":\"{address}\",\"disabled\":false}}]}}]}}"
                );
                format!(
                    "PATCH /api/v1/servers/localhost/zones/{apex}. HTTP/1.1\r\nHost: localhost\r\n\
                     X-API-Key: {API_KEY}\r\nContent-Type: application/json\r\n\
                     Content-Length: {}\r\n\r\n{body}",
                    body.len()
                )
            }
        };
        text.into_bytes()
    }

    /// Whether an answer says that the change was made.
    pub(super) fn acknowledges(&self, answer: &Answer<'_>) -> bool {
        match self {
            Self::Apertodns(_) | Self::PowerDns => matches!(answer.status, 200 | 204),
            Self::Dyndns2(_) => answer.body.starts_with(b"good"),
        }
    }
}

/// A whole answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer<'a> {
    pub(super) status: u16,
    pub(super) body: &'a [u8],
    /// Whether no other one follows on this connection.
    pub(super) is_last: bool,
}

impl<'a> Answer<'a> {
    /// The answer at the beginning of what came: nothing while it is not whole.
    pub(super) fn read(octets: &'a [u8]) -> Option<Self> {
        let end = octets.windows(4).position(|four| four == b"\r\n\r\n")?;
        let (head, rest) = octets.split_at_checked(end + 4)?;
        let head = str::from_utf8(head).ok()?;
        let mut lines = head.lines();
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let (mut length, mut is_last) = (0, false);
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            let value = value.trim();
            if name.eq_ignore_ascii_case("content-length") {
                length = value.parse().ok()?;
            } else if name.eq_ignore_ascii_case("connection") {
                is_last = value.eq_ignore_ascii_case("close");
            }
        }
        Some(Self {
            status,
            body: rest.get(..length)?,
            is_last,
        })
    }
}
