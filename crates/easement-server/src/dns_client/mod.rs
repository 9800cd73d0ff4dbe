//! Asking DNS for text records: a small stub that puts one question at a time to one resolver.
//!
//! **What it is for.** The public keys of service providers, which stand in TXT records. It asks over
//! UDP and, when the answer is cut, over TCP; follows aliases; and has a limit for everything that the
//! other side chooses: time, size, number of records, number of aliases.
//!
//! **What it is not for.** Resolving from the root, validating DNSSEC, answering questions.

mod exchange;
mod message;
mod resolver;
mod system;

pub use self::resolver::{LookupError, Resolver, TextAnswer};
pub use self::system::system_resolver;
