//! The synchronous flow: the link that a person follows, and what comes back with the browser.
//!
//! Everything here is pure.

mod request;
mod returned;

pub use self::request::{ApplyRequest, ApplyRequestError, Signing};
pub(crate) use self::request::{check_redirect, common_parameters};
pub(crate) use self::returned::{Parameters, one_line};
pub use self::returned::{ReturnError, Returned};
