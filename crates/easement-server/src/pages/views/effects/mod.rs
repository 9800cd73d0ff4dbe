//! What a change of records means, in plain words.
//!
//! Every record belongs to one [`Effect`]. For each name and effect the records before and after are
//! compared as a whole, so that a sentence says what starts, what stops and what takes its place.

mod addresses;
mod incoming_mail;
mod others;
mod outgoing_mail;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use easement_zone::{ChangeSet, Host, Label, Name, RecordData, RecordSet, RecordType, Zone};

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
        .collect()
}

//------------ Shift -----------------------------------------------------------------------------

/// The records of one name and effect, before and after.
struct Shift {
    effect: Effect,
    owner: String,
    host: Host,
    kept: Vec<RecordData>,
    lost: Vec<RecordData>,
    gained: Vec<RecordData>,
}

impl Shift {
    fn describe(&self) -> Vec<EffectLine> {
        let lines = match self.effect {
            Effect::Addresses => addresses::describe(self),
            Effect::IncomingMail => incoming_mail::describe(self),
            Effect::OutgoingMail => outgoing_mail::describe(self),
            Effect::Services => others::describe_services(self),
            Effect::Proof => others::describe_proof(self),
            Effect::Certificates => others::describe_certificates(self),
            Effect::Delegation => others::describe_delegation(self),
            Effect::Other => others::describe_rest(self),
        };
        lines
            .into_iter()
            .map(|(sign, words)| EffectLine {
                sign,
                effect: self.effect,
                words,
            })
            .collect()
    }

    /// Whether nothing of the kind is left afterwards.
    fn leaves_nothing(&self) -> bool {
        self.kept.is_empty() && self.gained.is_empty()
    }

    /// Whether nothing of the kind was there before.
    fn finds_nothing(&self) -> bool {
        self.kept.is_empty() && self.lost.is_empty()
    }
}

type Line = (Sign, Words);

fn shifts_at(zone: &Zone, changes: &ChangeSet, owner: &Name) -> Vec<Shift> {
    let Some(host) = owner.relative_to(zone.apex()) else {
        return Vec::new();
    };
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for set in zone.at(owner) {
        before.extend_from_slice(set.data());
        let is_changed = changes
            .iter()
            .any(|(key, _)| key.owner == *owner && key.rtype == set.rtype());
        if !is_changed {
            after.extend_from_slice(set.data());
        }
    }
    for (key, change) in changes.iter() {
        if key.owner == *owner {
            after.extend(change.after.iter().flat_map(RecordSet::data).cloned());
        }
    }
    let part = |effect, of: &[RecordData], which: &dyn Fn(&RecordData) -> bool| {
        of.iter()
            .filter(|data| Effect::of(&host, data) == effect && which(data))
            .cloned()
            .collect()
    };
    Effect::ALL
        .into_iter()
        .map(|effect| Shift {
            effect,
            owner: super::show::ShownName::new(owner).text,
            host: host.clone(),
            kept: part(effect, &before, &|data| after.contains(data)),
            lost: part(effect, &before, &|data| !after.contains(data)),
            gained: part(effect, &after, &|data| !before.contains(data)),
        })
        .collect()
}

/// What records point to, each once: the name in their data, or else the data itself.
fn targets(data: &[RecordData]) -> Vec<String> {
    let mut targets: Vec<String> = Vec::new();
    for data in data {
        let target = data.target().map_or_else(
            || super::show::record_value(data),
            |name| super::show::ShownName::new(&name).text,
        );
        if !targets.contains(&target) {
            targets.push(target);
        }
    }
    targets
}

/// A published rule that is set, changed or taken away.
fn describe_rule(shift: &Shift, about: &str) -> Line {
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
