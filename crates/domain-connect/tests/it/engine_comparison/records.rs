//! The records of a zone in the form of the other engine, and back.

use std::collections::BTreeMap;
use std::fmt;

use domain_connect::{RedirectStatus, Special, SpecialAction};
use easement_zone::{Host, Name, Record, RecordData, RecordSet, RecordType, Zone};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What stands at a name.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Item {
    Record(Record),
    Special(Special),
    /// Something of the other engine that no zone can hold.
    Impossible {
        owner: Option<Name>,
        reason: String,
    },
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record(Record { owner, data }) => write!(f, "{owner} {} {data}", data.rtype()),
            Self::Special(special) => write!(f, "{special:?}"),
            Self::Impossible { owner, reason } => write!(f, "{owner:?}: {reason}"),
        }
    }
}

/// What stands in a zone, with the TTL of each.
pub(super) type Items = BTreeMap<Item, Option<u32>>;

/// A record as the other engine keeps it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct EngineRecord {
    #[serde(rename = "type")]
    rtype: String,
    name: String,
    data: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ttl: Option<u32>,
    /// A number, or what the template has instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    priority: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    weight: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    port: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    service: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    protocol: Option<String>,
}

/// Everything in a zone but `SOA`, whose serial number the other engine leaves to others.
pub(super) fn items(zone: &Zone, special: &[Special]) -> Items {
    let sets = zone.sets().filter(|set| set.rtype() != RecordType::SOA);
    let records = sets.flat_map(|set| {
        let ttl = Some(set.ttl().as_secs());
        let records: Vec<Record> = set.records().collect();
        records
            .into_iter()
            .map(move |record| (Item::Record(record), ttl))
    });
    let special = special.iter().cloned().map(Item::Special);
    records.chain(special.map(|item| (item, None))).collect()
}

//------------ Theirs from ours --------------------------------------------------------------------

pub(super) fn engine_records(zone: &Zone) -> Vec<EngineRecord> {
    let sets = zone.sets().filter(|set| set.rtype() != RecordType::SOA);
    let sets: Vec<RecordSet> = sets.collect();
    sets.iter()
        .flat_map(|set| {
            set.data()
                .iter()
                .map(|data| engine_record(zone.apex(), set, data))
        })
        .collect()
}

fn engine_record(apex: &Name, set: &RecordSet, data: &RecordData) -> EngineRecord {
    let text = data.to_string();
    let words: Vec<&str> = text.split(' ').collect();
    let number = |at: usize| words[at].parse().ok();
    let priority = || number(0).map(Value::from);
    let target = || words[words.len() - 1].trim_end_matches('.').to_owned();
    let mut record = EngineRecord {
        rtype: set.rtype().to_string(),
        name: set.owner().relative_to(apex).unwrap().to_string(),
        data: text.clone(),
        ttl: Some(set.ttl().as_secs()),
        priority: None,
        weight: None,
        port: None,
        service: None,
        protocol: None,
    };
    match set.rtype() {
        RecordType::CNAME | RecordType::NS => record.data = target(),
        RecordType::MX => {
            record.priority = priority();
            record.data = target();
        }
        RecordType::SRV => {
            record.priority = priority();
            [record.weight, record.port] = [number(1), number(2)];
            record.data = target();
            let labels = record.name.splitn(3, '.').map(str::to_owned);
            let labels: Vec<String> = labels.collect();
            record.service = labels.first().cloned();
            record.protocol = labels.get(1).map(|label| label.replace('_', ""));
            record.name = labels.get(2).cloned().unwrap_or_else(|| "@".to_owned());
        }
        RecordType::TXT => record.data = String::from_utf8(data.text().unwrap()).unwrap(),
        _ => {}
    }
    record
}

//------------ Ours from theirs --------------------------------------------------------------------

pub(super) fn items_of_engine(apex: &Name, records: &[EngineRecord]) -> Items {
    let mut items = Items::new();
    for record in records {
        let item = item(apex, record).unwrap_or_else(|error| Item::Impossible {
            owner: owner(apex, record).ok(),
            reason: format!("{} {}: {error}", record.rtype, record.name),
        });
        let ttl = match &item {
            Item::Record(_) => record.ttl,
            Item::Special(_) | Item::Impossible { .. } => None,
        };
        items
            .entry(item)
            .and_modify(|known| *known = ttl.min(*known))
            .or_insert(ttl);
    }
    items
}

fn item(apex: &Name, record: &EngineRecord) -> Result<Item, String> {
    let owner = owner(apex, record)?;
    let redirect = |status| {
        Ok(Item::Special(Special {
            owner: owner.clone(),
            action: SpecialAction::WebRedirect {
                status,
                target: record.data.clone(),
            },
        }))
    };
    match record.rtype.to_ascii_uppercase().as_str() {
        "REDIR301" => redirect(RedirectStatus::Permanent),
        "REDIR302" => redirect(RedirectStatus::Temporary),
        rtype => {
            let data = data(rtype, record)?;
            Ok(Item::Record(Record { owner, data }))
        }
    }
}

fn owner(apex: &Name, record: &EngineRecord) -> Result<Name, String> {
    let host = if record.name == "@" { "" } else { &record.name };
    let mut host = host.to_owned();
    for label in [&record.protocol, &record.service].into_iter().flatten() {
        host = format!("_{}.{host}", label.trim_start_matches('_'));
    }
    let host: Host = host.trim_end_matches('.').parse().map_err(message)?;
    host.below(apex).map_err(message)
}

fn data(rtype: &str, record: &EngineRecord) -> Result<RecordData, String> {
    let rtype: RecordType = rtype.parse().map_err(message)?;
    let target = || record.data.parse::<Name>().map_err(message);
    let number = |number: Option<u16>| number.unwrap_or_default();
    let priority = || priority(record.priority.as_ref());
    Ok(match rtype {
        RecordType::CNAME | RecordType::NS => RecordData::name(rtype, &target()?),
        RecordType::MX => RecordData::mx(priority()?, &target()?),
        RecordType::SRV => RecordData::srv(
            priority()?,
            number(record.weight),
            number(record.port),
            &target()?,
        ),
        RecordType::TXT => RecordData::txt(record.data.as_bytes()).map_err(message)?,
        _ => RecordData::from_text(rtype, &record.data).map_err(message)?,
    })
}

fn priority(priority: Option<&Value>) -> Result<u16, String> {
    let text = match priority {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => "0".to_owned(),
    };
    text.parse().map_err(|_| format!("the priority is {text}"))
}

#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn message(error: impl ToString) -> String {
    error.to_string()
}
