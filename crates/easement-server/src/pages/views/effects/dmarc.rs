//! What receivers are asked to do with mail that is not real, and who hears of it (RFC 7489 section 6.3).

use easement_zone::RecordData;

use super::shift::Shift;
use super::{Line, Sign, describe_rule};
use crate::pages::views::words::Words;

pub(super) fn describe(shift: &Shift) -> Vec<Line> {
    let ([new], [] | [_], Some(domain)) = (
        shift.gained.as_slice(),
        shift.lost.as_slice(),
        shift.owner.strip_prefix("_dmarc."),
    ) else {
        return vec![describe_any(shift)];
    };
    let (new, old) = (Rule::read(new), shift.lost.first().map(Rule::read));
    let mut lines = Vec::new();
    if old.as_ref().is_none_or(|old| old.policy != new.policy) {
        lines.push(describe_policy(shift, domain, &new, old.as_ref()));
    }
    lines.extend(describe_reports(domain, &new, old.as_ref()));
    if lines.is_empty() {
        lines.push(describe_any(shift));
    }
    lines
}

fn describe_any(shift: &Shift) -> Line {
    describe_rule(
        shift,
        "what receivers do with mail that only pretends to be in its name (DMARC)",
    )
}

fn describe_policy(shift: &Shift, domain: &str, new: &Rule, old: Option<&Rule>) -> Line {
    let Some(asked) = new.policy.and_then(Policy::verb) else {
        return describe_any(shift);
    };
    let words = Words::new("Receivers of mail that only pretends to be from ")
        .name(domain)
        .plain(format!(" are asked to {asked}"));
    match old {
        None => (Sign::Begins, words.plain(" (DMARC).")),
        Some(old) => {
            let before = old.policy.and_then(Policy::verb);
            let before =
                before.map_or_else(String::new, |verb| format!(", and no longer to {verb}"));
            (Sign::Changes, words.plain(format!("{before} (DMARC).")))
        }
    }
}

/// Reports say who sends mail in the name of a domain, so who gets them is worth a line.
fn describe_reports(domain: &str, new: &Rule, old: Option<&Rule>) -> Option<Line> {
    let before = old.map_or(&[][..], |old| &old.reports);
    let without = |some: &[String], others: &[String]| -> Vec<String> {
        let gone = some.iter().filter(|one| !others.contains(one));
        gone.cloned().collect()
    };
    let (joined, left) = (without(&new.reports, before), without(before, &new.reports));
    let reports = Words::new("Reports about all mail in the name of ").name(domain);
    match (joined.is_empty(), left.is_empty()) {
        (true, true) => None,
        (false, true) => Some((
            Sign::Begins,
            reports.plain(" go to ").names(&joined).plain(" (DMARC)."),
        )),
        (true, false) => Some((
            Sign::Ends,
            reports
                .plain(" no longer go to ")
                .names(&left)
                .plain(" (DMARC)."),
        )),
        (false, false) => {
            let words = reports.plain(" go to ").names(&joined);
            let words = words.plain(" instead of ").names(&left);
            Some((Sign::Changes, words.plain(" (DMARC).")))
        }
    }
}

//------------ Rule ------------------------------------------------------------------------------

/// What such a record says.
struct Rule {
    policy: Option<Policy>,
    /// Where reports go: addresses of mail, or whole URIs.
    reports: Vec<String>,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Policy {
    None,
    Quarantine,
    Reject,
    /// A word that RFC 7489 does not have.
    Unknown,
}

impl Policy {
    fn verb(self) -> Option<&'static str> {
        match self {
            Self::None => Some("let it through"),
            Self::Quarantine => Some("treat it with suspicion"),
            Self::Reject => Some("refuse it"),
            Self::Unknown => None,
        }
    }
}

impl Rule {
    fn read(data: &RecordData) -> Self {
        let mut rule = Self {
            policy: None,
            reports: Vec::new(),
        };
        let text = data.text().unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        for (tag, value) in text.split(';').filter_map(|tag| tag.split_once('=')) {
            match tag.trim().to_ascii_lowercase().as_str() {
                "p" => {
                    rule.policy = Some(match value.trim().to_ascii_lowercase().as_str() {
                        "none" => Policy::None,
                        "quarantine" => Policy::Quarantine,
                        "reject" => Policy::Reject,
                        _ => Policy::Unknown,
                    });
                }
                "rua" | "ruf" => {
                    for target in value.split(',').map(target) {
                        if !target.is_empty() && !rule.reports.contains(&target) {
                            rule.reports.push(target);
                        }
                    }
                }
                _ => {}
            }
        }
        rule
    }
}

/// A target of reports without `mailto:` and without the largest size (RFC 7489 section 6.2).
fn target(uri: &str) -> String {
    let uri = uri.split_once('!').map_or(uri, |(uri, _)| uri).trim();
    let is_mail = uri
        .get(..7)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("mailto:"));
    uri.get(7..).filter(|_| is_mail).unwrap_or(uri).to_owned()
}
