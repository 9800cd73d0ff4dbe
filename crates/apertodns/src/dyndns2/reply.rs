//! Replies: one word a host, with the addresses behind it.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

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

/// Reads a line as a client does: the first word counts, and of what follows those parts that are addresses.
///
/// ```
/// use apertodns::dyndns2::ReplyLine;
///
/// for line in ["good 192.0.2.1,2001:db8::1", "nochg", "!yours", "911"] {
///     assert_eq!(line.parse::<ReplyLine>()?.to_string(), line);
/// }
/// // Servers write more, and other white space.
/// assert_eq!("nochg  192.0.2.1 (as before)".parse::<ReplyLine>()?.to_string(), "nochg 192.0.2.1");
/// assert!("<html>".parse::<ReplyLine>().is_err());
/// # Ok::<(), apertodns::dyndns2::UnknownReply>(())
/// ```
impl FromStr for ReplyLine {
    type Err = UnknownReply;

    fn from_str(line: &str) -> Result<Self, UnknownReply> {
        let mut words = line.split([' ', '\t', ',']).filter(|word| !word.is_empty());
        let word = words.next().unwrap_or_default();
        let mut addresses = Addresses::default();
        for address in words.filter_map(|word| word.parse().ok()) {
            match address {
                IpAddr::V4(address) => addresses.ipv4.push(address),
                IpAddr::V6(address) => addresses.ipv6.push(address),
            }
        }
        Ok(match word {
            "good" => Self::Good(addresses),
            "nochg" => Self::NoChange(addresses),
            "nohost" => Self::NoHost,
            "!yours" => Self::NotYours,
            "badauth" => Self::BadAuth(Credentials::Wrong),
            "notfqdn" => Self::NotFqdn,
            "numhost" => Self::NumHost,
            "abuse" => Self::Abuse,
            "badagent" => Self::BadAgent,
            "!donator" => Self::NotOffered,
            "dnserr" => Self::DnsError,
            "911" => Self::ServerError,
            _ => {
                let line = line.chars().take(80).collect();
                return Err(UnknownReply { line });
            }
        })
    }
}

/// A line that no server of this protocol writes.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{}` is no answer of DynDNS2: check the address of the server", line.escape_debug())]
pub struct UnknownReply {
    /// The line, as far as it is needed to know it again.
    pub line: String,
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

    /// Reads the answer to an update of so many hosts. Where there are fewer lines than hosts, one at the end that refuses
    /// counts for the rest: `badauth` and its like are often said once. `good` and `nochg` count once, so that the answer
    /// may have fewer lines than there are hosts.
    ///
    /// ```
    /// use apertodns::dyndns2::{Reply, ReplyLine};
    ///
    /// let reply = Reply::read("good 192.0.2.1\r\nnohost\r\n", 2)?;
    /// assert_eq!(reply.to_string(), "good 192.0.2.1\nnohost");
    /// assert_eq!(Reply::read("badauth", 3)?.lines().len(), 3);
    /// assert_eq!(Reply::read("good", 3)?.lines().len(), 1);
    /// assert!(Reply::read("", 1).is_err());
    /// # Ok::<(), apertodns::dyndns2::UnknownReply>(())
    /// ```
    pub fn read(text: &str, hosts: usize) -> Result<Self, UnknownReply> {
        let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
        let lines = lines.filter(|line| !line.is_empty()).take(hosts.max(1));
        let mut lines: Vec<ReplyLine> = lines.map(str::parse).collect::<Result<_, _>>()?;
        let Some(last) = lines.last().cloned() else {
            let line = String::new();
            return Err(UnknownReply { line });
        };
        match last {
            ReplyLine::Good(_) | ReplyLine::NoChange(_) => {}
            ReplyLine::NoHost
            | ReplyLine::NotYours
            | ReplyLine::BadAuth(_)
            | ReplyLine::NotFqdn
            | ReplyLine::NumHost
            | ReplyLine::Abuse
            | ReplyLine::BadAgent
            | ReplyLine::NotOffered
            | ReplyLine::DnsError
            | ReplyLine::ServerError => lines.resize(hosts.max(1), last),
        }
        Ok(Self { lines })
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
