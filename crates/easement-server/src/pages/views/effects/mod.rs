//! What a change of records means, in plain words.
//!
//! Every record belongs to one [`Effect`]. For each name and effect the records before and after are
//! compared as a whole, so that a sentence says what starts, what stops and what takes its place.

mod addresses;
mod dmarc;
mod incoming_mail;
mod others;
mod outgoing_mail;
mod shift;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use easement_zone::{ChangeSet, Host, Label, Name, RecordData, RecordSetChange, RecordType, Zone};

use self::shift::{Shift, shifts_at};
use super::show::{ShownName, duration_words};
use super::words::Words;

/// What a record is for.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Effect {
    /// Leading people and programs to a machine: web sites above all.
    Addresses,
    /// Where mail arrives.
    IncomingMail,
    /// Who may send mail as the domain.
    OutgoingMail,
    /// Finding a service, such as chat or telephony.
    Services,
    /// Showing someone that the domain is under one's control.
    Proof,
    /// Certificates: who may issue them, and to whom.
    Certificates,
    /// Handing a part of the zone to other DNS servers.
    Delegation,
    /// Anything else.
    Other,
}

impl Effect {
    /// All of them, in the order that pages show them.
    pub const ALL: [Self; 8] = [
        Self::Addresses,
        Self::IncomingMail,
        Self::OutgoingMail,
        Self::Services,
        Self::Proof,
        Self::Certificates,
        Self::Delegation,
        Self::Other,
    ];

    /// The heading over such records.
    pub fn title(self) -> &'static str {
        match self {
            Self::Addresses => "Websites and addresses",
            Self::IncomingMail => "Incoming mail",
            Self::OutgoingMail => "Outgoing mail",
            Self::Services => "Services",
            Self::Proof => "Proof of control",
            Self::Certificates => "Certificates",
            Self::Delegation => "Delegation",
            Self::Other => "Other records",
        }
    }

    /// What a record with this owner and data is for.
    pub fn of(host: &Host, data: &RecordData) -> Self {
        if has_label(host, "_domainkey") || starts_with(host, "_dmarc") {
            return Self::OutgoingMail;
        }
        if starts_with(host, "_mta-sts") || starts_with(host, "_smtp") {
            return Self::IncomingMail;
        }
        if starts_with(host, "_acme-challenge") {
            return Self::Certificates;
        }
        match data.rtype() {
            RecordType::MX => Self::IncomingMail,
            RecordType::SRV | RecordType::NAPTR | RecordType::URI => Self::Services,
            RecordType::TXT if has_label(host, "_tcp") || has_label(host, "_udp") => Self::Services,
            RecordType::NS | RecordType::DS => Self::Delegation,
            RecordType::CAA | RecordType::TLSA => Self::Certificates,
            RecordType::TXT if outgoing_mail::is_policy(data) => Self::OutgoingMail,
            RecordType::TXT | RecordType::CNAME if host.has_underscored_label() => Self::Proof,
            RecordType::TXT if looks_like_proof(data) => Self::Proof,
            RecordType::A | RecordType::AAAA | RecordType::CNAME | RecordType::DNAME => {
                Self::Addresses
            }
            _ => Self::Other,
        }
    }
}

fn has_label(host: &Host, text: &str) -> bool {
    host.labels().any(|label| is_label(label, text))
}

fn starts_with(host: &Host, text: &str) -> bool {
    host.labels()
        .next()
        .is_some_and(|label| is_label(label, text))
}

fn is_label(label: Label<'_>, text: &str) -> bool {
    label.octets().eq_ignore_ascii_case(text.as_bytes())
}

/// Whether a text is one of those that a service asks for to see who controls a name.
fn looks_like_proof(data: &RecordData) -> bool {
    let text = data.text().unwrap_or_default().to_ascii_lowercase();
    text.starts_with(b"ms=") || text.windows(5).any(|part| part == b"verif")
}

//------------ EffectLine ------------------------------------------------------------------------

/// One consequence of a change.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EffectLine {
    /// Whether something begins, ends or takes another's place.
    pub sign: Sign,
    /// What it is for.
    pub effect: Effect,
    /// The consequence.
    pub words: Words,
}

/// Whether something begins, ends or takes another's place.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sign {
    /// It begins.
    Begins,
    /// It ends.
    Ends,
    /// It takes another's place.
    Changes,
}

impl Sign {
    /// A symbol for the eye.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Begins => "+",
            Self::Ends => "−",
            Self::Changes => "→",
        }
    }

    /// A word for the ear.
    pub fn word(self) -> &'static str {
        match self {
            Self::Begins => "New",
            Self::Ends => "Ends",
            Self::Changes => "Changes",
        }
    }

    /// The name in the style sheet.
    pub fn class(self) -> &'static str {
        match self {
            Self::Begins => "begins",
            Self::Ends => "ends",
            Self::Changes => "changes",
        }
    }
}

/// A consequence, before it is known which effect it belongs to.
type Line = (Sign, Words);

/// What a change of this zone means, by effect and then by name.
pub fn describe_changes(zone: &Zone, changes: &ChangeSet) -> Vec<EffectLine> {
    let mut shifts: BTreeMap<(Effect, Name), Shift> = BTreeMap::new();
    for (key, _) in changes.iter() {
        for shift in shifts_at(zone, changes, &key.owner) {
            shifts.insert((shift.effect, key.owner.clone()), shift);
        }
    }
    shifts
        .into_values()
        .filter(|shift| !shift.lost.is_empty() || !shift.gained.is_empty())
        .flat_map(|shift| shift.describe())
        .chain(changes.iter().filter_map(|(key, change)| {
            let host = key.owner.relative_to(zone.apex())?;
            describe_ttl(&host, change)
        }))
        .collect()
}

/// A change of the TTL alone.
fn describe_ttl(host: &Host, change: &RecordSetChange) -> Option<EffectLine> {
    let (before, after) = (change.before.as_ref()?, change.after.as_ref()?);
    if before.data() != after.data() || before.ttl() == after.ttl() {
        return None;
    }
    let words = Words::new(format!("Others may keep the {} records of ", after.rtype()))
        .name(ShownName::new(after.owner()).text)
        .plain(format!(
            " for {} instead of {}.",
            duration_words(after.ttl().as_secs().into()),
            duration_words(before.ttl().as_secs().into())
        ));
    Some(EffectLine {
        sign: Sign::Changes,
        effect: Effect::of(host, after.data().first()?),
        words,
    })
}

/// A published rule that is set, changed or taken away.
fn describe_rule(shift: &Shift, about: &str) -> Line {
    let (sign, verb) = if shift.leaves_nothing() {
        (Sign::Ends, " no longer sets ")
    } else if shift.lost.is_empty() {
        (Sign::Begins, " sets ")
    } else {
        (Sign::Changes, " changes ")
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
