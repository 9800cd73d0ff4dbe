//! Requests about API tokens: making them, looking at them, and what they may do.

mod execute;
mod make;
mod reply;
mod request;

pub(super) use self::execute::execute;
pub use self::reply::{SecretToken, TokenMade, TokenRevoked};
pub use self::request::{NewToken, TokenRequest};
