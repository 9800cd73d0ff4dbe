//! What is not as it should be in a template, and does no harm.

use std::fmt;

/// Something in a template that is not as it should be, and does no harm.
///
/// ```
/// use domain_connect::{NoteKind, Template, TemplateNote};
///
/// let (_template, notes) = Template::from_json(r#"{
///     "providerId": "p.example", "providerName": "P", "serviceId": "s", "serviceName": "S",
///     "records": [{"type": "A", "host": "@", "pointsTo": "192.0.2.1"}]
/// }"#)?;
/// let note: &TemplateNote = &notes[0];
/// assert_eq!((note.record, &note.kind), (Some(1), &NoteKind::NoTtl));
/// assert_eq!(note.to_string(), "record 1: no ttl is given; the policy of this server decides");
/// # Ok::<(), domain_connect::TemplateError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TemplateNote {
    /// Which record, counted from one; none when it is about the template as a whole.
    pub record: Option<usize>,
    /// What it is.
    pub kind: NoteKind,
}

/// What a [`TemplateNote`] is about.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NoteKind {
    /// A word is not spelled as the draft spells it.
    #[error("{field} is spelled `{text}`, and was understood all the same")]
    Spelling {
        /// The field.
        field: &'static str,
        /// Its value.
        text: String,
    },
    /// A property is there twice, with the same value.
    #[error("a property is there twice, with the same value both times")]
    Repeated,
    /// No TTL is given.
    #[error("no ttl is given; the policy of this server decides")]
    NoTtl,
    /// No host is given.
    #[error("no host is given; the host that the template is applied to is used")]
    NoHost,
    /// A variable has the name of a parameter with a meaning of its own.
    #[error(
        "the variable %{name}% has the name of a parameter of the protocol, so no request can give it a value"
    )]
    ReservedVariable {
        /// The name.
        name: String,
    },
}

impl fmt::Display for TemplateNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.record {
            Some(number) => write!(f, "record {number}: {}", self.kind),
            None => write!(f, "{}", self.kind),
        }
    }
}
