//! Where a name stands in the zones that are served (RFC 1034 section 4.3.2, steps 2 and 3).

use std::sync::Arc;

use easement_zone::{
    Beside, Descent, HostedZone, Keyed as _, Node, PackedSet, RecordType, Trie, ZoneSnapshot,
};

use crate::limit::{Kind, Subject};

/// The zones as they are at one moment.
pub(super) type Zones = Trie<Arc<HostedZone>>;

/// The zone that is the authority for a name, by its longest matching apex, and the length of the
/// apex's key.
///
/// The `DS` records of an apex belong to the zone above it (RFC 4035 section 3.1.4.1).
pub(super) fn zone_of<'z>(
    zones: &'z Zones,
    key: &[u8],
    qtype: RecordType,
) -> Option<(usize, &'z HostedZone)> {
    let mut best = None;
    for (length, hosted) in zones.descend(key).flatten() {
        if qtype == RecordType::DS && length == key.len() && best.is_some() {
            break;
        }
        best = Some((length, hosted.as_ref()));
    }
    best
}

//------------ Walk ------------------------------------------------------------------------------

/// The way down to a name in its zone, one step at a time; see [`Trie::descend`].
#[derive(Debug)]
pub(super) struct Walk<'z, 'k> {
    descent: Descent<'z, 'k, Node>,
    key: &'k [u8],
    passed: Passed<'z>,
}

/// What a walk came by.
#[derive(Clone, Copy, Debug)]
enum Passed<'z> {
    /// Nothing that matters yet.
    Nothing,
    /// A name that ends the zone's authority, with the length of its key.
    Cut(usize, &'z Node),
    /// A `DNAME` above the name, with the length of its key.
    Redirect(usize, &'z Node),
    /// The name itself.
    Name(&'z Node),
}

impl<'z, 'k> Walk<'z, 'k> {
    /// Starts at the apex; `key` is that of the name below it.
    pub(super) fn new(snapshot: &'z ZoneSnapshot, key: &'k [u8]) -> Self {
        Self {
            descent: snapshot.zone().nodes().descend(key),
            key,
            passed: Passed::Nothing,
        }
    }

    /// The key of the name below the apex.
    pub(super) fn key(&self) -> &'k [u8] {
        self.key
    }

    /// Goes one step; false when the walk is over.
    pub(super) fn step(&mut self) -> bool {
        if !matches!(self.passed, Passed::Nothing) {
            return false;
        }
        let Some(visit) = self.descent.next() else {
            return false;
        };
        if let Some((length, node)) = visit {
            self.pass(length, node);
        }
        true
    }

    fn pass(&mut self, length: usize, node: &'z Node) {
        let is_name = length == self.key.len();
        if length > 0 && node.set(RecordType::NS).is_some() {
            self.passed = Passed::Cut(length, node);
        } else if !is_name && node.set(RecordType::DNAME).is_some() {
            self.passed = Passed::Redirect(length, node);
        } else if is_name {
            self.passed = Passed::Name(node);
        }
    }

    /// Goes to the end and says where the name stands.
    pub(super) fn finish(mut self, snapshot: &'z ZoneSnapshot, qtype: RecordType) -> Standing<'z> {
        while self.step() {}
        let at_name = match self.passed {
            Passed::Cut(length, node) if length < self.key.len() => {
                return Standing::Delegated { length, node };
            }
            Passed::Redirect(length, node) => return Standing::Redirected { length, node },
            // The parent's side of a delegation (RFC 4035 section 3.1.4.1).
            Passed::Cut(_, node) if qtype == RecordType::DS => Some(Standing::Exists(node)),
            Passed::Cut(length, node) => Some(Standing::Delegated { length, node }),
            Passed::Name(node) => Some(Standing::Exists(node)),
            Passed::Nothing => None,
        };
        let discovery = snapshot
            .discovery_node()
            .filter(|node| self.key.starts_with(node.key()));
        if let Some(node) = discovery.filter(|node| node.key() == self.key) {
            let set = node.sets().next();
            return set.map_or(Standing::Empty, Standing::Discovery);
        }
        // The name of discovery exists, so a wildcard beside it does not cover names below it.
        let exists = discovery.map_or(0, |node| node.key().len());
        at_name.unwrap_or_else(|| self.absent(self.descent.matched().max(exists)))
    }

    /// Where a name without records stands: `matched` octets of its key lead to something.
    fn absent(&self, matched: usize) -> Standing<'z> {
        if matched == self.key.len() {
            return Standing::Empty;
        }
        // RFC 4592 section 3.3.1: the closest encloser is the longest ending of the name that
        // exists; only the wildcard right below it counts.
        let known = self.key.get(..matched).unwrap_or_default();
        let encloser = known
            .iter()
            .rposition(|octet| *octet == 0)
            .map_or(0, |end| end + 1);
        let mut wildcard = Vec::with_capacity(encloser + 2);
        wildcard.extend_from_slice(self.key.get(..encloser).unwrap_or_default());
        wildcard.extend_from_slice(b"*\0");
        match self.descent.look_beside(&wildcard) {
            Beside::Value(node) => Standing::Exists(node),
            // The wildcard exists without records of its own (RFC 4592 section 2.2.3).
            Beside::Longer => Standing::Covered,
            Beside::Nothing => Standing::Missing,
        }
    }
}

//------------ Standing --------------------------------------------------------------------------

/// Where a name stands in a zone.
#[derive(Clone, Copy, Debug)]
pub(super) enum Standing<'z> {
    /// It has these records, its own or those of a wildcard.
    Exists(&'z Node),
    /// It is where Domain Connect is discovered, with this text.
    Discovery(PackedSet<'z>),
    /// It has no records, but names below it have (an empty non-terminal).
    Empty,
    /// It has no records, because the wildcard that it is made from has none.
    Covered,
    /// It does not exist.
    Missing,
    /// It is at or below a delegation.
    Delegated {
        /// The length of the key of the delegated name.
        length: usize,
        /// The delegated name.
        node: &'z Node,
    },
    /// It is below a name with a `DNAME` record.
    Redirected {
        /// The length of the key of that name.
        length: usize,
        /// That name.
        node: &'z Node,
    },
}

impl<'z> Standing<'z> {
    /// What the limits count an answer as: names that exist one by one, but everything made from one
    /// wildcard or redirection together, all that does not exist in a zone together, and so on. So
    /// nobody gets around a limit by making names up. `key` is that of the name below the apex.
    pub(super) fn subject<'s>(&self, zone: &'s HostedZone, key: &'s [u8]) -> Subject<'s>
    where
        'z: 's,
    {
        let (kind, name) = match self {
            Self::Exists(node) | Self::Redirected { node, .. } => (Kind::Answer, node.key()),
            Self::Discovery(_) | Self::Empty => (Kind::Answer, key),
            Self::Covered | Self::Missing => (Kind::Absence, &[][..]),
            Self::Delegated { node, .. } => (Kind::Referral, node.key()),
        };
        Subject::new(kind, zone.key(), name)
    }
}
