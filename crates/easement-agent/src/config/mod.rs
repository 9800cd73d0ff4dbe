//! What the agent is to do: a TOML file that a person writes, or `easement ddns setup`.
//!
//! Unknown keys are refused, and everything is checked when the file is read, so that a mistake is told before
//! anything runs.

mod error;
mod file;
mod source;
mod target;

pub use self::error::ConfigError;
pub use self::file::Config;
pub use self::source::Source;
pub(crate) use self::source::is_at_home;
pub use self::target::{Absent, Host, Protocol, Reach, Target, TargetName, TargetNameError};
