//! Where mail arrives.

use easement_zone::RecordData;

use super::{Line, Shift, Sign, describe_rule, starts_with, targets};
use crate::pages::views::words::Words;

pub(super) fn describe(shift: &Shift) -> Vec<Line> {
    if starts_with(&shift.host, "_mta-sts") {
        return vec![describe_rule(
            shift,
            "whether mail servers must encrypt (MTA-STS)",
        )];
    }
    if starts_with(&shift.host, "_smtp") {
        return vec![describe_rule(
            shift,
            "where reports about encrypted mail go (TLS-RPT)",
        )];
    }
    let (lost, gained) = (servers(&shift.lost), servers(&shift.gained));
    let mail = || Words::new("Mail for ").name(&shift.owner);
    if gained.is_empty() && lost.is_empty() {
        return vec![(
            Sign::Changes,
            mail().plain(" will be refused or accepted differently."),
        )];
    }
    if gained.is_empty() && servers(&shift.kept).is_empty() {
        let words = mail().plain(" will no longer go to ").names(&lost);
        let words = words
            .plain(", and nothing takes its place: mail to this name may go back to its sender.");
        return vec![(Sign::Ends, words)];
    }
    if gained.is_empty() {
        return vec![(
            Sign::Ends,
            mail()
                .plain(" will no longer go to ")
                .names(&lost)
                .plain("."),
        )];
    }
    if lost.is_empty() {
        let also = if servers(&shift.kept).is_empty() {
            "."
        } else {
            " too."
        };
        return vec![(
            Sign::Begins,
            mail().plain(" will go to ").names(&gained).plain(also),
        )];
    }
    let change = mail().plain(" will go to ").names(&gained);
    let change = change.plain(" instead of ").names(&lost).plain(".");
    let consequence = Words::new("New mail no longer reaches a mailbox at ")
        .names(&lost)
        .plain(". What has arrived there stays there.");
    vec![(Sign::Changes, change), (Sign::Ends, consequence)]
}

/// The mail servers named; a null MX (RFC 7505) names none.
fn servers(data: &[RecordData]) -> Vec<String> {
    let named: Vec<RecordData> = data
        .iter()
        .filter(|data| data.target().is_some_and(|name| !name.is_root()))
        .cloned()
        .collect();
    targets(&named)
}
