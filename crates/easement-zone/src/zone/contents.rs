//! An immutable zone.

use super::rules::{self, Violation};
use super::{ChangeSet, Node, PackedSet, RecordSetChange, RecordSetKey, Soa};
use crate::name::trie_key_of;
use crate::trie::Keyed as _;
use crate::{Name, RecordSet, RecordType, Serial, Trie, Ttl};

/// A zone: an apex and its record sets, with a serial number.
///
/// A zone keeps the rules of DNS at all times ([`Violation`] lists them). It is immutable: a change
/// gives another zone, in time proportional to what changes, and this one stays as it is.
///
/// ```
/// use easement_zone::{ChangeSet, Name, RecordData, RecordSet, RecordType, Ttl, Zone, ZoneBuilder};
/// use easement_zone::{Serial, Soa};
///
/// let apex: Name = "example.com".parse()?;
/// let server: Name = "ns1.example.net".parse()?;
/// let soa = Soa::new(server.clone(), "hostmaster.example.com".parse()?, Serial::new(7));
/// let mut builder = ZoneBuilder::new(apex.clone());
/// builder.insert(RecordSet::single(apex.clone(), Ttl::HOUR, soa.to_data()))?;
/// builder.insert(RecordSet::single(
///     apex.clone(), Ttl::HOUR, RecordData::name(RecordType::NS, &server),
/// ))?;
/// let zone = builder.finish()?;
///
/// let www = apex.child("www")?;
/// let mut changes = ChangeSet::new();
/// let address = RecordData::a([192, 0, 2, 1].into());
/// changes.record(None, Some(RecordSet::single(www.clone(), Ttl::HOUR, address)));
/// let changed = zone.apply(&changes)?;
///
/// assert!(changed.get(&www, RecordType::A).is_some());
/// assert!(zone.get(&www, RecordType::A).is_none(), "the zone from before is as it was");
/// assert_eq!(changed.serial(), Serial::new(8));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Zone {
    apex: Name,
    soa: Soa,
    soa_ttl: Ttl,
    nodes: Trie<Node>,
    set_count: usize,
    record_count: usize,
}

impl Zone {
    // Construct

    /// The zone with these nodes, in the order of their keys, when it keeps every rule.
    pub(super) fn from_nodes(apex: Name, nodes: Vec<Node>) -> Result<Self, ApplyError> {
        let soa_set = nodes
            .first()
            .filter(|node| node.key().is_empty())
            .and_then(|node| node.set(RecordType::SOA));
        let soa = soa_set.and_then(|set| Some((Soa::from_data(&set.data().next()?)?, set.ttl())));
        let Some((soa, soa_ttl)) = soa else {
            let violations = vec![Violation::NoSoa { apex }];
            return Err(ApplyError::Rules { violations });
        };
        let zone = Self {
            apex,
            soa,
            soa_ttl,
            set_count: nodes.iter().map(|node| node.sets().count()).sum(),
            record_count: nodes.iter().map(Node::record_count).sum(),
            nodes: Trie::from_values(nodes),
        };
        let violations = rules::check_zone(&zone);
        if violations.is_empty() {
            Ok(zone)
        } else {
            Err(ApplyError::Rules { violations })
        }
    }

    // Query

    /// The name at the top.
    pub fn apex(&self) -> &Name {
        &self.apex
    }

    /// The start of authority.
    pub fn soa(&self) -> &Soa {
        &self.soa
    }

    /// The serial number.
    pub fn serial(&self) -> Serial {
        self.soa.serial
    }

    /// How long a negative answer may be cached: the smaller of the TTL of the `SOA` record and its
    /// minimum (RFC 2308 section 4).
    pub fn negative_ttl(&self) -> Ttl {
        Ttl::from_secs(self.soa.minimum).map_or(self.soa_ttl, |minimum| minimum.min(self.soa_ttl))
    }

    /// How many record sets there are.
    pub fn set_count(&self) -> usize {
        self.set_count
    }

    /// How many records there are.
    pub fn record_count(&self) -> usize {
        self.record_count
    }

    /// How many names have records.
    pub fn name_count(&self) -> usize {
        self.nodes.len()
    }

    /// One record set.
    pub fn get(&self, owner: &Name, rtype: RecordType) -> Option<RecordSet> {
        let node = self.node(owner)?;
        Some(node.set(rtype)?.unpack(&node.owner(&self.apex)))
    }

    /// All record sets at a name, by type.
    pub fn at(&self, owner: &Name) -> Vec<RecordSet> {
        self.node(owner)
            .map_or_else(Vec::new, |node| self.unpack_all(node))
    }

    /// All record sets at names strictly below `owner`, in canonical order.
    pub fn below<'a>(&'a self, owner: &Name) -> impl Iterator<Item = RecordSet> + use<'a> {
        self.nodes_below(owner)
            .flat_map(|node| self.unpack_all(node))
    }

    /// All record sets, in canonical order of their names; the `SOA` set is among the first.
    pub fn sets(&self) -> impl Iterator<Item = RecordSet> + '_ {
        self.nodes.values().flat_map(|node| self.unpack_all(node))
    }

    /// All record sets from this name on, in canonical order. What is before it is not looked at.
    pub fn sets_from<'a>(&'a self, owner: &Name) -> impl Iterator<Item = RecordSet> + use<'a> {
        let key = owner.trie_key(&self.apex);
        key.into_iter()
            .flat_map(|key| self.nodes.values_from(&key))
            .flat_map(|node| self.unpack_all(node))
    }

    /// The names with their record sets in wire form, for the server's loop.
    pub fn nodes(&self) -> &Trie<Node> {
        &self.nodes
    }

    /// One name with its record sets.
    pub fn node(&self, owner: &Name) -> Option<&Node> {
        self.nodes.get(&owner.trie_key(&self.apex)?)
    }

    /// Whether the name has records, or names below it do (an empty non-terminal, RFC 4592).
    pub fn has_name(&self, owner: &Name) -> bool {
        owner
            .trie_key(&self.apex)
            .is_some_and(|key| self.nodes.has_prefix(&key))
    }

    /// The highest delegation at or above `owner` but below the apex.
    pub fn delegation_over(&self, owner: &Name) -> Option<&Node> {
        let key = owner.trie_key(&self.apex)?;
        self.nodes
            .descend(&key)
            .flatten()
            .find(|(length, node)| *length > 0 && node.set(RecordType::NS).is_some())
            .map(|(_, node)| node)
    }

    pub(super) fn nodes_below<'a>(
        &'a self,
        owner: &Name,
    ) -> impl Iterator<Item = &'a Node> + use<'a> {
        let key = owner.trie_key(&self.apex);
        let length = key.as_ref().map_or(0, Vec::len);
        key.into_iter()
            .flat_map(|key| self.nodes.values_with_prefix(&key))
            .filter(move |node| node.key().len() > length)
    }

    pub(super) fn unpack_all(&self, node: &Node) -> Vec<RecordSet> {
        let owner = node.owner(&self.apex);
        node.sets().map(|set| set.unpack(&owner)).collect()
    }

    // Change

    /// The zone after a change, with its next serial number.
    ///
    /// Nothing is changed when a record set is not what the change says it was, or when the zone
    /// would break a rule.
    pub fn apply(&self, changes: &ChangeSet) -> Result<Self, ApplyError> {
        let mut next = self.clone();
        let changes: Vec<Change<'_>> = changes.iter().collect();
        let names = || changes.chunk_by(|one, other| one.0.owner == other.0.owner);
        for changes in names() {
            next.change_name(changes)?;
        }
        next.set_serial(self.serial().next());
        let owners = names().filter_map(<[_]>::first).map(|(key, _)| &key.owner);
        let violations = rules::check_names(&next, owners);
        if violations.is_empty() {
            Ok(next)
        } else {
            Err(ApplyError::Rules { violations })
        }
    }

    /// The zone with another serial number, as when it comes back from storage.
    #[must_use]
    pub fn with_serial(mut self, serial: Serial) -> Self {
        self.set_serial(serial);
        self
    }

    /// Changes record sets of one name, when they are what the changes say they were.
    fn change_name(&mut self, changes: &[Change<'_>]) -> Result<(), ApplyError> {
        let Some((RecordSetKey { owner, .. }, _)) = changes.first() else {
            return Ok(());
        };
        let labels = owner.labels_below(&self.apex);
        let trie_key = labels.map(trie_key_of).unwrap_or_default();
        let node = labels.and_then(|_| self.nodes.get(&trie_key));
        let (mut set_count, mut record_count) = (self.set_count, self.record_count);
        for (key, change) in changes {
            let current = node.and_then(|node| node.set(key.rtype));
            if !is_expected(current, change.before.as_ref(), self.serial()) {
                let key = (*key).clone();
                return Err(ApplyError::Stale { key });
            }
            if labels.is_none() {
                break;
            }
            let after = change.after.as_ref();
            set_count = set_count + usize::from(after.is_some()) - usize::from(current.is_some());
            record_count = record_count + after.map_or(0, |set| set.data().len())
                - current.map_or(0, |set| usize::from(set.count()));
        }
        let Some(labels) = labels else {
            let violations = vec![outside(owner, &self.apex)];
            return Err(ApplyError::Rules { violations });
        };
        let sets = changes
            .iter()
            .map(|(key, change)| (key.rtype, change.after.as_ref()));
        match Node::with_changes(node, labels, sets.clone()) {
            Some(node) => self.nodes.insert(node),
            None => self.nodes = self.nodes.without(&trie_key),
        }
        self.set_count = set_count;
        self.record_count = record_count;
        let soa_set = sets.filter(|(rtype, _)| *rtype == RecordType::SOA && labels.is_empty());
        for set in soa_set.filter_map(|(_, set)| set) {
            if let Some(soa) = set.data().first().and_then(Soa::from_data) {
                self.soa = soa;
                self.soa_ttl = set.ttl();
            }
        }
        Ok(())
    }

    /// Leaves a zone without exactly one `SOA` record as it is, so that the rules can refuse it.
    fn set_serial(&mut self, serial: Serial) {
        let node = self.nodes.get(&[]);
        let soa_set = node.and_then(|node| node.set(RecordType::SOA));
        if soa_set.is_none_or(|set| set.count() != 1) {
            return;
        }
        self.soa.serial = serial;
        let set = RecordSet::single(self.apex.clone(), self.soa_ttl, self.soa.to_data());
        let change = std::iter::once((RecordType::SOA, Some(&set)));
        if let Some(node) = Node::with_changes(node, &[], change) {
            self.nodes.insert(node);
        }
    }
}

/// One record set before and after.
type Change<'a> = (&'a RecordSetKey, &'a RecordSetChange);

/// Whether a record set is what a change says it was; the serial number does not count.
fn is_expected(current: Option<PackedSet<'_>>, before: Option<&RecordSet>, serial: Serial) -> bool {
    match (current, before) {
        (None, None) => true,
        (Some(current), Some(before)) if before.rtype() == RecordType::SOA => {
            current.is_same(&before.clone().with_serial(serial))
        }
        (Some(current), Some(before)) => current.is_same(before),
        (None, Some(_)) | (Some(_), None) => false,
    }
}

pub(super) fn outside(owner: &Name, apex: &Name) -> Violation {
    Violation::OutsideZone {
        owner: owner.clone(),
        apex: apex.clone(),
    }
}

impl RecordSet {
    /// A `SOA` set of one record with another serial number; any other set as it is.
    pub(super) fn with_serial(self, serial: Serial) -> Self {
        let [data] = self.data() else {
            return self;
        };
        let Some(soa) = Soa::from_data(data) else {
            return self;
        };
        Self::single(
            self.owner().clone(),
            self.ttl(),
            Soa { serial, ..soa }.to_data(),
        )
    }
}

impl PartialEq for Zone {
    /// Two zones are equal when they have the same apex and the same record sets, serial included.
    fn eq(&self, other: &Self) -> bool {
        self.apex == other.apex && self.set_count == other.set_count && self.sets().eq(other.sets())
    }
}

impl Eq for Zone {}

//------------ ApplyError ------------------------------------------------------------------------

/// Why a change, or a whole zone, was refused. The zone is as it was.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ApplyError {
    /// A record set is not what the change says it was.
    #[error(
        "the {} records of {} are not what they were when the change was made: look again",
        key.rtype, key.owner.to_text()
    )]
    Stale {
        /// The record set.
        key: RecordSetKey,
    },
    /// The zone would break rules.
    #[error("{}", rules::list(violations))]
    Rules {
        /// Every rule that would be broken, and where.
        violations: Vec<Violation>,
    },
}
