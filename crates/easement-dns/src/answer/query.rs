//! Reading a query: header, the one question, and EDNS.

use easement_zone::RecordType;

use super::{Rcode, Transport};

/// The octets of a header.
pub(super) const HEADER_OCTETS: usize = 12;
/// The smallest answer that everyone must take (RFC 1035 section 2.3.4).
const MIN_UDP_OCTETS: u16 = 512;
/// The largest datagram that is sent, and taken: it fits every path without fragments
/// (DNS flag day 2020; RFC 9715 section 3).
pub(super) const MAX_UDP_OCTETS: u16 = 1232;
/// Class `IN`.
const CLASS_IN: u16 = 1;
/// The longest name in wire form (RFC 1035 section 2.3.4).
const MAX_NAME_OCTETS: usize = 255;

/// A message that has arrived, as far as it can be read.
#[derive(Debug)]
pub(super) enum Request<'m> {
    /// Must not be answered.
    Silence,
    /// Answered with an error and nothing else.
    Fault(Envelope<'m>, Rcode),
    /// An ordinary question.
    Query(Query<'m>),
}

/// What every answer takes over from its query.
#[derive(Clone, Copy, Debug)]
pub(super) struct Envelope<'m> {
    pub(super) header: &'m [u8; HEADER_OCTETS],
    /// The question as it was spelled; empty when it is not sent back.
    pub(super) question: &'m [u8],
    pub(super) edns: Option<Edns>,
}

/// A question about one name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Query<'m> {
    pub(super) envelope: Envelope<'m>,
    /// The name in wire form, as it was spelled.
    pub(super) name: &'m [u8],
    pub(super) qtype: RecordType,
}

/// What the `OPT` record of a query says (RFC 6891 section 6.1.2).
#[derive(Clone, Copy, Debug)]
pub(super) struct Edns {
    payload_octets: u16,
    version: u8,
    pub(super) wants_dnssec: bool,
}

impl Envelope<'_> {
    /// The most octets that the answer may have.
    pub(super) fn limit(&self, transport: Transport) -> usize {
        let limit = match transport {
            Transport::Tcp => u16::MAX,
            Transport::Udp => self.edns.map_or(MIN_UDP_OCTETS, |edns| {
                edns.payload_octets.clamp(MIN_UDP_OCTETS, MAX_UDP_OCTETS)
            }),
        };
        usize::from(limit)
    }
}

/// Reads a message.
pub(super) fn read(message: &[u8]) -> Request<'_> {
    let Some((header, body)) = message.split_first_chunk::<HEADER_OCTETS>() else {
        return Request::Silence;
    };
    let [_, _, flags, _, q1, q2, an1, an2, ns1, ns2, ar1, ar2] = *header;
    if flags & 0x80 != 0 {
        return Request::Silence;
    }
    let mut envelope = Envelope {
        header,
        question: &[],
        edns: None,
    };
    if flags & 0x78 != 0 {
        return Request::Fault(envelope, Rcode::NotImp);
    }
    // RFC 9619 section 4: a query has exactly one question.
    let question = Some([q1, q2])
        .filter(|count| u16::from_be_bytes(*count) == 1)
        .and_then(|_| read_question(body));
    let Some(question) = question else {
        return Request::Fault(envelope, Rcode::FormErr);
    };
    envelope.question = question.octets;
    let others =
        u32::from(u16::from_be_bytes([an1, an2])) + u32::from(u16::from_be_bytes([ns1, ns2]));
    let additional = u16::from_be_bytes([ar1, ar2]);
    match read_edns(question.rest, others, additional) {
        Ok(edns) => envelope.edns = edns,
        Err(Malformed) => return Request::Fault(envelope, Rcode::FormErr),
    }
    match refusal(&question, envelope.edns) {
        Some(rcode) => Request::Fault(envelope, rcode),
        None => Request::Query(Query {
            envelope,
            name: question.name,
            qtype: question.qtype,
        }),
    }
}

/// Why a well-formed question is not looked up.
fn refusal(question: &Question<'_>, edns: Option<Edns>) -> Option<Rcode> {
    // RFC 6891 section 6.1.3.
    if edns.is_some_and(|edns| edns.version > 0) {
        return Some(Rcode::BadVers);
    }
    match question.qtype {
        RecordType::ANY => None,
        RecordType::AXFR | RecordType::IXFR => Some(Rcode::Refused),
        // RFC 9824 section 3.4 says so of NXNAME; the others exist in no zone either.
        meta if meta.is_meta() => Some(Rcode::FormErr),
        _ => None,
    }
    .or((question.class != CLASS_IN).then_some(Rcode::Refused))
}

//------------ Question --------------------------------------------------------------------------

struct Question<'m> {
    octets: &'m [u8],
    name: &'m [u8],
    qtype: RecordType,
    class: u16,
    rest: &'m [u8],
}

fn read_question(body: &[u8]) -> Option<Question<'_>> {
    let mut end = 0;
    loop {
        let length = usize::from(*body.get(end)?);
        // Nothing stands before the question that a compression pointer could point to.
        if length > 63 {
            return None;
        }
        end += 1 + length;
        if length == 0 {
            break;
        }
    }
    if end > MAX_NAME_OCTETS {
        return None;
    }
    let (octets, rest) = body.split_at_checked(end + 4)?;
    let (name, fixed) = octets.split_at_checked(end)?;
    let [t1, t2, c1, c2] = *fixed.first_chunk()?;
    Some(Question {
        octets,
        name,
        qtype: RecordType::from_number(u16::from_be_bytes([t1, t2])),
        class: u16::from_be_bytes([c1, c2]),
        rest,
    })
}

//------------ Records after the question --------------------------------------------------------

struct Malformed;

/// Finds the `OPT` record: at most one, and only among the additional records
/// (RFC 6891 section 6.1.1). Other records are passed over; what follows the last one, too.
fn read_edns(rest: &[u8], others: u32, additional: u16) -> Result<Option<Edns>, Malformed> {
    let mut rest = rest;
    for _ in 0..others {
        let (record, after) = read_record(rest).ok_or(Malformed)?;
        if record.rtype == RecordType::OPT {
            return Err(Malformed);
        }
        rest = after;
    }
    let mut edns = None;
    for _ in 0..additional {
        let (record, after) = read_record(rest).ok_or(Malformed)?;
        if record.rtype == RecordType::OPT {
            let [_, version, flags, _] = record.ttl;
            let found = Edns {
                payload_octets: record.class,
                version,
                wants_dnssec: flags & 0x80 != 0,
            };
            if edns.replace(found).is_some() || !record.is_at_root || !are_options(record.data) {
                return Err(Malformed);
            }
        }
        rest = after;
    }
    Ok(edns)
}

struct ReceivedRecord<'m> {
    is_at_root: bool,
    rtype: RecordType,
    class: u16,
    ttl: [u8; 4],
    data: &'m [u8],
}

fn read_record(octets: &[u8]) -> Option<(ReceivedRecord<'_>, &[u8])> {
    let mut rest = octets;
    loop {
        let (length, after) = rest.split_first()?;
        rest = match length {
            0 => break rest = after,
            1..=63 => after.get(usize::from(*length)..)?,
            // A pointer ends a name; where it points to is nothing to us.
            0xc0.. => break rest = after.get(1..)?,
            64..0xc0 => return None,
        };
    }
    let ([t1, t2, c1, c2, ttl @ .., l1, l2], rest) = rest.split_first_chunk::<10>()?;
    let (data, rest) = rest.split_at_checked(u16::from_be_bytes([*l1, *l2]).into())?;
    let record = ReceivedRecord {
        is_at_root: octets.first() == Some(&0),
        rtype: RecordType::from_number(u16::from_be_bytes([*t1, *t2])),
        class: u16::from_be_bytes([*c1, *c2]),
        ttl: *ttl,
        data,
    };
    Some((record, rest))
}

/// Whether `data` is a row of options, each with its code and length (RFC 6891 section 6.1.2).
fn are_options(data: &[u8]) -> bool {
    let mut rest = data;
    while let Some(([_, _, l1, l2], after)) = rest.split_first_chunk::<4>() {
        let Some(after) = after.get(usize::from(u16::from_be_bytes([*l1, *l2]))..) else {
            return false;
        };
        rest = after;
    }
    rest.is_empty()
}
