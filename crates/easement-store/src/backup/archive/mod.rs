//! The file: lines of JSON, compressed with gzip.
//!
//! The first line says what it is: version of the format, schema, time, newest commit. Then each table
//! is one line with its columns, followed by a line for each row. The last line holds the number of rows
//! and the SHA-256 of all lines before it, so a file that was cut off or changed is noticed. `zcat` shows
//! all of it.

mod format;
mod reader;
mod writer;

pub use self::format::{BackupSummary, TableCount};
pub(super) use self::format::{Column, Header, Kind, TableHead, Value};
pub use self::reader::ArchiveError;
pub(super) use self::reader::{ArchiveReader, Item};
pub(super) use self::writer::ArchiveWriter;

/// The version of the format that this program writes, and the newest that it reads.
pub(super) const FORMAT: u64 = 1;
