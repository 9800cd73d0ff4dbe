//! Why a call changes nothing.

use std::fmt;

use easement_zone::{DataError, Name, NameError, RecordType, Ttl, UnknownRecordType, Violation};

use super::{RecordCall, RequestedRecord};
use crate::{RecordDocument, RecordKind, Scope};

/// Why a body is no call.
///
/// ```
/// use namedrop::{Action, CallError, RecordCall};
///
/// let error = RecordCall::parse(Action::Create, b"{").unwrap_err();
/// assert_eq!(error, CallError::NotJson { line: 1, column: 1 });
/// assert_eq!(error.status(), 400);
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CallError {
    /// It is too long.
    #[error(
        "the body has {octets} octets, and at most {} are read",
        RecordCall::MAX_OCTETS
    )]
    TooLarge {
        /// How long it is.
        octets: usize,
    },
    /// It is no JSON, or no object, or has a member twice.
    #[error("the body is not a JSON object of a call: look at line {line}, column {column}")]
    NotJson {
        /// The line, counted from one.
        line: usize,
        /// The column.
        column: usize,
    },
    /// A member has another type.
    #[error("`{field}` must be {wanted}")]
    Field {
        /// Which one, with the way to it.
        field: String,
        /// What it must be.
        wanted: &'static str,
    },
    /// A member is too long.
    #[error("`{field}` is too long: at most {most} octets are read")]
    TooLong {
        /// Which one, with the way to it.
        field: String,
        /// The most octets.
        most: usize,
    },
    /// There is nothing to do.
    #[error("`records` must have at least one record")]
    NoRecords,
    /// There is too much to do.
    #[error(
        "{count} records are too many for one call: send at most {}",
        RecordCall::MAX_RECORDS
    )]
    TooManyRecords {
        /// How many.
        count: usize,
    },
}

impl CallError {
    /// The status of the answer.
    pub fn status(&self) -> u16 {
        match self {
            Self::TooLarge { .. } => 413,
            Self::NotJson { .. }
            | Self::Field { .. }
            | Self::TooLong { .. }
            | Self::NoRecords
            | Self::TooManyRecords { .. } => 400,
        }
    }
}

//------------ Refusal ---------------------------------------------------------------------------

/// Everything that is wrong with the records of a call; at least one thing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    /// What is wrong.
    pub records: Vec<RefusedRecord>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RefusedRecord {
    /// What.
    pub fault: RecordFault,
    /// With which record; nothing when it is about the call as a whole.
    pub requested: Option<RequestedRecord>,
    /// The records that are in the way, as far as whoever asks may see them.
    pub conflicting: Vec<RecordDocument>,
}

impl Refusal {
    /// About the call as a whole.
    pub(crate) fn whole(fault: RecordFault) -> Self {
        Self {
            records: vec![RefusedRecord {
                fault,
                requested: None,
                conflicting: Vec::new(),
            }],
        }
    }

    /// The status of the answer.
    pub fn status(&self) -> u16 {
        let is_forbidden = self.records.iter().any(|one| one.fault.is_forbidden());
        if is_forbidden { 403 } else { 400 }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, one) in self.records.iter().enumerate() {
            let between = if index > 0 { "; " } else { "" };
            write!(f, "{between}{}", one.fault)?;
        }
        Ok(())
    }
}

impl std::error::Error for Refusal {}

/// What is wrong with a record.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RecordFault {
    // Where
    /// The domain is no name.
    #[error("`{text}` is not a domain")]
    Domain {
        /// What was sent.
        text: String,
    },
    /// No domain, and several are permitted.
    #[error("say which `domain` is meant: the token is for several")]
    NoDomain,
    /// Records of several zones.
    #[error("the records are in {one} and in {other}: send a call for each domain")]
    SeveralDomains {
        /// The domain of one.
        one: String,
        /// The domain of another.
        other: String,
    },
    /// The host is none.
    #[error(
        "`{text}` is not a host: write it relative to the domain, with letters, digits, hyphens and \
         underscores, and no final dot"
    )]
    Host {
        /// What was sent.
        text: String,
    },
    /// No host, and several are permitted.
    #[error(
        "say which `host` is meant, in the record or beside `records`: the token is for several"
    )]
    NoHost,
    /// The name is too long.
    #[error(transparent)]
    Name(#[from] NameError),

    // What
    /// No type.
    #[error(transparent)]
    Type(#[from] UnknownRecordType),
    /// A type of other servers.
    #[error("{text} records are not offered here: use CNAME, or A and AAAA at the domain itself")]
    AliasType {
        /// The type.
        text: String,
    },
    /// No value.
    #[error("`value` is missing")]
    NoValue,
    /// A control character in the value.
    #[error("`value` has a control character")]
    ControlCharacter,
    /// The value is no address.
    #[error("`{text}` is not an address for {rtype} records")]
    Address {
        /// The type.
        rtype: RecordType,
        /// What was sent.
        text: String,
    },
    /// The value is no name.
    #[error("`{text}` is not the name of a host")]
    Target {
        /// What was sent.
        text: String,
    },
    /// The value is no text in quotation marks.
    #[error(transparent)]
    Text(#[from] DataError),
    /// No priority, or one that is too great.
    #[error("`priority` must be a whole number from 0 to 65535, or stand in front of the value")]
    Priority,
    /// Two priorities.
    #[error("`priority` says {priority} and the value {in_value}: leave one out")]
    TwoPriorities {
        /// The member.
        priority: u32,
        /// What the value begins with.
        in_value: u32,
    },

    // May it
    /// No scope opens it.
    #[error("no scope opens this {rtype} record at {}", owner.to_text())]
    NotOpened {
        /// The name.
        owner: Name,
        /// The type.
        rtype: RecordType,
    },
    /// The token is not for it.
    #[error("the token has no permission {scope} for {}", subject.to_text())]
    NotPermitted {
        /// The scope that would open it.
        scope: Scope,
        /// The host.
        subject: Name,
    },
    /// The token is for other domains.
    #[error("the token has no permission for {}", domain.to_text())]
    OtherDomain {
        /// The domain.
        domain: Name,
    },

    // Can it
    /// It is there already.
    #[error("the record exists already: use set-records to replace it")]
    Exists,
    /// It is in the call twice.
    #[error("the record is in the call twice: leave one out")]
    Repeated,
    /// A name can have one, and has one.
    #[error("{} can have one record of this kind ({})", owner.to_text(), kind.words())]
    Singular {
        /// The name.
        owner: Name,
        /// The kind.
        kind: RecordKind,
    },
    /// A `CNAME` is alone at its name (RFC 2181 section 10.1).
    #[error("{} would have a CNAME record and others, and a CNAME must be alone", owner.to_text())]
    CnameNotAlone {
        /// The name.
        owner: Name,
    },
    /// Other servers answer for the name.
    #[error("{} is delegated to other servers: ask there", delegation.to_text())]
    Delegated {
        /// The delegated name.
        delegation: Name,
    },
    /// The name is in another zone.
    #[error("{} is a zone of its own, which the token is not for", apex.to_text())]
    OtherZone {
        /// Its apex.
        apex: Name,
    },
    /// The zone would break a rule.
    #[error("{0}")]
    Rule(Violation),
    /// The zone changed meanwhile.
    #[error("the zone changed meanwhile: try again")]
    Stale,
    /// Too many records of one access.
    #[error("{most} records are the most that an access may hold: delete some first")]
    TooManyHeld {
        /// The most, in all calls together.
        most: usize,
    },
    /// Too many records to list.
    #[error("there are more than {most} records: name a `host`")]
    TooManyToList {
        /// The most that are listed.
        most: usize,
    },
}

impl RecordFault {
    /// Whether it is about permissions, rather than about what was asked.
    pub fn is_forbidden(&self) -> bool {
        match self {
            Self::NotOpened { .. }
            | Self::NotPermitted { .. }
            | Self::OtherDomain { .. }
            | Self::OtherZone { .. } => true,
            Self::Domain { .. }
            | Self::NoDomain
            | Self::SeveralDomains { .. }
            | Self::Host { .. }
            | Self::NoHost
            | Self::Name(_)
            | Self::Type(_)
            | Self::AliasType { .. }
            | Self::NoValue
            | Self::ControlCharacter
            | Self::Address { .. }
            | Self::Target { .. }
            | Self::Text(_)
            | Self::Priority
            | Self::TwoPriorities { .. }
            | Self::Exists
            | Self::Repeated
            | Self::Singular { .. }
            | Self::CnameNotAlone { .. }
            | Self::Delegated { .. }
            | Self::Rule(_)
            | Self::Stale
            | Self::TooManyHeld { .. }
            | Self::TooManyToList { .. } => false,
        }
    }
}

/// The shortest and longest TTLs; others become the nearest.
pub(crate) const TTL_LIMITS: (Ttl, Ttl) = (Ttl::MINUTE, DAY);
const DAY: Ttl = match Ttl::from_secs(86_400) {
    Ok(day) => day,
    Err(_) => Ttl::MAX,
};
