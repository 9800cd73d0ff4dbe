//! Mail: where it arrives, and who may send it.

use easement_zone::{RecordData, RecordType};

use super::{Line, Shift, Sign, has_label, starts_with, targets};
use crate::pages::views::words::Words;

//------------ Incoming --------------------------------------------------------------------------

pub(super) fn describe_incoming(shift: &Shift) -> Vec<Line> {
    if starts_with(&shift.host, "_mta-sts") {
        return vec![rule(shift, "whether mail servers must encrypt (MTA-STS)")];
    }
    if starts_with(&shift.host, "_smtp") {
        return vec![rule(
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

//------------ Outgoing --------------------------------------------------------------------------

/// Whether a record is a sender policy (RFC 7208 section 4.5).
pub(super) fn is_spf(data: &RecordData) -> bool {
    let text = data.text().unwrap_or_default().to_ascii_lowercase();
    data.rtype() == RecordType::TXT && (text == b"v=spf1" || text.starts_with(b"v=spf1 "))
}

pub(super) fn describe_outgoing(shift: &Shift) -> Vec<Line> {
    if has_label(&shift.host, "_domainkey") {
        return vec![describe_key(shift)];
    }
    if starts_with(&shift.host, "_dmarc") {
        return vec![rule(
            shift,
            "what receivers do with mail that only pretends to come from this domain (DMARC)",
        )];
    }
    let (lost, gained) = (senders(&shift.lost), senders(&shift.gained));
    let new: Vec<&String> = gained.iter().filter(|term| !lost.contains(term)).collect();
    let gone: Vec<&String> = lost.iter().filter(|term| !gained.contains(term)).collect();
    let mut lines = Vec::new();
    if !new.is_empty() {
        let words = Words::new("Mail that says it is from ").name(&shift.owner);
        let words = words.plain(" may be sent by ").names(&new).plain(".");
        lines.push((Sign::Begins, words));
    }
    if !gone.is_empty() {
        let words = Words::new("Mail that says it is from ").name(&shift.owner);
        let words = words
            .plain(" may no longer be sent by ")
            .names(&gone)
            .plain(".");
        lines.push((Sign::Ends, words));
    }
    let verdicts = (verdict(&shift.lost), verdict(&shift.gained));
    if let (before, Some(after)) = verdicts
        && before != Some(after)
    {
        let words = Words::new("Mail in its name from any other server ")
            .plain(after)
            .plain(".");
        let sign = if before.is_some() {
            Sign::Changes
        } else {
            Sign::Begins
        };
        lines.push((sign, words));
    }
    if lines.is_empty() {
        lines.push(rule(
            shift,
            "which servers may send mail as this domain (SPF)",
        ));
    }
    lines
}

fn describe_key(shift: &Shift) -> Line {
    let mail = Words::new("Mail signed with the key at ").name(&shift.owner);
    if shift.leaves_nothing() {
        return (
            Sign::Ends,
            mail.plain(" no longer counts as truly from this domain (DKIM)."),
        );
    }
    if shift.lost.is_empty() {
        return (
            Sign::Begins,
            mail.plain(" counts as truly from this domain (DKIM)."),
        );
    }
    let words = Words::new("The key at ").name(&shift.owner);
    let words = words.plain(
        " is another one: mail signed with the one from before is no longer trusted (DKIM).",
    );
    (Sign::Changes, words)
}

/// Who a sender policy lets send: the names and addresses of its mechanisms.
fn senders(data: &[RecordData]) -> Vec<String> {
    terms(data)
        .into_iter()
        .filter_map(|term| {
            let term = term.strip_prefix('+').map(str::to_owned).unwrap_or(term);
            match (term.as_str(), term.split_once(':')) {
                (_, Some(("include" | "ip4" | "ip6" | "a" | "mx" | "exists", value))) => {
                    Some(value.to_owned())
                }
                ("mx", _) => Some("its incoming mail servers".to_owned()),
                ("a", _) => Some("the address of its website".to_owned()),
                _ => None,
            }
        })
        .collect()
}

/// What a sender policy says of everybody else (RFC 7208 section 8).
fn verdict(data: &[RecordData]) -> Option<&'static str> {
    terms(data).iter().find_map(|term| match term.as_str() {
        "-all" => Some("should be refused"),
        "~all" => Some("is to be treated with suspicion"),
        "?all" => Some("is neither vouched for nor refused"),
        "+all" | "all" => Some("is welcome too: anyone may send in its name"),
        _ => None,
    })
}

fn terms(data: &[RecordData]) -> Vec<String> {
    data.iter()
        .filter(|data| is_spf(data))
        .filter_map(RecordData::text)
        .flat_map(|text| {
            let text = String::from_utf8_lossy(&text).to_ascii_lowercase();
            let terms: Vec<String> = text
                .split_ascii_whitespace()
                .skip(1)
                .map(str::to_owned)
                .collect();
            terms
        })
        .collect()
}

/// A published rule that is set, changed or taken away.
fn rule(shift: &Shift, about: &str) -> Line {
    let (sign, verb) = if shift.leaves_nothing() {
        (Sign::Ends, " no longer says ")
    } else if shift.lost.is_empty() {
        (Sign::Begins, " says ")
    } else {
        (Sign::Changes, " says something else about ")
    };
    (
        sign,
        Words::default()
            .name(&shift.owner)
            .plain(verb)
            .plain(about)
            .plain("."),
    )
}
