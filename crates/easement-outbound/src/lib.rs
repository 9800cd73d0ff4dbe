//! What the process asks of the machine and of the network.
//!
//! **What it is for.** The clock and the random source of the machine ([`SystemClock`], [`SystemRandom`]); questions
//! to DNS ([`dns`]); and HTTP requests to addresses that somebody else named ([`http`]): looked up once, each address
//! checked, connected to without a second look-up, no redirects, limits on time and size.
//!
//! **What it is not for.** Answering anybody, and deciding: which addresses are public is a rule of `easement-core`.

pub mod dns;
mod environment;
pub mod http;

pub use self::environment::{SystemClock, SystemRandom};
