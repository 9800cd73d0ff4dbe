//! Backups: everything that is kept, in one file that SQLite and PostgreSQL can both be filled from.
//!
//! **What it is for.** [`back_up`] writes what one moment held, beside a running server and without
//! making it wait. [`verify`] reads such a file to its end, and [`restore`] fills an empty database from
//! it, or another one in its place, as a whole or not at all.
//!
//! **What it is not for.** Taking back a change of one zone: that is a plan like any other, made from
//! [`Store::changes_between`](crate::Store::changes_between).
//!
//! **To keep another table**, name it in `tables.rs`: a test fails until somebody has decided.

mod archive;
mod databases;
mod error;
mod fill;
mod keep;
mod present;
mod read;
mod restore;
mod rows;
mod swap;
mod tables;

pub use self::archive::{ArchiveError, BackupSummary, TableCount};
pub use self::error::{BackupError, RestoreError};
pub use self::read::{back_up, verify};
pub use self::restore::{Existing, Restored, restore};

/// Something that hears how many rows have been read or written so far, and the last number again while what
/// was restored is put in its place.
pub type Progress<'p> = &'p mut (dyn FnMut(u64) + Send);
