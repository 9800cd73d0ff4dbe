//! What is asked.

use easement_zone::{Name, RecordType};

/// One question.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Question {
    /// About which name.
    pub name: Name,
    /// For records of which type.
    pub rtype: RecordType,
    /// Who is asked.
    pub recursion: Recursion,
}

/// Who is asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Recursion {
    /// A resolver, which is to find the answer elsewhere.
    Wanted,
    /// A name server, about what it has itself.
    NotWanted,
}

impl Question {
    /// A question for a resolver.
    pub fn to_resolver(name: Name, rtype: RecordType) -> Self {
        Self {
            name,
            rtype,
            recursion: Recursion::Wanted,
        }
    }

    /// A question for a name server.
    pub fn to_name_server(name: Name, rtype: RecordType) -> Self {
        Self {
            name,
            rtype,
            recursion: Recursion::NotWanted,
        }
    }
}
