//! Zones: what is inside, how it changes, and which rules it keeps.

mod change;
mod contents;
mod node;
mod rules;
mod soa;

#[cfg(test)]
pub(crate) mod generated;
#[cfg(test)]
mod tests;

pub use self::change::{ChangeSet, RecordSetChange, RecordSetKey, diff};
pub use self::contents::{ApplyError, Zone, ZoneBuilder};
pub use self::node::{Node, PackedSet};
pub use self::rules::Violation;
pub use self::soa::Soa;
