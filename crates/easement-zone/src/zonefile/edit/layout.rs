//! Where the records of a zone file stand, and what each takes from the lines above it.

use std::ops::Range;

use super::super::ReadOptions;
use super::super::line::{Line, LineRecord, Lines};
use crate::Name;

/// The records in the order of the file.
pub(super) struct Layout {
    pub(super) places: Vec<Place>,
    /// What names are below at the end.
    pub(super) last_origin: Option<Name>,
}

/// A record in the file.
pub(super) struct Place {
    pub(super) record: LineRecord,
    /// What names are below here.
    pub(super) origin: Name,
}

impl Layout {
    /// Finds the records; nothing when some were made by signing, or the text is not what it was when it
    /// was read.
    pub(super) fn of(text: &str, options: &ReadOptions) -> Option<Self> {
        let mut lines = Lines::new(text, options.origin.clone(), options.default_ttl);
        let mut places = Vec::new();
        while let Some(line) = lines.next() {
            match line.ok()? {
                Line::Record(record) => places.push(Place {
                    record,
                    origin: lines.origin()?.clone(),
                }),
                Line::Signing { .. } => return None,
            }
        }
        Some(Self {
            last_origin: lines.origin().cloned(),
            places,
        })
    }
}

/// Where the words of a record stand.
#[derive(Clone, Debug, Default)]
pub(in crate::zonefile) struct Words {
    /// The line, or the lines that parentheses join, with the line end.
    pub(in crate::zonefile) line: Range<usize>,
    /// The owner, unless it is that of the record above.
    pub(in crate::zonefile) owner: Option<Range<usize>>,
    /// The TTL, when it is written.
    pub(in crate::zonefile) ttl: Option<Range<usize>>,
    /// Whether the TTL is that of the record above.
    pub(in crate::zonefile) takes_ttl: bool,
    /// The first word behind the owner.
    pub(in crate::zonefile) head: usize,
    /// The words of the data.
    pub(in crate::zonefile) data: Range<usize>,
    /// How many parentheses are opened among the words of the data and closed behind them; below zero, how
    /// many are closed among them and opened before.
    pub(in crate::zonefile) open: isize,
    /// The third word of the data: the serial number of a `SOA` record. Nothing in data of RFC 3597.
    pub(in crate::zonefile) third: Option<Range<usize>>,
}
