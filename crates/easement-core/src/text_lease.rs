//! How long texts stay that devices set for a while, such as the challenges of certificate authorities.

use std::time::Duration;

use easement_zone::{ChangeSet, Name, RecordData, RecordSet, RecordType};

use crate::{ChangeSource, UpdateProtocol};

/// How long a text stays that came through ApertoDNS (specification 1.4.0, section "TXT Records").
pub const TEXT_LEASE: Duration = Duration::from_hours(24);

/// What a commit does to the leases of one name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LeaseChange {
    /// The name.
    pub owner: Name,
    /// Texts that stay for a while from now on.
    pub begun: Vec<RecordData>,
    /// Texts that are gone, whoever took them away: no lease of them may end another text later.
    pub ended: Vec<RecordData>,
}

/// What changes of a zone do to leases. Only names that begin with an underscore have any: the protocol
/// writes no others.
pub fn lease_changes<'c>(
    changes: &'c ChangeSet,
    source: &'c ChangeSource,
) -> impl Iterator<Item = LeaseChange> + use<'c> {
    let is_lent = matches!(
        source,
        ChangeSource::DynamicUpdate {
            protocol: UpdateProtocol::Apertodns,
            ..
        }
    );
    changes.iter().filter_map(move |(key, change)| {
        let first = key.owner.labels().next()?;
        if key.rtype != RecordType::TXT || !first.is_underscored() {
            return None;
        }
        let (before, after) = (
            data_of(change.before.as_ref()),
            data_of(change.after.as_ref()),
        );
        let only_in = |these: &[RecordData], those: &[RecordData]| -> Vec<RecordData> {
            let missing = these.iter().filter(|data| !those.contains(data));
            missing.cloned().collect()
        };
        let change = LeaseChange {
            owner: key.owner.clone(),
            begun: if is_lent {
                only_in(after, before)
            } else {
                Vec::new()
            },
            ended: only_in(before, after),
        };
        (!change.begun.is_empty() || !change.ended.is_empty()).then_some(change)
    })
}

/// The change that takes texts away from a set that is there.
pub fn without_texts(set: &RecordSet, texts: &[RecordData]) -> ChangeSet {
    let rest: Vec<RecordData> = {
        let rest = set.data().iter().filter(|data| !texts.contains(data));
        rest.cloned().collect()
    };
    let after = RecordSet::new(set.owner().clone(), set.ttl(), rest).ok();
    let mut changes = ChangeSet::new();
    changes.record(Some(set.clone()), after);
    changes
}

fn data_of(set: Option<&RecordSet>) -> &[RecordData] {
    set.map(RecordSet::data).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use easement_zone::Ttl;

    use super::*;

    fn texts(owner: &str, texts: &[&str]) -> Option<RecordSet> {
        let data: Vec<RecordData> = texts
            .iter()
            .map(|text| RecordData::txt(text.as_bytes()).unwrap())
            .collect();
        RecordSet::new(owner.parse().unwrap(), Ttl::MINUTE, data).ok()
    }

    fn through(protocol: UpdateProtocol) -> ChangeSource {
        ChangeSource::DynamicUpdate {
            token: "x".parse().unwrap(),
            protocol,
        }
    }

    fn shown(data: &[RecordData]) -> String {
        let texts = data.iter().filter_map(RecordData::text);
        let texts: Vec<String> = texts.map(|text| String::from_utf8(text).unwrap()).collect();
        texts.join(",")
    }

    #[test]
    fn a_lease_begins_with_apertodns_and_ends_with_its_text() {
        const CHALLENGE: &str = "_acme-challenge.example.test.";
        let apertodns = through(UpdateProtocol::Apertodns);
        let by_hand = ChangeSource::ZoneImported;
        for (owner, before, after, source, expected) in [
            (CHALLENGE, &[][..], &["a"][..], &apertodns, Some(("a", ""))),
            (CHALLENGE, &["a"], &["a", "b"], &apertodns, Some(("b", ""))),
            (
                CHALLENGE,
                &["a", "b"],
                &["b", "c"],
                &apertodns,
                Some(("c", "a")),
            ),
            // Somebody else's texts stay, and what they take away has no lease any more.
            (CHALLENGE, &[], &["a"], &by_hand, None),
            (CHALLENGE, &["a"], &["b"], &by_hand, Some(("", "a"))),
            (
                CHALLENGE,
                &[],
                &["a"],
                &through(UpdateProtocol::Acmedns),
                None,
            ),
            ("home.example.test.", &["a"], &["b"], &apertodns, None),
        ] {
            let mut changes = ChangeSet::new();
            changes.record(texts(owner, before), texts(owner, after));
            let found: Vec<LeaseChange> = lease_changes(&changes, source).collect();
            let found = found
                .first()
                .map(|one| (shown(&one.begun), shown(&one.ended)));
            let found = found
                .as_ref()
                .map(|(begun, ended)| (begun.as_str(), ended.as_str()));
            assert_eq!(found, expected, "{owner} {before:?} {after:?} {source:?}");
        }
    }

    #[test]
    fn only_the_texts_whose_time_is_over_go() {
        let set = texts("_acme-challenge.example.test.", &["a", "b"]).unwrap();
        let a = texts("_acme-challenge.example.test.", &["a"]).unwrap();
        let b = texts("_acme-challenge.example.test.", &["b"]).unwrap();
        for (gone, rest) in [
            (a.data(), Some(b.clone())),
            (set.data(), None),
            (&[], Some(set.clone())),
        ] {
            let changes = without_texts(&set, gone);
            let after = changes
                .iter()
                .next()
                .map(|(_, change)| change.after.clone());
            assert_eq!(after.unwrap_or(Some(set.clone())), rest);
        }
    }
}
