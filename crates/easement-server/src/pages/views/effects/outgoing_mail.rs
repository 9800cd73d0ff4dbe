//! Who may send mail in the name of a domain: sender policies (SPF), keys (DKIM).

use easement_zone::{RecordData, RecordType};

use super::{Line, Shift, Sign, describe_rule, dmarc, has_label, starts_with};
use crate::pages::views::words::Words;

pub(super) fn describe(shift: &Shift) -> Vec<Line> {
    if has_label(&shift.host, "_domainkey") {
        return vec![describe_key(shift)];
    }
    if starts_with(&shift.host, "_dmarc") {
        return dmarc::describe(shift);
    }
    let lines = describe_policy(shift);
    if lines.is_empty() {
        return vec![describe_rule(
            shift,
            "which servers may send mail in its name (SPF)",
        )];
    }
    lines
}

fn describe_key(shift: &Shift) -> Line {
    let mail = Words::new("Mail signed with the key at ").name(&shift.owner);
    if shift.leaves_nothing() {
        return (
            Sign::Ends,
            mail.plain(" is no longer trusted as yours (DKIM)."),
        );
    }
    if shift.lost.is_empty() {
        return (Sign::Begins, mail.plain(" is trusted as yours (DKIM)."));
    }
    let words = Words::new("The key at ").name(&shift.owner).plain(
        " is another one: mail signed with the one from before is no longer trusted as yours (DKIM).",
    );
    (Sign::Changes, words)
}

//------------ Sender policies -------------------------------------------------------------------

/// Whether a record is a sender policy (RFC 7208 section 4.5).
pub(super) fn is_policy(data: &RecordData) -> bool {
    let text = data.text().unwrap_or_default().to_ascii_lowercase();
    data.rtype() == RecordType::TXT && (text == b"v=spf1" || text.starts_with(b"v=spf1 "))
}

fn describe_policy(shift: &Shift) -> Vec<Line> {
    let (lost, gained) = (senders(&shift.lost), senders(&shift.gained));
    let without = |some: &[Words], others: &[Words]| -> Vec<Words> {
        some.iter()
            .filter(|sender| !others.contains(sender))
            .cloned()
            .collect()
    };
    let (joined, left) = (without(&gained, &lost), without(&lost, &gained));
    let mail = || Words::new("Mail in the name of ").name(&shift.owner);
    let mut lines = Vec::new();
    if !joined.is_empty() {
        let words = mail().plain(" may be sent by ").list(&joined).plain(".");
        lines.push((Sign::Begins, words));
    }
    if !left.is_empty() {
        let words = mail()
            .plain(" may no longer be sent by ")
            .list(&left)
            .plain(".");
        lines.push((Sign::Ends, words));
    }
    let before = verdict(&shift.lost);
    match verdict(&shift.gained) {
        Some(after) if before != Some(after) => {
            let sign = if before.is_some() {
                Sign::Changes
            } else {
                Sign::Begins
            };
            lines.push((
                sign,
                mail()
                    .plain(" from any other server ")
                    .plain(after)
                    .plain("."),
            ));
        }
        Some(_) | None => {}
    }
    lines
}

/// Whom a sender policy lets send.
fn senders(data: &[RecordData]) -> Vec<Words> {
    terms(data)
        .iter()
        .map(|term| term.strip_prefix('+').unwrap_or(term))
        .filter_map(|term| match (term, term.split_once(':')) {
            (_, Some(("include", name))) => Some(Words::new("the servers listed at ").name(name)),
            (_, Some(("ip4" | "ip6" | "a" | "exists", value))) => {
                Some(Words::default().name(value))
            }
            (_, Some(("mx", name))) => Some(Words::new("the mail servers of ").name(name)),
            ("mx", None) => Some(Words::new("its own mail servers")),
            ("a", None) => Some(Words::new("its own address")),
            _ => None,
        })
        .collect()
}

/// What a sender policy says of everybody else (RFC 7208 section 8).
fn verdict(data: &[RecordData]) -> Option<&'static str> {
    terms(data).iter().find_map(|term| match term.as_str() {
        "-all" => Some("should be refused"),
        "~all" => Some("is treated with suspicion"),
        "?all" => Some("is neither vouched for nor refused"),
        "+all" | "all" => Some("is allowed too: anyone may send in your name"),
        _ => None,
    })
}

fn terms(data: &[RecordData]) -> Vec<String> {
    data.iter()
        .filter(|data| is_policy(data))
        .filter_map(RecordData::text)
        .flat_map(|text| {
            let text = String::from_utf8_lossy(&text).to_ascii_lowercase();
            let terms = text.split_ascii_whitespace().skip(1);
            terms.map(str::to_owned).collect::<Vec<_>>()
        })
        .collect()
}
