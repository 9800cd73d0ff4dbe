//! Rules of the repository that no compiler checks: which crate may use which, what a pure crate must
//! not reach, and that the documents name only things that exist.
//!
//! **What it is for.** Each module holds one rule as a pure function over text, and proves on samples
//! that the rule can fail. `tests/it` applies them to this repository.
//!
//! **What it is not for.** Anything about DNS or Easement: it uses none of our crates.
//!
//! **To add a crate**, give it a place in [`Layer::of`]. **To let a pure crate reach something that is
//! forbidden**, add it to [`EXCEPTIONS`] or [`SOURCE_EXCEPTIONS`] with the reason. **To add a rule**,
//! write one more module.

mod arrows;
mod documents;
mod purity;
mod sources;
mod tree;

pub use crate::arrows::{Layer, WrongArrow, check_arrows};
pub use crate::documents::{Document, Kind, UnknownName, check_document};
pub use crate::purity::{EXCEPTIONS, Exception, Impurity, check_purity, unused_exceptions};
pub use crate::sources::{OutsideUse, SOURCE_EXCEPTIONS, SourceException, check_source};
pub use crate::tree::{Package, paths};
