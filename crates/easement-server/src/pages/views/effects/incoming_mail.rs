//! Where mail arrives.

use easement_zone::RecordData;

use super::{Line, Shift, Sign, describe_rule, starts_with};
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
    let (lost, gained) = shift.moves();
    let has_others = shift.kept.iter().any(names_server) || keeps_some(shift);
    let mail = || Words::new("Mail for ").name(&shift.owner);
    match (lost.is_empty(), gained.is_empty()) {
        (true, true) => vec![describe_no_move(shift)],
        (false, true) if has_others => {
            let words = mail().plain(" will no longer go to ").names(&lost);
            vec![(Sign::Ends, words.plain("."))]
        }
        (false, true) => {
            let words = mail().plain(" will no longer go to ").names(&lost);
            let end = ", and nothing takes its place: it may go back to its sender.";
            vec![(Sign::Ends, words.plain(end))]
        }
        (true, false) => {
            let end = if has_others { " too." } else { "." };
            let words = mail().plain(" will go to ").names(&gained);
            vec![(Sign::Begins, words.plain(end))]
        }
        (false, false) => {
            let change = mail().plain(" will go to ").names(&gained);
            let change = change.plain(" instead of ").names(&lost).plain(".");
            let consequence = Words::new("New mail no longer reaches a mailbox at ")
                .names(&lost)
                .plain(". What has arrived there stays there.");
            vec![(Sign::Changes, change), (Sign::Ends, consequence)]
        }
    }
}

/// The same servers as before, or none before and after.
fn describe_no_move(shift: &Shift) -> Line {
    let name = || Words::default().name(&shift.owner);
    if shift.gained.iter().any(names_server) {
        let words = Words::new("The mail servers of ").name(&shift.owner);
        return (Sign::Changes, words.plain(" are tried in another order."));
    }
    if shift.leaves_nothing() {
        let words = name().plain(" no longer says that it takes no mail.");
        return (Sign::Ends, words);
    }
    (Sign::Begins, name().plain(" says that it takes no mail."))
}

/// Whether a record names a mail server; a null MX (RFC 7505) names none.
fn names_server(data: &RecordData) -> bool {
    data.target().is_some_and(|name| !name.is_root())
}

/// Whether some server is named before and after, with another preference.
fn keeps_some(shift: &Shift) -> bool {
    shift
        .gained
        .iter()
        .filter(|data| names_server(data))
        .any(|gained| {
            shift
                .lost
                .iter()
                .any(|lost| lost.target() == gained.target())
        })
}
