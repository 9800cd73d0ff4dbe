//! The request that checks the store.

use std::sync::Arc;

use easement_core::Version;
use easement_store::{Finding, Served, StoreError, Verified, VerifyProgress};
use serde::{Deserialize, Serialize};

use super::execute::AdminContext;
use super::progress::{Progress, Reporter};
use super::{AdminFailure, AdminReply};

/// What a check of the store found.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct StoreVerified {
    /// How many zones were checked.
    pub zones: u64,
    /// How many commits their journals have.
    pub commits: u64,
    /// How many changes of record sets these made.
    pub changes: u64,
    /// How many record sets the zones have now.
    pub record_sets: u64,
    /// How many services are connected to them.
    pub services: u64,
    /// What is wrong; empty when all is well.
    pub findings: Vec<FindingLine>,
    /// How many more findings there are.
    pub more_findings: u64,
}

/// One thing that is wrong.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct FindingLine {
    /// The zone; none when it is about the store as a whole.
    pub zone: Option<String>,
    /// The version of the zone.
    pub version: Option<Version>,
    /// A short word that stays the same.
    pub code: String,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

/// Checks the store, and the zones in memory.
pub(super) async fn verify(
    context: &AdminContext,
    reporter: &Reporter,
) -> Result<AdminReply, AdminFailure> {
    let verified = run(context, Served::EveryZone, reporter).await?;
    Ok(AdminReply::StoreVerified(verified.into()))
}

/// Checks a store whose zones cannot be loaded.
pub(super) async fn verify_unloaded(
    context: &AdminContext,
    error: &StoreError,
    reporter: &Reporter,
) -> Result<AdminReply, AdminFailure> {
    let verified = run(context, Served::Nothing, reporter).await?;
    let verified = verified.with_not_loadable(error);
    Ok(AdminReply::StoreVerified(verified.into()))
}

async fn run(
    context: &AdminContext,
    served: Served,
    reporter: &Reporter,
) -> Result<Verified, StoreError> {
    let progress = Arc::new(VerifyProgress::default());
    let verifying = context.store.verify(served, &progress);
    reporter.report_during(|| words(&progress), verifying).await
}

fn words(progress: &VerifyProgress) -> Progress {
    let detail = match progress.zones() {
        0 => "the database checks itself".to_owned(),
        _ => format!("{} rows read", progress.rows()),
    };
    Progress {
        what: "zones".to_owned(),
        done: progress.zones_done(),
        all: progress.zones(),
        detail,
    }
}

impl From<Verified> for StoreVerified {
    fn from(verified: Verified) -> Self {
        Self {
            zones: verified.zones,
            commits: verified.commits,
            changes: verified.changes,
            record_sets: verified.record_sets,
            services: verified.services,
            findings: verified.findings.iter().map(FindingLine::from).collect(),
            more_findings: verified.more_findings,
        }
    }
}

impl From<&Finding> for FindingLine {
    fn from(finding: &Finding) -> Self {
        Self {
            zone: finding.zone.clone(),
            version: finding.version,
            code: finding.problem.code().to_owned(),
            problem: finding.problem.to_string(),
            remedy: finding.problem.remedy().to_string(),
        }
    }
}
