//! One zone, checked from its first commit to what DNS answers.

use std::collections::VecDeque;
use std::sync::Arc;

use easement_core::{ServiceEntry, Version};
use easement_zone::{HostedZone, Name, ZoneSnapshot};

use super::finding::Findings;
use super::folded::FoldedCheck;
use super::read::{HeadRow, Span, read_changes, read_commits, read_folded, read_head};
use super::replay::{Replay, Step};
use super::served::{Standing, check_served};
use super::{Problem, Served, VerifyProgress};
use crate::database::{Db, Tx};
use crate::history::CommitRow;
use crate::journal::{Position, read_position};
use crate::services::read_services;
use crate::store::Publishing;
use crate::zones::apex_key;
use crate::{Serving, StoreError};

/// What is needed to check zones.
#[derive(Clone, Debug)]
pub(super) struct ZoneChecker {
    pub(super) db: Db,
    pub(super) serving: Serving,
    pub(super) publishing: Publishing,
    pub(super) served: Served,
    pub(super) progress: Arc<VerifyProgress>,
}

/// What came of one zone.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) findings: Findings,
    pub(super) commits: u64,
    pub(super) changes: u64,
    pub(super) record_sets: u64,
    pub(super) services: u64,
    /// The zone in memory, when it was older, and the version that it should come to.
    pub(super) behind: Option<(Arc<HostedZone>, Version)>,
}

impl ZoneChecker {
    /// Checks a zone as one transaction sees it; nothing when it is gone.
    pub(super) async fn check(self, zone: i64) -> Result<Option<Checked>, StoreError> {
        let Some((mut tx, head, hosted)) = self.begin(zone).await? else {
            return Ok(None);
        };
        let mut findings = Findings::about(head.title());
        check_apex(&head, &mut findings);
        let replay = self.check_history(&mut tx, &head, &mut findings).await?;
        let services = check_services(&mut tx, zone, &mut findings).await?;
        tx.commit().await?;
        let behind = self.check_memory(&head, hosted, &replay, &mut findings);
        Ok(Some(Checked {
            findings,
            commits: replay.commits(),
            changes: replay.changes(),
            record_sets: count(replay.sets().len()),
            services,
            behind,
        }))
    }

    /// Begins to read, together with the zone in memory of the same moment: nothing is published while
    /// the state of the database is chosen.
    async fn begin(&self, zone: i64) -> Result<Option<Begun>, StoreError> {
        let _publishing = self.publishing.lock().await;
        let mut tx = self.db.begin_reading().await?;
        let Some(head) = read_head(&mut tx, zone).await? else {
            return Ok(None);
        };
        let apex: Option<Name> = head.spelling.parse().ok();
        let hosted = apex.and_then(|apex| self.serving.hosted.get(&apex));
        let hosted = hosted.map(|hosted| {
            let snapshot = hosted.snapshot();
            (hosted, snapshot)
        });
        Ok(Some((tx, head, hosted)))
    }

    /// Replays the journal, and compares the folded records when it has come to the fold position.
    async fn check_history(
        &self,
        tx: &mut Tx,
        head: &HeadRow,
        findings: &mut Findings,
    ) -> Result<Replay, StoreError> {
        let fold = read_position(tx).await?;
        let mut replay = Replay::default();
        let folded = Span {
            zone: head.id,
            after: Position::BEGINNING,
            to: fold,
        };
        self.replay(tx, &folded, &mut replay, findings).await?;
        check_folded_to(head, &replay, findings);
        let mut records = FoldedCheck::new(replay.sets(), replay.newest());
        read_folded(tx, head.id, |row| {
            self.progress.read_row();
            records.add(&row, findings)
        })
        .await?;
        records.end(findings);
        let unfolded = Span {
            after: fold,
            to: Position::END,
            ..folded
        };
        self.replay(tx, &unfolded, &mut replay, findings).await?;
        replay.end(findings);
        if replay.commits() == 0 {
            findings.add(None, Problem::NoCommit);
        }
        Ok(replay)
    }

    /// Adds a span of the journal to what was replayed before.
    async fn replay(
        &self,
        tx: &mut Tx,
        span: &Span,
        replay: &mut Replay,
        findings: &mut Findings,
    ) -> Result<(), StoreError> {
        let mut after = replay.newest().map_or(i64::MIN, Step::version_column);
        // The span may begin with the rest of a commit.
        let mut rest = Some(after);
        loop {
            let page = read_commits(tx, span, after).await?;
            let Some(to) = page.last().map(|row| row.version).or(rest) else {
                return Ok(());
            };
            let from = rest.take().unwrap_or(after.saturating_add(1));
            let mut commits = VecDeque::from(page);
            read_changes(tx, span, (from, to), |change| {
                self.progress.read_row();
                let commit = change.place().commit_id;
                begin_up_to(commit, &mut commits, replay, findings)?;
                replay.add(&change, findings)
            })
            .await?;
            for commit in commits {
                replay.begin(commit, findings)?;
            }
            after = to;
        }
    }

    fn check_memory(
        &self,
        head: &HeadRow,
        hosted: Option<(Arc<HostedZone>, Arc<ZoneSnapshot>)>,
        replay: &Replay,
        findings: &mut Findings,
    ) -> Option<(Arc<HostedZone>, Version)> {
        match self.served {
            Served::Nothing => return None,
            Served::EveryZone => {}
        }
        let version = replay.newest().map(|step| step.version);
        let Some((hosted, snapshot)) = hosted else {
            findings.add(version, Problem::NotServed);
            return None;
        };
        let has_discovery = snapshot.discovery().is_some();
        if self.serving.discovery.is_some() && has_discovery != head.domain_connect {
            findings.add(version, Problem::ServedDiscovery);
        }
        match check_served(&snapshot, replay, findings) {
            Standing::Same => None,
            Standing::Behind { stored } => Some((hosted, stored)),
        }
    }
}

type Begun = (Tx, HeadRow, Option<(Arc<HostedZone>, Arc<ZoneSnapshot>)>);

/// Begins the commits up to the one that a change belongs to. Those without changes end at once.
fn begin_up_to(
    commit: i64,
    commits: &mut VecDeque<CommitRow>,
    replay: &mut Replay,
    findings: &mut Findings,
) -> Result<(), StoreError> {
    let is_open = replay.newest().is_some_and(|step| step.id == commit);
    if is_open || !commits.iter().any(|row| row.id == commit) {
        return Ok(());
    }
    while let Some(row) = commits.pop_front() {
        let id = row.id;
        replay.begin(row, findings)?;
        if id == commit {
            break;
        }
    }
    Ok(())
}

fn check_apex(head: &HeadRow, findings: &mut Findings) {
    let key = head.spelling.parse().map(|apex: Name| apex_key(&apex));
    if key.as_ref() != Ok(&head.apex) {
        let apex = head.apex.clone();
        findings.add(None, Problem::Apex { apex });
    }
}

fn check_folded_to(head: &HeadRow, replay: &Replay, findings: &mut Findings) {
    let newest = replay.newest();
    let expected_version = newest.map_or(0, Step::version_column);
    let expected_serial = newest.map_or(0, |step| i64::from(step.serial.number()));
    let (version, serial) = (head.folded_version, head.folded_serial);
    if (version, serial) != (expected_version, expected_serial) {
        let problem = Problem::FoldedTo {
            version,
            serial,
            expected_version,
            expected_serial,
        };
        findings.add(newest.map(|step| step.version), problem);
    }
}

/// Every service can be read, and is found by what it consists of. Gives how many there are.
async fn check_services(
    tx: &mut Tx,
    zone: i64,
    findings: &mut Findings,
) -> Result<u64, StoreError> {
    let rows = read_services(tx, zone).await?;
    let services = count(rows.len());
    for row in rows {
        let stored = (row.provider.clone(), row.service.clone(), row.host.clone());
        let entry = findings.add_row(None, ServiceEntry::try_from(row))?;
        let Some(entry) = entry else {
            continue;
        };
        let key = &entry.service.key;
        let known = (
            key.provider_id.to_string(),
            key.service_id.to_string(),
            key.host.to_string(),
        );
        if stored != known {
            findings.add(None, Problem::ServiceKey { service: entry.id });
        }
    }
    Ok(services)
}

fn count(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
