//! Questions and answers in wire form.

use domain::base::iana::{Class, Rcode};
use domain::base::{Message, MessageBuilder, Name as WireName, Rtype};
use domain::rdata::{Cname, Soa, Txt};
use easement_zone::Name;

use super::LookupError;
use super::question::{Question, Recursion};

/// How large an answer over UDP may be: what passes without fragments (DNS flag day 2020).
const UDP_PAYLOAD: u16 = 1232;
/// The most aliases that are followed in one answer.
const MAX_ALIASES: usize = 8;
/// The most TXT records that are looked at, and the most octets in them (draft-ietf-dconn-domainconnect
/// section 6.1.2 lets a provider set such limits).
const MAX_TEXTS: usize = 16;
const MAX_TEXT_OCTETS: usize = 8192;

/// The message that asks.
pub(super) fn question(id: u16, question: &Question) -> Result<Vec<u8>, LookupError> {
    let unwritable = |_| LookupError::Malformed;
    let owner =
        WireName::from_octets(question.name.as_wire()).map_err(|_| LookupError::Malformed)?;
    let mut builder = MessageBuilder::new_vec();
    builder.header_mut().set_id(id);
    builder
        .header_mut()
        .set_rd(question.recursion == Recursion::Wanted);
    let rtype = Rtype::from_int(question.rtype.number());
    let mut builder = builder.question();
    builder.push((owner, rtype)).map_err(unwritable)?;
    let mut builder = builder.additional();
    builder
        .opt(|opt| {
            opt.set_udp_payload_size(UDP_PAYLOAD);
            Ok(())
        })
        .map_err(unwritable)?;
    Ok(builder.finish())
}

/// Whether the octets are the answer to this question, rather than something a stranger sent.
pub(super) fn is_answer_to(octets: &[u8], id: u16, question: &Question) -> bool {
    let Ok(message) = Message::from_octets(octets) else {
        return false;
    };
    let Ok(asked) = message.sole_question() else {
        return false;
    };
    message.header().qr()
        && message.header().id() == id
        && asked.qtype().to_int() == question.rtype.number()
        && asked.qclass() == Class::IN
        && to_name(asked.qname()).is_some_and(|asked| asked == question.name)
}

/// Whether the answer was cut and has to be fetched over TCP.
pub(super) fn is_cut(octets: &[u8]) -> bool {
    Message::from_octets(octets).is_ok_and(|message| message.header().tc())
}

/// What an answer says.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Said {
    /// The TXT records of the name that its aliases lead to, and for how many seconds they hold.
    Texts(Vec<Vec<u8>>, u32),
    /// There are none, and for how many seconds that holds.
    Nothing(u32),
    /// The name is an alias, and the answer does not say what of.
    Alias(Name),
}

/// Reads the answer to the question for the TXT records of `name`.
pub(super) fn read(octets: &[u8], name: &Name) -> Result<Said, LookupError> {
    let message = Message::from_octets(octets).map_err(|_| LookupError::Malformed)?;
    match message.header().rcode() {
        Rcode::NOERROR => {}
        Rcode::NXDOMAIN => return Ok(Said::Nothing(negative_ttl(&message))),
        code => {
            return Err(LookupError::Refused {
                code: code.to_string(),
            });
        }
    }
    let mut owner = name.clone();
    let mut lowest_ttl = u32::MAX;
    let mut was_alias = false;
    for _ in 0..=MAX_ALIASES {
        let texts = texts_of(&message, &owner, &mut lowest_ttl)?;
        if !texts.is_empty() {
            return Ok(Said::Texts(texts, lowest_ttl));
        }
        match alias_of(&message, &owner, &mut lowest_ttl)? {
            Some(target) => {
                owner = target;
                was_alias = true;
            }
            None if was_alias && soa_minimum(&message).is_none() => return Ok(Said::Alias(owner)),
            None => return Ok(Said::Nothing(negative_ttl(&message))),
        }
    }
    Err(LookupError::TooManyAliases)
}

fn texts_of(
    message: &Message<&[u8]>,
    owner: &Name,
    lowest_ttl: &mut u32,
) -> Result<Vec<Vec<u8>>, LookupError> {
    let malformed = |_| LookupError::Malformed;
    let mut texts = Vec::new();
    let mut octets = 0;
    for record in message.answer().map_err(malformed)?.limit_to_in::<Txt<_>>() {
        let record = record.map_err(malformed)?;
        if to_name(record.owner()).as_ref() != Some(owner) {
            continue;
        }
        let text: Vec<u8> = record.data().iter().flatten().copied().collect();
        octets += text.len();
        *lowest_ttl = (*lowest_ttl).min(record.ttl().as_secs());
        texts.push(text);
        if texts.len() > MAX_TEXTS || octets > MAX_TEXT_OCTETS {
            return Err(LookupError::TooLarge);
        }
    }
    Ok(texts)
}

fn alias_of(
    message: &Message<&[u8]>,
    owner: &Name,
    lowest_ttl: &mut u32,
) -> Result<Option<Name>, LookupError> {
    let malformed = |_| LookupError::Malformed;
    for record in message
        .answer()
        .map_err(malformed)?
        .limit_to_in::<Cname<_>>()
    {
        let record = record.map_err(malformed)?;
        if to_name(record.owner()).as_ref() == Some(owner) {
            *lowest_ttl = (*lowest_ttl).min(record.ttl().as_secs());
            return Ok(to_name(record.data().cname()));
        }
    }
    Ok(None)
}

/// How long "there is nothing" holds (RFC 2308 section 5); a minute when the answer does not say.
fn negative_ttl(message: &Message<&[u8]>) -> u32 {
    soa_minimum(message).unwrap_or(60)
}

fn soa_minimum(message: &Message<&[u8]>) -> Option<u32> {
    let mut authority = message.authority().ok()?.limit_to_in::<Soa<_>>();
    let record = authority.next()?.ok()?;
    Some(
        record
            .ttl()
            .as_secs()
            .min(record.data().minimum().as_secs()),
    )
}

pub(super) fn to_name(name: impl domain::base::ToName) -> Option<Name> {
    let octets: WireName<Vec<u8>> = name.try_to_name().ok()?;
    Name::from_wire(octets.as_slice()).ok()
}
