//! Records beside each other.

use std::collections::{BTreeMap, BTreeSet};

use jsonc_parser::ast::{Object, Value};

use crate::lint::document::{Document, RecordView};
use crate::lint::report::Findings;
use crate::lint::{Code, Edit};

pub(super) fn check(document: &Document<'_>, records: &[RecordView<'_>], findings: &mut Findings) {
    check_groups(document, records, findings);
    check_apex(document, records, findings);
    check_cname(records, findings);
    check_same(document, records, findings);
    check_ttls(records, findings);
    check_suffix(records, findings);
}

fn check_groups(document: &Document<'_>, records: &[RecordView<'_>], findings: &mut Findings) {
    let groups: BTreeSet<&str> = records.iter().filter_map(RecordView::group).collect();
    let without = records.iter().filter(|record| record.group().is_none());
    let without = without.count();
    if groups.is_empty() {
        return;
    }
    if without > 0 {
        let message = format!(
            "{without} of {} records have no group, and are applied with every group",
            records.len()
        );
        findings.add(Code::MixedGroups, document.place("records"), message);
    } else if groups.len() == 1 {
        let message = format!("every record is in the group {:?}", groups.first());
        let message = message.replace("Some(", "").replace(')', "");
        findings.add(Code::OneGroup, document.place("records"), message);
    }
}

fn check_apex(document: &Document<'_>, records: &[RecordView<'_>], findings: &mut Findings) {
    let is_alias =
        |record: &&RecordView<'_>| ["CNAME", "NS"].contains(&record.rtype()) && record.is_at_apex();
    let has_rule = document.is_true("hostRequired");
    for record in records.iter().filter(is_alias) {
        if !has_rule {
            let message = format!("{} at @, and hostRequired is not set", record.rtype());
            findings.add(Code::ApexAlias, record.place("host"), message);
        }
        if document.is_true("multiInstance") && record.rtype() == "CNAME" {
            let message = "two instances would have a CNAME at the same name".to_owned();
            findings.add(Code::InstancesOfAlias, record.place("host"), message);
        }
    }
    if has_rule && !records.iter().any(|record| is_alias(&record)) {
        let message = "no CNAME or NS stands at @".to_owned();
        findings.add(Code::HostNotNeeded, document.place("hostRequired"), message);
    }
}

/// A `CNAME` beside anything that may be applied with it.
fn check_cname(records: &[RecordView<'_>], findings: &mut Findings) {
    for record in records.iter().filter(|record| record.rtype() == "CNAME") {
        let beside = records.iter().find(|other| {
            other.number != record.number
                && other.name() == record.name()
                && other.group() == record.group()
                && !same_content(record, other)
        });
        if let Some(other) = beside {
            let message = format!(
                "the CNAME at {:?} stands beside record {} ({})",
                shown(record.host()),
                other.number,
                other.rtype()
            );
            findings.add(Code::CnameNotAlone, record.place("host"), message);
        }
    }
}

fn check_same(document: &Document<'_>, records: &[RecordView<'_>], findings: &mut Findings) {
    for (index, record) in records.iter().enumerate() {
        let earlier = records.iter().take(index);
        let Some(other) = earlier
            .into_iter()
            .find(|other| same_content(other, record))
        else {
            continue;
        };
        let message = format!(
            "record {} says the same as record {}",
            record.number, other.number
        );
        let finding = findings.add(Code::SameRecord, record.whole(), message);
        if contents(other.object) == contents(record.object) {
            finding.fix = remove_from_list(document.text, other, record);
        }
    }
}

/// Takes everything from the end of what stands before the record to its own end away, when only a comma
/// is there.
fn remove_from_list(text: &str, _first: &RecordView<'_>, record: &RecordView<'_>) -> Vec<Edit> {
    let span = record.object.range.start..record.object.range.end;
    let before = text.get(..span.start).unwrap_or_default().trim_end();
    match before.strip_suffix(',') {
        Some(before) => vec![Edit {
            span: before.trim_end().len()..span.end,
            replacement: String::new(),
        }],
        None => Vec::new(),
    }
}

/// The fields that say what is written, and how it is treated.
fn contents<'a>(object: &Object<'a>) -> BTreeMap<String, String> {
    let text = |value: &Value<'a>| match value {
        Value::StringLit(text) => format!("\"{}\"", text.value),
        Value::NumberLit(number) => number.value.to_owned(),
        Value::BooleanLit(_) | Value::Object(_) | Value::Array(_) | Value::NullKeyword(_) => {
            format!("{value:?}")
        }
    };
    object
        .properties
        .iter()
        .map(|property| (property.name.as_str().to_owned(), text(&property.value)))
        .collect()
}

/// Whether two records write the same at one name in one group. Their TTLs may differ: one record has one.
fn same_content(one: &RecordView<'_>, other: &RecordView<'_>) -> bool {
    const DATA: [&str; 11] = [
        "groupId",
        "pointsTo",
        "data",
        "target",
        "service",
        "protocol",
        "priority",
        "weight",
        "port",
        "spfRules",
        "essential",
    ];
    one.rtype() == other.rtype()
        && one.name() == other.name()
        && DATA
            .iter()
            .all(|field| one.scalar(field) == other.scalar(field))
}

fn check_ttls(records: &[RecordView<'_>], findings: &mut Findings) {
    let mut first: BTreeMap<(&str, &str, Option<&str>), (usize, &str)> = BTreeMap::new();
    for record in records {
        let Some(ttl) = record.scalar("ttl") else {
            continue;
        };
        let key = (record.rtype(), record.name(), record.group());
        let (number, known) = *first.entry(key).or_insert((record.number, ttl));
        if known != ttl {
            let message = format!(
                "the TTL is {ttl}, and {known} in record {number} of the same name and type"
            );
            findings.add(Code::MixedTtl, record.place("ttl"), message);
        }
    }
}

fn check_suffix(records: &[RecordView<'_>], findings: &mut Findings) {
    let suffix = |record: &RecordView<'_>| {
        let host = record.host();
        let start = host.strip_suffix('%')?.rfind('%')?;
        let variable = host.get(start..)?;
        let is_predefined = ["%host%", "%domain%", "%fqdn%"].contains(&variable);
        (!is_predefined).then(|| variable.to_owned())
    };
    let Some(first) = records.first() else { return };
    let Some(common) = suffix(first) else { return };
    if records.len() > 1
        && records
            .iter()
            .all(|record| suffix(record).as_ref() == Some(&common))
    {
        let message = format!("every host ends with {common}");
        findings.add(Code::CommonSuffix, first.place(first.host_field()), message);
    }
}

fn shown(host: &str) -> &str {
    if host.is_empty() { "@" } else { host }
}
