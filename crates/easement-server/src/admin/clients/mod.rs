//! Requests about clients of OAuth.

mod execute;
mod reply;
mod request;

pub(super) use self::execute::execute;
pub use self::reply::{ClientChanged, ClientLine, ClientMade};
pub use self::request::{ClientDescription, ClientRequest};
