//! Record data as text: the presentation format of each type, and that of RFC 3597 for the rest.

mod generic;
mod mnemonics;
mod read;
mod write;

#[cfg(test)]
mod tests;

use std::fmt;

use super::check::{check, check_fingerprint};
use super::layout::layout;
use super::{DataError, RecordData, RecordType};
use crate::Name;
use crate::scan::{Comments, Scanner, Word};

pub(crate) use self::read::Misread;

impl RecordData {
    /// Reads data in presentation format. Every name in it is absolute, with or without its final
    /// dot; see [`RecordData::from_text_with_origin`] for names that are relative.
    ///
    /// ```
    /// use easement_zone::{RecordData, RecordType};
    ///
    /// let data = RecordData::from_text(RecordType::MX, "10 mail.example.com.")?;
    /// assert_eq!(data.to_string(), "10 mail.example.com.");
    ///
    /// let error = RecordData::from_text(RecordType::A, "192.0.2.256").unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "`192.0.2.256` is not a valid address of A records: \
    ///      write an IPv4 address such as 192.0.2.1"
    /// );
    /// # Ok::<(), easement_zone::DataError>(())
    /// ```
    pub fn from_text(rtype: RecordType, text: &str) -> Result<Self, DataError> {
        Self::from_text_with_origin(rtype, text, &Name::root())
    }

    /// Reads data in presentation format, in which names without a final dot are below `origin` and
    /// `@` is `origin` itself.
    ///
    /// Text of a `TXT` record that is longer than 255 octets is split. Data of every type may also be
    /// in the form of RFC 3597, and has to suit its type then.
    pub fn from_text_with_origin(
        rtype: RecordType,
        text: &str,
        origin: &Name,
    ) -> Result<Self, DataError> {
        let data = Self::read_text(rtype, text, origin)?;
        check_fingerprint(rtype, data.as_wire())?;
        Ok(data)
    }

    /// Reads data that was written by this program, and may be older than a check of new data.
    pub(crate) fn from_own_text(rtype: RecordType, text: &str) -> Result<Self, DataError> {
        Self::read_text(rtype, text, &Name::root())
    }

    fn read_text(rtype: RecordType, text: &str, origin: &Name) -> Result<Self, DataError> {
        let syntax = |problem| DataError::Syntax {
            text: super::error::excerpt(text),
            problem,
        };
        let mut words = Vec::new();
        let mut scanner = Scanner::new(text, Comments::Refuse);
        while let Some(entry) = scanner.next_entry() {
            words.extend(entry.map_err(|error| syntax(error.problem))?.words);
        }
        Self::read_words(rtype, &words, origin).map_err(|misread| misread.error)
    }

    /// Reads data from words, and says at which of them it failed.
    pub(crate) fn from_words(
        rtype: RecordType,
        words: &[Word<'_>],
        origin: &Name,
    ) -> Result<Self, Misread> {
        let data = Self::read_words(rtype, words, origin)?;
        check_fingerprint(rtype, data.as_wire()).map_err(|error| Misread {
            at: words.last().map(|word| word.at),
            error,
        })?;
        Ok(data)
    }

    fn read_words(rtype: RecordType, words: &[Word<'_>], origin: &Name) -> Result<Self, Misread> {
        let marked = words
            .split_first()
            .filter(|(first, _)| first.is_generic_mark());
        let wire = match (marked, layout(rtype)) {
            (Some((_, rest)), _) => generic::read(rtype, rest)?,
            (None, Some(fields)) => read::fields(rtype, fields, words, origin)?,
            (None, None) => return Err(generic::not_generic(rtype, words)),
        };
        Self::from_wire(rtype, &wire).map_err(Misread::somewhere)
    }

    /// The words of the presentation format. Names are absolute, or relative to `origin`.
    ///
    /// Data that does not suit its type, which can only come from a damaged store, is written in the
    /// form of RFC 3597.
    pub(crate) fn to_words(&self, origin: Option<&Name>) -> Vec<String> {
        match layout(self.rtype()) {
            Some(fields) if check(self.rtype(), self.as_wire()).is_ok() => {
                write::fields(fields, self.as_wire(), origin)
            }
            Some(_) | None => generic::write(self.as_wire()),
        }
    }
}

impl fmt::Display for RecordData {
    /// Writes the data in presentation format, with absolute names.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, word) in self.to_words(None).iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            f.write_str(word)?;
        }
        Ok(())
    }
}
