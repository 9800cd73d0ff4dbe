//! Addresses and methods that NameDrop does not have, answered as its clients read answers.

use super::RecordsError;

/// No such address.
pub(crate) async fn nothing_here() -> RecordsError {
    RecordsError::NothingHere
}

/// Another method.
pub(crate) async fn method_not_allowed() -> RecordsError {
    RecordsError::Method
}
