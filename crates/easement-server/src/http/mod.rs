//! What every request meets, whatever its URL: the client's address, request ids, headers, limits,
//! who is asking.

mod begun;
mod bind;
mod client_address;
mod connection;
pub(crate) mod entity_tag;
pub(crate) mod foreign_form;
mod foreign_page;
mod form;
#[cfg(test)]
mod hostile_tests;
pub(crate) mod listener;
mod network_limit;
pub(crate) mod request_id;
mod seats;
pub(crate) mod security_headers;
pub(crate) mod tls;
pub(crate) mod visitor;

pub(crate) use self::bind::{bind, bind_datagrams};
pub(crate) use self::client_address::{address_of, source_of};
pub(crate) use self::foreign_page::is_of_a_foreign_page;
pub(crate) use self::form::{AddressQuery, Fields, PathParts, PostedForm};
pub(crate) use self::network_limit::NetworkLimit;
pub(crate) use self::visitor::{Member, Visitor};
