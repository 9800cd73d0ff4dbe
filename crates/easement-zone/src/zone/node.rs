//! The record sets of one name, in the form in which they are sent.

use crate::{Name, RecordData, RecordSet, RecordType, Ttl};

/// The octets before the data of a packed record: owner pointer, type, class, TTL, data length.
const HEADER_OCTETS: usize = 12;
/// A compression pointer to the name in the question (RFC 1035 section 4.1.4).
const POINTER_TO_QUESTION: [u8; 2] = [0xc0, 0x0c];
/// Class `IN`.
const CLASS_IN: [u8; 2] = [0, 1];

/// One name of a zone with its record sets, in the order of their types.
///
/// A node without sets is an *empty non-terminal* only by having nodes below it, so it is not stored.
#[derive(Clone, Debug)]
pub struct Node {
    owner: Name,
    sets: Box<[PackedSet]>,
}

impl Node {
    /// The name, in the spelling it was first written with.
    pub fn owner(&self) -> &Name {
        &self.owner
    }

    /// The record sets, by type.
    pub fn sets(&self) -> &[PackedSet] {
        &self.sets
    }

    /// The records of one type.
    pub fn set(&self, rtype: RecordType) -> Option<&PackedSet> {
        let index = self
            .sets
            .binary_search_by_key(&rtype, |set| set.rtype)
            .ok()?;
        self.sets.get(index)
    }

    pub(super) fn unpack(&self, set: &PackedSet) -> Option<RecordSet> {
        RecordSet::new(self.owner.clone(), set.ttl, set.data()).ok()
    }

    /// The node with this set in place of the one of its type, or nothing when no set is left.
    pub(super) fn with_set(
        node: Option<&Self>,
        owner: &Name,
        rtype: RecordType,
        set: Option<&RecordSet>,
    ) -> Option<Self> {
        let mut sets: Vec<PackedSet> = node.map_or_else(Vec::new, |node| node.sets.to_vec());
        sets.retain(|other| other.rtype != rtype);
        if let Some(set) = set {
            let at = sets.partition_point(|other| other.rtype < rtype);
            sets.insert(at, PackedSet::new(set));
        }
        if sets.is_empty() {
            return None;
        }
        let owner = node.map_or_else(|| owner.clone(), |node| node.owner.clone());
        Some(Self {
            owner,
            sets: sets.into(),
        })
    }
}

/// A record set as it stands in an answer: each record begins with a pointer to the question's name,
/// followed by type, class, TTL, data length and data.
#[derive(Clone, Debug)]
pub struct PackedSet {
    rtype: RecordType,
    ttl: Ttl,
    count: u16,
    packed: Box<[u8]>,
}

impl PackedSet {
    /// Packs a set.
    pub fn new(set: &RecordSet) -> Self {
        let octets: usize = set
            .data()
            .iter()
            .map(|data| HEADER_OCTETS + data.as_wire().len())
            .sum();
        let mut packed = Vec::with_capacity(octets);
        for data in set.data() {
            let length = u16::try_from(data.as_wire().len()).unwrap_or(u16::MAX);
            packed.extend_from_slice(&POINTER_TO_QUESTION);
            packed.extend_from_slice(&set.rtype().number().to_be_bytes());
            packed.extend_from_slice(&CLASS_IN);
            packed.extend_from_slice(&set.ttl().as_secs().to_be_bytes());
            packed.extend_from_slice(&length.to_be_bytes());
            packed.extend_from_slice(data.as_wire());
        }
        Self {
            rtype: set.rtype(),
            ttl: set.ttl(),
            count: u16::try_from(set.data().len()).unwrap_or(u16::MAX),
            packed: packed.into(),
        }
    }

    /// The type of the records.
    pub fn rtype(&self) -> RecordType {
        self.rtype
    }

    /// The TTL of the records.
    pub fn ttl(&self) -> Ttl {
        self.ttl
    }

    /// How many records there are.
    pub fn count(&self) -> u16 {
        self.count
    }

    /// All records, ready to be copied into an answer whose question is at offset 12.
    pub fn packed(&self) -> &[u8] {
        &self.packed
    }

    /// Each packed record by itself.
    pub fn records(&self) -> PackedRecords<'_> {
        PackedRecords { rest: &self.packed }
    }

    /// The data of each record.
    pub fn data(&self) -> impl Iterator<Item = RecordData> + '_ {
        self.records().filter_map(|record| {
            RecordData::from_wire(self.rtype, record.get(HEADER_OCTETS..)?).ok()
        })
    }

    /// Each record's data in wire form.
    pub fn wire_data(&self) -> impl Iterator<Item = &[u8]> + '_ {
        self.records()
            .filter_map(|record| record.get(HEADER_OCTETS..))
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
