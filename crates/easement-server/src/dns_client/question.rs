//! What is asked.

use easement_zone::{Name, RecordType};

/// One question.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Question {
    pub(crate) name: Name,
    pub(crate) rtype: RecordType,
    pub(crate) recursion: Recursion,
}

/// Who is asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Recursion {
    /// A resolver, which is to find the answer elsewhere.
    Wanted,
    /// A name server, about what it has itself.
    NotWanted,
}

impl Question {
    /// A question for a resolver.
    pub(crate) fn to_resolver(name: Name, rtype: RecordType) -> Self {
        Self {
            name,
            rtype,
            recursion: Recursion::Wanted,
        }
    }

    /// A question for a name server.
    pub(crate) fn to_name_server(name: Name, rtype: RecordType) -> Self {
        Self {
            name,
            rtype,
            recursion: Recursion::NotWanted,
        }
    }
}
