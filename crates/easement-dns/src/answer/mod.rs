//! Answers to questions: from the octets of a query to the octets of its answer, without a socket.
//!
//! **What it is for.** [`answer`] is the whole authority: it reads a query (`query`), finds where the
//! name stands in the zones that are served (`place`), follows aliases and gathers records
//! (`resolve`, `additional`), and writes the message (`response`). The loops over UDP and TCP only
//! carry octets.
//!
//! **What it is not for.** Transfers, dynamic updates and signed messages: they are refused here.
//! DNS cookies (RFC 7873) and rate limits are not there yet.
//!
//! **To answer a new case**, add it to `Standing` in `place` when it is about where a name stands, or
//! to `resolve` when it is about what is sent for it.

mod additional;
mod batch;
mod place;
mod query;
mod resolve;
mod response;

use easement_zone::HostedZones;

pub use self::batch::{Batch, BatchSlot};
use self::query::Request;
use self::resolve::Resolution;
use self::response::Response;

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
}

impl Rcode {
    /// Every response code that this server gives.
    pub const ALL: [Self; 7] = [
        Self::NoError,
        Self::FormErr,
        Self::NxDomain,
        Self::NotImp,
        Self::Refused,
        Self::YxDomain,
        Self::BadVers,
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
        }
    }
}

/// Writes the answer to `message` into `out`, in place of what is there.
///
/// Gives nothing, and leaves `out` empty, when `message` deserves no answer: when it is itself an
/// answer, or too short to hold a header.
pub fn answer(
    message: &[u8],
    zones: &HostedZones,
    transport: Transport,
    out: &mut Vec<u8>,
) -> Option<Rcode> {
    out.clear();
    match query::read(message) {
        Request::Silence => None,
        Request::Fault(envelope, rcode) => {
            Some(Response::start(out, &envelope, transport).finish(rcode))
        }
        Request::Query(query) => {
            let response = Response::start(out, &query.envelope, transport);
            let zones = zones.load();
            Some(Resolution::new(&query, &zones, response).run())
        }
    }
}
