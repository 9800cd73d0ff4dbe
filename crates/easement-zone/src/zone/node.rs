//! The record sets of one name, in the form in which they are sent.

use std::borrow::Cow;
use std::sync::Arc;

use crate::trie::Keyed;
use crate::{Name, RecordData, RecordSet, RecordType, Ttl, write_trie_key};

/// The octets before the data of a packed record: owner pointer, type, class, TTL, data length.
const HEADER_OCTETS: usize = 12;
/// A compression pointer to the name in the question (RFC 1035 section 4.1.4).
const POINTER_TO_QUESTION: [u8; 2] = [0xc0, 0x0c];
/// Class `IN`.
const CLASS_IN: [u8; 2] = [0, 1];
/// The octets before a packed set: how many octets it has (four) and how many records (two).
pub(super) const SET_HEADER_OCTETS: usize = 6;
/// The octets of the length of the key.
const KEY_LENGTH_OCTETS: usize = 2;

/// One name of a zone with its record sets, in the order of their types.
///
/// A name without record sets exists only by having names below it (an *empty non-terminal*), so it
/// is not stored. Everything is in one piece of memory, because there may be millions of nodes:
///
/// ```text
/// length of the key (2)  key  length of the labels (1)  labels  sets: octets (4) records (2) packed
/// ```
///
/// The labels of the owner below the apex are there only when their spelling cannot be had from the
/// key.
#[derive(Clone, Eq, PartialEq)]
pub struct Node {
    octets: Arc<[u8]>,
}

impl Node {
    // Construct

    /// The name with these labels below the apex, and these sets in the order of their types.
    pub(super) fn new(labels: &[u8], sets: impl Iterator<Item = PackedSetParts>) -> Self {
        let mut octets = Vec::with_capacity(128);
        write_name(&mut octets, labels);
        for set in sets {
            set.write(&mut octets);
        }
        Self::from_octets(&octets)
    }

    /// From octets as [`write_name`] and [`write_record`] make them.
    pub(super) fn from_octets(octets: &[u8]) -> Self {
        Self {
            octets: octets.into(),
        }
    }

    /// The name of one set in a zone with this apex, or nothing when it is outside.
    pub(crate) fn single(apex: &Name, set: &RecordSet) -> Option<Self> {
        let labels = set.owner().labels_below(apex)?;
        let parts = PackedSetParts::pack(set);
        Some(Self::new(labels, std::iter::once(parts)))
    }

    /// The node with each of these sets in place of the one of its type, or nothing when no set is left.
    /// They are in the order of their types.
    pub(super) fn with_changes<'s>(
        node: Option<&Self>,
        labels: &[u8],
        changes: impl Iterator<Item = (RecordType, Option<&'s RecordSet>)>,
    ) -> Option<Self> {
        let mut octets = Vec::with_capacity(128);
        match node {
            Some(node) => octets.extend_from_slice(node.before_sets()),
            None => write_name(&mut octets, labels),
        }
        let no_sets = octets.len();
        let mut kept = node.map(Self::sets).into_iter().flatten().peekable();
        for (rtype, set) in changes {
            while let Some(kept) = kept.next_if(|kept| kept.rtype() < rtype) {
                kept.write(&mut octets);
            }
            kept.next_if(|kept| kept.rtype() == rtype);
            if let Some(set) = set {
                PackedSetParts::pack(set).write(&mut octets);
            }
        }
        kept.for_each(|kept| kept.write(&mut octets));
        (octets.len() > no_sets).then(|| Self::from_octets(&octets))
    }

    /// The same name with these sets, which must be in the order of their types.
    pub(super) fn with_sets(&self, sets: impl Iterator<Item = PackedSetParts>) -> Self {
        Self::new(&self.labels(), sets)
    }

    // Query

    /// The name, in the spelling it was first written with, in the zone with this apex.
    pub fn owner(&self, apex: &Name) -> Name {
        let mut wire = self.labels().into_owned();
        wire.extend_from_slice(apex.as_wire());
        Name::from_checked_wire(&wire)
    }

    /// The record sets, by type.
    pub fn sets(&self) -> PackedSets<'_> {
        PackedSets {
            rest: self.split().2,
        }
    }

    /// How many records there are, of all types.
    pub(super) fn record_count(&self) -> usize {
        self.sets().map(|set| usize::from(set.count())).sum()
    }

    /// The records of one type.
    pub fn set(&self, rtype: RecordType) -> Option<PackedSet<'_>> {
        self.sets().find(|set| set.rtype() == rtype)
    }

    /// The labels below the apex in wire form.
    fn labels(&self) -> Cow<'_, [u8]> {
        match self.split() {
            (key, [], _) => labels_of_key(key).into(),
            (_, labels, _) => labels.into(),
        }
    }

    /// The octets of key and labels.
    fn before_sets(&self) -> &[u8] {
        let sets = self.split().2.len();
        let before = self.octets.get(..self.octets.len() - sets);
        before.unwrap_or_default()
    }

    fn split(&self) -> (&[u8], &[u8], &[u8]) {
        let split = || {
            let (length, rest) = self.octets.split_first_chunk()?;
            let (key, rest) = rest.split_at_checked(u16::from_be_bytes(*length).into())?;
            let (length, rest) = rest.split_first()?;
            let (labels, sets) = rest.split_at_checked(usize::from(*length))?;
            Some((key, labels, sets))
        };
        split().unwrap_or_default()
    }
}

impl Keyed for Node {
    fn key(&self) -> &[u8] {
        self.split().0
    }
}

impl std::fmt::Debug for Node {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Node({})", self.key().escape_ascii())?;
        f.debug_list().entries(self.sets()).finish()
    }
}

//------------ Writing ---------------------------------------------------------------------------

/// The octets of a node before its sets.
pub(super) fn write_name(octets: &mut Vec<u8>, labels: &[u8]) {
    let start = octets.len();
    octets.extend_from_slice(&[0; KEY_LENGTH_OCTETS]);
    write_trie_key(labels, octets);
    let key = octets.len() - start - KEY_LENGTH_OCTETS;
    let length = u16::try_from(key).unwrap_or_default();
    if let Some(slot) = octets.get_mut(start..start + KEY_LENGTH_OCTETS) {
        slot.copy_from_slice(&length.to_be_bytes());
    }
    // The key has everything but the case. Length octets are below the letters.
    let spelled = if labels.iter().any(u8::is_ascii_uppercase) {
        labels
    } else {
        &[]
    };
    octets.push(u8::try_from(spelled.len()).unwrap_or_default());
    octets.extend_from_slice(spelled);
}

/// The octets of a node before a set: how many octets the set has, and how many records.
pub(super) fn set_header(octets: usize, records: u16) -> [u8; SET_HEADER_OCTETS] {
    let mut header = [0; SET_HEADER_OCTETS];
    let (length, count) = header.split_at_mut(SET_HEADER_OCTETS - 2);
    length.copy_from_slice(&u32::try_from(octets).unwrap_or_default().to_be_bytes());
    count.copy_from_slice(&records.to_be_bytes());
    header
}

/// One record of a packed set.
pub(super) fn write_record(octets: &mut Vec<u8>, rtype: RecordType, ttl: Ttl, data: &[u8]) {
    let length = u16::try_from(data.len()).unwrap_or(u16::MAX);
    octets.extend_from_slice(&POINTER_TO_QUESTION);
    octets.extend_from_slice(&rtype.number().to_be_bytes());
    octets.extend_from_slice(&CLASS_IN);
    octets.extend_from_slice(&ttl.as_secs().to_be_bytes());
    octets.extend_from_slice(&length.to_be_bytes());
    octets.extend_from_slice(data);
}

/// The lower-case labels in wire form that a key stands for.
fn labels_of_key(key: &[u8]) -> Vec<u8> {
    let mut wire = Vec::with_capacity(key.len());
    for label in key.split(|octet| *octet == 0).rev().skip(1) {
        let start = wire.len();
        wire.push(0);
        let mut octets = label.iter();
        while let Some(octet) = octets.next() {
            wire.push(match octet {
                1 => octets.next().map_or(0, |escaped| escaped.wrapping_sub(1)),
                plain => *plain,
            });
        }
        let length = u8::try_from(wire.len() - start - 1).unwrap_or_default();
        if let Some(slot) = wire.get_mut(start) {
            *slot = length;
        }
    }
    wire
}

//------------ PackedSet -------------------------------------------------------------------------

/// A record set as it stands in an answer: each record begins with a pointer to the question's name,
/// followed by type, class, TTL, data length and data.
#[derive(Clone, Copy, Debug)]
pub struct PackedSet<'a> {
    count: u16,
    packed: &'a [u8],
}

impl<'a> PackedSet<'a> {
    /// The type of the records.
    pub fn rtype(self) -> RecordType {
        let octets = self.packed.get(2..).and_then(<[u8]>::first_chunk);
        RecordType::from_number(octets.copied().map_or(0, u16::from_be_bytes))
    }

    /// The TTL of the records.
    pub fn ttl(self) -> Ttl {
        let octets = self.packed.get(6..).and_then(<[u8]>::first_chunk);
        let seconds = octets.copied().map_or(0, u32::from_be_bytes);
        Ttl::from_secs(seconds).unwrap_or(Ttl::MAX)
    }

    /// How many records there are.
    pub fn count(self) -> u16 {
        self.count
    }

    /// All records, ready to be copied into an answer whose question is at offset 12.
    pub fn packed(self) -> &'a [u8] {
        self.packed
    }

    /// Each packed record by itself.
    pub fn records(self) -> PackedRecords<'a> {
        PackedRecords { rest: self.packed }
    }

    /// The data of each record.
    pub fn data(self) -> impl Iterator<Item = RecordData> + 'a {
        let rtype = self.rtype();
        self.wire_data()
            .map(move |data| RecordData::from_wire_unchecked(rtype, data))
    }

    /// The set of a name.
    pub(super) fn unpack(self, owner: &Name) -> RecordSet {
        let kind = (self.rtype(), self.ttl());
        RecordSet::from_sorted(owner.clone(), kind, self.data())
    }

    /// Whether these are the records of the set, in whatever spelling, and its TTL.
    pub(super) fn is_same(self, set: &RecordSet) -> bool {
        self.rtype() == set.rtype()
            && self.ttl() == set.ttl()
            && usize::from(self.count()) == set.data().len()
            && self
                .data()
                .zip(set.data())
                .all(|(one, other)| one == *other)
    }

    fn write(self, octets: &mut Vec<u8>) {
        octets.extend_from_slice(&set_header(self.packed.len(), self.count));
        octets.extend_from_slice(self.packed);
    }

    /// Each record's data in wire form.
    pub fn wire_data(self) -> impl Iterator<Item = &'a [u8]> + 'a {
        self.records()
            .filter_map(|record| record.get(HEADER_OCTETS..))
    }
}

/// The packed sets of a node, by type.
#[derive(Clone, Debug)]
pub struct PackedSets<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for PackedSets<'a> {
    type Item = PackedSet<'a>;

    fn next(&mut self) -> Option<PackedSet<'a>> {
        let (header, rest) = self.rest.split_first_chunk::<SET_HEADER_OCTETS>()?;
        let [a, b, c, d, count @ ..] = *header;
        let octets = usize::try_from(u32::from_be_bytes([a, b, c, d])).ok()?;
        let (packed, rest) = rest.split_at_checked(octets)?;
        self.rest = rest;
        Some(PackedSet {
            count: u16::from_be_bytes(count),
            packed,
        })
    }
}

/// The records of a packed set, one by one.
#[derive(Clone, Debug)]
pub struct PackedRecords<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for PackedRecords<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let length = self.rest.get(HEADER_OCTETS - 2..HEADER_OCTETS)?;
        let length = usize::from(u16::from_be_bytes(length.try_into().ok()?));
        let (record, rest) = self.rest.split_at_checked(HEADER_OCTETS + length)?;
        self.rest = rest;
        Some(record)
    }
}

//------------ PackedSetParts --------------------------------------------------------------------

/// A packed set on its way into a node.
pub(super) struct PackedSetParts {
    count: u16,
    packed: Vec<u8>,
}

impl PackedSetParts {
    pub(super) fn pack(set: &RecordSet) -> Self {
        let octets: usize = set
            .data()
            .iter()
            .map(|data| HEADER_OCTETS + data.as_wire().len())
            .sum();
        let mut packed = Vec::with_capacity(octets);
        for data in set.data() {
            write_record(&mut packed, set.rtype(), set.ttl(), data.as_wire());
        }
        Self {
            count: u16::try_from(set.data().len()).unwrap_or(u16::MAX),
            packed,
        }
    }

    pub(super) fn copy(set: PackedSet<'_>) -> Self {
        Self {
            count: set.count(),
            packed: set.packed().to_vec(),
        }
    }

    fn write(&self, octets: &mut Vec<u8>) {
        octets.extend_from_slice(&set_header(self.packed.len(), self.count));
        octets.extend_from_slice(&self.packed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    #[test]
    fn a_node_keeps_the_spelling_of_its_owner() {
        let apex = name("Example.com");
        for owner in [
            "example.com",
            "www.example.com",
            "WWW.Example.com",
            "a.B.c.example.com",
            r"\000\001\002x.b\.c.example.com",
        ] {
            let address = RecordData::a([192, 0, 2, 1].into());
            let set = RecordSet::single(name(owner), Ttl::HOUR, address);
            let node = Node::single(&apex, &set).unwrap();
            let spelled = node.owner(&apex).to_string();
            assert_eq!(node.owner(&apex), name(owner));
            assert_eq!(
                spelled.trim_end_matches("Example.com."),
                name(owner)
                    .to_string()
                    .trim_end_matches("example.com.")
                    .trim_end_matches("Example.com."),
            );
            let packed = node.set(RecordType::A).unwrap();
            assert_eq!(packed.unpack(&node.owner(&apex)), set);
        }
    }

    #[test]
    fn a_name_outside_the_zone_has_no_node() {
        let address = RecordData::a([192, 0, 2, 1].into());
        let set = RecordSet::single(name("www.example.net"), Ttl::HOUR, address);
        assert!(Node::single(&name("example.com"), &set).is_none());
    }
}
