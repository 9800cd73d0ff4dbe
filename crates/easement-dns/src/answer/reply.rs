//! What is sent back to whom: the answer, or what the limits leave of it, with the options of EDNS
//! that the client asked for.

use std::net::IpAddr;
use std::time::Duration;

use easement_core::Timestamp;

use super::cookie::{COOKIE_OCTETS, CookieStanding};
use super::edns::{Edns, option};
use super::identity::{Identity, IdentityText};
use super::query::Envelope;
use super::response::Response;
use super::{CookieSecrets, QueryKind, Rcode, Transport};
use crate::limit::{Kind, RateLimiter, Subject, Verdict};

/// What is set up beside the zones.
#[derive(Debug, Default)]
pub struct Features {
    /// What the server tells about itself.
    pub identity: Identity,
    /// How it knows clients again; without it, cookies are passed over.
    pub cookies: Option<CookieSecrets>,
    /// How much it sends to one network over UDP; without it, everything.
    pub limiter: Option<RateLimiter>,
}

/// Nothing beside the zones.
static NO_FEATURES: Features = Features {
    identity: Identity::NONE,
    cookies: None,
    limiter: None,
};

/// When and over what queries are answered.
#[derive(Clone, Copy, Debug)]
pub struct Occasion<'f> {
    /// What is set up.
    pub features: &'f Features,
    /// What the answers travel in.
    pub transport: Transport,
    /// What time it is.
    pub now: Timestamp,
    /// How long a connection may be quiet.
    pub idle_timeout: Duration,
}

impl Occasion<'static> {
    /// One on which only the message and the zones count.
    pub fn plain(transport: Transport) -> Self {
        Self {
            features: &NO_FEATURES,
            transport,
            now: Timestamp::from_micros(0),
            idle_timeout: Duration::ZERO,
        }
    }
}

/// What became of a message.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Outcome {
    /// How it was answered; nothing when it was not.
    pub rcode: Option<Rcode>,
    /// What the limits did.
    pub limited: Option<Limited>,
    /// Whether it showed a cookie that this server did not give to this client lately.
    pub has_bad_cookie: bool,
    /// What was asked for, as far as the question could be read.
    pub kind: QueryKind,
}

/// What the limits did to an answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Limited {
    /// It was not sent.
    Dropped,
    /// It said only that the client should ask over TCP, or with its cookie.
    Shortened,
}

//------------ Caller ----------------------------------------------------------------------------

/// Who asks, as far as it is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caller {
    address: IpAddr,
    standing: CookieStanding,
    /// Its own cookie and the one that it is given.
    cookie: Option<[u8; COOKIE_OCTETS]>,
}

impl Caller {
    pub(super) fn new(address: IpAddr, envelope: &Envelope<'_>, occasion: &Occasion<'_>) -> Self {
        let received = envelope.edns.and_then(|edns| edns.options.cookie);
        let checked = received
            .zip(occasion.features.cookies.as_ref())
            .map(|(received, secrets)| secrets.check(received, address, occasion.now));
        Self {
            address,
            standing: checked.map(|(standing, _)| standing).unwrap_or_default(),
            cookie: checked.map(|(_, cookie)| cookie),
        }
    }

    pub(super) fn standing(&self) -> CookieStanding {
        self.standing
    }
}

//------------ Reply -----------------------------------------------------------------------------

/// An answer that is to be written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reply<'r, 'm> {
    pub(super) caller: &'r Caller,
    pub(super) envelope: &'r Envelope<'m>,
    pub(super) occasion: &'r Occasion<'r>,
}

impl<'r> Reply<'r, '_> {
    /// Answers with a code and nothing else.
    pub(super) fn send_code(&self, rcode: Rcode, out: &mut Vec<u8>) -> Outcome {
        self.send(&Subject::ERROR, out, |response| response.finish(rcode))
    }

    /// Writes the answer that `write` makes, or what the limits leave of it.
    pub(super) fn send(
        &self,
        subject: &Subject<'_>,
        out: &mut Vec<u8>,
        write: impl FnOnce(Response<'_, 'r>) -> Rcode,
    ) -> Outcome {
        let verdict = self.judge(subject);
        let mut outcome = Outcome {
            rcode: None,
            limited: verdict.limited(),
            has_bad_cookie: self.caller.standing == CookieStanding::Bad,
            kind: QueryKind::of(self.envelope.question),
        };
        if verdict == Verdict::Drop {
            return outcome;
        }
        let edns = self.envelope.edns.as_ref();
        let options = edns.map(|edns| ReplyOptions::new(edns, self.caller, self.occasion));
        let options = options.unwrap_or_default();
        let mut response = Response::start(out, self.envelope, self.occasion.transport, options);
        outcome.rcode = Some(match verdict {
            // Whoever sends cookies can come again with the one of this answer.
            Verdict::Shorten if self.caller.cookie.is_some() => response.finish(Rcode::BadCookie),
            Verdict::Shorten if subject.kind() != Kind::Error => {
                response.set_truncated();
                response.finish(Rcode::NoError)
            }
            Verdict::Shorten | Verdict::Send | Verdict::Drop => write(response),
        });
        outcome
    }

    /// A connection and a cookie prove that the client is where it says.
    fn judge(&self, subject: &Subject<'_>) -> Verdict {
        let limiter = match (self.occasion.transport, self.caller.standing) {
            (Transport::Udp, standing) if standing != CookieStanding::Valid => {
                self.occasion.features.limiter.as_ref()
            }
            (Transport::Udp | Transport::Tcp, _) => None,
        };
        limiter.map_or(Verdict::Send, |limiter| {
            limiter.judge(self.caller.address, subject, self.occasion.now)
        })
    }
}

impl Verdict {
    fn limited(self) -> Option<Limited> {
        match self {
            Self::Send => None,
            Self::Shorten => Some(Limited::Shortened),
            Self::Drop => Some(Limited::Dropped),
        }
    }
}

//------------ ReplyOptions ----------------------------------------------------------------------

/// The octets of an option before its value.
const OPTION_HEADER_OCTETS: usize = 4;

/// The options that an answer carries, each because the client asked for it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ReplyOptions<'f> {
    cookie: Option<[u8; COOKIE_OCTETS]>,
    nsid: Option<&'f str>,
    /// In tenths of a second (RFC 7828 section 3.1).
    keepalive: Option<u16>,
}

impl<'f> ReplyOptions<'f> {
    fn new(edns: &Edns<'_>, caller: &Caller, occasion: &Occasion<'f>) -> Self {
        let nsid = occasion.features.identity.nsid.as_ref();
        // Over UDP it is to be passed over (RFC 7828 section 3.2.1).
        let has_keepalive = edns.options.wants_keepalive && occasion.transport == Transport::Tcp;
        let tenths = occasion.idle_timeout.as_millis() / 100;
        Self {
            cookie: caller.cookie,
            nsid: nsid
                .filter(|_| edns.options.wants_nsid)
                .map(IdentityText::as_str),
            keepalive: has_keepalive.then(|| u16::try_from(tenths).unwrap_or(u16::MAX)),
        }
    }

    /// How many octets they take.
    pub(super) fn octets(&self) -> usize {
        let values = [
            self.cookie.map(|cookie| cookie.len()),
            self.nsid.map(str::len),
            self.keepalive.map(|_| size_of::<u16>()),
        ];
        values
            .iter()
            .flatten()
            .map(|octets| OPTION_HEADER_OCTETS + octets)
            .sum()
    }

    /// Writes them.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let mut push = |code: u16, value: &[u8]| {
            out.extend_from_slice(&code.to_be_bytes());
            // The values are short.
            let length = u16::try_from(value.len()).unwrap_or_default();
            out.extend_from_slice(&length.to_be_bytes());
            out.extend_from_slice(value);
        };
        if let Some(cookie) = &self.cookie {
            push(option::COOKIE, cookie);
        }
        if let Some(nsid) = self.nsid {
            push(option::NSID, nsid.as_bytes());
        }
        if let Some(keepalive) = self.keepalive {
            push(option::TCP_KEEPALIVE, &keepalive.to_be_bytes());
        }
    }
}
