//! The names that records stand at.

use crate::lint::Code;
use crate::lint::document::RecordView;
use crate::lint::report::Findings;
use crate::{Part, Pattern, Variable};

/// Underscored names that are registered (RFC 8552) or widely known, without those below which services
/// choose labels of their own, such as DKIM selectors.
const REGISTERED: [&str; 43] = [
    "_acme-challenge",
    "_agent",
    "_amazonses",
    "_atproto",
    "_autodiscover",
    "_bimi",
    "_caldav",
    "_caldavs",
    "_carddav",
    "_carddavs",
    "_client",
    "_dane",
    "_dccp",
    "_discord",
    "_dmarc",
    "_dns",
    "_dnslink",
    "_domainconnect",
    "_domainkey",
    "_github-challenge",
    "_github-pages-challenge",
    "_http",
    "_https",
    "_imap",
    "_imaps",
    "_jmap",
    "_ldap",
    "_mta-sts",
    "_pop3",
    "_pop3s",
    "_report",
    "_sctp",
    "_sip",
    "_sipfederationtls",
    "_sips",
    "_smimecert",
    "_smtp",
    "_spf",
    "_submission",
    "_tcp",
    "_tls",
    "_udp",
    "_xmpp",
];

pub(super) fn check(record: &RecordView<'_>, findings: &mut Findings) {
    let host = record.host();
    let place = || record.place(record.host_field());
    let Ok(pattern) = Pattern::parse(host) else {
        return;
    };
    if pattern.variables().any(|one| *one == Variable::Host) && !host.ends_with('.') {
        let message = format!("the host {host:?} has %host% in it, which is added anyway");
        findings.add(Code::HostVariable, place(), message);
    }
    if let Some(fault) = fault_of(&pattern, host) {
        let message = format!("{host:?} is not a host: {fault}");
        findings.add(Code::BadHost, place(), message);
        return;
    }
    check_underscores(host, &place, findings);
}

fn check_underscores(host: &str, place: &dyn Fn() -> crate::Place, findings: &mut Findings) {
    let underscored: Vec<&str> = host
        .split('.')
        .filter(|label| label.starts_with('_') && !label.contains('%'))
        .collect();
    if underscored.is_empty() {
        return;
    }
    let message = format!("the host {host:?} has a label with an underscore");
    findings.add(Code::UnderscoreHost, place(), message);
    let last = underscored.last().copied().unwrap_or_default();
    if !REGISTERED
        .iter()
        .any(|known| known.eq_ignore_ascii_case(last))
    {
        let message = format!("{last:?} is neither a registered name nor a widely known one");
        findings.add(Code::UnknownUnderscore, place(), message);
    }
}

/// What no name has, whatever the values of variables are.
fn fault_of(pattern: &Pattern, host: &str) -> Option<&'static str> {
    if ["", "@"].contains(&host) {
        return None;
    }
    for (index, part) in pattern.parts().iter().enumerate() {
        let Part::Text(text) = part else { continue };
        if text.contains('@') {
            return Some("@ stands alone");
        }
        let wildcards = text.matches('*').count();
        let leads = index == 0 && (text == "*" || text.starts_with("*."));
        if wildcards > 1 || (wildcards == 1 && !leads) {
            return Some("* may stand as the first label alone");
        }
        if text.contains("..") || (index == 0 && text.starts_with('.')) {
            return Some("a label is empty");
        }
        let is_allowed = |one: char| {
            one.is_ascii_alphanumeric()
                || "-_.*".contains(one)
                || (!one.is_ascii() && one.is_alphanumeric())
        };
        if !text.chars().all(is_allowed) {
            return Some("names have letters, digits, hyphens and underscores");
        }
        if text.split('.').any(|label| label.len() > 63) {
            return Some("a label has at most 63 octets");
        }
    }
    None
}
