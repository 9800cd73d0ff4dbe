//! What is wrong with a server and its surroundings, and how to mend it: `easement doctor`.
//!
//! **What it is for.** Everything that stops a server from starting, or others from finding its zones:
//! ports, clock, resolver, certificate, database, and for each zone what its parent and the rest of DNS
//! say about it. `look/` finds out what is so, `rules/` says what it means: functions without I/O over
//! the facts, each with a table of cases.
//!
//! **What it is not for.** Mending. It changes nothing but the schema of a database that no server has
//! opened since an update.
//!
//! **To add a check**, add what must be known to a file in `look/`, the rule with its cases to `rules/`,
//! and call both in `examine.rs`.

mod check;
mod examine;
mod look;
mod rules;
mod validity;

pub use self::check::{Check, Outcome};
pub use self::examine::{Outside, WhichZones, examine};
pub(crate) use self::validity::validity;
