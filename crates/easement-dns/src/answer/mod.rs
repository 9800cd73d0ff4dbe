//! Answers to questions: from the octets of a query to the octets of its answer, without a socket.
//!
//! **What it is for.** [`answer`] is the whole authority: it reads a query (`query`), finds where the
//! name stands in the zones that are served (`place`), follows aliases and gathers records
//! (`resolve`, `additional`), and writes the message (`response`). The loops over UDP and TCP only
//! carry octets.
//!
//! `reply` decides about everything around that: cookies (`cookie`), what the server tells about
//! itself (`identity`), and whether the limits let the answer go.
//!
//! **What it is not for.** Transfers and dynamic updates, which are refused here, and signed messages:
//! a signature is passed over.
//!
//! **To answer a new case**, add it to `Standing` in `place` when it is about where a name stands, or
//! to `resolve` when it is about what is sent for it.

mod additional;
mod batch;
mod cookie;
mod edns;
mod identity;
mod kind;
mod place;
mod query;
mod reply;
mod resolve;
mod response;

use std::net::{IpAddr, Ipv4Addr};

use easement_zone::{HostedZones, write_trie_key};

pub use self::batch::{Batch, BatchSlot};
pub use self::cookie::CookieSecrets;
use self::cookie::CookieStanding;
pub use self::identity::{Identity, IdentityText, IdentityTextError};
pub use self::kind::QueryKind;
use self::place::{Walk, zone_of};
use self::query::{Query, Request, Simple};
use self::reply::{Caller, Reply};
pub use self::reply::{Features, Limited, Occasion, Outcome};
use self::resolve::Resolution;
use crate::limit::Subject;

/// What an answer travels in, which limits its size.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Transport {
    /// One datagram: 512 octets, or what the query's EDNS allows, up to 1232 octets.
    Udp,
    /// A stream: up to 65535 octets.
    Tcp,
}

/// How a query was answered (RFC 1035 section 4.1.1, RFC 6891 section 6.1.3).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Rcode {
    /// Answered, even if with nothing.
    NoError,
    /// The message could not be read.
    FormErr,
    /// The name does not exist.
    NxDomain,
    /// The operation is not one of this server.
    NotImp,
    /// The name is in no zone of this server, or the operation is not allowed.
    Refused,
    /// A `DNAME` record would make a name that is too long (RFC 6672 section 2.2).
    YxDomain,
    /// The version of EDNS is not known.
    BadVers,
    /// The limits want a cookie that this server gave to the client (RFC 7873 section 5.2.3).
    BadCookie,
}

impl Rcode {
    /// Every response code that this server gives.
    pub const ALL: [Self; 8] = [
        Self::NoError,
        Self::FormErr,
        Self::NxDomain,
        Self::NotImp,
        Self::Refused,
        Self::YxDomain,
        Self::BadVers,
        Self::BadCookie,
    ];

    /// The number on the wire; its upper bits are sent in the `OPT` record.
    pub const fn number(self) -> u16 {
        match self {
            Self::NoError => 0,
            Self::FormErr => 1,
            Self::NxDomain => 3,
            Self::NotImp => 4,
            Self::Refused => 5,
            Self::YxDomain => 6,
            Self::BadVers => 16,
            Self::BadCookie => 23,
        }
    }

    /// The mnemonic of the IANA registry.
    pub const fn mnemonic(self) -> &'static str {
        match self {
            Self::NoError => "NOERROR",
            Self::FormErr => "FORMERR",
            Self::NxDomain => "NXDOMAIN",
            Self::NotImp => "NOTIMP",
            Self::Refused => "REFUSED",
            Self::YxDomain => "YXDOMAIN",
            Self::BadVers => "BADVERS",
            Self::BadCookie => "BADCOOKIE",
        }
    }
}

/// Writes the answer to `message` into `out`, in place of what is there, when only the message and the
/// zones count.
///
/// Gives nothing, and leaves `out` empty, when `message` deserves no answer: when it is itself an
/// answer, or too short to hold a header.
pub fn answer(
    message: &[u8],
    zones: &HostedZones,
    transport: Transport,
    out: &mut Vec<u8>,
) -> Option<Rcode> {
    let occasion = Occasion::plain(transport);
    answer_to(NOBODY, message, zones, &occasion, out).rcode
}

/// The client where it does not matter.
const NOBODY: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// Writes the answer to a client's `message` into `out`, in place of what is there. It is empty when
/// there is no answer.
pub fn answer_to(
    client: IpAddr,
    message: &[u8],
    zones: &HostedZones,
    occasion: &Occasion<'_>,
    out: &mut Vec<u8>,
) -> Outcome {
    out.clear();
    match query::read(message) {
        Request::Silence => Outcome::default(),
        Request::Query(query) => {
            let caller = Caller::new(client, &query.envelope, occasion);
            let reply = Reply {
                caller: &caller,
                envelope: &query.envelope,
                occasion,
            };
            look_up(&query, zones, reply, out)
        }
        Request::Simple(envelope, simple) => {
            let caller = Caller::new(client, &envelope, occasion);
            let reply = Reply {
                caller: &caller,
                envelope: &envelope,
                occasion,
            };
            answer_simple(simple, reply, out)
        }
    }
}

fn answer_simple(simple: Simple<'_>, reply: Reply<'_, '_>, out: &mut Vec<u8>) -> Outcome {
    match simple {
        Simple::Fault(rcode) => reply.send_code(rcode, out),
        Simple::CookieOnly => {
            let rcode = match reply.caller.standing() {
                // Cookies are switched off, so a message without a question makes no sense.
                CookieStanding::Absent => Rcode::FormErr,
                CookieStanding::New | CookieStanding::Valid => Rcode::NoError,
                CookieStanding::Bad => Rcode::BadCookie,
            };
            reply.send_code(rcode, out)
        }
        Simple::Chaos(name) => match reply.occasion.features.identity.chaos(name) {
            None => reply.send_code(Rcode::Refused, out),
            Some(text) => reply.send(&Subject::ERROR, out, |mut response| {
                response.set_authoritative();
                if response.push_chaos(text).is_err() {
                    response.set_truncated();
                }
                response.finish(Rcode::NoError)
            }),
        },
    }
}

fn look_up(
    query: &Query<'_>,
    zones: &HostedZones,
    reply: Reply<'_, '_>,
    out: &mut Vec<u8>,
) -> Outcome {
    let zones = zones.load();
    let mut key = Vec::with_capacity(query.name.len());
    write_trie_key(query.name, &mut key);
    let Some((length, hosted)) = zone_of(&zones, &key, query.qtype) else {
        return reply.send_code(Rcode::Refused, out);
    };
    let snapshot = hosted.load();
    let key = key.get(length..).unwrap_or_default();
    let standing = Walk::new(&snapshot, key).finish(&snapshot, query.qtype);
    reply.send(&standing.subject(hosted, key), out, |response| {
        Resolution::new(query, &zones, response).answer(&snapshot, standing)
    })
}
