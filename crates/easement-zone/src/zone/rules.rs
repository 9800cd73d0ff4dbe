//! The rules that every zone keeps.

use std::collections::HashSet;

use super::{Node, PackedSet, Zone};
use crate::trie::Keyed as _;
use crate::{Name, RecordType};

/// The most octets that the records of one set may have together, so that they fit an answer over TCP: with
/// its header and question, an alias that leads to them, and an `OPT` record with its options (cookie, NSID,
/// keepalive), of which there are less than 150 octets.
const MAX_SET_OCTETS: usize = 65_535 - 12 - (255 + 4) - (2 + 10 + 255) - (11 + 150);

/// A rule of DNS that a zone breaks.
#[derive(Clone, Debug, Eq, Hash, PartialEq, thiserror::Error)]
pub enum Violation {
    /// A name is not at or below the apex.
    #[error("{} is outside the zone {}", owner.to_text(), apex.to_text())]
    OutsideZone {
        /// The name.
        owner: Name,
        /// The apex.
        apex: Name,
    },
    /// The zone does not have exactly one `SOA` record, at its apex (RFC 1035 section 5.2).
    #[error("the zone {} needs exactly one SOA record, at its apex", apex.to_text())]
    NoSoa {
        /// The apex.
        apex: Name,
    },
    /// A `SOA` record stands below the apex.
    #[error("{} has a SOA record, which only the apex of a zone may have", owner.to_text())]
    SoaBelowApex {
        /// The name.
        owner: Name,
    },
    /// The zone has no `NS` records at its apex (RFC 1034 section 4.2.1).
    #[error("the zone {} needs at least one NS record at its apex", apex.to_text())]
    NoNameServer {
        /// The apex.
        apex: Name,
    },
    /// A `CNAME` is not alone at its name (RFC 2181 section 10.1).
    #[error("{} has a CNAME record, so it cannot have {other} records as well", owner.to_text())]
    CnameNotAlone {
        /// The name.
        owner: Name,
        /// A type that is there too.
        other: RecordType,
    },
    /// A set of a type that allows one record has more.
    #[error("{} has more than one {rtype} record", owner.to_text())]
    MoreThanOne {
        /// The name.
        owner: Name,
        /// The type.
        rtype: RecordType,
    },
    /// Something other than glue stands at or below a delegation (RFC 1034 section 4.2.1).
    #[error(
        "{} has {rtype} records, but {} is delegated to other servers: only addresses of name \
         servers may stand there", owner.to_text(), delegation.to_text()
    )]
    BelowDelegation {
        /// The name.
        owner: Name,
        /// The type.
        rtype: RecordType,
        /// The delegated name.
        delegation: Name,
    },
    /// Something stands below a `DNAME` (RFC 6672 section 2.4).
    #[error("{} is below {}, whose DNAME record redirects every name below it", owner.to_text(), dname.to_text())]
    BelowDname {
        /// The name.
        owner: Name,
        /// The name with the `DNAME`.
        dname: Name,
    },
    /// The apex has `DS` records (RFC 4035 section 2.4).
    #[error("{} is the apex of the zone: DS records for it belong in the parent zone", apex.to_text())]
    DsAtApex {
        /// The apex.
        apex: Name,
    },
    /// A type that cannot be a record.
    #[error("{} has {rtype} records, a type that only exists in questions and transactions", owner.to_text())]
    MetaType {
        /// The name.
        owner: Name,
        /// The type.
        rtype: RecordType,
    },
    /// More records in one set than an answer can carry.
    #[error("the {rtype} records of {} have {octets} octets together, more than fits in an answer", owner.to_text())]
    SetTooLarge {
        /// The name.
        owner: Name,
        /// The type.
        rtype: RecordType,
        /// Their size.
        octets: usize,
    },
}

impl Violation {
    /// The name that breaks the rule.
    pub fn owner(&self) -> &Name {
        match self {
            Self::NoSoa { apex } | Self::NoNameServer { apex } | Self::DsAtApex { apex } => apex,
            Self::OutsideZone { owner, .. }
            | Self::SoaBelowApex { owner }
            | Self::CnameNotAlone { owner, .. }
            | Self::MoreThanOne { owner, .. }
            | Self::BelowDelegation { owner, .. }
            | Self::BelowDname { owner, .. }
            | Self::MetaType { owner, .. }
            | Self::SetTooLarge { owner, .. } => owner,
        }
    }

    /// The type of the records that break the rule, when it is about one type.
    pub fn rtype(&self) -> Option<RecordType> {
        match self {
            Self::SoaBelowApex { .. } => Some(RecordType::SOA),
            Self::CnameNotAlone { other, .. } => Some(*other),
            Self::DsAtApex { .. } => Some(RecordType::DS),
            Self::MoreThanOne { rtype, .. }
            | Self::BelowDelegation { rtype, .. }
            | Self::MetaType { rtype, .. }
            | Self::SetTooLarge { rtype, .. } => Some(*rtype),
            Self::OutsideZone { .. }
            | Self::NoSoa { .. }
            | Self::NoNameServer { .. }
            | Self::BelowDname { .. } => None,
        }
    }
}

/// The first violations, for a message: a name server over a large subtree breaks thousands of rules.
pub(super) fn list(violations: &[Violation]) -> String {
    const MOST: usize = 10;
    let mut shown: Vec<String> = violations
        .iter()
        .take(MOST)
        .map(ToString::to_string)
        .collect();
    if violations.len() > MOST {
        shown.push(format!("and {} more", violations.len() - MOST));
    }
    shown.join("; ")
}

/// Every violation in a zone.
pub(super) fn check_zone(zone: &Zone) -> Vec<Violation> {
    let mut violations = check_apex(zone);
    for node in zone.nodes().values() {
        check_node(zone, node, &mut violations);
    }
    violations
}

/// The violations that a change at these names, each given once, can have made. Looks at those names, at
/// what is above them, and, where a name became a delegation, at what is below.
pub(super) fn check_names<'a>(
    zone: &Zone,
    owners: impl Iterator<Item = &'a Name>,
) -> Vec<Violation> {
    let mut violations = check_apex(zone);
    for owner in owners {
        let Some(node) = zone.node(owner) else {
            continue;
        };
        check_node(zone, node, &mut violations);
        let is_cut = owner != zone.apex() && node.set(RecordType::NS).is_some();
        if is_cut || node.set(RecordType::DNAME).is_some() {
            for below in zone.nodes_below(owner) {
                check_node(zone, below, &mut violations);
            }
        }
    }
    let mut seen = HashSet::new();
    violations.retain(|violation| seen.insert(violation.clone()));
    violations
}

fn check_apex(zone: &Zone) -> Vec<Violation> {
    let apex = zone.apex();
    let node = zone.nodes().get(&[]);
    let count = |rtype| {
        let set = node.and_then(|node| node.set(rtype));
        set.map_or(0, PackedSet::count)
    };
    let mut violations = Vec::new();
    if count(RecordType::SOA) != 1 {
        violations.push(Violation::NoSoa { apex: apex.clone() });
    }
    if count(RecordType::NS) == 0 {
        violations.push(Violation::NoNameServer { apex: apex.clone() });
    }
    if count(RecordType::DS) > 0 {
        violations.push(Violation::DsAtApex { apex: apex.clone() });
    }
    violations
}

fn check_node(zone: &Zone, node: &Node, violations: &mut Vec<Violation>) {
    let is_apex = node.key().is_empty();
    let owner = || node.owner(zone.apex());
    for set in node.sets() {
        let rtype = set.rtype();
        if rtype.is_meta() {
            violations.push(Violation::MetaType {
                owner: owner(),
                rtype,
            });
        }
        if rtype == RecordType::SOA && !is_apex {
            violations.push(Violation::SoaBelowApex { owner: owner() });
        }
        let is_singular = [RecordType::CNAME, RecordType::DNAME].contains(&rtype);
        if is_singular && set.count() > 1 {
            violations.push(Violation::MoreThanOne {
                owner: owner(),
                rtype,
            });
        }
        if set.packed().len() > MAX_SET_OCTETS {
            violations.push(Violation::SetTooLarge {
                owner: owner(),
                rtype,
                octets: set.packed().len(),
            });
        }
    }
    check_cname(zone, node, violations);
    check_cuts_above(zone, node, violations);
}

fn check_cname(zone: &Zone, node: &Node, violations: &mut Vec<Violation>) {
    if node.set(RecordType::CNAME).is_none() {
        return;
    }
    let beside = [RecordType::CNAME, RecordType::RRSIG, RecordType::NSEC];
    let mut others = node.sets().map(PackedSet::rtype);
    if let Some(other) = others.find(|rtype| !beside.contains(rtype)) {
        violations.push(Violation::CnameNotAlone {
            owner: node.owner(zone.apex()),
            other,
        });
    }
}

fn check_cuts_above(zone: &Zone, node: &Node, violations: &mut Vec<Violation>) {
    let at_or_above = zone.nodes().descend(node.key()).flatten();
    for (length, above) in at_or_above {
        let at_cut = length == node.key().len();
        if above.set(RecordType::DNAME).is_some() && !at_cut {
            violations.push(Violation::BelowDname {
                owner: node.owner(zone.apex()),
                dname: above.owner(zone.apex()),
            });
            return;
        }
        if length == 0 || above.set(RecordType::NS).is_none() {
            continue;
        }
        let occluded = node.sets().map(PackedSet::rtype).find(|rtype| {
            let belongs = rtype.is_address() || rtype.is_made_by_signing();
            // A CNAME beside NS has a rule of its own.
            let beside_cut = [RecordType::NS, RecordType::DS, RecordType::CNAME];
            let belongs_at_cut = at_cut && beside_cut.contains(rtype);
            !belongs && !belongs_at_cut
        });
        if let Some(rtype) = occluded {
            violations.push(Violation::BelowDelegation {
                owner: node.owner(zone.apex()),
                rtype,
                delegation: above.owner(zone.apex()),
            });
        }
        return;
    }
}
