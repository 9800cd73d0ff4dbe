//! API tokens: who a device is, what it may change, and the change.
//!
//! **What it is for.** Every protocol of devices takes the same way: [`TokenGate::admit`] turns the text of
//! a token into an [`Admitted`] token, [`Rights`] finds the zone of a name and gives the permit, and
//! [`Updater`] plans the wishes and commits them, each with an outcome of its own.
//!
//! **What it is not for.** How a protocol carries a token, and what it answers: those are the folders with
//! the names of the protocols.

mod gate;
mod issue;
mod remembered;
mod rights;
mod update;
mod usage;

pub(crate) use self::gate::{Admitted, Carrier, Denied, RateLeft, TokenGate};
pub(crate) use self::issue::{IssueError, Issued, Mint, Wanted};
pub(crate) use self::rights::{NoRights, Rights};
pub(crate) use self::update::{Done, Update, UpdateError, Updater};
