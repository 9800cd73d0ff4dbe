//! Services, proofs, certificates, delegations, and everything else.

use std::collections::BTreeSet;

use easement_zone::{RecordData, RecordType};

use super::{Line, Shift, Sign, starts_with};
use crate::pages::views::show::count;
use crate::pages::views::words::Words;

pub(super) fn describe_services(shift: &Shift) -> Vec<Line> {
    let (service, place) = split_service(&shift.owner);
    let (lost, gained) = shift.moves_where(|data| data.rtype() != RecordType::TXT);
    let subject = || {
        Words::new("The service ")
            .strong(&service)
            .plain(" of ")
            .name(&place)
    };
    match (lost.is_empty(), gained.is_empty()) {
        (true, true) => {
            let words =
                subject().plain(" will be reached in another way (port, order or details).");
            vec![(sign_of(shift), words)]
        }
        (false, true) => {
            let words = subject().plain(" will no longer be found at ").names(&lost);
            vec![(Sign::Ends, words.plain("."))]
        }
        (true, false) => {
            let words = subject().plain(" will be found at ").names(&gained);
            vec![(Sign::Begins, words.plain("."))]
        }
        (false, false) => {
            let words = subject().plain(" will be found at ").names(&gained);
            let words = words.plain(" instead of ").names(&lost).plain(".");
            vec![(Sign::Changes, words)]
        }
    }
}

/// `_sip._tls.example.com` as the service `sip` of `example.com` (RFC 2782).
fn split_service(owner: &str) -> (String, String) {
    let labels: Vec<&str> = owner.split('.').collect();
    let underscored = labels
        .iter()
        .take_while(|label| label.starts_with('_'))
        .count();
    let service = labels
        .first()
        .map_or("", |label| label.trim_start_matches('_'));
    let place = labels.get(underscored..).unwrap_or_default().join(".");
    (service.to_owned(), place)
}

pub(super) fn describe_proof(shift: &Shift) -> Vec<Line> {
    let kind = |data: &[RecordData]| {
        let is_text = |data: &RecordData| data.rtype() == RecordType::TXT;
        if data.iter().all(is_text) {
            "code"
        } else {
            "pointer"
        }
    };
    let mut lines = Vec::new();
    if !shift.gained.is_empty() {
        let words = Words::default().name(&shift.owner).plain(format!(
            " carries a {} by which others can tell that you control it.",
            kind(&shift.gained)
        ));
        lines.push((Sign::Begins, words));
    }
    if !shift.lost.is_empty() {
        let words = Words::new(format!("A {} at ", kind(&shift.lost))).name(&shift.owner);
        let end = " goes: who relied on it can no longer tell that you control the name.";
        lines.push((Sign::Ends, words.plain(end)));
    }
    lines
}

pub(super) fn describe_certificates(shift: &Shift) -> Vec<Line> {
    if starts_with(&shift.host, "_acme-challenge") {
        let place = shift.owner.split_once('.').map_or("", |(_, rest)| rest);
        if shift.gained.is_empty() {
            let words = Words::new("A right to get certificates for ").name(place);
            return vec![(Sign::Ends, words.plain(" by way of this record goes."))];
        }
        let words = Words::new("With the record at ").name(&shift.owner);
        let words = words
            .plain(" someone else can get certificates for ")
            .name(place);
        return vec![(Sign::Begins, words.plain(", and so pass for it."))];
    }
    let sign = sign_of(shift);
    let has_caa = |data: &[RecordData]| data.iter().any(|data| data.rtype() == RecordType::CAA);
    if has_caa(&shift.gained) || has_caa(&shift.lost) {
        let words = Words::new("Which authorities may issue certificates for ").name(&shift.owner);
        return vec![(sign, words.plain(" changes (CAA)."))];
    }
    let words = Words::new("Which certificates programs accept for ").name(&shift.owner);
    vec![(sign, words.plain(" changes (TLSA)."))]
}

pub(super) fn describe_delegation(shift: &Shift) -> Vec<Line> {
    let (lost, gained) = shift.moves_where(|data| data.rtype() == RecordType::NS);
    let subject = || {
        Words::default()
            .name(&shift.owner)
            .plain(" and every name below it")
    };
    if gained.is_empty() && lost.is_empty() {
        let words = Words::new("The proof that answers below ").name(&shift.owner);
        let words = words.plain(" are genuine changes (DNSSEC).");
        return vec![(sign_of(shift), words)];
    }
    if gained.is_empty() {
        let words = subject()
            .plain(" will no longer be answered by ")
            .names(&lost);
        return vec![(Sign::Ends, words.plain("."))];
    }
    let words = subject()
        .plain(" will be answered by other DNS servers: ")
        .names(&gained);
    if lost.is_empty() {
        return vec![(Sign::Begins, words.plain("."))];
    }
    vec![(
        Sign::Changes,
        words.plain(" instead of ").names(&lost).plain("."),
    )]
}

pub(super) fn describe_rest(shift: &Shift) -> Vec<Line> {
    let lines = |sign, data: &[RecordData], verb: &str| -> Vec<Line> {
        let types: BTreeSet<RecordType> = data.iter().map(RecordData::rtype).collect();
        types
            .into_iter()
            .map(|rtype| {
                let number = data.iter().filter(|data| data.rtype() == rtype).count();
                let are = if number == 1 { "is" } else { "are" };
                let records = count(number as u64, &format!("{rtype} record"));
                let words = Words::new(format!("{records} {are} {verb} ")).name(&shift.owner);
                (sign, words.plain("."))
            })
            .collect()
    };
    let mut all = lines(Sign::Begins, &shift.gained, "added at");
    all.extend(lines(Sign::Ends, &shift.lost, "removed from"));
    all
}

fn sign_of(shift: &Shift) -> Sign {
    match (shift.lost.is_empty(), shift.gained.is_empty()) {
        (true, _) => Sign::Begins,
        (false, true) => Sign::Ends,
        (false, false) => Sign::Changes,
    }
}
