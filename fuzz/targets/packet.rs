//! DNS messages: whatever arrives, the answer is one that another implementation reads, belongs to the
//! question, fits what it travels in, and is the same in a batch as alone.
//!
//! Input: a message as it comes over UDP or TCP.

#![no_main]

use std::net::{IpAddr, Ipv4Addr};
use std::sync::LazyLock;
use std::time::Duration;

use domain::base::Message;
use domain::base::iana::Rtype;
use domain::rdata::AllRecordData;
use easement_core::Timestamp;
use easement_dns::{
    Batch, CookieSecrets, Features, Identity, Occasion, Rcode, Transport, answer_to,
};
use easement_zone::zonefile::{self, ReadOptions};
use easement_zone::{HostedZones, ZoneSnapshot};
use libfuzzer_sys::fuzz_target;

const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
/// The least that is between two messages of a batch: a question of its own.
const OTHER: &[u8] = b"\0\x01\0\0\0\x01\0\0\0\0\0\0\x01x\x01w\x07example\x03com\0\0\x01\0\x01";
/// A zone below the other, so that names go from one to the other.
const HOSTED: &str = "\
$ORIGIN hosted.example.com.
@  60 SOA   ns1.example.com. hostmaster 1 2h 15m 2w 1m
   60 NS    ns1.example.com.
a  60 CNAME www.example.com.
";

static ZONES: LazyLock<HostedZones> = LazyLock::new(|| {
    let zones = HostedZones::new();
    for text in [include_str!("../src/everything.zone"), HOSTED] {
        let file = zonefile::read(text, &ReadOptions::default()).expect("a good zone file");
        zones.publish(ZoneSnapshot::new(file.zone, 1).with_discovery("connect.example.com"));
    }
    zones
});

static FEATURES: LazyLock<Features> = LazyLock::new(|| Features {
    identity: Identity {
        nsid: Some("one".parse().expect("a good text")),
        ..Identity::NONE
    },
    cookies: Some(CookieSecrets::daily([7; 16])),
    limiter: None,
});

fuzz_target!(|message: &[u8]| {
    let over_udp = ask(message, Transport::Udp);
    let over_tcp = ask(message, Transport::Tcp);
    check_batch(message, over_udp.as_ref());
    let (Some(udp), Some(tcp)) = (over_udp, over_tcp) else {
        let is_query = message.len() >= 12 && message[2] < 0x80;
        assert!(!is_query, "a query gets an answer over UDP and TCP");
        return;
    };
    let [udp, tcp] = [(udp, 1232), (tcp, 65_535)].map(|((octets, rcode), most)| {
        assert!(octets.len() <= most, "{} octets", octets.len());
        check_answer(message, &octets);
        (octets, rcode)
    });
    assert!(!is_truncated(&tcp.0), "nothing is too long for TCP here");
    if !is_truncated(&udp.0) {
        assert_eq!(udp.1, tcp.1);
        assert_eq!(
            udp.0[4..10],
            tcp.0[4..10],
            "only additional records are left out"
        );
    }
});

fn occasion(transport: Transport) -> Occasion<'static> {
    Occasion {
        features: &FEATURES,
        transport,
        now: Timestamp::from_micros(1_800_000_000_000_000),
        idle_timeout: Duration::from_secs(10),
    }
}

fn ask(message: &[u8], transport: Transport) -> Option<(Vec<u8>, Rcode)> {
    let mut octets = Vec::new();
    let outcome = answer_to(CLIENT, message, &ZONES, &occasion(transport), &mut octets);
    assert_eq!(octets.is_empty(), outcome.rcode.is_none());
    outcome.rcode.map(|rcode| (octets, rcode))
}

fn is_truncated(answer: &[u8]) -> bool {
    answer[2] & 2 != 0
}

fn check_batch(message: &[u8], alone: Option<&(Vec<u8>, Rcode)>) {
    let messages = [OTHER, message, message, OTHER, message];
    let mut batch = Batch::new();
    let slots = batch.answer_to(&[CLIENT; 5], &messages, &ZONES, &occasion(Transport::Udp));
    assert_eq!(slots.len(), messages.len());
    for (slot, _) in slots
        .iter()
        .zip(messages)
        .filter(|(_, own)| *own == message)
    {
        assert_eq!(slot.outcome.rcode, alone.map(|(_, rcode)| *rcode));
        assert_eq!(slot.octets, alone.map_or(&[][..], |(octets, _)| octets));
    }
}

fn check_answer(query: &[u8], octets: &[u8]) {
    let message = Message::from_octets(octets).expect("a whole header");
    let header = message.header();
    assert_eq!(octets[..2], query[..2], "the id comes back");
    assert!(header.qr() && !header.ra() && !header.ad() && !header.z());
    assert_eq!(
        (octets[2] ^ query[2]) & 0x79,
        0,
        "operation and RD come back"
    );
    if message.header_counts().qdcount() == 1 {
        let end = message.answer().expect("a question").pos();
        assert_eq!(octets[12..end], query[12..end], "and so does the question");
    }
    let (_, answer, authority, additional) = message.sections().expect("four sections");
    let mut opts = 0;
    for record in answer.chain(authority).chain(additional) {
        let record = record.expect("a whole record");
        if record.rtype() == Rtype::OPT {
            opts += 1;
            continue;
        }
        let data = record.to_record::<AllRecordData<_, _>>();
        assert!(data.expect("data that suits its type").is_some());
    }
    assert!(opts <= 1 && (opts == 0 || message.opt().is_some()));
}
