//! Changing a zone file by hand's measure: only the lines that have to change.
//!
//! Comments, order, blank lines, columns and line ends of everything else stay as they are. What was
//! written is read again and must be exactly the zone that was wanted; otherwise nothing is given.

mod compose;
mod layout;

#[cfg(test)]
mod tests;

use self::compose::Composer;
use self::layout::Layout;
pub(super) use self::layout::Words;
use super::{ReadOptions, ZoneFileErrors, read};
use crate::{ApplyError, ChangeSet, Serial};

/// What becomes of the serial number of the zone.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum SerialEdit {
    /// It stays, for tools that set it themselves.
    Keep,
    /// The next one.
    #[default]
    Increment,
    /// This one when it is later (RFC 1982), and else the next one: for numbers that are made of a date.
    AtLeast(Serial),
}

/// Makes changes in the text of a zone file.
///
/// A removed record takes its line with it, and the comment on that line. A record that is replaced by
/// another of its set changes in place, and keeps that comment: first the one that is like it (a host with its
/// host, a text with one that begins alike), then, but for texts, the next one. A new record stands below the last one of its name, or at the end.
///
/// ```
/// use easement_zone::zonefile::{self, ReadOptions, SerialEdit};
/// use easement_zone::{ChangeSet, RecordData, RecordSet, RecordType, Ttl};
///
/// let text = "\
/// $ORIGIN example.com.
/// $TTL 1h
/// @    SOA  ns1.example.net. hostmaster 1 2h 15m 2w 5m
///      NS   ns1.example.net.
/// ; the website
/// www  A    192.0.2.1  ; old
/// ";
/// let options = ReadOptions::default();
/// let zone = zonefile::read(text, &options)?.zone;
/// let mut changes = ChangeSet::new();
/// let www = "www.example.com".parse()?;
/// let before = zone.get(&www, RecordType::A);
/// let after = RecordSet::single(www, Ttl::HOUR, RecordData::a([192, 0, 2, 2].into()));
/// changes.record(before, Some(after));
/// let edited = zonefile::edit(text, &options, &changes, SerialEdit::Increment)?;
/// assert_eq!(edited, text.replace("0.2.1", "0.2.2").replace("hostmaster 1", "hostmaster 2"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn edit(
    text: &str,
    options: &ReadOptions,
    changes: &ChangeSet,
    serial: SerialEdit,
) -> Result<String, EditError> {
    let zone = read(text, options)?.zone;
    let mut wanted = zone.apply(changes)?;
    let number = match serial {
        SerialEdit::Keep => zone.serial(),
        SerialEdit::AtLeast(number) if number > zone.serial() => number,
        SerialEdit::Increment | SerialEdit::AtLeast(_) => wanted.serial(),
    };
    if changes.is_empty() {
        return Ok(text.to_owned());
    }
    wanted = wanted.with_serial(number);
    let layout = Layout::of(text, options).ok_or(EditError::Signed)?;
    let edited = Composer::new(text, &layout, zone.apex()).edited(changes, number);
    match read(&edited, options) {
        Ok(file) if file.zone == wanted => Ok(edited),
        Ok(_) | Err(_) => Err(EditError::Unfaithful),
    }
}

/// Why a zone file cannot be changed. Nothing of it is.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The text is no zone file.
    #[error(transparent)]
    Read(#[from] ZoneFileErrors),
    /// The changes do not suit the zone.
    #[error("the changes do not suit the zone: {0}")]
    Apply(#[from] ApplyError),
    /// Signatures would not fit any more.
    #[error("the zone file is signed: change the unsigned file that it was made from")]
    Signed,
    /// The new text would not be what was wanted.
    #[error(
        "the zone file is laid out in a way that cannot be changed safely: write it anew, or change it by hand"
    )]
    Unfaithful,
}
