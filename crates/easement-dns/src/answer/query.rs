//! Reading a query: header and the one question; what follows is read in `edns`.

use easement_zone::RecordType;

use super::edns::{self, Edns, MIN_UDP_OCTETS, Malformed};
use super::{Rcode, Transport};

/// The octets of a header.
pub(super) const HEADER_OCTETS: usize = 12;
/// Class `IN`.
const CLASS_IN: u16 = 1;
/// Class `CH`, in which a server tells about itself.
const CLASS_CH: u16 = 3;
/// The longest name in wire form (RFC 1035 section 2.3.4).
const MAX_NAME_OCTETS: usize = 255;

/// A message that has arrived, as far as it can be read.
#[derive(Debug)]
pub(super) enum Request<'m> {
    /// Must not be answered.
    Silence,
    /// Answered without a look at the zones.
    Simple(Envelope<'m>, Simple<'m>),
    /// An ordinary question.
    Query(Query<'m>),
}

/// What is answered without a look at the zones.
#[derive(Clone, Copy, Debug)]
pub(super) enum Simple<'m> {
    /// An error and nothing else.
    Fault(Rcode),
    /// No question, only a cookie to be told whether it is good (RFC 7873 section 5.4).
    CookieOnly,
    /// A question for text about the server itself, by its name in wire form.
    Chaos(&'m [u8]),
}

/// What every answer takes over from its query.
#[derive(Clone, Copy, Debug)]
pub(super) struct Envelope<'m> {
    pub(super) header: &'m [u8; HEADER_OCTETS],
    /// The question as it was spelled; empty when it is not sent back.
    pub(super) question: &'m [u8],
    pub(super) edns: Option<Edns<'m>>,
}

/// A question about one name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Query<'m> {
    pub(super) envelope: Envelope<'m>,
    /// The name in wire form, as it was spelled.
    pub(super) name: &'m [u8],
    pub(super) qtype: RecordType,
}

impl Envelope<'_> {
    /// The most octets that the answer may have.
    pub(super) fn limit(&self, transport: Transport) -> usize {
        let limit = match transport {
            Transport::Tcp => u16::MAX,
            Transport::Udp => self.edns.map_or(MIN_UDP_OCTETS, |edns| edns.udp_limit()),
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
    let fault = |envelope, rcode| Request::Simple(envelope, Simple::Fault(rcode));
    let others =
        u32::from(u16::from_be_bytes([an1, an2])) + u32::from(u16::from_be_bytes([ns1, ns2]));
    let additional = u16::from_be_bytes([ar1, ar2]);
    let questions = u16::from_be_bytes([q1, q2]);
    // Whatever the questions are, RFC 6891 section 6.1.1 wants an `OPT` record for an `OPT` record.
    let edns_behind_questions = || {
        let rest = edns::skip_questions(body, questions)?;
        edns::read(rest, others, additional).unwrap_or_default()
    };
    if flags & 0x78 != 0 {
        envelope.edns = edns_behind_questions();
        return fault(envelope, Rcode::NotImp);
    }
    // RFC 9619 section 4: a query has exactly one question, or none around a cookie.
    let question = match questions {
        0 => {
            envelope.edns = edns_behind_questions();
            return match envelope.edns {
                Some(edns) if edns.version > 0 => fault(envelope, Rcode::BadVers),
                Some(edns) if edns.options.cookie.is_some() => {
                    Request::Simple(envelope, Simple::CookieOnly)
                }
                Some(_) | None => fault(envelope, Rcode::FormErr),
            };
        }
        1 => read_question(body),
        _ => None,
    };
    let Some(question) = question else {
        envelope.edns = edns_behind_questions();
        return fault(envelope, Rcode::FormErr);
    };
    envelope.question = question.octets;
    match edns::read(question.rest, others, additional) {
        Ok(edns) => envelope.edns = edns,
        Err(Malformed) => return fault(envelope, Rcode::FormErr),
    }
    classify(envelope, &question)
}

/// What a well-formed question is to be answered with.
fn classify<'m>(envelope: Envelope<'m>, question: &Question<'m>) -> Request<'m> {
    let query = Query {
        envelope,
        name: question.name,
        qtype: question.qtype,
    };
    let simple = match question.qtype {
        // RFC 6891 section 6.1.3.
        _ if envelope.edns.is_some_and(|edns| edns.version > 0) => Simple::Fault(Rcode::BadVers),
        RecordType::AXFR | RecordType::IXFR => Simple::Fault(Rcode::Refused),
        // RFC 9824 section 3.4 says so of NXNAME; the others exist in no zone either.
        qtype if qtype.is_meta() && qtype != RecordType::ANY => Simple::Fault(Rcode::FormErr),
        _ if question.class == CLASS_IN => return Request::Query(query),
        RecordType::TXT | RecordType::ANY if question.class == CLASS_CH => {
            Simple::Chaos(question.name)
        }
        _ => Simple::Fault(Rcode::Refused),
    };
    Request::Simple(envelope, simple)
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
