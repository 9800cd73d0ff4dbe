//! What every request meets, whatever its URL: the client's address, request ids, headers, limits,
//! who is asking.

mod bind;
mod client_address;
mod connection;
pub(crate) mod entity_tag;
pub(crate) mod foreign_form;
mod form;
pub(crate) mod listener;
pub(crate) mod request_id;
mod seats;
pub(crate) mod security_headers;
pub(crate) mod visitor;

pub(crate) use self::bind::bind;
pub(crate) use self::client_address::client_address;
pub(crate) use self::form::{AddressQuery, Fields, PathParts, PostedForm};
pub(crate) use self::visitor::{Member, Visitor};
