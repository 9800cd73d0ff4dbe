//! Records: types, data, sets, TTLs and serial numbers.

mod check;
mod data;
mod error;
mod layout;
mod location;
mod parameters;
mod presentation;
mod record_type;
mod registry;
mod serial;
mod set;
mod ttl;

pub use self::check::WireError;
pub use self::data::RecordData;
pub use self::error::{DataError, FieldError};
pub(crate) use self::error::{excerpt, printable};
pub use self::record_type::{RecordType, UnknownRecordType};
pub use self::serial::Serial;
pub use self::set::{Record, RecordSet, RecordSetError};
pub(crate) use self::ttl::parse_seconds;
pub use self::ttl::{Ttl, TtlError};
