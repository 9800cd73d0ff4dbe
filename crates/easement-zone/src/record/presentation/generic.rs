//! The form of RFC 3597 section 5, which suits data of every type: `\#`, the number of octets, and the
//! octets in hexadecimal.

use super::read::{Misread, hex, joined, number};
use super::write;
use crate::record::error::excerpt;
use crate::record::{DataError, RecordType};
use crate::scan::Word;

/// Reads what follows `\#`.
pub(super) fn read(rtype: RecordType, words: &[Word<'_>]) -> Result<Vec<u8>, Misread> {
    let Some((length, digits)) = words.split_first() else {
        return Err(not_generic(rtype, words));
    };
    let declared = number::<u16>(length, u16::MAX.into());
    let (Ok(declared), Some(wire)) = (declared, hex(&joined(digits))) else {
        return Err(not_generic(rtype, words));
    };
    if wire.len() != usize::from(declared) {
        return Err(Misread {
            at: Some(length.at),
            error: DataError::GenericLength {
                declared: declared.into(),
                actual: wire.len(),
            },
        });
    }
    Ok(wire)
}

pub(super) fn not_generic(rtype: RecordType, words: &[Word<'_>]) -> Misread {
    let raw: Vec<&str> = words.iter().map(|word| word.raw).collect();
    Misread {
        at: words.first().map(|word| word.at),
        error: DataError::NotGeneric {
            rtype,
            text: excerpt(&raw.join(" ")),
        },
    }
}

/// The words of any data.
pub(super) fn write(data: &[u8]) -> Vec<String> {
    let mut words = vec!["\\#".to_owned(), data.len().to_string()];
    if !data.is_empty() {
        words.push(write::hex(data, ""));
    }
    words
}
