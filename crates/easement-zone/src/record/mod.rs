//! Records: types, data, sets, TTLs and serial numbers.

mod data;
mod layout;
mod presentation;
mod record_type;
mod serial;
mod set;
mod ttl;

pub use self::data::{DataError, RecordData};
pub use self::record_type::{RecordType, UnknownRecordType};
pub use self::serial::Serial;
pub use self::set::{Record, RecordSet, RecordSetError};
pub use self::ttl::{Ttl, TtlError};
