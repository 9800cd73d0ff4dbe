//! Which fields a record has.

use crate::RecordFault;
use crate::lint::Code;
use crate::lint::document::RecordView;
use crate::lint::report::Findings;
use crate::template::RECORD_FIELDS;

/// Fields that every record may have.
const COMMON: [&str; 6] = ["type", "groupId", "essential", "host", "ttl", "crit"];

pub(super) fn check(record: &RecordView<'_>, findings: &mut Findings) {
    if record
        .text("type")
        .is_none_or(|text| text.trim().is_empty())
    {
        let message = "the field `type` is missing".to_owned();
        findings.add(Code::MissingField, record.place("type"), message);
        return;
    }
    let rtype = record.rtype();
    if rtype.contains('%') {
        let message = format!("the type is {rtype:?}: a type cannot be a variable");
        findings.add(Code::VariableNotAllowed, record.place("type"), message);
        return;
    }
    let Some(needed) = needed(rtype) else {
        check_generic(record, rtype, findings);
        return;
    };
    check_needed(record, rtype, needed, findings);
    for field in RECORD_FIELDS {
        let is_used = COMMON.contains(&field)
            || needed.contains(&field)
            || (rtype == "SRV" && field == "name")
            || (rtype == "TXT" && field.starts_with("txtConflict"));
        if !is_used && record.value(field).is_some() {
            let message = format!("{rtype} records do not use the field `{field}`");
            findings.add(Code::UnusedField, record.place(field), message);
        }
    }
    if ["APEXCNAME", "REDIR301", "REDIR302"].contains(&rtype) {
        let message = format!("{rtype} is an extension that few DNS providers have");
        findings.add(Code::Extension, record.place("type"), message);
    }
}

fn check_needed(record: &RecordView<'_>, rtype: &str, needed: &[&str], findings: &mut Findings) {
    for field in needed {
        if record.value(field).is_none() {
            let message = format!("{rtype} records need the field `{field}`");
            findings.add(Code::MissingField, record.whole(), message);
        }
    }
    let has_host = record.value("host").is_some()
        || (rtype == "SRV" && record.value("name").is_some())
        || rtype == "APEXCNAME";
    if !has_host {
        let field = if rtype == "SRV" { "name" } else { "host" };
        let message =
            format!("{rtype} records need the field `{field}`: write @ for the name itself");
        findings.add(Code::MissingField, record.whole(), message);
    }
    let needs_ttl = !["SPFM", "REDIR301", "REDIR302"].contains(&rtype);
    if needs_ttl && record.value("ttl").is_none() {
        let message = format!(
            "{rtype} records need the field `ttl`; without it each DNS provider takes its own"
        );
        let finding = findings.add(Code::MissingField, record.whole(), message);
        // They are applied all the same.
        finding.severity = crate::lint::Severity::Warning;
    }
}

/// The fields that a type with fields of its own needs.
fn needed(rtype: &str) -> Option<&'static [&'static str]> {
    Some(match rtype {
        "A" | "AAAA" | "CNAME" | "NS" | "APEXCNAME" => &["pointsTo"],
        "MX" => &["pointsTo", "priority"],
        "TXT" => &["data"],
        "SRV" => &[
            "service", "protocol", "target", "priority", "weight", "port",
        ],
        "SPFM" => &["spfRules"],
        "REDIR301" | "REDIR302" => &["target"],
        _ => return None,
    })
}

fn check_generic(record: &RecordView<'_>, rtype: &str, findings: &mut Findings) {
    match crate::template::generic_type(rtype) {
        Ok(_) => {
            check_needed(record, rtype, &["data"], findings);
            let message = format!("{rtype} is a type that templates seldom use");
            findings.add(Code::UnusualType, record.place("type"), message);
        }
        Err(RecordFault::ForbiddenType { .. }) => {
            let message = format!("no template may write {rtype} records in this way");
            findings.add(Code::BadField, record.place("type"), message);
        }
        Err(_) => {
            let message = format!("{rtype:?} is not a record type");
            findings.add(Code::BadField, record.place("type"), message);
        }
    }
}
