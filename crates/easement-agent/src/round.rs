//! What came of a look.

use std::time::Duration;

use crate::fault::Fault;

/// What one look gave.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Round {
    /// What became of each target, in the order of the configuration.
    pub targets: Vec<(String, TargetRound)>,
    /// When to look again.
    pub next: Duration,
}

/// What became of a target.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TargetRound {
    /// There was nothing to send.
    Nothing,
    /// No address is known that could be sent.
    NothingFound,
    /// Everything was accepted.
    Sent,
    /// Something was not.
    Failed(Fault),
    /// It waits after a fault.
    Waiting {
        /// In how long it is tried again.
        remaining: Duration,
    },
    /// Nothing is sent until a person changes something.
    Stopped {
        /// Why.
        reason: String,
    },
    /// There is no secret for it, so that nothing is sent until a person gives it.
    Locked {
        /// Why.
        reason: String,
    },
}
