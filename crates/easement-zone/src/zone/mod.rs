//! Zones: what is inside, how it changes, and which rules it keeps.

mod builder;
mod change;
mod contents;
mod draft;
mod merge;
mod node;
mod rules;
mod soa;

#[cfg(test)]
pub(crate) mod generated;
#[cfg(test)]
mod tests;

pub use self::builder::{InsertError, ZoneBuilder};
pub use self::change::{ChangeSet, RecordSetChange, RecordSetKey, diff};
pub use self::contents::{ApplyError, Zone};
pub use self::merge::{Merged, merge};
pub use self::node::{Node, PackedSet};
pub use self::rules::Violation;
pub use self::soa::Soa;
