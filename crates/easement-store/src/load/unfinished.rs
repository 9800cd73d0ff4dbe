//! A zone that is being read: its folded records, with newer changes laid over them.

use std::collections::HashMap;
use std::fmt;

use easement_core::{Version, ZoneId};
use easement_zone::{InsertError, Name, RecordSet, RecordType, Serial, ZoneBuilder};

use super::LoadedZone;
use crate::database::row;
use crate::journal::{ChangeRow, CommitRow};
use crate::packed::{split, unpack_ttl};
use crate::rows::At;
use crate::{DomainConnect, StoreError};

/// A zone that is being read.
pub(super) struct UnfinishedZone {
    id: i64,
    version: Version,
    serial: Serial,
    domain_connect: DomainConnect,
    builder: ZoneBuilder,
    /// What the journal made of record sets since they were folded.
    newer: HashMap<(Name, RecordType), Option<RecordSet>>,
}

impl UnfinishedZone {
    fn at(&self) -> At<i64> {
        At {
            table: "zone",
            id: self.id,
        }
    }

    /// Notes a commit of the journal. Its changes may be folded in part.
    pub(super) fn advance(&mut self, commit: &CommitRow) -> Result<(), StoreError> {
        let at = self.at();
        let version = Version(at.number("folded_version", commit.version)?);
        if version > self.version.next() {
            let gap = format!("version {version} follows version {}", self.version);
            return Err(at.corrupt("folded_version", gap));
        }
        self.version = version;
        self.serial = Serial::new(at.number("folded_serial", commit.serial)?);
        Ok(())
    }

    pub(super) fn lay_over(&mut self, change: &ChangeRow) -> Result<(), StoreError> {
        let (before, after) = change.sets()?;
        if let Some(set) = after.as_ref().or(before.as_ref()) {
            let key = (set.owner().clone(), set.rtype());
            self.newer.insert(key, after);
        }
        Ok(())
    }

    /// Adds a folded record set, unless the journal has a newer one. There may be millions, so nothing
    /// is made of a row that is not needed.
    pub(super) fn add_stored(&mut self, row: &SetRow<'_>) -> Result<(), StoreError> {
        let at = row.at();
        let rtype = RecordType::from_number(at.number("rtype", row.rtype)?);
        if !self.newer.is_empty() {
            let key = (at.name("spelling", row.spelling)?, rtype);
            if let Some(newer) = self.newer.remove(&key) {
                return self.add(newer);
            }
        }
        let ttl = unpack_ttl(row.ttl).map_err(|error| at.corrupt("ttl", error))?;
        if row.data.is_empty() {
            return Err(at.corrupt("data", "there are no records"));
        }
        for wire in split(row.data) {
            let wire = wire.map_err(|error| at.corrupt("data", error))?;
            self.builder
                .insert_wire(row.spelling, rtype, ttl, wire)
                .map_err(|error| {
                    let column = match error {
                        InsertError::Owner(_) | InsertError::Zone(_) => "spelling",
                        InsertError::Data(_) => "data",
                    };
                    at.corrupt(column, error)
                })?;
        }
        Ok(())
    }

    fn add(&mut self, set: Option<RecordSet>) -> Result<(), StoreError> {
        let Some(set) = set else {
            return Ok(());
        };
        let at = self.at();
        self.builder
            .insert(set)
            .map_err(|error| at.corrupt("apex", error))
    }

    pub(super) fn finish(mut self) -> Result<LoadedZone, StoreError> {
        for (_, set) in std::mem::take(&mut self.newer) {
            self.add(set)?;
        }
        let at = self.at();
        let contents = self
            .builder
            .finish()
            .map_err(|error| at.corrupt("apex", error))?;
        Ok(LoadedZone {
            id: ZoneId::new(self.id),
            contents: contents.with_serial(self.serial),
            version: self.version,
            domain_connect: self.domain_connect,
        })
    }
}

//------------ Rows ------------------------------------------------------------------------------

row! {
    pub(super) struct HeadRow {
        id: i64,
        spelling: String,
        domain_connect: bool,
        folded_version: i64,
        folded_serial: i64,
    }
}

impl TryFrom<HeadRow> for UnfinishedZone {
    type Error = StoreError;

    fn try_from(row: HeadRow) -> Result<Self, StoreError> {
        let at = At {
            table: "zone",
            id: row.id,
        };
        Ok(Self {
            id: row.id,
            version: Version(at.number("folded_version", row.folded_version)?),
            serial: Serial::new(at.number("folded_serial", row.folded_serial)?),
            domain_connect: row.domain_connect.into(),
            builder: ZoneBuilder::new(at.text("spelling", &row.spelling)?),
            newer: HashMap::new(),
        })
    }
}

row! {
    /// A row of `record_set`, where the database's own memory has it.
    pub(super) struct SetRow<'r> {
        zone_id: i64,
        spelling: &'r [u8],
        rtype: i64,
        ttl: i64,
        data: &'r [u8],
    }
}

impl<'r> SetRow<'r> {
    /// The row, for the message when it makes no sense; it costs nothing before.
    fn at(&self) -> At<SetPlace<'r>> {
        At {
            table: "record_set",
            id: SetPlace {
                zone_id: self.zone_id,
                spelling: self.spelling,
                rtype: self.rtype,
            },
        }
    }
}

#[derive(Clone, Copy)]
struct SetPlace<'r> {
    zone_id: i64,
    spelling: &'r [u8],
    rtype: i64,
}

impl fmt::Display for SetPlace<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            zone_id,
            spelling,
            rtype,
        } = self;
        write!(f, "zone {zone_id}, owner {spelling:02x?}, type {rtype}")
    }
}
