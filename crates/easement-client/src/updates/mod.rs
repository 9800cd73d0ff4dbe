//! Updates of addresses, for dynamic DNS.
//!
//! Each protocol has a value for where and as whom updates are sent, one for what is wished, and one method of
//! [`Client`](crate::Client). What an answer means is said by types; whether and when to try again is the caller's.

mod apertodns;
mod dyndns2;

pub use self::apertodns::{
    AddressUpdate, AddressWish, ApertoDnsError, ApertoDnsService, UpdatedHost,
};
pub use self::dyndns2::{DynDns2Error, DynDns2Service, DynDns2Update};
