//! Addresses: which texts are one, which may be published, and what becomes of those at a host.

mod change;
mod embedded;
mod parse;
mod prefix;
mod special;

pub use self::change::{AddressChange, AddressChanges, Addresses};
pub(crate) use self::parse::excerpt;
pub use self::parse::{Address, AddressError, Family};
pub use self::prefix::{Network, Prefix, PrefixError};
pub use self::special::{
    DocumentationRanges, NotPublic, SPECIAL_RANGES, SpecialRange, check_public,
};
