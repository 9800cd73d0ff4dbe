//! The records of a case as records of DNS.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use domain_connect::{Checksum, RedirectStatus, Special, SpecialAction, is_spf};
use easement_zone::{Name, Record, RecordData, RecordSet, RecordType, Ttl, Zone};

use super::suite::{Expect, Input, SuiteRecord};
use super::world::{host, message};
use crate::support;

/// A record, or what a provider does beyond records.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Item {
    Record(Record),
    Special(Special),
}

pub(super) fn records(zone: &Zone) -> BTreeMap<Item, Option<u32>> {
    let mut items = BTreeMap::new();
    for set in zone.sets() {
        let of_the_zone = set.rtype() == RecordType::SOA
            || (set.rtype() == RecordType::NS && set.owner() == zone.apex());
        if of_the_zone {
            continue;
        }
        for record in set.records() {
            items.insert(Item::Record(record), Some(set.ttl().as_secs()));
        }
    }
    items
}

/// What a case expects, with the lowest TTL of each set.
pub(super) fn expected(
    apex: &Name,
    expect: &Expect,
) -> Result<BTreeMap<Item, Option<u32>>, String> {
    let mut lowest: BTreeMap<(Name, RecordType), u32> = BTreeMap::new();
    let mut items = Vec::new();
    for record in &expect.records {
        let item = item(apex, record)?;
        if let (Item::Record(found), Some(ttl)) = (&item, record.ttl) {
            let key = (found.owner.clone(), found.data.rtype());
            let slot = lowest.entry(key).or_insert(ttl);
            *slot = ttl.min(*slot);
        }
        items.push(item);
    }
    Ok(items
        .into_iter()
        .map(|item| {
            let ttl = match &item {
                Item::Record(record) => lowest
                    .get(&(record.owner.clone(), record.data.rtype()))
                    .copied(),
                Item::Special(_) => None,
            };
            (item, ttl)
        })
        .collect())
}

pub(super) type Built = (Zone, Vec<Special>, Vec<Item>);

pub(super) fn build_zone(apex: &Name, input: &Input) -> Result<Built, String> {
    let mut builder = support::builder(apex);
    let mut special = Vec::new();
    let mut left_out = Vec::new();
    for record in input.zone_records.iter().flatten() {
        match item(apex, record)? {
            Item::Special(found) => special.push(found),
            Item::Record(found) => {
                let ttl = Ttl::from_secs(record.ttl.unwrap_or(3600)).map_err(message)?;
                let set = RecordSet::single(found.owner.clone(), ttl, found.data.clone());
                let mut with = builder.clone();
                with.insert(set).map_err(message)?;
                if with.clone().finish().is_ok() {
                    builder = with;
                } else {
                    left_out.push(Item::Record(found));
                }
            }
        }
    }
    Ok((builder.finish().map_err(message)?, special, left_out))
}

pub(super) fn item(apex: &Name, record: &SuiteRecord) -> Result<Item, String> {
    let kind = record.rtype.to_ascii_uppercase();
    let name = if kind == "SRV" {
        let service = record.service.replace('.', "-");
        let labels = [service.as_str(), record.protocol.as_str()]
            .map(|label| format!("_{}", label.trim_start_matches('_').to_lowercase()));
        let host = if record.name == "@" { "" } else { &record.name };
        format!("{}.{}.{host}", labels[0], labels[1])
    } else {
        record.name.clone()
    };
    let name = name.trim_end_matches('.');
    let owner = host(name)?.below(apex).map_err(message)?;
    let action = match kind.as_str() {
        "REDIR301" => SpecialAction::WebRedirect {
            status: RedirectStatus::Permanent,
            target: record.data.clone(),
        },
        "REDIR302" => SpecialAction::WebRedirect {
            status: RedirectStatus::Temporary,
            target: record.data.clone(),
        },
        "APEXCNAME" => SpecialAction::ApexAlias {
            target: target(apex, &record.data)?,
            ttl: Ttl::from_secs(record.ttl.unwrap_or(3600)).map_err(message)?,
        },
        _ => {
            let data = data(apex, &kind, record)?;
            return Ok(Item::Record(Record { owner, data }));
        }
    };
    Ok(Item::Special(Special { owner, action }))
}

pub(super) fn data(apex: &Name, kind: &str, record: &SuiteRecord) -> Result<RecordData, String> {
    let rtype: RecordType = kind.parse().map_err(message)?;
    let target = || target(apex, &record.data);
    Ok(match rtype {
        RecordType::A => RecordData::a(record.data.parse().unwrap_or_else(|_| {
            Ipv4Addr::new(
                198,
                51,
                100,
                Checksum::of(record.data.as_bytes()).as_octets()[0],
            )
        })),
        RecordType::AAAA => RecordData::aaaa(record.data.parse().unwrap_or_else(|_| {
            let octet = Checksum::of(record.data.as_bytes()).as_octets()[0];
            Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, octet.into())
        })),
        RecordType::CNAME | RecordType::NS => RecordData::name(rtype, &target()?),
        RecordType::MX => RecordData::mx(record.priority, &target()?),
        RecordType::SRV => RecordData::srv(record.priority, record.weight, record.port, &target()?),
        RecordType::TXT if record.data.starts_with('"') => {
            RecordData::from_text(rtype, &record.data).map_err(message)?
        }
        RecordType::TXT => RecordData::txt(spf_words(&record.data).as_bytes()).map_err(message)?,
        _ => RecordData::from_text(rtype, &record.data).map_err(message)?,
    })
}

pub(super) fn target(apex: &Name, text: &str) -> Result<Name, String> {
    if text == "@" {
        return Ok(apex.clone());
    }
    text.parse().map_err(message)
}

/// An SPF text in which bare words that are no mechanism are names to include.
pub(super) fn spf_words(text: &str) -> String {
    if !is_spf(text.as_bytes()) {
        return text.to_owned();
    }
    let words: Vec<String> = text.split(' ').map(spf_word).collect();
    words.join(" ")
}

pub(super) fn spf_word(word: &str) -> String {
    let name = word.trim_start_matches(['+', '-', '~', '?']);
    let is_bare = !name.is_empty() && name.bytes().all(|octet| octet.is_ascii_alphanumeric());
    if is_bare && !["a", "mx", "ptr", "all"].contains(&name) {
        word.replace(name, &format!("include:{name}.example"))
    } else {
        word.to_owned()
    }
}
