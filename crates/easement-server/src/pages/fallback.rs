//! Addresses where nothing is, and methods that are not for an address.

use super::PageError;

pub(crate) async fn show_not_found() -> PageError {
    PageError::NotFound
}

pub(crate) async fn show_method_not_allowed() -> PageError {
    PageError::MethodNotAllowed
}
