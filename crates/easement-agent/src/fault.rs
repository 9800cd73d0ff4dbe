//! Why an update did not reach DNS, and what follows for the next try.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Why an update was not made.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct Fault {
    /// What follows.
    pub kind: FaultKind,
    /// Of what it is.
    pub scope: FaultScope,
    /// What to tell a person: which value, and what to do. Never a secret.
    pub message: String,
}

/// What follows from a fault.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum FaultKind {
    /// The server was not reached, or did not say anything that makes sense: soon again.
    Network,
    /// The server says that something is broken on its side: later again.
    Server,
    /// The server wants fewer requests: much later, and not before it said.
    Busy {
        /// How long it wants to be left alone, when it said.
        retry_after: Option<Duration>,
    },
    /// It will be the same next time: nothing until a person changes something.
    Final,
}

/// Of what a fault is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FaultScope {
    /// Of one host: the others are sent.
    Host,
    /// Of the account or the server: it is not asked for the others.
    All,
}

impl Fault {
    pub(crate) fn network(message: impl Into<String>) -> Self {
        Self::new(FaultKind::Network, message)
    }

    pub(crate) fn server(message: impl Into<String>) -> Self {
        Self::new(FaultKind::Server, message)
    }

    pub(crate) fn busy(retry_after: Option<Duration>, message: impl Into<String>) -> Self {
        Self::new(FaultKind::Busy { retry_after }, message)
    }

    /// It will be the same next time, for every host.
    pub(crate) fn last(message: impl Into<String>) -> Self {
        Self::new(FaultKind::Final, message)
    }

    /// The same fault, of one host alone.
    pub(crate) fn of_host(self) -> Self {
        let scope = FaultScope::Host;
        Self { scope, ..self }
    }

    fn new(kind: FaultKind, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            kind,
            scope: FaultScope::All,
            message,
        }
    }
}
