//! Zone files (RFC 1035 section 5): read with errors that point at their place, written canonical and
//! readable.
//!
//! **What it is for.** Import and export of zones that people write and other servers keep. What is
//! read was either understood in full or is refused; nothing is guessed. Reading what was written
//! gives the same zone.
//!
//! **What it is not for.** Transfers, and the storage of this server.
//!
//! ```
//! use easement_zone::{RecordType, zonefile};
//!
//! let text = "\
//! $ORIGIN example.com.
//! $TTL 1h
//! @    SOA  ns1.example.net. hostmaster 1 2h 15m 2w 5m
//!      NS   ns1.example.net.
//! www  A    192.0.2.1
//! ";
//! let file = zonefile::read(text, &zonefile::ReadOptions::default())?;
//! assert!(file.zone.get(&"www.example.com".parse()?, RecordType::A).is_some());
//! assert!(file.warnings.is_empty());
//!
//! let error = zonefile::read(&text.replace("0.2.1", "0.2.x"), &zonefile::ReadOptions::default());
//! assert_eq!(error.unwrap_err().to_string(), "\
//! 5:11: `192.0.2.x` is not a valid address of A records: write an IPv4 address such as 192.0.2.1
//!   www  A    192.0.2.x
//!             ^");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod edit;
mod error;
mod line;
mod read;
mod shade;
mod warning;
mod write;

#[cfg(test)]
mod tests;

pub use self::edit::{EditError, SerialEdit, edit};
pub use self::error::{Position, Problem, ZoneFileError, ZoneFileErrors};
pub use self::read::{Occluded, ReadOptions, ZoneFile, decode, read, read_counting};
pub use self::warning::Warning;
pub use self::write::write;
