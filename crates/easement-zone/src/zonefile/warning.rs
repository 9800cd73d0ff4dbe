//! What a zone file says that was read differently.

use std::fmt;

use super::Position;
use crate::{Name, RecordType, Ttl};

/// Something in a zone file that is read differently from what it says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Warning {
    /// The records of one set have several TTLs; the lowest was taken (RFC 2181 section 5.2).
    Ttls {
        /// The record that differs from the first of its set.
        position: Position,
        /// The owner of the set.
        owner: Name,
        /// The type of the set.
        rtype: RecordType,
        /// The TTL that was taken.
        taken: Ttl,
    },
    /// Records that another server made when it signed the zone were left out.
    SignedElsewhere {
        /// The first of them.
        position: Position,
        /// How many there are.
        count: usize,
    },
    /// A name without a final dot ends in the name of the zone, so it is there twice.
    MissingDot {
        /// Where it is.
        position: Position,
        /// The name as it was read.
        name: Name,
    },
    /// A TTL is above the largest, and counts as zero (RFC 2181 section 8).
    LargeTtl {
        /// Where it is.
        position: Position,
    },
    /// A record set that a delegation or a `DNAME` hides was left out.
    Occluded {
        /// Its first record.
        position: Position,
        /// Its owner.
        owner: Name,
        /// Its type.
        rtype: RecordType,
        /// The name that hides it.
        above: Name,
    },
    /// As many more sets that are hidden were left out.
    MoreOccluded {
        /// The last one that was told.
        position: Position,
        /// How many.
        count: usize,
    },
}

impl Warning {
    /// Whether it says that the zone was signed.
    pub fn is_about_signing(&self) -> bool {
        matches!(self, Self::SignedElsewhere { .. })
    }

    /// Where it is.
    pub fn position(&self) -> Position {
        match self {
            Self::Ttls { position, .. }
            | Self::SignedElsewhere { position, .. }
            | Self::LargeTtl { position }
            | Self::Occluded { position, .. }
            | Self::MoreOccluded { position, .. }
            | Self::MissingDot { position, .. } => *position,
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ttls {
                position,
                owner,
                rtype,
                taken,
            } => write!(
                f,
                "{position}: the {rtype} records of {} have several TTLs: the lowest, {taken}, is \
                 taken for all of them",
                owner.to_text()
            ),
            Self::SignedElsewhere { position, count } => write!(
                f,
                "{position}: {count} records of DNSSEC signing (RRSIG, NSEC, NSEC3, NSEC3PARAM, \
                 DNSKEY, ZONEMD) are left out: this server does not serve signed zones yet, so \
                 remove the DS records from the parent zone before it answers for this one"
            ),
            Self::LargeTtl { position } => {
                write!(f, "{position}: a TTL above {} counts as 0", Ttl::MAX)
            }
            Self::Occluded {
                position,
                owner,
                rtype,
                above,
            } => write!(
                f,
                "{position}: the {rtype} records of {} are left out: {} is delegated or redirected, so nobody \
                 is answered with them",
                owner.to_text(),
                above.to_text()
            ),
            Self::MoreOccluded { position, count } => write!(
                f,
                "{position}: {count} more record sets are left out for the same reason"
            ),
            Self::MissingDot { position, name } => write!(
                f,
                "{position}: this name is {}: if that is not meant, end it with a dot",
                name.to_text()
            ),
        }
    }
}
