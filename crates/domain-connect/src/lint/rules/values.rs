//! Numbers, words, addresses and variables.

use std::net::{Ipv4Addr, Ipv6Addr};

use jsonc_parser::ast::Value;

use crate::lint::document::RecordView;
use crate::lint::report::{Findings, LintOptions};
use crate::lint::{Code, Edit};
use crate::template::pattern_digits as digits;
use crate::{Number, Pattern, PatternError, Variable};

/// Fields in which variables are replaced.
const PATTERNS: [&str; 9] = [
    "host", "name", "pointsTo", "target", "data", "service", "protocol", "spfRules", "ttl",
];
/// Fields in which none is.
const PLAIN: [&str; 4] = [
    "groupId",
    "essential",
    "txtConflictMatchingMode",
    "txtConflictMatchingPrefix",
];
/// The highest TTL there is (RFC 2181 section 8).
const MAX_TTL: u64 = 0x7fff_ffff;

pub(super) fn check(record: &RecordView<'_>, options: &LintOptions, findings: &mut Findings) {
    check_kinds(record, findings);
    for field in PATTERNS {
        if let Some(text) = record.text(field) {
            check_pattern(record, field, text, findings);
        }
    }
    for field in PLAIN {
        if let Some(text) = record
            .text(field)
            .filter(|text| super::properties::has_variable(text))
        {
            let message = format!("`{field}` has a variable, which nothing replaces: {text:?}");
            findings.add(Code::VariableNotAllowed, record.place(field), message);
        }
    }
    for field in ["priority", "weight", "port"] {
        check_number(record, field, u64::from(u16::MAX), findings);
    }
    check_number(record, "ttl", MAX_TTL, findings);
    check_high_ttl(record, options, findings);
    check_words(record, findings);
    check_address(record, findings);
    check_target(record, findings);
}

/// Texts where texts are wanted, and numbers where numbers are.
fn check_kinds(record: &RecordView<'_>, findings: &mut Findings) {
    for field in PATTERNS.iter().chain(&PLAIN).chain(&["type"]) {
        let Some(value) = record
            .value(field)
            .filter(|value| value.as_string_lit().is_none())
        else {
            continue;
        };
        let is_number = value.as_number_lit().is_some();
        if value.as_null_keyword().is_some() || (*field == "ttl" && is_number) {
            continue;
        }
        let message = format!("`{field}` must be a text");
        findings.add(Code::BadField, record.place(field), message);
    }
}

fn check_pattern(record: &RecordView<'_>, field: &str, text: &str, findings: &mut Findings) {
    if !text.contains('%') {
        return;
    }
    let place = || record.place(field);
    match Pattern::parse_field(field, text) {
        Err(PatternError::NotClosed { .. }) => {
            let message = format!("{text:?} has a percent sign without a second one");
            findings.add(Code::OpenVariable, place(), message);
        }
        Err(error) => {
            findings.add(Code::BadVariable, place(), error.to_string());
        }
        Ok(pattern) => {
            check_reserved(record, field, &pattern, findings);
            let is_value = ["pointsTo", "target", "data", "spfRules"].contains(&field);
            let is_named = pattern
                .variables()
                .any(|variable| matches!(variable, Variable::Named(_)));
            if is_value && pattern.is_one_variable() && is_named {
                let message = format!("`{field}` is {text:?} and nothing else");
                findings.add(Code::BareVariable, place(), message);
            }
        }
    }
}

fn check_reserved(
    record: &RecordView<'_>,
    field: &str,
    pattern: &Pattern,
    findings: &mut Findings,
) {
    for variable in pattern.variables() {
        if findings.is_full() {
            return;
        }
        if let Variable::Named(name) = variable
            && name.is_reserved()
        {
            let message = format!("%{name}% has the name of a parameter of the protocol");
            findings.add(Code::ReservedVariable, record.place(field), message);
        }
    }
}

fn check_number(record: &RecordView<'_>, field: &str, most: u64, findings: &mut Findings) {
    let (Some(value), Some(text)) = (record.value(field), record.scalar(field)) else {
        if let Some(value) = record.value(field)
            && value.as_null_keyword().is_none()
        {
            let message = format!("`{field}` must be a number");
            findings.add(Code::BadNumber, record.place(field), message);
        }
        return;
    };
    let place = || record.place(field);
    match Number::parse(text) {
        Ok(Number::Variable(_)) => return,
        Ok(Number::Fixed(number)) if number <= most => {}
        Ok(Number::Fixed(_)) | Err(_) => {
            let message = format!("`{field}` is {text}, and must be a number from 0 to {most}");
            findings.add(Code::BadNumber, place(), message);
            return;
        }
    }
    if let (Value::StringLit(_), Some(number)) = (value, digits(text)) {
        let place = place();
        let fix = Edit {
            span: place.span.clone(),
            replacement: number.to_string(),
        };
        let message = format!("`{field}` is the text {text:?}");
        findings.add(Code::TextNumber, place, message).fix = vec![fix];
    }
}

fn check_high_ttl(record: &RecordView<'_>, options: &LintOptions, findings: &mut Findings) {
    let ttl = record.scalar("ttl").and_then(digits);
    if let (Some(ttl), Some(most)) = (ttl, options.highest_ttl)
        && ttl > most
        && ttl <= MAX_TTL
    {
        let message = format!("the TTL is {ttl} seconds, and the limit {most}");
        findings.add(Code::HighTtl, record.place("ttl"), message);
    }
}

//------------ Words -----------------------------------------------------------------------------

fn check_words(record: &RecordView<'_>, findings: &mut Findings) {
    let words = [
        ("essential", &["Always", "OnApply"][..]),
        ("txtConflictMatchingMode", &["None", "All", "Prefix"][..]),
    ];
    for (field, known) in words {
        if let Some(text) = record.text(field) {
            check_word(record, field, text, known, findings);
        }
    }
    if record.rtype() == "SRV"
        && let Some(protocol) = record.text("protocol")
    {
        check_protocol(record, protocol, findings);
    }
    let mode = record.text("txtConflictMatchingMode").unwrap_or_default();
    if mode.eq_ignore_ascii_case("prefix")
        && record
            .text("txtConflictMatchingPrefix")
            .is_none_or(str::is_empty)
    {
        let message = "txtConflictMatchingMode Prefix needs a txtConflictMatchingPrefix".to_owned();
        findings.add(Code::MissingField, record.whole(), message);
    }
    if mode.eq_ignore_ascii_case("all") {
        let message = "every other text of the name is taken away".to_owned();
        findings.add(
            Code::WholeConflict,
            record.place("txtConflictMatchingMode"),
            message,
        );
    }
}

fn check_word(
    record: &RecordView<'_>,
    field: &str,
    text: &str,
    known: &[&str],
    findings: &mut Findings,
) {
    if known.contains(&text) || super::properties::has_variable(text) {
        return;
    }
    let meant = known
        .iter()
        .find(|known| known.eq_ignore_ascii_case(text))
        .copied()
        // One author's word, which the reader of templates takes for the same.
        .or((field == "essential" && text.eq_ignore_ascii_case("no")).then_some("OnApply"));
    let place = record.place(field);
    let Some(meant) = meant else {
        let message = format!(
            "`{field}` is {text:?}, and must be one of {}",
            known.join(", ")
        );
        findings.add(Code::BadNumber, place, message);
        return;
    };
    let fix = Edit {
        span: place.span.clone(),
        replacement: format!("\"{meant}\""),
    };
    let message = format!("`{field}` is {text:?}, and is spelled {meant}");
    findings.add(Code::Spelling, place, message).fix = vec![fix];
}

fn check_protocol(record: &RecordView<'_>, protocol: &str, findings: &mut Findings) {
    let bare = protocol.strip_prefix('_').unwrap_or(protocol);
    let is_known = ["tcp", "udp", "sctp", "dccp", "tls", "quic"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(bare));
    if !is_known && !protocol.contains('%') {
        let message = format!(
            "the protocol {protocol:?} is not one of _tcp, _udp, _sctp, _dccp, _tls and _quic"
        );
        findings.add(Code::BadNumber, record.place("protocol"), message);
    }
}

//------------ Addresses and targets -------------------------------------------------------------

fn check_address(record: &RecordView<'_>, findings: &mut Findings) {
    let rtype = record.rtype();
    let Some(text) = record.text("pointsTo") else {
        return;
    };
    if !["A", "AAAA"].contains(&rtype) || text.contains('%') {
        return;
    }
    let is_four = text.parse::<Ipv4Addr>().is_ok();
    let is_six = text.parse::<Ipv6Addr>().is_ok();
    let (code, message) = match (rtype, is_four, is_six) {
        ("A", true, _) | ("AAAA", _, true) => return,
        ("A", false, true) => (Code::Ipv6InA, format!("{text} is an IPv6 address")),
        ("AAAA", true, false) => (Code::Ipv4InAaaa, format!("{text} is an IPv4 address")),
        _ => (
            Code::BadAddress,
            format!("{text:?} is neither an address nor a variable"),
        ),
    };
    findings.add(code, record.place("pointsTo"), message);
}

fn check_target(record: &RecordView<'_>, findings: &mut Findings) {
    let rtype = record.rtype();
    let field = match rtype {
        "CNAME" | "NS" | "MX" | "APEXCNAME" => "pointsTo",
        "SRV" => "target",
        _ => return,
    };
    let Some(text) = record.text(field) else {
        return;
    };
    let is_at = text == "@" && rtype != "NS";
    if text.trim().is_empty() {
        let message = format!("`{field}` is empty");
        findings.add(Code::EmptyProperty, record.place(field), message);
    } else if !is_at && !text.contains('%') && !is_target(text) {
        let message = format!("`{field}` is {text:?}, which is not the name of a host");
        findings.add(Code::BadField, record.place(field), message);
    }
}

fn is_target(text: &str) -> bool {
    let is_plain = |one: char| {
        one.is_ascii_alphanumeric()
            || "-_.".contains(one)
            || (!one.is_ascii() && one.is_alphanumeric())
    };
    text.chars().all(is_plain) && text.parse::<easement_zone::Name>().is_ok()
}
