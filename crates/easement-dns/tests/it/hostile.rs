//! Messages that nobody honest sends.

use domain::base::Message;
use domain::base::iana::Rcode;
use easement_dns::{Batch, Transport, answer};
use easement_zone::HostedZones;
use proptest::prelude::*;

use crate::world::{a, hosted, zone};

const HEADER: [u8; 12] = [0xab, 0xcd, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
const QUESTION: &[u8] = b"\x03www\x07example\x04test\0\0\x01\0\x01";
const OPT: &[u8] = &[0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0];

fn zones() -> std::sync::Arc<HostedZones> {
    hosted([zone(
        "example.test",
        [a("www.example.test", 1), a("*.wild.example.test", 2)],
    )])
}

/// A message with other counts in its header.
fn message(counts: [u8; 4], body: &[&[u8]]) -> Vec<u8> {
    let mut message = HEADER.to_vec();
    for (index, count) in counts.into_iter().enumerate() {
        message[5 + 2 * index] = count;
    }
    message.extend(body.concat());
    message
}

/// The response code, and how many questions come back; nothing when there is no answer.
fn outcome(message: &[u8]) -> Option<(Rcode, u16)> {
    let mut out = vec![0xff; 3];
    let answered = answer(message, &zones(), Transport::Udp, &mut out);
    let mut batch = Batch::new();
    assert_eq!(batch.answer(&[message], &zones())[0].octets, out);
    if answered.is_none() {
        assert!(out.is_empty());
        return None;
    }
    let response = Message::from_octets(&out).unwrap();
    assert_eq!(out[..2], message[..2]);
    Some((
        response.header().rcode(),
        response.header_counts().qdcount(),
    ))
}

#[test]
fn an_answer_or_half_a_header_is_not_answered() {
    assert_eq!(outcome(&[]), None);
    assert_eq!(outcome(&HEADER[..11]), None);
    let mut response = message([1, 0, 0, 0], &[QUESTION]);
    response[2] |= 0x80;
    assert_eq!(outcome(&response), None);
}

#[test]
fn what_cannot_be_read_is_an_error_of_format() {
    let pointer: &[u8] = &[0xc0, 12, 0, 1, 0, 1];
    let endless = [&[63u8], [b'x'; 63].as_slice()].concat().repeat(4);
    let unread = Some((Rcode::FORMERR, 0));
    for (why, message) in [
        ("only a header", HEADER.to_vec()),
        ("no question", message([0, 0, 0, 0], &[])),
        (
            "two questions",
            message([2, 0, 0, 0], &[QUESTION, QUESTION]),
        ),
        ("half a question", message([1, 0, 0, 0], &[&QUESTION[..10]])),
        (
            "a question without a class",
            message([1, 0, 0, 0], &[&QUESTION[..20]]),
        ),
        (
            "a pointer in the question",
            message([1, 0, 0, 0], &[pointer]),
        ),
        (
            "an unknown kind of label",
            message([1, 0, 0, 0], &[b"\x41\x01x\0\0\x01\0\x01"]),
        ),
        (
            "a name of more than 255 octets",
            message([1, 0, 0, 0], &[&endless, b"\0\0\x01\0\x01"]),
        ),
    ] {
        assert_eq!(outcome(&message), unread, "{why}");
    }
}

#[test]
fn a_readable_question_comes_back_with_the_error() {
    let owned: &[u8] = &[1, b'x', 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0];
    let broken_option: &[u8] = &[0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 5, 0, 10, 0, 9, 1];
    let read = Some((Rcode::FORMERR, 1));
    for (why, message) in [
        (
            "a record that is not there",
            message([1, 0, 0, 1], &[QUESTION]),
        ),
        (
            "half a record",
            message([1, 0, 0, 1], &[QUESTION, &OPT[..9]]),
        ),
        (
            "two OPT records",
            message([1, 0, 0, 2], &[QUESTION, OPT, OPT]),
        ),
        (
            "OPT among the answers",
            message([1, 1, 0, 0], &[QUESTION, OPT]),
        ),
        (
            "OPT in the authority section",
            message([1, 0, 1, 0], &[QUESTION, OPT]),
        ),
        (
            "OPT with an owner",
            message([1, 0, 0, 1], &[QUESTION, owned]),
        ),
        (
            "an option that is cut off",
            message([1, 0, 0, 1], &[QUESTION, broken_option]),
        ),
    ] {
        assert_eq!(outcome(&message), read, "{why}");
    }
}

#[test]
fn what_is_only_unusual_is_answered() {
    let record: &[u8] = b"\xc0\x0c\0\x10\0\x01\0\0\0\0\0\x02\x01x";
    let option: &[u8] = &[0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 5, 0xfd, 0xe9, 0, 1, 1];
    let fine = Some((Rcode::NOERROR, 1));
    for (why, message) in [
        (
            "octets after the end",
            message([1, 0, 0, 0], &[QUESTION, b"padding"]),
        ),
        (
            "a record that a query does not need",
            message([1, 0, 0, 1], &[QUESTION, record]),
        ),
        (
            "an unknown option",
            message([1, 0, 0, 1], &[QUESTION, option]),
        ),
    ] {
        assert_eq!(outcome(&message), fine, "{why}");
    }
}

proptest! {
    #[test]
    fn no_octets_upset_the_server(
        octets in prop::collection::vec(any::<u8>(), 0..600),
        is_query in any::<bool>(),
    ) {
        let mut octets = octets;
        if is_query && octets.len() > 12 {
            octets[2] &= 0x07;
            let additional = octets[11] & 1;
            octets[4..12].copy_from_slice(&[0, 1, 0, 0, 0, 0, 0, additional]);
        }
        check(&octets)?;
    }

    #[test]
    fn no_change_of_a_query_upsets_the_server(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        end in any::<prop::sample::Index>(),
        is_cut in any::<bool>(),
    ) {
        let mut octets = message([1, 0, 0, 1], &[QUESTION, OPT]);
        for (index, octet) in changes {
            let at = index.index(octets.len());
            octets[at] = octet;
        }
        if is_cut {
            octets.truncate(end.index(octets.len()));
        }
        check(&octets)?;
    }
}

/// Whatever is answered can be read by another implementation, and fits.
fn check(octets: &[u8]) -> Result<(), TestCaseError> {
    let zones = zones();
    for transport in [Transport::Udp, Transport::Tcp] {
        let mut out = Vec::new();
        if answer(octets, &zones, transport, &mut out).is_none() {
            prop_assert!(out.is_empty());
            continue;
        }
        prop_assert!(transport == Transport::Tcp || out.len() <= 1232);
        let response = Message::from_octets(&out).unwrap();
        prop_assert!(response.header().qr());
        prop_assert_eq!(&out[..2], &octets[..2]);
        for question in response.question() {
            question.unwrap();
        }
        let mut records = 0;
        for record in &response {
            let (record, _) = record.unwrap();
            prop_assert!(record.owner().to_string().len() < 1024);
            records += 1;
        }
        let counts = response.header_counts();
        let counted = counts.ancount() + counts.nscount() + counts.arcount();
        prop_assert_eq!(records, counted);
    }
    Ok(())
}
