//! Replies: one word a host, with the addresses behind it.

use std::fmt;

use crate::address::Addresses;

/// What a client is told about one host.
///
/// ```
/// use apertodns::address::Addresses;
/// use apertodns::dyndns2::ReplyLine;
///
/// let addresses = Addresses { ipv4: vec!["192.0.2.1".parse()?], ipv6: vec!["2001:db8::1".parse()?] };
/// assert_eq!(ReplyLine::Good(addresses).to_string(), "good 192.0.2.1,2001:db8::1");
/// assert_eq!(ReplyLine::Good(Addresses::default()).to_string(), "good");
/// assert_eq!(ReplyLine::ServerError.to_string(), "911");
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ReplyLine {
    /// `good`: the host has these addresses now.
    Good(Addresses),
    /// `nochg`: it had them before.
    NoChange(Addresses),
    /// `nohost`: there is no such host for this account.
    NoHost,
    /// `!yours`: the host is somebody else's. Tells more than `nohost`, so a server may prefer that.
    NotYours,
    /// `badauth`: name or password is wrong.
    BadAuth(Credentials),
    /// `notfqdn`: this is not a full hostname.
    NotFqdn,
    /// `numhost`: too many hosts.
    NumHost,
    /// `abuse`: too many requests.
    Abuse,
    /// `badagent`: the client may not do what it does.
    BadAgent,
    /// `!donator`: this is not offered.
    NotOffered,
    /// `dnserr`: DNS does not take this.
    DnsError,
    /// `911`: something is broken here; come again later.
    ServerError,
}

/// Whether a client that may not do something had said who it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Credentials {
    /// It had not. Some clients do so only after a challenge.
    Missing,
    /// It had, and that was wrong.
    Wrong,
}

impl fmt::Display for ReplyLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let with = |f: &mut fmt::Formatter<'_>, word: &str, addresses: &Addresses| {
            let space = if addresses.is_empty() { "" } else { " " };
            write!(f, "{word}{space}{addresses}")
        };
        match self {
            Self::Good(addresses) => with(f, "good", addresses),
            Self::NoChange(addresses) => with(f, "nochg", addresses),
            Self::NoHost => f.write_str("nohost"),
            Self::NotYours => f.write_str("!yours"),
            Self::BadAuth(_) => f.write_str("badauth"),
            Self::NotFqdn => f.write_str("notfqdn"),
            Self::NumHost => f.write_str("numhost"),
            Self::Abuse => f.write_str("abuse"),
            Self::BadAgent => f.write_str("badagent"),
            Self::NotOffered => f.write_str("!donator"),
            Self::DnsError => f.write_str("dnserr"),
            Self::ServerError => f.write_str("911"),
        }
    }
}

/// The whole answer: a line a host, in the order of the request, since clients count them. To be sent as
/// `text/plain` with its length in one piece: ddclient reads no chunks.
///
/// ```
/// use apertodns::dyndns2::{Credentials, Reply, ReplyLine};
///
/// let reply = Reply::new(vec![ReplyLine::NoHost, ReplyLine::NotFqdn]);
/// assert_eq!(reply.to_string(), "nohost\nnotfqdn");
/// assert_eq!(reply.http_status(), 200);
/// let challenge = Reply::repeat(&ReplyLine::BadAuth(Credentials::Missing), 2);
/// assert_eq!(challenge.to_string(), "badauth\nbadauth");
/// assert_eq!(challenge.http_status(), 401);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reply {
    lines: Vec<ReplyLine>,
}

impl Reply {
    /// A line a host.
    pub fn new(lines: Vec<ReplyLine>) -> Self {
        Self { lines }
    }

    /// The same line for so many hosts, and once when there are none.
    pub fn repeat(line: &ReplyLine, hosts: usize) -> Self {
        Self::new(vec![line.clone(); hosts.max(1)])
    }

    /// The lines.
    pub fn lines(&self) -> &[ReplyLine] {
        &self.lines
    }

    /// 401 when the client has to say who it is, which must come with a challenge
    /// (`WWW-Authenticate: Basic`); else 200, whatever happened (ApertoDNS 1.4.0 section 6.3).
    pub fn http_status(&self) -> u16 {
        let is_missing = |line| matches!(line, &ReplyLine::BadAuth(Credentials::Missing));
        if self.lines.iter().any(is_missing) {
            401
        } else {
            200
        }
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, line) in self.lines.iter().enumerate() {
            let newline = if index > 0 { "\n" } else { "" };
            write!(f, "{newline}{line}")?;
        }
        Ok(())
    }
}
