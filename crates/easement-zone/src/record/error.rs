//! Why something is not the data of a record.

use super::RecordType;
use super::check::WireError;
use crate::scan::SyntaxError;
use crate::{NameError, UnknownRecordType};

/// Why something is not the data of a record.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DataError {
    /// More octets than a record can carry.
    #[error("the data has {octets} octets, and a record carries at most 65535")]
    TooLong {
        /// How many there are.
        octets: usize,
    },
    /// Data from the wire does not suit the type.
    #[error("the data does not suit {rtype} records: the {field} {problem}")]
    Wire {
        /// The type.
        rtype: RecordType,
        /// The field that is wrong.
        field: &'static str,
        /// What is wrong with it.
        problem: WireError,
    },
    /// The text cannot be split into words.
    #[error("`{text}` cannot be read: {problem}")]
    Syntax {
        /// The text.
        text: String,
        /// What is wrong with it.
        problem: SyntaxError,
    },
    /// One field of the text is wrong.
    #[error("`{text}` is not a valid {field} of {rtype} records: {problem}")]
    Field {
        /// The type.
        rtype: RecordType,
        /// The field.
        field: &'static str,
        /// Its text.
        text: String,
        /// What is wrong with it, and what to write instead.
        problem: FieldError,
    },
    /// The text ends before all fields are there.
    #[error("the {field} is missing: the data of {rtype} records is written as `{form}`")]
    Missing {
        /// The type.
        rtype: RecordType,
        /// The first field that is not there.
        field: &'static str,
        /// All fields in their order.
        form: String,
    },
    /// The text goes on after the last field.
    #[error("`{text}` is too much: the data of {rtype} records is written as `{form}`")]
    Extra {
        /// The type.
        rtype: RecordType,
        /// What follows the last field.
        text: String,
        /// All fields in their order.
        form: String,
    },
    /// A type without a text form of its own is not in the form of RFC 3597.
    #[error(
        "{rtype} records have no text form here: write `TYPE{} \\#`, the number of octets, and the data \
         in hexadecimal (RFC 3597), not `{text}`", rtype.number()
    )]
    NotGeneric {
        /// The type.
        rtype: RecordType,
        /// The text.
        text: String,
    },
    /// Data in the form of RFC 3597 has another length than it says.
    #[error("the data has {actual} octets, but `\\#` is followed by {declared}")]
    GenericLength {
        /// How many it says.
        declared: usize,
        /// How many there are.
        actual: usize,
    },
}

/// Why a text is not what a field has to be.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum FieldError {
    /// Not a number, or too great.
    #[error("write a whole number from 0 to {max}")]
    Number {
        /// The greatest that is allowed.
        max: u32,
    },
    /// Not a time.
    #[error("write seconds, or units as in 1h30m")]
    Seconds,
    /// Not an IPv4 address.
    #[error("write an IPv4 address such as 192.0.2.1")]
    Ipv4,
    /// Not an IPv6 address.
    #[error("write an IPv6 address such as 2001:db8::1")]
    Ipv6,
    /// Not a name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// Longer than a character string can be.
    #[error("it has {octets} octets, and at most 255 are allowed")]
    StringTooLong {
        /// How long it is.
        octets: usize,
    },
    /// Not a well-formed word.
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
    /// Nothing at all.
    #[error("it must not be empty")]
    Empty,
    /// Not letters and digits.
    #[error("write letters and digits only")]
    Tag,
    /// Not hexadecimal.
    #[error("write pairs of hexadecimal digits")]
    Hex,
    /// Not base64.
    #[error("write base64, with its final `=` signs")]
    Base64,
    /// Not a record type.
    #[error(transparent)]
    Type(#[from] UnknownRecordType),
    /// Not an address of `EUI48` or `EUI64`.
    #[error("write {octets} pairs of hexadecimal digits with hyphens between them")]
    Eui {
        /// How many octets the address has.
        octets: u8,
    },
    /// Not one of the kinds of gateway that `IPSECKEY` records have.
    #[error("the gateway type is 0 (none, written as `.`), 1 (IPv4), 2 (IPv6) or 3 (name)")]
    Gateway,
    /// Not a place on the earth.
    #[error(
        "write degrees, minutes and seconds with N or S, the same with E or W, and metres of altitude, as in \
         52 22 23 N 4 53 32 E -2m (RFC 1876)"
    )]
    Location,
    /// A parameter that is not known by name.
    #[error("`{key}` is not a parameter: write a name such as alpn, or key and a number")]
    UnknownParameter {
        /// The name.
        key: String,
    },
    /// A parameter is there twice.
    #[error("`{key}` is there twice")]
    RepeatedParameter {
        /// The name.
        key: String,
    },
    /// A parameter has a value that it cannot have.
    #[error("`{key}` needs {expected} (RFC 9460)")]
    ParameterValue {
        /// The name.
        key: String,
        /// What it needs.
        expected: &'static str,
    },
}

/// The beginning of a text, so that a message about it stays short and does nothing to a terminal.
pub(crate) fn excerpt(text: &str) -> String {
    const MOST: usize = 80;
    let mark = text.chars().nth(MOST).map(|_| '…');
    text.chars().take(MOST).map(printable).chain(mark).collect()
}

/// The character, or a sign in its place when it would change how a terminal shows what follows.
pub(crate) fn printable(character: char) -> char {
    match character {
        '\t' => '\t',
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => char::REPLACEMENT_CHARACTER,
        control if control.is_control() => char::REPLACEMENT_CHARACTER,
        other => other,
    }
}
