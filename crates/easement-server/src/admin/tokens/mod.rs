//! Requests about API tokens: making them, looking at them, and what they may do.

mod execute;
mod look;
mod make;
mod question;
mod reply;
mod request;
mod warnings;

pub(super) use self::execute::execute;
pub use self::reply::{
    ParentLine, RefusalsLine, SecretToken, TokenAnswer, TokenDetail, TokenLine, TokenMade,
    TokenNetworkLine, TokenRevoked, TokenUseLine,
};
pub use self::request::{NewToken, TokenEnd, TokenQuestion, TokenRequest, TokenWish};
