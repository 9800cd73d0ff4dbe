//! Checks that what is stored makes sense: `easement store verify`.
//!
//! **What it is for.** The journal is replayed, zone by zone, and everything else that is stored about
//! zones is compared with what comes out: the folded records, the counts kept with each commit, the
//! services, and the zones in memory that DNS answers from. Every disagreement is a [`Finding`] that
//! names the zone, the version and what to do. It reads and never writes, while the server works.
//!
//! **What it is not for.** Mending. What disagrees was damaged by something outside, and only a person
//! can say which side is right.
//!
//! Memory is needed for the largest zone, some hundred octets a record set, and not for all of them.
//!
//! **To add a check**, add a [`Problem`] with its remedy, decide it in a function without I/O
//! (`replay.rs`, `folded.rs`, `served.rs`), and break the rule in `tests/it/verify.rs`.

mod finding;
mod folded;
mod moment;
mod postgres;
mod problem;
mod progress;
mod read;
mod references;
mod replay;
mod run;
mod served;
mod sqlite;
mod tables;
mod zone;

pub use self::finding::{Finding, Verified};
pub use self::problem::{Disagreement, Problem, Remedy};
pub use self::progress::VerifyProgress;
pub use self::run::Served;
