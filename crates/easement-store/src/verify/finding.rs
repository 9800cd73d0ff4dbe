//! What a verification found.

use easement_core::Version;

use super::Problem;
use crate::StoreError;

/// What a verification looked at, and what is wrong.
#[derive(Clone, Debug, Default)]
pub struct Verified {
    /// Zones.
    pub zones: u64,
    /// Commits of their journals.
    pub commits: u64,
    /// Record sets that these changed.
    pub changes: u64,
    /// Record sets that all zones have now.
    pub record_sets: u64,
    /// Connected services.
    pub services: u64,
    /// What is wrong, in the order in which it was found.
    pub findings: Vec<Finding>,
    /// How many more findings there are that were left out: a zone that is damaged everywhere is damaged,
    /// and naming each of its million records helps nobody.
    pub more_findings: u64,
}

impl Verified {
    /// Whether nothing is wrong.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The apex of the zone, as it is stored; none when it is about the store as a whole.
    pub zone: Option<String>,
    /// The version of the zone.
    pub version: Option<Version>,
    /// What is wrong.
    pub problem: Problem,
}

//------------ Findings --------------------------------------------------------------------------

/// Findings about one zone, or about no zone: so many are kept, and the others counted.
#[derive(Debug, Default)]
pub(super) struct Findings {
    zone: Option<String>,
    list: Vec<Finding>,
    more: u64,
}

/// The most findings about one zone.
const MAX_IN_ZONE: usize = 20;
/// The most findings about everything.
const MAX_IN_ALL: usize = 1_000;

impl Findings {
    pub(super) fn about(zone: String) -> Self {
        Self {
            zone: Some(zone),
            ..Self::default()
        }
    }

    pub(super) fn add(&mut self, version: Option<Version>, problem: Problem) {
        if self.list.len() == MAX_IN_ZONE {
            self.more += 1;
            return;
        }
        self.list.push(Finding {
            zone: self.zone.clone(),
            version,
            problem,
        });
    }

    /// Notes a row that makes no sense. Any other failure is not about what is stored and stays one.
    pub(super) fn add_row<T>(
        &mut self,
        version: Option<Version>,
        row: Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        match row {
            Ok(value) => Ok(Some(value)),
            Err(StoreError::Corrupt(corrupt)) => {
                self.add(version, Problem::Row(corrupt));
                Ok(None)
            }
            Err(
                error @ (StoreError::Unavailable { .. }
                | StoreError::Failed { .. }
                | StoreError::Stopped),
            ) => Err(error),
        }
    }

    /// Notes what the database cannot read of its own tables. That it cannot be asked is an error.
    pub(super) fn note<T>(
        &mut self,
        outcome: Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        match outcome {
            Ok(value) => Ok(Some(value)),
            Err(StoreError::Failed { doing, cause }) => {
                let said = format!("while trying to {doing}: {cause}");
                self.add(None, Problem::Unreadable { said });
                Ok(None)
            }
            outcome @ Err(
                StoreError::Corrupt(_) | StoreError::Unavailable { .. } | StoreError::Stopped,
            ) => self.add_row(None, outcome),
        }
    }

    pub(super) fn move_to(self, verified: &mut Verified) {
        verified.more_findings += self.more;
        for finding in self.list {
            if verified.findings.len() == MAX_IN_ALL {
                verified.more_findings += 1;
            } else {
                verified.findings.push(finding);
            }
        }
    }
}
