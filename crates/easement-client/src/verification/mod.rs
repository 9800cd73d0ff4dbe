//! Whether DNS shows what was changed.
//!
//! The servers that a zone is delegated to are asked themselves, each of them, because a resolver may remember what was
//! there before.

mod compare;
mod report;
mod verify;

pub use self::compare::{Expectation, Found, Matching};
pub use self::report::{ServerReport, ServerState, VerifyReport};
pub use self::verify::{VerifyError, VerifyPolicy};
