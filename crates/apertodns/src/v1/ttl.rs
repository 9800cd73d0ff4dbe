//! The TTL of records that this protocol sets.

use easement_zone::Ttl;
use serde::Serialize;

/// A TTL of 60 to 86400 seconds (draft-03 section "Update Endpoint").
///
/// ```
/// use apertodns::v1::UpdateTtl;
///
/// assert_eq!(UpdateTtl::from_secs(300), Some(UpdateTtl::DEFAULT));
/// assert_eq!(UpdateTtl::from_secs(59), None);
/// assert_eq!(UpdateTtl::from_secs(86_401), None);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct UpdateTtl(u32);

impl UpdateTtl {
    /// One minute.
    pub const MIN: Self = Self(60);
    /// One day.
    pub const MAX: Self = Self(86_400);
    /// What a record of an address gets when its request says nothing and there was none before.
    pub const DEFAULT: Self = Self(300);
    /// The same for a text record (draft-03 section "TXT Record Endpoint").
    pub const TXT_DEFAULT: Self = Self(60);

    /// So many seconds, when they are within the limits.
    pub fn from_secs(seconds: u32) -> Option<Self> {
        (Self::MIN.0..=Self::MAX.0)
            .contains(&seconds)
            .then_some(Self(seconds))
    }

    /// The seconds.
    pub const fn as_secs(self) -> u32 {
        self.0
    }
}

impl From<UpdateTtl> for Ttl {
    fn from(ttl: UpdateTtl) -> Self {
        // At most a day, which is far below the limit of DNS.
        Self::from_secs(ttl.0).unwrap_or(Self::MAX)
    }
}
