//! A zone from its record sets.

use super::contents::outside;
use super::node::PackedSetParts;
use super::{ApplyError, Node, PackedSet, Violation, Zone};
use crate::trie::Keyed as _;
use crate::{Name, RecordSet, RecordType};

/// Gathers record sets into a zone, in any order; quickest when they come in that of their names.
///
/// Each set is packed at once: a zone of millions of names is not in memory twice.
#[derive(Clone, Debug)]
pub struct ZoneBuilder {
    apex: Name,
    /// Each with one set.
    nodes: Vec<Node>,
}

impl ZoneBuilder {
    /// A zone with nothing in it yet, which needs at least its `SOA` and `NS` records.
    pub fn new(apex: Name) -> Self {
        Self {
            apex,
            nodes: Vec::new(),
        }
    }

    /// Adds records. Records of a name and type that has some already join them, with the lower of
    /// the TTLs (RFC 2181 section 5.2). A name outside the zone is refused at once.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "whoever gives a set to a builder is done with it"
    )]
    pub fn insert(&mut self, set: RecordSet) -> Result<(), Violation> {
        let Some(node) = Node::single(&self.apex, &set) else {
            return Err(outside(set.owner(), &self.apex));
        };
        self.nodes.push(node);
        Ok(())
    }

    /// The zone, when it keeps every rule.
    pub fn finish(self) -> Result<Zone, ApplyError> {
        let Self { apex, mut nodes } = self;
        nodes.sort_by(|one, other| place(one).cmp(&place(other)));
        let nodes = nodes
            .chunk_by(|one, other| one.key() == other.key())
            .filter_map(|nodes| join(&apex, nodes))
            .collect();
        Zone::from_nodes(apex, nodes)
    }
}

/// Where a node with one set belongs.
fn place(node: &Node) -> (&[u8], Option<RecordType>) {
    (node.key(), node.sets().next().map(PackedSet::rtype))
}

/// One node from those of one name, in the order of their types.
fn join(apex: &Name, nodes: &[Node]) -> Option<Node> {
    let first = nodes.first()?;
    if nodes.len() == 1 {
        return Some(first.clone());
    }
    let sets = nodes
        .chunk_by(|one, other| place(one) == place(other))
        .filter_map(|nodes| join_sets(apex, nodes));
    Some(first.with_sets(sets))
}

/// One set from those of one name and type.
fn join_sets(apex: &Name, nodes: &[Node]) -> Option<PackedSetParts> {
    let sets = nodes.iter().filter_map(|node| node.sets().next());
    let first = sets.clone().next()?;
    if nodes.len() == 1 {
        return Some(PackedSetParts::copy(first));
    }
    let ttl = sets.clone().map(PackedSet::ttl).min()?;
    let data: Vec<_> = sets.flat_map(PackedSet::data).collect();
    let owner = nodes.first()?.owner(apex);
    let set = RecordSet::new(owner, ttl, data).ok()?;
    Some(PackedSetParts::pack(&set))
}
