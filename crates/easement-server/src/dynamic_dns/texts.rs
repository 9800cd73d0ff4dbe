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
    /// Whether they are others than before.
    pub(crate) changed: bool,
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
    // A text that stays is kept as it is: somebody may have written it in several strings.
    let known = |text: &Vec<u8>| {
        let mut known = set.iter().flat_map(RecordSet::data);
        known
            .find(|data| data.text().as_ref() == Some(text))
            .cloned()
    };
    let data = texts
        .iter()
        .map(|text| known(text).map_or_else(|| RecordData::txt(text), Ok))
        .collect::<Result<Vec<_>, _>>()?;
    let after = data.len();
    let next = RecordSet::new(name.clone(), ttl, data).ok();
    let told = TextChange {
        before,
        after,
        changed: data_of(set.as_ref()) != data_of(next.as_ref()),
        ttl,
    };
    Ok((change_of(set, next), told))
}

fn data_of(set: Option<&RecordSet>) -> &[RecordData] {
    set.map_or(&[], RecordSet::data)
}

#[cfg(test)]
mod tests {
    use easement_zone::{Serial, Soa, ZoneBuilder};

    use super::*;

    #[test]
    fn a_text_that_stays_is_kept_in_its_strings() {
        let apex: Name = "example.test.".parse().unwrap();
        let in_two = RecordData::from_wire(RecordType::TXT, b"\x01a\x01b").unwrap();
        let soa = Soa::new(apex.clone(), apex.clone(), Serial::new(1));
        let mut builder = ZoneBuilder::new(apex.clone());
        for data in [
            soa.to_data(),
            RecordData::name(RecordType::NS, &"ns.example.net.".parse().unwrap()),
            in_two.clone(),
        ] {
            builder
                .insert(RecordSet::single(apex.clone(), Ttl::HOUR, data))
                .unwrap();
        }
        let zone = builder.finish().unwrap();
        let texts = [b"ab".to_vec(), b"new".to_vec()];
        let ttls = (None, TtlRange::default());
        let (changes, told) = text_wish(&zone, &apex, &texts, ttls).unwrap();
        assert_eq!((told.before, told.after), (1, 2));
        let after = zone.apply(&changes).unwrap();
        let set = after.get(&apex, RecordType::TXT).unwrap();
        assert!(set.data().contains(&in_two), "{set:?}");
    }
}
