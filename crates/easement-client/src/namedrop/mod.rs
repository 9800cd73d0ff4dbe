//! NameDrop: names that an owner chooses, for an app that nobody registered.
//!
//! The way is: [`NameDrop::begin`], the owner's consent, [`PendingNames::read_return`] or
//! [`PendingNames::read_pasted`], [`NameDrop::exchange`], and then, for each change, [`NameDrop::refresh_if_due`] and
//! one of the calls for records; at last [`NameDrop::revoke`]. An app that has no name yet begins with [`NameDrop::temp_subdomain`].
//!
//! **Tokens go to the server that they came from, and nowhere else**: [`NamesAccess`] has its address, and a call at
//! another server is refused before anything is sent. Redirects are not followed.

mod access;
mod begin;
mod records;
mod revoke;
mod service;
mod temp;

pub use self::access::NamesAccess;
pub use self::begin::{NamesRequest, PendingNames};
pub use self::records::{NameRecord, RecordPlace, RecordsError, RefusedItem};
pub use self::service::{NameDrop, NamesRefreshError};
pub use self::temp::TempNameError;
