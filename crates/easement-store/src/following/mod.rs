//! Several nodes on one database: what one commits, all of them serve.
//!
//! **What it is for.** Each node keeps every zone in memory, at a [`Place`] of the journal: the last
//! commit that what it serves stands on. [`catch_up`] goes on from there. It is called by the writer,
//! inside the lock that lets one node commit at a time, so that a plan is checked against the newest
//! version, whoever made it; and by a task that looks whenever another node tells of a commit, and
//! twice a second in any case. The second task here makes one node the leader, which does what only
//! one node may do at a time.
//!
//! **What it is not for.** Stores in a file, which is locked: nothing of this runs there, but the writer
//! catches up after a transaction of which it is not known whether it became durable.
//!
//! **To follow something else that is served**, give it a row with an id that the writer counts up, as
//! in `zone_switch`, a number in [`Place`], and a step in [`catch_up`].

mod catch_up;
mod leading;
mod place;
mod task;
mod zone;

pub(crate) use self::catch_up::catch_up;
pub(crate) use self::leading::Leading;
pub(crate) use self::place::{Place, Published, read_place};
pub(crate) use self::task::Follower;
