//! How long texts stay that devices set for a while, such as the challenges of certificate authorities.

use std::time::Duration;

use easement_zone::{ChangeSet, Name, RecordData, RecordSet, RecordType};

use crate::{ChangeSource, UpdateProtocol};

/// How long a text stays that came through ApertoDNS (specification 1.4.0, section "TXT Records") or acme-dns.
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

/// What changes of a zone do to leases. Texts are compared as a whole: in which strings a record holds one
/// does not matter.
pub fn lease_changes<'c>(
    changes: &'c ChangeSet,
    source: &'c ChangeSource,
) -> impl Iterator<Item = LeaseChange> + use<'c> {
    let is_lent = matches!(
        source,
        ChangeSource::DynamicUpdate {
            protocol: UpdateProtocol::Apertodns | UpdateProtocol::Acmedns,
            ..
        }
    );
    changes.iter().filter_map(move |(key, change)| {
        if key.rtype != RecordType::TXT {
            return None;
        }
        let (before, after) = (
            data_of(change.before.as_ref()),
            data_of(change.after.as_ref()),
        );
        let only_in = |these: &[RecordData], those: &[RecordData]| -> Vec<RecordData> {
            let is_in_those = |data: &RecordData| those.iter().any(|one| one.text() == data.text());
            let missing = these.iter().filter(|data| !is_in_those(data));
            missing.filter_map(as_one).collect()
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

/// A text in as few strings as it needs, so that leases know it however it is written.
fn as_one(data: &RecordData) -> Option<RecordData> {
    RecordData::txt(&data.text()?).ok()
}

/// The change that takes a text away from a set that is there.
pub fn without_text(set: &RecordSet, text: &RecordData) -> ChangeSet {
    let rest: Vec<RecordData> = {
        let rest = set.data().iter().filter(|data| data.text() != text.text());
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

    fn owner() -> Name {
        "_acme-challenge.example.test.".parse().unwrap()
    }

    fn texts(texts: &[&str]) -> Option<RecordSet> {
        let data: Vec<RecordData> = texts
            .iter()
            .map(|text| RecordData::txt(text.as_bytes()).unwrap())
            .collect();
        RecordSet::new(owner(), Ttl::MINUTE, data).ok()
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
    fn a_lease_begins_with_its_protocol_and_ends_with_its_text() {
        let apertodns = through(UpdateProtocol::Apertodns);
        let acme_dns = through(UpdateProtocol::Acmedns);
        let by_hand = ChangeSource::ZoneImported;
        for (before, after, source, expected) in [
            (&[][..], &["a"][..], &apertodns, Some(("a", ""))),
            (&[], &["a"], &acme_dns, Some(("a", ""))),
            (&["a"], &["a", "b"], &apertodns, Some(("b", ""))),
            (&["a", "b"], &["b", "c"], &apertodns, Some(("c", "a"))),
            // Somebody else's texts stay, and what they take away has no lease any more.
            (&[], &["a"], &by_hand, None),
            (&["a"], &["b"], &by_hand, Some(("", "a"))),
            (&[], &["a"], &through(UpdateProtocol::Duckdns), None),
        ] {
            let mut changes = ChangeSet::new();
            changes.record(texts(before), texts(after));
            let found: Vec<LeaseChange> = lease_changes(&changes, source).collect();
            let found = found
                .first()
                .map(|one| (shown(&one.begun), shown(&one.ended)));
            let found = found
                .as_ref()
                .map(|(begun, ended)| (begun.as_str(), ended.as_str()));
            assert_eq!(found, expected, "{before:?} {after:?} {source:?}");
        }
    }

    /// `ab` in two strings.
    fn in_two_strings() -> RecordData {
        RecordData::from_wire(RecordType::TXT, b"\x01a\x01b").unwrap()
    }

    #[test]
    fn a_text_is_the_same_in_one_string_and_in_two() {
        let before = RecordSet::single(owner(), Ttl::MINUTE, in_two_strings());
        let mut changes = ChangeSet::new();
        changes.record(Some(before), texts(&["ab", "c"]));
        let source = through(UpdateProtocol::Apertodns);
        let found: Vec<LeaseChange> = lease_changes(&changes, &source).collect();
        assert_eq!(shown(&found[0].begun), "c");
        assert!(found[0].ended.is_empty());
    }

    #[test]
    fn only_the_text_whose_time_is_over_goes() {
        let set = texts(&["a", "b"]).unwrap();
        let after = |set: &RecordSet, text: &RecordData| {
            let changes = without_text(set, text);
            changes
                .iter()
                .next()
                .map(|(_, change)| change.after.clone())
        };
        let text = |text: &str| RecordData::txt(text.as_bytes()).unwrap();
        assert_eq!(after(&set, &text("a")), Some(texts(&["b"])));
        assert_eq!(after(&set, &text("c")), None, "it is not there");
        let one = RecordSet::single(owner(), Ttl::MINUTE, in_two_strings());
        assert_eq!(after(&one, &text("ab")), Some(None));
    }
}
