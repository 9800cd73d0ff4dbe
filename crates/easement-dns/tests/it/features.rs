//! What is set up beside the zones: cookies, identity, limits; as pure functions of message and time.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use domain::base::Message;
use domain::base::iana::OptRcode;
use domain::base::opt::UnknownOptData;
use domain::rdata::Txt;
use easement_core::Timestamp;
use easement_dns::{
    Batch, CookieSecrets, Features, Identity, Limited, Occasion, Outcome, RateLimiter,
    ResponseRates, Transport, answer_to,
};
use easement_zone::{HostedZones, RecordData, RecordSet, RecordType, Ttl};

use crate::world::{a, hosted, name, zone};

const NSID: u16 = 3;
const COOKIE: u16 = 10;
const KEEPALIVE: u16 = 11;
const NOW: i64 = 1_800_000_000_000_000;
const CLIENT: &str = "192.0.2.1";

fn zones() -> Arc<HostedZones> {
    let delegation = RecordData::name(RecordType::NS, &name("ns.example.net"));
    let redirection = RecordData::name(RecordType::DNAME, &name("wild.example.test"));
    hosted([zone(
        "example.test",
        [
            a("www.example.test", 1),
            a("*.wild.example.test", 2),
            a("deep.*.hollow.example.test", 3),
            RecordSet::single(name("cut.example.test"), Ttl::HOUR, delegation),
            RecordSet::single(name("old.example.test"), Ttl::HOUR, redirection),
        ],
    )])
}

/// A query of class `IN` for an address, with options.
fn ask(text: &str, options: &[(u16, &[u8])]) -> Vec<u8> {
    let question = [name(text).as_wire(), &[0, 1, 0, 1]].concat();
    message(&[&question], options)
}

fn message(questions: &[&[u8]], options: &[(u16, &[u8])]) -> Vec<u8> {
    let mut message = vec![0xab, 0xcd, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    message[5] = u8::try_from(questions.len()).unwrap();
    message.extend(questions.concat());
    message.extend([0, 0, 41, 4, 208, 0, 0, 0, 0]);
    let mut data = Vec::new();
    for (code, value) in options {
        data.extend(code.to_be_bytes());
        data.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
        data.extend(*value);
    }
    message.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
    message.extend(data);
    message
}

/// An answer as another implementation reads it.
struct Answer {
    octets: Vec<u8>,
    outcome: Outcome,
}

impl Answer {
    fn rcode(&self) -> OptRcode {
        let message = Message::from_octets(&self.octets).unwrap();
        let header = message.header();
        message
            .opt()
            .map_or(header.rcode().into(), |opt| opt.rcode(header))
    }

    fn option(&self, code: u16) -> Option<Vec<u8>> {
        let message = Message::from_octets(&self.octets).unwrap();
        let opt = message.opt()?;
        let mut options = opt.opt().iter::<UnknownOptData<_>>().map(Result::unwrap);
        let found = options.find(|option| option.code().to_int() == code)?;
        Some(found.as_slice().to_vec())
    }

    fn records(&self) -> u16 {
        let message = Message::from_octets(&self.octets).unwrap();
        message.header_counts().ancount()
    }

    fn is_truncated(&self) -> bool {
        Message::from_octets(&self.octets).unwrap().header().tc()
    }
}

/// Asks over UDP, alone and in a batch, which must come to the same.
fn exchange(features: &Features, client: &str, message: &[u8]) -> Answer {
    exchange_at(features, client, message, NOW, Transport::Udp)
}

fn exchange_at(
    features: &Features,
    client: &str,
    message: &[u8],
    micros: i64,
    transport: Transport,
) -> Answer {
    let client: IpAddr = client.parse().unwrap();
    let occasion = Occasion {
        features,
        transport,
        now: Timestamp::from_micros(micros),
        idle_timeout: Duration::from_millis(4500),
    };
    let zones = zones();
    let mut octets = Vec::new();
    let outcome = answer_to(client, message, &zones, &occasion, &mut octets);
    if transport == Transport::Udp && features.limiter.is_none() {
        let mut batch = Batch::new();
        let slots = batch.answer_to(&[client; 2], &[message; 2], &zones, &occasion);
        assert_eq!(slots.len(), 2);
        for slot in slots {
            assert_eq!((&slot.octets, slot.outcome), (&octets, outcome));
        }
    }
    Answer { octets, outcome }
}

fn with_cookies() -> Features {
    Features {
        cookies: Some(CookieSecrets::daily([5; 16])),
        ..Features::default()
    }
}

fn with_limit(per_second: u32, slip: u32) -> Features {
    let rates = ResponseRates {
        per_second: per_second.try_into().unwrap(),
        slip,
        ..ResponseRates::default()
    };
    Features {
        limiter: Some(RateLimiter::new(rates, [6; 16])),
        ..with_cookies()
    }
}

//------------ Cookies ---------------------------------------------------------------------------

#[test]
fn a_client_cookie_comes_back_with_a_server_cookie_in_every_answer() {
    let features = with_cookies();
    let cookie: &[(u16, &[u8])] = &[(COOKIE, b"clientck")];
    for (query, rcode) in [
        (ask("www.example.test", cookie), OptRcode::NOERROR),
        (ask("nothing.example.test", cookie), OptRcode::NXDOMAIN),
        (ask("example.com", cookie), OptRcode::REFUSED),
        (message(&[], cookie), OptRcode::NOERROR),
    ] {
        let first = exchange(&features, CLIENT, &query);
        assert_eq!(first.rcode(), rcode);
        let both = first.option(COOKIE).unwrap();
        assert_eq!((both.len(), &both[..8]), (24, &b"clientck"[..]));
        assert!(!first.outcome.has_bad_cookie);
    }
    let silent = exchange(&features, CLIENT, &ask("www.example.test", &[]));
    assert_eq!(silent.option(COOKIE), None);
    let off = exchange(
        &Features::default(),
        CLIENT,
        &ask("www.example.test", cookie),
    );
    assert_eq!((off.rcode(), off.option(COOKIE)), (OptRcode::NOERROR, None));
}

#[test]
fn a_wrong_server_cookie_is_counted_and_answered_with_a_right_one() {
    let features = with_cookies();
    let wrong: &[u8] = b"clientck\x01\0\0\0\x6b\x49\xd2\0wrongone";
    let answer = exchange(
        &features,
        CLIENT,
        &ask("www.example.test", &[(COOKIE, wrong)]),
    );
    assert_eq!((answer.rcode(), answer.records()), (OptRcode::NOERROR, 1));
    assert!(answer.outcome.has_bad_cookie);
    let right = answer.option(COOKIE).unwrap();
    let again = exchange(
        &features,
        CLIENT,
        &ask("www.example.test", &[(COOKIE, &right)]),
    );
    assert!(!again.outcome.has_bad_cookie);
    let other = exchange(
        &features,
        "192.0.2.2",
        &ask("www.example.test", &[(COOKIE, &right)]),
    );
    assert!(other.outcome.has_bad_cookie, "it is another client's");
}

/// RFC 7873 section 5.4.
#[test]
fn a_cookie_without_a_question_is_judged() {
    let features = with_cookies();
    let new = exchange(&features, CLIENT, &message(&[], &[(COOKIE, b"clientck")]));
    assert_eq!(new.rcode(), OptRcode::NOERROR);
    let given = new.option(COOKIE).unwrap();
    let valid = exchange(&features, CLIENT, &message(&[], &[(COOKIE, &given)]));
    assert_eq!(valid.rcode(), OptRcode::NOERROR);
    let wrong = exchange(&features, "192.0.2.2", &message(&[], &[(COOKIE, &given)]));
    assert_eq!(wrong.rcode(), OptRcode::BADCOOKIE);
    assert!(wrong.option(COOKIE).is_some(), "with a fresh one");
    let without = exchange(&features, CLIENT, &message(&[], &[]));
    assert_eq!(without.rcode(), OptRcode::FORMERR);
    let off = Features::default();
    let off = exchange(&off, CLIENT, &message(&[], &[(COOKIE, &given)]));
    assert_eq!(off.rcode(), OptRcode::FORMERR);
    let mut later_version = message(&[], &[(COOKIE, &given)]);
    later_version[18] = 1;
    let later_version = exchange(&features, CLIENT, &later_version);
    assert_eq!(later_version.rcode(), OptRcode::BADVERS);
}

/// RFC 6891 section 6.1.3: what the data of a later version means is not ours to judge.
#[test]
fn a_later_version_of_edns_is_named_whatever_its_options_are() {
    let features = with_cookies();
    let question = [name("www.example.test").as_wire(), &[0, 1, 0, 1]].concat();
    for (data, current) in [
        (&[][..], OptRcode::NOERROR),
        (&[0, 3, 0], OptRcode::FORMERR),
        (&[0, 10, 0, 3, 1, 2, 3], OptRcode::FORMERR),
        (&[0, 10, 0, 9, 1], OptRcode::FORMERR),
    ] {
        for questions in [&[question.as_slice()][..], &[]] {
            for version in [0, 1, 255] {
                let mut query = message(questions, &[]);
                let opt = query.len() - 11;
                query[opt + 6] = version;
                query[opt + 10] = u8::try_from(data.len()).unwrap();
                query.extend(data);
                let expected = match version {
                    0 if questions.is_empty() => OptRcode::FORMERR,
                    0 => current,
                    _ => OptRcode::BADVERS,
                };
                let answer = exchange(&features, CLIENT, &query);
                assert_eq!(answer.rcode(), expected, "{version} {data:?} {questions:?}");
            }
        }
    }
}

/// RFC 6891 section 6.1.1: every answer to a query with `OPT` has one, so that nobody takes an error for a
/// server without EDNS (section 7).
#[test]
fn an_error_of_format_has_an_opt_record_for_an_opt_record() {
    let features = Features::default();
    let one = [name("www.example.test").as_wire(), &[0, 1, 0, 1]].concat();
    let pointer = [0xc0, 0x0c, 0, 1, 0, 1];
    let reserved = [0x40, 0, 0, 1, 0, 1];
    let cut = [3, b'w'];
    for (questions, has_opt) in [
        (&[&one[..], &one][..], true),
        (&[&one, &pointer], true),
        (&[&one, &one, &one], true),
        (&[&pointer], true),
        (&[&one, &reserved], false),
        (&[&one, &cut], false),
        (&[&reserved], false),
    ] {
        let query = message(questions, &[]);
        let answer = exchange(&features, CLIENT, &query);
        assert_eq!(answer.rcode(), OptRcode::FORMERR, "{questions:?}");
        let read = Message::from_octets(&answer.octets).unwrap();
        assert_eq!(read.opt().is_some(), has_opt, "{questions:?}");
        // Without one, there is none in the answer.
        let bare = exchange(&features, CLIENT, &without_opt(query));
        assert_eq!(bare.octets.len(), 12, "{questions:?}");
    }
}

fn without_opt(mut query: Vec<u8>) -> Vec<u8> {
    query.truncate(query.len() - 11);
    query[11] = 0;
    query
}

#[test]
fn a_cookie_of_another_length_is_an_error_of_format() {
    let features = with_cookies();
    for length in 0..=60 {
        let cookie = vec![7; length];
        let is_good = length == 8 || (16..=40).contains(&length);
        for (query, good) in [
            (
                ask("www.example.test", &[(COOKIE, &cookie)]),
                OptRcode::NOERROR,
            ),
            (
                message(&[], &[(COOKIE, &cookie)]),
                if length == 8 {
                    OptRcode::NOERROR
                } else {
                    OptRcode::BADCOOKIE
                },
            ),
        ] {
            let expected = if is_good { good } else { OptRcode::FORMERR };
            let found = exchange(&features, CLIENT, &query).rcode();
            assert_eq!(found, expected, "{length} octets");
        }
    }
    let two: &[(u16, &[u8])] = &[(COOKIE, b"clientck"), (COOKIE, b"short")];
    let answer = exchange(&features, CLIENT, &ask("www.example.test", two));
    assert_eq!(answer.rcode(), OptRcode::NOERROR, "the first counts");
}

//------------ Identity --------------------------------------------------------------------------

fn with_identity() -> Features {
    Features {
        identity: Identity {
            nsid: Some("node-7".parse().unwrap()),
            name: Some("ns1.example.net".parse().unwrap()),
            version: Some("Easement".parse().unwrap()),
        },
        ..Features::default()
    }
}

#[test]
fn the_identifier_is_told_to_those_who_ask() {
    let asked: &[(u16, &[u8])] = &[(NSID, b"")];
    let query = ask("www.example.test", asked);
    let answer = exchange(&with_identity(), CLIENT, &query);
    assert_eq!(answer.option(NSID).unwrap(), b"node-7");
    let refused = exchange(&with_identity(), CLIENT, &ask("example.com", asked));
    assert_eq!(refused.option(NSID).unwrap(), b"node-7");
    let not_asked = ask("www.example.test", &[]);
    let silent = exchange(&with_identity(), CLIENT, &not_asked);
    assert_eq!(silent.option(NSID), None);
    let off = exchange(&Features::default(), CLIENT, &query);
    assert_eq!(off.option(NSID), None);
}

fn chaos(text: &str, rtype: u8) -> Vec<u8> {
    let question = [name(text).as_wire(), &[0, rtype, 0, 3]].concat();
    message(&[&question], &[])
}

#[test]
fn the_server_names_itself_only_when_it_is_told_to() {
    for (text, expected) in [
        ("id.server", "ns1.example.net"),
        ("HOSTNAME.bind", "ns1.example.net"),
        ("version.bind", "Easement"),
        ("version.server", "Easement"),
    ] {
        for rtype in [16, 255] {
            let query = chaos(text, rtype);
            let answer = exchange(&with_identity(), CLIENT, &query);
            let message = Message::from_octets(&answer.octets).unwrap();
            assert!(message.header().aa());
            let record = message.answer().unwrap().next().unwrap().unwrap();
            assert_eq!((record.class().to_int(), record.ttl().as_secs()), (3, 0));
            let record = record.to_record::<Txt<_>>().unwrap().unwrap();
            assert_eq!(record.data().text::<Vec<u8>>(), expected.as_bytes());
            let off = exchange(&Features::default(), CLIENT, &query);
            assert_eq!((off.rcode(), off.records()), (OptRcode::REFUSED, 0));
        }
    }
    for (text, rtype) in [("id.server", 1), ("authors.bind", 16), ("example.test", 16)] {
        let answer = exchange(&with_identity(), CLIENT, &chaos(text, rtype));
        assert_eq!(answer.rcode(), OptRcode::REFUSED, "{text} {rtype}");
    }
}

#[test]
fn options_leave_room_in_the_smallest_datagram() {
    let long = "x".repeat(100);
    let mut features = with_cookies();
    features.identity.nsid = Some(long.parse().unwrap());
    features.identity.name = Some(long.parse().unwrap());
    let label = "y".repeat(61);
    let deepest = [label.as_str(); 3].join(".");
    let options: &[(u16, &[u8])] = &[(COOKIE, b"clientck"), (NSID, b"")];
    for text in [
        format!("{deepest}.{}.example.test", &label[..40]),
        "id.server".into(),
    ] {
        let mut query = ask(&text, options);
        let payload = query.len()
            - options
                .iter()
                .map(|(_, value)| 4 + value.len())
                .sum::<usize>();
        // A client that takes no more than 512 octets.
        query[payload - 8..payload - 6].copy_from_slice(&[2, 0]);
        let answer = exchange(&features, CLIENT, &query);
        assert!(answer.octets.len() <= 512, "{}", answer.octets.len());
        assert!(answer.option(COOKIE).is_some() && answer.option(NSID).is_some());
    }
}

//------------ TCP -------------------------------------------------------------------------------

/// RFC 7828: over TCP, and to those who ask.
#[test]
fn a_client_is_told_how_long_its_connection_may_be_quiet() {
    let features = Features::default();
    let asked = ask("www.example.test", &[(KEEPALIVE, b"")]);
    let found = |query: &[u8], transport| {
        exchange_at(&features, CLIENT, query, NOW, transport).option(KEEPALIVE)
    };
    let tenths = Some(45_u16.to_be_bytes().to_vec());
    assert_eq!(found(&asked, Transport::Tcp), tenths);
    assert_eq!(found(&asked, Transport::Udp), None);
    assert_eq!(found(&ask("www.example.test", &[]), Transport::Tcp), None);
}

//------------ Limits ----------------------------------------------------------------------------

#[test]
fn names_that_are_made_up_share_a_limit() {
    for (why, pattern, rcode) in [
        (
            "names that do not exist",
            "#.example.test",
            OptRcode::NXDOMAIN,
        ),
        ("a wildcard", "#.wild.example.test", OptRcode::NOERROR),
        (
            "a wildcard without records",
            "#.hollow.example.test",
            OptRcode::NOERROR,
        ),
        ("a delegation", "#.cut.example.test", OptRcode::NOERROR),
        ("a redirection", "#.old.example.test", OptRcode::NOERROR),
        ("other zones", "#.example.com", OptRcode::REFUSED),
    ] {
        let features = with_limit(3, 0);
        let sent = (0..9).map(|number| {
            let query = ask(&pattern.replace('#', &format!("n{number}")), &[]);
            let answer = exchange(&features, CLIENT, &query);
            if let Some(limited) = answer.outcome.limited {
                assert_eq!((limited, answer.octets.len()), (Limited::Dropped, 0));
                return 0;
            }
            assert_eq!(answer.rcode(), rcode, "{why}");
            1
        });
        assert_eq!(sent.sum::<usize>(), 3, "{why}");
        let www = exchange(&features, CLIENT, &ask("www.example.test", &[]));
        assert_eq!(www.outcome.limited, None, "{why} cost other names nothing");
    }
}

#[test]
fn a_shortened_answer_sends_honest_clients_another_way() {
    let features = with_limit(1, 1);
    let plain = ask("www.example.test", &[]);
    assert_eq!(exchange(&features, CLIENT, &plain).records(), 1);
    let short = exchange(&features, CLIENT, &plain);
    assert_eq!(short.outcome.limited, Some(Limited::Shortened));
    assert!(short.is_truncated() && short.records() == 0);
    assert!(short.octets.len() <= plain.len());
    let tcp = exchange_at(&features, CLIENT, &plain, NOW, Transport::Tcp);
    assert_eq!((tcp.outcome.limited, tcp.records()), (None, 1));

    let cookie: &[(u16, &[u8])] = &[(COOKIE, b"clientck")];
    let hint = exchange(&features, CLIENT, &ask("www.example.test", cookie));
    assert_eq!(hint.rcode(), OptRcode::BADCOOKIE);
    assert_eq!((hint.is_truncated(), hint.records()), (false, 0));
    let given = hint.option(COOKIE).unwrap();
    for _ in 0..20 {
        let query = ask("www.example.test", &[(COOKIE, &given)]);
        let answer = exchange(&features, CLIENT, &query);
        assert_eq!((answer.outcome.limited, answer.records()), (None, 1));
    }
    let forged = exchange(&features, CLIENT, &ask("www.example.test", cookie));
    assert_eq!(forged.outcome.limited, Some(Limited::Shortened));
}

#[test]
fn an_error_is_as_short_as_it_gets() {
    let features = with_limit(1, 1);
    for limited in [None, Some(Limited::Shortened)] {
        let answer = exchange(&features, CLIENT, &ask("example.com", &[]));
        assert_eq!(answer.outcome.limited, limited);
        assert_eq!(answer.rcode(), OptRcode::REFUSED);
        assert!(!answer.is_truncated());
    }
}

#[test]
fn the_limit_is_by_the_second() {
    let features = with_limit(2, 0);
    let query = ask("www.example.test", &[]);
    let sent = |micros| {
        let answers =
            (0..5).map(|_| exchange_at(&features, CLIENT, &query, micros, Transport::Udp));
        let sent = answers.filter(|answer| answer.outcome.limited.is_none());
        sent.count()
    };
    assert_eq!(sent(NOW), 2);
    assert_eq!(sent(NOW + 500_000), 1);
    assert_eq!(sent(NOW + 3_000_000), 2);
}
