//! Calls for records (NameDrop 0.4.0, "Getting and setting records"): from a body to names, types and
//! values that the permissions open.

mod fault;
mod place;
mod read;
mod resolve;
mod scalar;
mod value;

pub use self::fault::{CallError, RecordFault, Refusal, RefusedRecord};
pub use self::read::{Action, Conflicting, RecordCall, RequestedRecord};
pub use self::resolve::{Listing, ResolvedCall, ResolvedRecord};
