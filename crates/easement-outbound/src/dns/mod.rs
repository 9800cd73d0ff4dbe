//! Asking DNS: a small stub that puts one question at a time to one server, or to the resolvers of the machine.
//!
//! **What it is for.** The public keys of service providers, which stand in TXT records, and the look
//! that `easement doctor` takes at the world outside, and the addresses of servers that are connected to. It asks over UDP and, when the answer is cut, over
//! TCP; follows aliases of texts; and has a limit for everything that the other side chooses: time,
//! size, number of records, number of aliases.
//!
//! **What it is not for.** Resolving from the root, validating DNSSEC, answering questions.

mod addresses;
mod answer;
mod exchange;
mod message;
mod question;
mod resolver;
mod resolvers;

pub use self::addresses::{AddressesError, addresses_of};
pub use self::answer::{Answer, Code};
pub use self::exchange::{Transport, ask_once};
pub use self::question::{Question, Recursion};
pub use self::resolver::{LookupError, Resolver, TextAnswer};
pub use self::resolvers::Resolvers;
