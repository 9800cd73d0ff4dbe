//! Text records at a name, and their change.

use easement_core::{TtlRange, change_of};
use easement_zone::{ChangeSet, DataError, Name, RecordData, RecordSet, RecordType, Ttl, Zone};

use super::NEW_TEXT_TTL;

/// The texts at a name after a change.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct TextChange {
    /// How many there were.
    pub(crate) before: usize,
    /// How many there are.
    pub(crate) after: usize,
    /// Their TTL.
    pub(crate) ttl: Ttl,
}

/// The texts at a name, the strings of each joined, and their TTL.
pub(crate) fn texts_at(zone: &Zone, name: &Name) -> (Vec<Vec<u8>>, Option<Ttl>) {
    match zone.get(name, RecordType::TXT) {
        Some(set) => {
            let texts = set.data().iter().filter_map(RecordData::text);
            (texts.collect(), Some(set.ttl()))
        }
        None => (Vec::new(), None),
    }
}

/// What is to change in a zone so that these are the texts at a name. Without a TTL, a set that is there
/// keeps its own, and a new one gets one within `ttls`.
pub(crate) fn text_wish(
    zone: &Zone,
    name: &Name,
    texts: &[Vec<u8>],
    (ttl, ttls): (Option<Ttl>, TtlRange),
) -> Result<(ChangeSet, TextChange), DataError> {
    let set = zone.get(name, RecordType::TXT);
    let before = set.as_ref().map_or(0, |set| set.data().len());
    let ttl = ttl
        .or(set.as_ref().map(RecordSet::ttl))
        .unwrap_or_else(|| ttls.nearest(NEW_TEXT_TTL));
    let data = texts
        .iter()
        .map(|text| RecordData::txt(text))
        .collect::<Result<Vec<_>, _>>()?;
    let after = data.len();
    let next = RecordSet::new(name.clone(), ttl, data).ok();
    Ok((change_of(set, next), TextChange { before, after, ttl }))
}
