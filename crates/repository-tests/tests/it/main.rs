//! The rules of the repository, applied to it.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod arrows;
mod documents;
mod purity;
mod repository;
