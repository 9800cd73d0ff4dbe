//! What every request of a device or program with an API token meets around its handler.
//!
//! **What it is for.** An answer in time, and in the form of the protocol that was asked in, also when the handler was
//! too slow or broke; the headers of section 4.3 of ApertoDNS 1.4.0; and the id that the client gave its request.
//!
//! **What it is not for.** Any answer of a handler: those are in the folders with the names of the protocols.
//!
//! **To add a protocol**, add it to [`Dialect`], and its paths to the table there.

mod around;
mod dialect;

pub(crate) use self::around::{Around, NoAnswer, answer};
use self::dialect::Dialect;
