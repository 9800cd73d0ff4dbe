//! Record data as text.

use std::fmt;

use super::{DataError, RecordData, RecordType};

impl RecordData {
    /// Reads data in presentation format, with absolute names.
    pub fn from_text(rtype: RecordType, text: &str) -> Result<Self, DataError> {
        Err(DataError::Text {
            rtype,
            text: text.to_owned(),
            reason: String::new(),
        })
    }
}

impl fmt::Display for RecordData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\\# {}", self.as_wire().len())
    }
}
