//! HTTP requests to where somebody else said.
//!
//! A [`HttpClient`] looks the name of a [`Target`] up, checks every address that it has, and connects to one that it
//! checked. It follows no redirect, keeps no connection and no cookie, and stops reading at a limit.

mod client;
mod exchange;
mod target;
#[cfg(test)]
mod tests;
mod trust;

pub use self::client::{Answer, HttpClient, Outgoing, Reading, SendError};
pub use self::exchange::ExchangeError;
pub use self::target::{Scheme, Target, TargetError};
pub use self::trust::RootsError;
