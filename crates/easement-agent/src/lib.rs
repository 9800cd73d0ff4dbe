//! Keeps the addresses of a machine up to date in DNS: dynamic DNS, from the side of the machine.
//!
//! **What it is for.** An [`Agent`] finds the addresses of its machine ([`find`]), decides what is to be said to whom
//! and when ([`decide`], pure), says it ([`send`]), and remembers what it said ([`State`]), so that a restart, a clock
//! that jumps or a server that is away cause no needless request. What it does is written in a [`Config`](config::Config).
//!
//! **What it is not for.** Talking to people: `easement ddns` does. Answering DNS.
//!
//! **To add a way to find addresses**, add it to [`config::Source`] and a file to `find/`. **To add a protocol**, add it
//! to [`config::Protocol`] and a file to `send/`.

mod agent;
pub mod config;
pub mod decide;
mod fault;
mod files;
pub mod find;
mod fingerprint;
mod note;
mod outside;
mod round;
pub mod send;
mod state;
mod time;

pub use self::agent::{Agent, StartError};
pub use self::fault::{Fault, FaultKind, FaultScope};
pub use self::files::{
    FileError, Lock, LockError, Readers, SecretFileError, SecretText, check_writable, read_secret,
    replace,
};
pub use self::outside::{Outside, client};
pub use self::round::{Round, TargetRound};
pub use self::state::{HostState, Sent, State, StateError, StoredTrouble, TargetState};
pub use self::time::{Moment, SystemTimer, Timer, When};
