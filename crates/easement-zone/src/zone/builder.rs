//! A zone from its record sets.

use super::contents::outside;
use super::draft::NodeDraft;
use super::node::PackedSetParts;
use super::{ApplyError, Node, PackedSet, Violation, Zone};
use crate::name::{labels_below, wire_length};
use crate::trie::Keyed as _;
use crate::{DataError, Name, NameError, RecordData, RecordSet, RecordType, Ttl};

/// Gathers record sets into a zone, in any order; quickest when they come in that of their names.
///
/// Each set is packed at once: a zone of millions of names is not in memory twice.
#[derive(Clone, Debug)]
pub struct ZoneBuilder {
    apex: Name,
    /// Of a name whose records did not come in order there are several.
    nodes: Vec<Node>,
    draft: NodeDraft,
}

impl ZoneBuilder {
    /// A zone with nothing in it yet, which needs at least its `SOA` and `NS` records.
    pub fn new(apex: Name) -> Self {
        Self {
            apex,
            nodes: Vec::new(),
            draft: NodeDraft::default(),
        }
    }

    /// Adds records. Records of a name and type that has some already join them, with the lower of
    /// the TTLs (RFC 2181 section 5.2). A name outside the zone is refused at once.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "whoever gives a set to a builder is done with it"
    )]
    pub fn insert(&mut self, set: RecordSet) -> Result<(), Violation> {
        let Some(labels) = set.owner().labels_below(&self.apex) else {
            return Err(outside(set.owner(), &self.apex));
        };
        for data in set.data() {
            self.add(labels, set.rtype(), set.ttl(), data.as_wire());
        }
        Ok(())
    }

    /// Adds one record in wire form, such as comes back from storage: the same as [`Self::insert`], but
    /// without making a value of it.
    pub fn insert_wire(
        &mut self,
        owner: &[u8],
        rtype: RecordType,
        ttl: Ttl,
        data: &[u8],
    ) -> Result<(), InsertError> {
        if wire_length(owner)? != owner.len() {
            return Err(NameError::TrailingOctets.into());
        }
        let Some(labels) = labels_below(owner, &self.apex) else {
            return Err(outside(&Name::from_wire(owner)?, &self.apex).into());
        };
        RecordData::check_wire(rtype, data)?;
        self.add(labels, rtype, ttl, data);
        Ok(())
    }

    fn add(&mut self, labels: &[u8], rtype: RecordType, ttl: Ttl, data: &[u8]) {
        if !self.draft.add(labels, rtype, ttl, data) {
            self.nodes.extend(self.draft.begin(labels));
            self.draft.add(labels, rtype, ttl, data);
        }
    }

    /// The zone, when it keeps every rule.
    pub fn finish(mut self) -> Result<Zone, ApplyError> {
        self.nodes.extend(self.draft.take());
        let Self {
            apex, mut nodes, ..
        } = self;
        nodes.sort_by(|one, other| one.key().cmp(other.key()));
        let is_joined = nodes.is_sorted_by(|one, other| one.key() < other.key());
        if !is_joined {
            nodes = nodes
                .chunk_by(|one, other| one.key() == other.key())
                .filter_map(|nodes| join(&apex, nodes))
                .collect();
        }
        Zone::from_nodes(apex, nodes)
    }
}

/// One node from those of one name.
fn join(apex: &Name, nodes: &[Node]) -> Option<Node> {
    let first = nodes.first()?;
    if nodes.len() == 1 {
        return Some(first.clone());
    }
    let mut sets: Vec<PackedSet<'_>> = nodes.iter().flat_map(Node::sets).collect();
    sets.sort_by_key(|set| set.rtype());
    let sets = sets
        .chunk_by(|one, other| one.rtype() == other.rtype())
        .filter_map(|sets| join_sets(&first.owner(apex), sets));
    Some(first.with_sets(sets))
}

/// One set from those of one name and type.
fn join_sets(owner: &Name, sets: &[PackedSet<'_>]) -> Option<PackedSetParts> {
    let first = sets.first()?;
    if sets.len() == 1 {
        return Some(PackedSetParts::copy(*first));
    }
    let ttl = sets.iter().map(|set| set.ttl()).min()?;
    let data = sets.iter().flat_map(|set| set.data());
    let set = RecordSet::new(owner.clone(), ttl, data).ok()?;
    Some(PackedSetParts::pack(&set))
}

//------------ InsertError -----------------------------------------------------------------------

/// Why a record in wire form was refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InsertError {
    /// The owner is not a name.
    #[error(transparent)]
    Owner(#[from] NameError),
    /// The data does not suit its type.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The owner is outside the zone.
    #[error(transparent)]
    Zone(#[from] Violation),
}
