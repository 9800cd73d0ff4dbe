//! Standing rights of service providers: asking a person for one, and showing and ending those that they gave.

mod agreed;
mod consent;
mod list;
mod names;
mod place;
mod revoke;
#[cfg(test)]
mod samples;
mod show;

pub use self::agreed::AgreedView;
pub use self::consent::{Choice, GrantConsentPage, GrantState};
pub use self::list::{GrantRow, GrantsPage};
pub use self::names::{GrantNames, OpenedRow};
pub use self::place::{GrantPlace, GrantedRow, InTheWay};
pub use self::revoke::RevokeGrantPage;
pub use self::show::{GrantPage, WiderTemplate};
