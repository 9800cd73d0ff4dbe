//! One zone, checked from its first commit to what DNS answers.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use easement_core::ServiceEntry;
use easement_zone::{Name, ZoneSnapshot};

use super::finding::Findings;
use super::folded::FoldedCheck;
use super::moment::Moment;
use super::read::{HeadRow, Span, read_changes, read_commits, read_folded};
use super::replay::{Replay, SetKey, Sets, Step};
use super::served::check_served;
use super::{Problem, Served, Verified, VerifyProgress};
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
    /// Whether this node did not follow the others, though it was waited for.
    pub(super) is_left_behind: Arc<AtomicBool>,
}

/// What came of one zone.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) apex: Option<Name>,
    findings: Findings,
    commits: u64,
    changes: u64,
    record_sets: u64,
    services: u64,
}

impl Checked {
    pub(super) fn add_to(self, verified: &mut Verified) {
        verified.zones += 1;
        verified.commits += self.commits;
        verified.changes += self.changes;
        verified.record_sets += self.record_sets;
        verified.services += self.services;
        self.findings.move_to(verified);
    }
}

impl ZoneChecker {
    /// Checks a zone as one transaction sees it; nothing when it is gone.
    pub(super) async fn check(self, zone: i64) -> Result<Option<Checked>, StoreError> {
        let Some(moment) = self.begin(zone).await? else {
            return Ok(None);
        };
        let Moment {
            mut tx,
            head,
            served,
        } = moment;
        let mut findings = Findings::about(head.title());
        check_apex(&head, &mut findings);
        let mut replay = Replay::default();
        let checked = self
            .check_history(&mut tx, &head, &mut replay, &mut findings)
            .await;
        let is_whole = findings.note(checked)?.is_some();
        if is_whole {
            self.check_memory(&head, served.as_deref(), &replay, &mut findings);
        } else {
            // A transaction in which something failed reads nothing more.
            tx = self.db.begin_reading().await?;
        }
        let records = is_whole.then_some(replay.sets());
        let services = check_services(&mut tx, zone, records, &mut findings).await;
        let services = findings.note(services)?.unwrap_or_default();
        Ok(Some(Checked {
            apex: head.spelling.parse().ok(),
            findings,
            commits: replay.commits(),
            changes: replay.changes(),
            record_sets: count(replay.sets().len()),
            services,
        }))
    }

    /// Replays the journal, and compares the folded records when it has come to the fold position.
    async fn check_history(
        &self,
        tx: &mut Tx,
        head: &HeadRow,
        replay: &mut Replay,
        findings: &mut Findings,
    ) -> Result<(), StoreError> {
        let fold = read_position(tx).await?;
        let folded = Span {
            zone: head.id,
            after: Position::BEGINNING,
            to: fold,
        };
        self.replay(tx, &folded, replay, findings).await?;
        check_folded_to(head, replay, findings);
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
        self.replay(tx, &unfolded, replay, findings).await?;
        replay.end(findings);
        if replay.commits() == 0 {
            findings.add(None, Problem::NoCommit);
        }
        Ok(())
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
        served: Option<&ZoneSnapshot>,
        replay: &Replay,
        findings: &mut Findings,
    ) {
        match self.served {
            Served::Nothing => return,
            Served::EveryZone => {}
        }
        let version = replay.newest().map(|step| step.version);
        let Some(served) = served else {
            findings.add(version, Problem::NotServed);
            return;
        };
        let has_discovery = served.discovery().is_some();
        if self.serving.discovery.is_some() && has_discovery != head.domain_connect {
            findings.add(version, Problem::ServedDiscovery);
        }
        check_served(served, replay, findings);
    }
}

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

/// Every service can be read, is found by what it consists of, and its records are among those of the
/// zone, when these are known. Gives how many there are.
async fn check_services(
    tx: &mut Tx,
    zone: i64,
    records: Option<&Sets>,
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
        if let Some(records) = records {
            check_service_records(&entry, records, findings);
        }
    }
    Ok(services)
}

fn check_service_records(entry: &ServiceEntry, records: &Sets, findings: &mut Findings) {
    for owned in &entry.service.records {
        let (owner, rtype) = (&owned.record.owner, owned.record.data.rtype());
        if !records.contains_key(&SetKey::new(owner, rtype)) {
            let problem = Problem::ServiceRecord {
                service: entry.id,
                owner: owner.clone(),
                rtype,
            };
            findings.add(None, problem);
        }
    }
}

fn count(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
