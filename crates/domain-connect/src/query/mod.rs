//! The query of an apply URL (draft-ietf-dconn-domainconnect-05 section 8.3.1).

mod apply;
mod pairs;

pub use self::apply::{ApplyQuery, QueryError, RequestError};
pub(crate) use self::pairs::Repeated;
pub use self::pairs::{Pair, RawQuery};
