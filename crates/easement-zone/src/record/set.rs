//! Record sets: all records of one owner and type, with one TTL.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{RecordData, RecordType, Ttl};
use crate::Name;

/// One record, apart from its set.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Record {
    /// The name it belongs to.
    pub owner: Name,
    /// What it says.
    pub data: RecordData,
}

/// All records of one owner and type: never empty, without duplicates, in canonical order, with one
/// TTL (RFC 2181 section 5).
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RecordSetParts", into = "RecordSetParts")]
pub struct RecordSet {
    owner: Name,
    rtype: RecordType,
    ttl: Ttl,
    data: Arc<[RecordData]>,
}

impl RecordSet {
    /// Puts records together; duplicates become one.
    pub fn new(
        owner: Name,
        ttl: Ttl,
        data: impl IntoIterator<Item = RecordData>,
    ) -> Result<Self, RecordSetError> {
        let mut data: Vec<RecordData> = data.into_iter().collect();
        if !data.is_sorted_by(|one, other| one < other) {
            data.sort();
            data.dedup();
        }
        let Some(first) = data.first() else {
            return Err(RecordSetError::Empty);
        };
        let rtype = first.rtype();
        if let Some(other) = data.iter().find(|data| data.rtype() != rtype) {
            return Err(RecordSetError::MixedTypes {
                first: rtype,
                other: other.rtype(),
            });
        }
        Ok(Self {
            owner,
            rtype,
            ttl,
            data: data.into(),
        })
    }

    /// Puts records of one type together that are in canonical order, and no two the same.
    pub(crate) fn from_sorted(
        owner: Name,
        (rtype, ttl): (RecordType, Ttl),
        data: impl IntoIterator<Item = RecordData>,
    ) -> Self {
        let mut data = data.into_iter();
        // Most sets have one record.
        let data = match (data.next(), data.next()) {
            (Some(only), None) => Arc::new([only]) as Arc<[RecordData]>,
            (first, second) => first.into_iter().chain(second).chain(data).collect(),
        };
        Self {
            owner,
            rtype,
            ttl,
            data,
        }
    }

    /// The set of one record.
    pub fn single(owner: Name, ttl: Ttl, data: RecordData) -> Self {
        Self {
            owner,
            rtype: data.rtype(),
            ttl,
            data: Arc::new([data]),
        }
    }

    /// The name that the records belong to.
    pub fn owner(&self) -> &Name {
        &self.owner
    }

    /// The type of the records.
    pub fn rtype(&self) -> RecordType {
        self.rtype
    }

    /// The TTL of the records.
    pub fn ttl(&self) -> Ttl {
        self.ttl
    }

    /// The data of each record, in canonical order.
    pub fn data(&self) -> &[RecordData] {
        &self.data
    }

    /// Each record by itself.
    pub fn records(&self) -> impl Iterator<Item = Record> + '_ {
        self.data.iter().map(|data| Record {
            owner: self.owner.clone(),
            data: data.clone(),
        })
    }

    /// The same records with another TTL.
    #[must_use]
    pub fn with_ttl(mut self, ttl: Ttl) -> Self {
        self.ttl = ttl;
        self
    }
}

/// What a record set is written as.
#[derive(Serialize, Deserialize)]
struct RecordSetParts {
    owner: Name,
    ttl: Ttl,
    data: Vec<RecordData>,
}

impl TryFrom<RecordSetParts> for RecordSet {
    type Error = RecordSetError;

    fn try_from(parts: RecordSetParts) -> Result<Self, RecordSetError> {
        Self::new(parts.owner, parts.ttl, parts.data)
    }
}

impl From<RecordSet> for RecordSetParts {
    fn from(set: RecordSet) -> Self {
        Self {
            owner: set.owner,
            ttl: set.ttl,
            data: set.data.to_vec(),
        }
    }
}

/// Why records do not make a set.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RecordSetError {
    /// There are none.
    #[error("a record set has at least one record")]
    Empty,
    /// They are of several types.
    #[error("a record set has records of one type, not both {first} and {other}")]
    MixedTypes {
        /// The type of one.
        first: RecordType,
        /// The type of another.
        other: RecordType,
    },
}
