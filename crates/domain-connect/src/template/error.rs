//! Why a text is not a template that can be used.

use std::fmt;

use easement_zone::{NameError, RecordType};

use super::PatternError;
use super::read::{MAX_RECORDS, MAX_TEMPLATE_OCTETS, SPEC_VERSION};
use crate::IdError;
use crate::json::{self, Place};

/// Why a text is not a template that can be used, and where.
///
/// ```
/// use domain_connect::Template;
///
/// let error = Template::from_json(r#"{
///     "providerId": "p.example", "providerName": "P", "serviceId": "s", "serviceName": "S",
///     "records": [{"type": "A", "host": "@", "pointsTo": "%ip", "ttl": 600}]
/// }"#).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "line 3, column 56 (/records/0/pointsTo): record 1 (A): `%ip` has a percent sign that no second \
///      one follows: write variables as %name%"
/// );
/// ```
#[derive(Debug)]
pub struct TemplateError {
    /// Where in the text, unless it is about the whole.
    pub place: Option<Box<Place>>,
    /// What is wrong.
    pub fault: TemplateFault,
}

impl TemplateError {
    /// Finds the place of a fault in the text.
    pub(super) fn locate(fault: TemplateFault, text: &str) -> Self {
        let place = match &fault {
            TemplateFault::TooLong { .. } => None,
            TemplateFault::Json(error) => Some(Place::at_line(text, error.line(), error.column())),
            TemplateFault::TooManyRecords { .. }
            | TemplateFault::SpecVersion { .. }
            | TemplateFault::Critical { .. }
            | TemplateFault::Id { .. }
            | TemplateFault::Domain { .. }
            | TemplateFault::Record { .. } => json::locate(text, &fault.pointer()),
        };
        Self {
            place: place.map(Box::new),
            fault,
        }
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The JSON library writes the place into its message.
        match &self.place {
            Some(place) if !matches!(self.fault, TemplateFault::Json(_)) => {
                write!(f, "{place}: {}", self.fault)
            }
            _ => self.fault.fmt(f),
        }
    }
}

impl std::error::Error for TemplateError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.fault.source()
    }
}

/// What is wrong with a template.
///
/// ```
/// use domain_connect::{RecordFault, Template, TemplateFault};
///
/// let error = Template::from_json(r#"{
///     "providerId": "p.example", "providerName": "P", "serviceId": "s", "serviceName": "S",
///     "records": [{"type": "A", "host": "@", "ttl": 600}]
/// }"#).unwrap_err();
/// let TemplateFault::Record { number, fault, .. } = error.fault else { unreachable!("a record is wrong") };
/// assert_eq!(number, 1);
/// assert_eq!(fault, RecordFault::Missing { field: "pointsTo" });
/// assert_eq!(fault.field(), "pointsTo");
/// ```
#[derive(Debug, thiserror::Error)]
pub enum TemplateFault {
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
        /// The record that it is in, counted from one; none when it is the template's own.
        record: Option<usize>,
    },
    /// An identifier or a name for people is not one.
    #[error("{source}")]
    Id {
        /// The property.
        property: &'static str,
        /// What is wrong.
        source: IdError,
    },
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

impl TemplateFault {
    /// What it is about, as a JSON pointer.
    fn pointer(&self) -> String {
        match self {
            Self::TooLong { .. } | Self::Json(_) => String::new(),
            Self::TooManyRecords { .. } => "/records".to_owned(),
            Self::SpecVersion { .. } => "/templateSpecVersion".to_owned(),
            Self::Critical { name, record: None } => format!("/{name}"),
            Self::Critical {
                name,
                record: Some(number),
            } => format!("/records/{}/{name}", number - 1),
            Self::Id { property, .. } | Self::Domain { property, .. } => format!("/{property}"),
            Self::Record { number, fault, .. } => {
                format!("/records/{}/{}", number - 1, fault.field())
            }
        }
    }
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
    #[error("{source}")]
    Pattern {
        /// The field.
        field: &'static str,
        /// What is wrong.
        source: PatternError,
    },
    /// The group's name is not one.
    #[error("{0}")]
    Group(IdError),
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

impl RecordFault {
    /// The field that it is about.
    pub fn field(&self) -> &'static str {
        match self {
            Self::Missing { field } | Self::Value { field, .. } | Self::Pattern { field, .. } => {
                field
            }
            Self::Group(_) => "groupId",
            Self::Type { .. } | Self::ForbiddenType { .. } => "type",
        }
    }
}
