//! What queries ask for, in kinds that can be counted.

use easement_zone::RecordType;

/// What a query asks for. There are only so many kinds, whatever clients make up.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct QueryKind(u8);

/// The types that are counted apart: those of ordinary clients, resolvers and scanners.
const TYPES: [RecordType; 18] = [
    RecordType::A,
    RecordType::AAAA,
    RecordType::NS,
    RecordType::SOA,
    RecordType::MX,
    RecordType::TXT,
    RecordType::CNAME,
    RecordType::PTR,
    RecordType::SRV,
    RecordType::CAA,
    RecordType::DS,
    RecordType::DNSKEY,
    RecordType::HTTPS,
    RecordType::SVCB,
    RecordType::TLSA,
    RecordType::NAPTR,
    RecordType::AXFR,
    RecordType::ANY,
];
const UNREADABLE: u8 = 0;
const OTHER: u8 = 1;
/// The number of the first of [`TYPES`].
const FIRST: u8 = 2;

impl QueryKind {
    /// How many kinds there are.
    pub(crate) const COUNT: usize = TYPES.len() + FIRST as usize;

    /// Every kind.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT).filter_map(|number| u8::try_from(number).ok().map(Self))
    }

    /// The kind of a question in wire form, which ends with type and class.
    pub(super) fn of(question: &[u8]) -> Self {
        let Some([high, low, _, _]) = question.last_chunk() else {
            return Self(UNREADABLE);
        };
        let rtype = RecordType::from_number(u16::from_be_bytes([*high, *low]));
        let place = TYPES.iter().position(|known| *known == rtype);
        let place = place.and_then(|place| u8::try_from(place).ok());
        Self(place.map_or(OTHER, |place| place + FIRST))
    }

    /// The mnemonic of the type, or `other`, or `none` for a question that cannot be read.
    pub fn name(self) -> &'static str {
        let place = usize::from(self.0).checked_sub(usize::from(FIRST));
        let known = place.and_then(|place| TYPES.get(place));
        match (self.0, known.and_then(|rtype| RecordType::mnemonic(*rtype))) {
            (UNREADABLE, _) => "none",
            (_, Some(mnemonic)) => mnemonic,
            (_, None) => "other",
        }
    }

    /// Its place in a list of counters.
    pub(crate) fn index(self) -> usize {
        self.0.into()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn whatever_is_asked_for_has_one_of_a_few_kinds() {
        let question = |rtype: u16| {
            let [high, low] = rtype.to_be_bytes();
            [0, high, low, 0, 1]
        };
        for (rtype, name) in [
            (1, "A"),
            (28, "AAAA"),
            (255, "ANY"),
            (0, "other"),
            (4711, "other"),
        ] {
            assert_eq!(QueryKind::of(&question(rtype)).name(), name);
        }
        assert_eq!(QueryKind::of(b"").name(), "none");
        let kinds: HashSet<usize> = (0..=u16::MAX)
            .map(|rtype| QueryKind::of(&question(rtype)).index())
            .collect();
        assert_eq!(kinds.len(), QueryKind::COUNT - 1);
        let names: HashSet<&str> = QueryKind::all().map(QueryKind::name).collect();
        assert_eq!(names.len(), QueryKind::COUNT);
    }
}
