//! What an answer says, as far as it is counted.

use std::hash::Hasher as _;

use siphasher::sip::SipHasher13;

/// What an answer is about, as far as it is counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'s> {
    kind: Kind,
    zone: &'s [u8],
    name: &'s [u8],
}

/// Kinds of answers, each with counts of its own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// For a name that exists.
    Answer,
    /// For names that do not exist in a zone.
    Absence,
    /// For names below a delegation.
    Referral,
    /// For everything that is no question about a zone of ours.
    Error,
}

impl<'s> Subject<'s> {
    /// Errors say the same whatever they are about.
    pub(crate) const ERROR: Self = Self {
        kind: Kind::Error,
        zone: &[],
        name: &[],
    };

    /// An answer from a zone, by the key of its apex and that of a name below.
    pub(crate) fn new(kind: Kind, zone: &'s [u8], name: &'s [u8]) -> Self {
        Self { kind, zone, name }
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    pub(super) fn write_name(&self, hasher: &mut SipHasher13) {
        // Each label ends with a zero octet, so the end of one is seen, and so is the name it makes.
        hasher.write(self.zone);
        hasher.write(self.name);
    }
}

impl Kind {
    /// A number for each kind.
    pub(super) fn number(self) -> u8 {
        match self {
            Self::Answer => 0,
            Self::Absence => 1,
            Self::Referral => 2,
            Self::Error => 3,
        }
    }
}
