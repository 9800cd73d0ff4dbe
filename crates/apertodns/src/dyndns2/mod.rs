//! DynDNS2: `GET /nic/update`, as routers and clients send it.
//!
//! Nobody wrote this protocol down. What is read and answered here is what clients were seen to send and
//! understand, with the additions of deSEC (ways to keep, delete and rewrite addresses);
//! `docs/protocols/apertodns.md` has it in full.
//!
//! ```
//! use apertodns::address::{Addresses, AddressChange, DocumentationRanges};
//! use apertodns::dyndns2::{Reply, ReplyLine, UpdateCall};
//!
//! let query = [("hostname", "a.example.com,b.example.com"), ("myip", "9.9.9.9,2620:fe::fe")];
//! let call = UpdateCall::parse(query, None)?;
//! let source = "149.112.112.112".parse()?;
//! let lines = call.targets.iter().map(|target| match &target.wish {
//!     Ok(wish) => match wish.changes(Some(source), DocumentationRanges::Refuse) {
//!         Ok(changes) => ReplyLine::Good(changes.apply(&Addresses::default())),
//!         Err(fault) => fault.reply_line(),
//!     },
//!     Err(fault) => fault.reply_line(),
//! });
//! let reply = Reply::new(lines.collect());
//! assert_eq!(reply.to_string(), "good 9.9.9.9,2620:fe::fe\ngood 9.9.9.9,2620:fe::fe");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod call;
pub(crate) mod parameters;
mod reply;
pub(crate) mod value;
mod wish;

pub use self::call::{CallError, Target, UpdateCall, WildcardWish};
pub use self::reply::{Credentials, Reply, ReplyLine, UnknownReply};
pub use self::wish::{FamilyWish, HostWish, TargetFault};
