//! Texts and SPF.

use std::collections::BTreeSet;

use crate::lint::document::RecordView;
use crate::lint::report::Findings;
use crate::lint::{Code, Severity};
use crate::spf::{MAX_LOOKUPS, SpfRecord, Term, is_spf};

/// A character string holds so many octets (RFC 1035 section 3.3).
const MAX_STRING: usize = 255;
/// Answers with longer texts do not fit into a packet.
const MAX_SENSIBLE: usize = 2000;
/// So many look-ups leave too few for others.
const MANY_LOOKUPS: usize = 5;

pub(super) fn check(record: &RecordView<'_>, findings: &mut Findings) {
    if record.rtype() == "SPFM"
        && let Some(rules) = record.text("spfRules")
    {
        check_rules(record, rules, findings);
    }
    if record.rtype() == "TXT"
        && let Some(data) = record.text("data")
    {
        check_text(record, data, findings);
    }
}

fn check_text(record: &RecordView<'_>, data: &str, findings: &mut Findings) {
    let place = || record.place("data");
    if data.trim().is_empty() {
        findings.add(Code::EmptyProperty, place(), "`data` is empty".to_owned());
    }
    if data.len() > MAX_STRING {
        let message = format!("the text has {} octets", data.len());
        let finding = findings.add(Code::LongText, place(), message);
        if data.len() > MAX_SENSIBLE {
            finding.severity = Severity::Warning;
        }
    }
    let bare = data.trim_matches('"');
    if !is_spf(bare.as_bytes()) {
        return;
    }
    let message = "this is an SPF record as plain text".to_owned();
    let finding = findings.add(Code::SpfInTxt, place(), message);
    if let Ok(spf) = SpfRecord::parse(bare) {
        let terms: Vec<String> = spf.terms.iter().map(ToString::to_string).collect();
        finding.help = Some(format!(
            "write an SPFM record with \"spfRules\": {:?}",
            terms.join(" ")
        ));
        check_lookups(record, "data", spf.lookups(), findings);
    }
}

fn check_rules(record: &RecordView<'_>, rules: &str, findings: &mut Findings) {
    let place = || record.place("spfRules");
    if rules.trim().is_empty() {
        findings.add(
            Code::EmptyProperty,
            place(),
            "`spfRules` is empty".to_owned(),
        );
        return;
    }
    let words = rules.split_whitespace();
    let (mut lookups, mut seen) = (0, BTreeSet::new());
    // A word with a variable says nothing before it has a value.
    for word in words.filter(|word| !super::properties::has_variable(word)) {
        if findings.is_full() {
            return;
        }
        match Term::parse(word) {
            Ok(term) => {
                lookups += usize::from(term.costs_a_lookup());
                check_twice(record, &term, &mut seen, findings);
            }
            Err(error) => {
                findings.add(Code::BadSpf, place(), error.to_string());
            }
        }
    }
    check_lookups(record, "spfRules", lookups, findings);
}

fn check_twice(
    record: &RecordView<'_>,
    term: &Term,
    seen: &mut BTreeSet<String>,
    findings: &mut Findings,
) {
    let name = match term.qualifier {
        Some(_) => return,
        None => term
            .text
            .split('=')
            .next()
            .unwrap_or_default()
            .to_lowercase(),
    };
    let message = format!("the modifier {name}= is there twice");
    if !seen.insert(name) {
        findings.add(Code::SpfTwice, record.place("spfRules"), message);
    }
}

fn check_lookups(record: &RecordView<'_>, field: &str, lookups: usize, findings: &mut Findings) {
    if lookups < MANY_LOOKUPS {
        return;
    }
    let message = format!("{lookups} terms need a look-up, of {MAX_LOOKUPS} for the whole domain");
    let finding = findings.add(Code::SpfLookups, record.place(field), message);
    if lookups > MAX_LOOKUPS {
        finding.severity = Severity::Error;
    }
}
