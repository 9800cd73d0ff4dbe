//! The folded records of one zone, compared with its replayed journal.

use std::collections::btree_map;
use std::iter::Peekable;

use easement_core::Version;
use easement_zone::{RecordSet, RecordType};

use super::finding::Findings;
use super::replay::{Fingerprint, SetKey, Sets, Step, fingerprint};
use super::{Disagreement, Problem};
use crate::StoreError;
use crate::database::row;
use crate::packed::unpack;
use crate::rows::At;

row! {
    /// A row of `record_set`.
    pub(super) struct FoldedRow {
        zone_id: i64,
        owner: Vec<u8>,
        rtype: i64,
        spelling: Vec<u8>,
        ttl: i64,
        data: Vec<u8>,
    }
}

impl FoldedRow {
    fn set(&self) -> Result<RecordSet, StoreError> {
        let at = At {
            table: "record_set",
            id: format!(
                "zone {}, owner {:02x?}, type {}",
                self.zone_id, self.owner, self.rtype
            ),
        };
        let owner = at.name("spelling", &self.spelling)?;
        if owner.to_lowercase().as_wire() != self.owner {
            let spelled = owner.to_text();
            return Err(at.corrupt("owner", format_args!("it is not {spelled} in lower case")));
        }
        let rtype = RecordType::from_number(at.number("rtype", self.rtype)?);
        unpack(&owner, rtype, self.ttl, &self.data).map_err(|error| at.corrupt("data", error))
    }
}

/// Goes through both in one order.
pub(super) struct FoldedCheck<'r> {
    expected: Peekable<btree_map::Iter<'r, SetKey, Fingerprint>>,
    version: Option<Version>,
}

impl<'r> FoldedCheck<'r> {
    /// Compares with these record sets, which are those of the zone at the fold position.
    pub(super) fn new(sets: &'r Sets, newest: Option<Step>) -> Self {
        Self {
            expected: sets.iter().peekable(),
            version: newest.map(|step| step.version),
        }
    }

    /// Compares the next row.
    pub(super) fn add(
        &mut self,
        row: &FoldedRow,
        findings: &mut Findings,
    ) -> Result<(), StoreError> {
        let Some(set) = findings.add_row(self.version, row.set())? else {
            return Ok(());
        };
        let key = SetKey::of(&set);
        while let Some((missing, _)) = self.expected.next_if(|(expected, _)| **expected < key) {
            self.disagree(missing, Disagreement::Missing, findings);
        }
        match self.expected.next_if(|(expected, _)| **expected == key) {
            None => self.disagree(&key, Disagreement::Extra, findings),
            Some((_, expected)) if *expected != fingerprint(&set) => {
                self.disagree(&key, Disagreement::Differs, findings);
            }
            Some(_) => {}
        }
        Ok(())
    }

    /// All rows were compared.
    pub(super) fn end(mut self, findings: &mut Findings) {
        while let Some((missing, _)) = self.expected.next() {
            self.disagree(missing, Disagreement::Missing, findings);
        }
    }

    fn disagree(&self, key: &SetKey, disagreement: Disagreement, findings: &mut Findings) {
        let (owner, rtype) = key.parts();
        let problem = Problem::Folded {
            owner,
            rtype,
            disagreement,
        };
        findings.add(self.version, problem);
    }
}
