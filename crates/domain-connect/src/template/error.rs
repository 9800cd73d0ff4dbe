//! Why a text is not a template that can be used.

use easement_zone::{NameError, RecordType};

use super::PatternError;
use super::read::{MAX_RECORDS, MAX_TEMPLATE_OCTETS, SPEC_VERSION};
use crate::IdError;

/// Why a text is not a template that can be used.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The text is too long.
    #[error("the template has {octets} octets, and at most {MAX_TEMPLATE_OCTETS} are read")]
    TooLong {
        /// How long it is.
        octets: usize,
    },
    /// There are too many records.
    #[error("the template has {records} records, and at most {MAX_RECORDS} are accepted")]
    TooManyRecords {
        /// How many there are.
        records: usize,
    },
    /// It is not JSON, or not of the right shape. The message names line and column.
    #[error("the template cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    /// It follows a later version of the format.
    #[error(
        "templateSpecVersion is {version}, and only {SPEC_VERSION} is understood: ask for a template in that version"
    )]
    SpecVersion {
        /// The version.
        version: String,
    },
    /// It has something that must be understood and is not.
    #[error("the template says that `{name}` must be understood, which this server does not")]
    Critical {
        /// The property or field.
        name: String,
    },
    /// An identifier or a name for people is not one.
    #[error(transparent)]
    Id(#[from] IdError),
    /// A property that should be a domain name is not one.
    #[error("{property}: `{text}` is not a domain name: {source}")]
    Domain {
        /// The property.
        property: &'static str,
        /// Its value.
        text: String,
        /// What is wrong.
        source: NameError,
    },
    /// A record is wrong.
    #[error("record {number} ({rtype}): {fault}")]
    Record {
        /// Which, counted from one.
        number: usize,
        /// Its type as it is written.
        rtype: String,
        /// What is wrong.
        fault: RecordFault,
    },
}

/// What is wrong with a record of a template.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RecordFault {
    /// A field is not there.
    #[error("the field `{field}` is missing")]
    Missing {
        /// The field.
        field: &'static str,
    },
    /// A field has a value that it cannot have.
    #[error("{field} is `{text}`, and must be {expected}")]
    Value {
        /// The field.
        field: &'static str,
        /// Its value.
        text: String,
        /// What it may be.
        expected: &'static str,
    },
    /// A text with variables cannot be read.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// The group's name is not one.
    #[error(transparent)]
    Group(#[from] IdError),
    /// There is no such type.
    #[error("`{text}` is not a record type")]
    Type {
        /// The text.
        text: String,
    },
    /// No template may write records of this type in this way.
    #[error("{rtype} records cannot be written by a template in this form")]
    ForbiddenType {
        /// The type.
        rtype: RecordType,
    },
}
