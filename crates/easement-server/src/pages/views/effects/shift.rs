//! The records of one name, compared by what they are for.

use easement_zone::{ChangeSet, Host, Name, RecordData, RecordSet, Zone};

use super::{Effect, EffectLine, addresses, incoming_mail, others, outgoing_mail};
use crate::pages::views::show::{ShownName, record_value};

/// The records of one name and effect, before and after.
pub(super) struct Shift {
    pub(super) effect: Effect,
    /// The name as people read it.
    pub(super) owner: String,
    pub(super) host: Host,
    pub(super) kept: Vec<RecordData>,
    pub(super) lost: Vec<RecordData>,
    pub(super) gained: Vec<RecordData>,
}

impl Shift {
    /// The consequences.
    pub(super) fn describe(&self) -> Vec<EffectLine> {
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

    /// What is no longer pointed to, and what is pointed to from now on. What is pointed to before and
    /// after, though by another record, is in neither.
    pub(super) fn moves(&self) -> (Vec<String>, Vec<String>) {
        self.moves_where(|_| true)
    }

    /// The same, of some of the records.
    pub(super) fn moves_where(
        &self,
        which: impl Fn(&RecordData) -> bool,
    ) -> (Vec<String>, Vec<String>) {
        let of = |data: &[RecordData]| targets(data.iter().filter(|data| which(data)));
        let (lost, gained, kept) = (of(&self.lost), of(&self.gained), of(&self.kept));
        let without = |some: &[String], others: &[String]| -> Vec<String> {
            some.iter()
                .filter(|target| !others.contains(target) && !kept.contains(target))
                .cloned()
                .collect()
        };
        (without(&lost, &gained), without(&gained, &lost))
    }

    /// Whether nothing of the kind is left afterwards.
    pub(super) fn leaves_nothing(&self) -> bool {
        self.kept.is_empty() && self.gained.is_empty()
    }

    /// Whether nothing of the kind was there before.
    pub(super) fn finds_nothing(&self) -> bool {
        self.kept.is_empty() && self.lost.is_empty()
    }
}

/// What the records of each effect at a name were and become.
pub(super) fn shifts_at(zone: &Zone, changes: &ChangeSet, owner: &Name) -> Vec<Shift> {
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
            owner: ShownName::new(owner).text,
            host: host.clone(),
            kept: part(effect, &before, &|data| after.contains(data)),
            lost: part(effect, &before, &|data| !after.contains(data)),
            gained: part(effect, &after, &|data| !before.contains(data)),
        })
        .collect()
}

/// What records point to, each once: the name in their data, or else the data itself. The root, by
/// which `MX` and `SRV` records say that there is nothing (RFC 7505, RFC 2782), is left out.
fn targets<'a>(data: impl Iterator<Item = &'a RecordData>) -> Vec<String> {
    let mut targets: Vec<String> = Vec::new();
    for data in data {
        let target = match data.target() {
            Some(name) if name.is_root() => continue,
            Some(name) => ShownName::new(&name).text,
            None => record_value(data),
        };
        if !targets.contains(&target) {
            targets.push(target);
        }
    }
    targets
}
