//! API tokens: who a device is, what it may change, and the change.
//!
//! **What it is for.** Every protocol of devices takes the same way: [`TokenGate::admit`] turns the text of
//! a token into an [`Admitted`] token, [`Rights`] finds the zone of a name and gives the permit, and
//! [`Updater`] plans the wishes and commits them, each with an outcome of its own. [`Mint`] makes tokens, and
//! [`TokenDesk`] is where people look at them, on the command line and on pages.
//!
//! **What it is not for.** How a protocol carries a token, and what it answers: those are the folders with
//! the names of the protocols.

mod change_limit;
mod change_rates;
mod gate;
mod issue;
mod look;
mod question;
mod remembered;
mod report;
mod rights;
mod update;
mod usage;
mod warnings;

pub(crate) use self::change_limit::{ChangeLimit, ChangeLimitKey};
pub(crate) use self::change_rates::{ChangeRates, Changes};
pub(crate) use self::gate::{Admitted, Carrier, Denied, RateLeft, TokenGate};
pub(crate) use self::issue::{IssueError, Issued, Mint, Wanted};
pub(crate) use self::look::{TokenDesk, line};
pub(crate) use self::question::QuestionError;
pub use self::question::{TokenAnswer, TokenQuestion, TokenWish};
pub use self::report::{
    ParentLine, RefusalsLine, TokenDetail, TokenLine, TokenNetworkLine, TokenUseLine,
};
pub(crate) use self::rights::{NoRights, Rights};
pub(crate) use self::update::{Done, Update, UpdateError, Updater};
