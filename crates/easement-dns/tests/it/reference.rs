//! The engine against another that looks through all names for each question.

use std::collections::BTreeMap;

use domain::base::iana::{Rcode, Rtype};
use domain::base::{Message, ParsedName};
use domain::rdata::Cname;
use easement_dns::{Transport, answer};
use easement_zone::{Name, RecordData, RecordSet, RecordType, Ttl};
use proptest::prelude::*;

use crate::world::{hosted, name, zone};

const APEX: &str = "example.test";

/// What stands at a name; enough kinds to get everything in each other's way.
#[derive(Clone, Debug, PartialEq)]
enum Entry {
    Address,
    Text,
    Alias(Labels),
    Delegation,
    Redirect(Labels),
}

/// Labels below the apex, the leftmost first.
type Labels = Vec<&'static str>;

#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Found,
    NoData,
    NoName,
    Referral,
    Stopped,
}

fn labels() -> impl Strategy<Value = Labels> {
    let label = prop::sample::select(vec!["a", "b", "ab", "*"]);
    prop::collection::vec(label, 1..4)
}

fn entry() -> impl Strategy<Value = Entry> {
    prop_oneof![
        4 => Just(Entry::Address),
        3 => Just(Entry::Text),
        2 => labels().prop_map(Entry::Alias),
        1 => Just(Entry::Delegation),
        1 => labels().prop_map(Entry::Redirect),
    ]
}

fn full(labels: &[&str]) -> Name {
    let text: Vec<&str> = labels.iter().copied().chain([APEX]).collect();
    name(&text.join("."))
}

fn is_below(name: &[&str], above: &[&str]) -> bool {
    name.len() > above.len() && name.ends_with(above)
}

/// Leaves out what a zone must not hold: anything below a delegation or redirection.
fn valid(entries: Vec<(Labels, Entry)>) -> BTreeMap<Labels, Entry> {
    let all: BTreeMap<Labels, Entry> = entries.into_iter().collect();
    let ends = |entry: &Entry| matches!(entry, Entry::Delegation | Entry::Redirect(_));
    let allowed = |labels: &Labels| {
        !all.iter()
            .any(|(above, entry)| ends(entry) && is_below(labels, above))
    };
    all.iter()
        .filter(|(labels, _)| allowed(labels))
        .map(|(labels, entry)| (labels.clone(), entry.clone()))
        .collect()
}

fn record(labels: &Labels, entry: &Entry) -> RecordSet {
    let data = match entry {
        Entry::Address => RecordData::a([192, 0, 2, 1].into()),
        Entry::Text => RecordData::txt(b"text").unwrap(),
        Entry::Alias(target) => RecordData::name(RecordType::CNAME, &full(target)),
        Entry::Delegation => RecordData::name(RecordType::NS, &name("ns.example.net")),
        Entry::Redirect(target) => RecordData::name(RecordType::DNAME, &full(target)),
    };
    RecordSet::single(full(labels), Ttl::HOUR, data)
}

/// The names that the answer goes through, and how it ends, for an address question.
fn expected(entries: &BTreeMap<Labels, Entry>, question: &Labels) -> (Vec<Labels>, End) {
    let mut chain: Vec<Labels> = vec![question.clone()];
    loop {
        let current = chain.last().unwrap().clone();
        let next = match step(entries, &current) {
            Ok(next) => next,
            Err(end) => return (chain, end),
        };
        if chain.contains(&next) || chain.len() >= 16 {
            chain.push(next);
            return (chain, End::Stopped);
        }
        chain.push(next);
    }
}

/// The name that this one is an alias of, or how its answer ends.
fn step(entries: &BTreeMap<Labels, Entry>, current: &Labels) -> Result<Labels, End> {
    // From the top down, the first delegation or redirection decides.
    for start in (0..current.len()).rev() {
        match entries.get(&current[start..]) {
            Some(Entry::Delegation) => return Err(End::Referral),
            Some(Entry::Redirect(target)) if start > 0 => {
                return Ok([&current[..start], target].concat());
            }
            Some(_) | None => {}
        }
    }
    let exists = |labels: &[&str]| {
        labels.is_empty()
            || entries
                .keys()
                .any(|own| own == labels || is_below(own, labels))
    };
    let entry = if exists(current) {
        entries.get(current)
    } else {
        let start = (0..=current.len())
            .find(|start| exists(&current[*start..]))
            .unwrap();
        let wildcard = [&["*"], &current[start..]].concat();
        if !exists(&wildcard) {
            return Err(End::NoName);
        }
        entries.get(&wildcard)
    };
    match entry {
        Some(Entry::Address) => Err(End::Found),
        Some(Entry::Alias(target)) => Ok(target.clone()),
        Some(Entry::Text | Entry::Delegation | Entry::Redirect(_)) | None => Err(End::NoData),
    }
}

/// The same from the server's answer.
fn found(octets: &[u8]) -> (Vec<String>, End) {
    let message = Message::from_octets(octets).unwrap();
    let mut chain = vec![message.sole_question().unwrap().qname().to_string()];
    let mut has_address = false;
    for record in message.answer().unwrap() {
        let record = record.unwrap();
        let owner = record.owner().to_string();
        let is_current = owner.eq_ignore_ascii_case(chain.last().unwrap());
        if record.rtype() == Rtype::CNAME {
            assert!(is_current);
            let record = record.to_record::<Cname<ParsedName<_>>>().unwrap().unwrap();
            chain.push(record.data().cname().to_string());
        } else if record.rtype() == Rtype::A {
            assert!(is_current);
            has_address = true;
        }
    }
    let authority = message.authority().unwrap().next().map(Result::unwrap);
    let authority = authority.map(|record| record.rtype());
    let end = match (message.header().rcode(), authority) {
        (Rcode::NXDOMAIN, Some(Rtype::SOA)) => End::NoName,
        (Rcode::NOERROR, Some(Rtype::SOA)) => End::NoData,
        (Rcode::NOERROR, Some(Rtype::NS)) => End::Referral,
        (Rcode::NOERROR, None) if has_address => End::Found,
        (Rcode::NOERROR, None) => End::Stopped,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        message.header().aa(),
        end != End::Referral || chain.len() > 1
    );
    (chain, end)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn every_name_stands_where_a_look_at_all_names_says(
        entries in prop::collection::vec((labels(), entry()), 0..14),
        questions in prop::collection::vec(labels(), 1..12),
    ) {
        let entries = valid(entries);
        let sets = entries.iter().map(|(labels, entry)| record(labels, entry));
        let zones = hosted([zone(APEX, sets)]);
        for question in questions.iter().chain(entries.keys()) {
            let mut query = vec![0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
            query.extend(full(question).as_wire());
            query.extend([0, 1, 0, 1]);
            let mut out = Vec::new();
            answer(&query, &zones, Transport::Tcp, &mut out).unwrap();
            let (chain, end) = expected(&entries, question);
            let chain = chain
                .iter()
                .map(|labels| full(labels).to_string().trim_end_matches('.').to_owned())
                .collect::<Vec<_>>();
            prop_assert_eq!(found(&out), (chain, end), "{:?}", question);
        }
    }
}
