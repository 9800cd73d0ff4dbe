//! The journal of one zone, replayed: every commit is checked against those before it.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use easement_core::{ChangeSize, Version};
use easement_zone::{ChangeSet, Name, RecordSet, RecordType, Serial, Soa};

use super::Problem;
use super::finding::Findings;
use crate::StoreError;
use crate::history::{CommitRow, version_column};
use crate::journal::ChangeRow;

/// The record sets of a zone: which there are, and what each holds in short.
pub(super) type Sets = BTreeMap<SetKey, Fingerprint>;

/// A zone as its journal made it, up to the change that was added last.
#[derive(Debug, Default)]
pub(super) struct Replay {
    sets: Sets,
    /// The commit whose changes are being added.
    open: Option<OpenCommit>,
    /// The commit before it.
    before: Option<Step>,
    commits: u64,
    changes: u64,
}

/// What a commit made of a zone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Step {
    pub(super) id: i64,
    pub(super) version: Version,
    pub(super) serial: Serial,
}

impl Step {
    /// What a row says, whatever else is wrong with it.
    fn of(row: &CommitRow) -> Result<Self, StoreError> {
        let at = row.at();
        Ok(Self {
            id: row.id,
            version: Version(at.number("version", row.version)?),
            serial: Serial::new(at.number("serial", row.serial)?),
        })
    }

    pub(super) fn version_column(self) -> i64 {
        version_column(self.version)
    }
}

#[derive(Debug)]
struct OpenCommit {
    step: Step,
    /// What the commit says about itself, when that makes sense.
    stored: Option<ChangeSize>,
    counted: ChangeSize,
    next_position: i64,
}

impl Replay {
    // Query

    /// The newest version, complete or not.
    pub(super) fn newest(&self) -> Option<Step> {
        self.open.as_ref().map(|open| open.step).or(self.before)
    }

    pub(super) fn sets(&self) -> &Sets {
        &self.sets
    }

    pub(super) fn commits(&self) -> u64 {
        self.commits
    }

    pub(super) fn changes(&self) -> u64 {
        self.changes
    }

    // Change

    /// Begins the next commit, which ends the one before.
    pub(super) fn begin(
        &mut self,
        row: CommitRow,
        findings: &mut Findings,
    ) -> Result<(), StoreError> {
        self.end(findings);
        self.commits += 1;
        let next = self
            .before
            .map_or(Version::default(), |before| before.version)
            .next();
        let step = Step::of(&row);
        let version = step.as_ref().map_or(next, |step| step.version);
        let entry = findings.add_row(Some(version), row.into_entry())?;
        let Ok(step) = step else {
            return Ok(());
        };
        check_order(self.before, step, findings);
        self.open = Some(OpenCommit {
            step,
            stored: entry.map(|entry| entry.size),
            counted: ChangeSize::default(),
            next_position: 0,
        });
        Ok(())
    }

    /// Adds the next change of the commit that was begun last.
    pub(super) fn add(
        &mut self,
        row: &ChangeRow,
        findings: &mut Findings,
    ) -> Result<(), StoreError> {
        self.changes += 1;
        let version = self.newest().map(|step| step.version);
        let Some(open) = &mut self.open else {
            // The commit makes no sense, which was noted.
            return Ok(());
        };
        let found = row.place().change_position;
        if found != open.next_position {
            let expected = open.next_position;
            findings.add(version, Problem::MissingChange { expected, found });
        }
        open.next_position = found.saturating_add(1);
        if let Some((before, after)) = findings.add_row(version, row.sets())? {
            let key = before.as_ref().or(after.as_ref()).map(SetKey::of);
            let key = findings.add_row(version, key.ok_or_else(|| row.is_nothing()))?;
            if let Some(key) = key {
                let is_expected = self.sets.get(&key) == before.as_ref().map(fingerprint).as_ref();
                if !is_expected {
                    let (owner, rtype) = key.parts();
                    findings.add(version, Problem::Before { owner, rtype });
                }
                put(&mut self.sets, key, after.as_ref());
            }
            count(&mut open.counted, before, after);
        }
        Ok(())
    }

    /// Ends the commit that was begun last: all of its changes were added.
    pub(super) fn end(&mut self, findings: &mut Findings) {
        let Some(open) = self.open.take() else {
            return;
        };
        let (version, counted) = (Some(open.step.version), open.counted);
        if let Some(stored) = open.stored.filter(|stored| *stored != counted) {
            findings.add(version, Problem::Size { stored, counted });
        }
        if let Some(before) = self.before {
            let has_changes = open.next_position > 0;
            check_serial(before.serial, open.step, has_changes, findings);
        }
        self.before = Some(open.step);
    }
}

fn put(sets: &mut Sets, key: SetKey, after: Option<&RecordSet>) {
    match after {
        Some(set) => sets.insert(key, fingerprint(set)),
        None => sets.remove(&key),
    };
}

fn count(size: &mut ChangeSize, before: Option<RecordSet>, after: Option<RecordSet>) {
    let mut change = ChangeSet::new();
    change.record(before, after);
    let one = ChangeSize::of(&change);
    size.sets += one.sets;
    size.added += one.added;
    size.removed += one.removed;
}

/// Versions follow each other without a gap, and so do the commits that made them.
fn check_order(before: Option<Step>, step: Step, findings: &mut Findings) {
    let after = before.map_or(Version::default(), |before| before.version);
    if step.version != after.next() {
        let found = step.version;
        findings.add(Some(found), Problem::MissingVersion { after, found });
    }
    if let Some(before) = before.filter(|before| before.id >= step.id) {
        let (id, before) = (step.id, before.id);
        findings.add(Some(step.version), Problem::CommitOrder { id, before });
    }
}

/// Secondaries take a zone for newer by its serial number (RFC 1982), and by nothing else.
fn check_serial(before: Serial, step: Step, has_changes: bool, findings: &mut Findings) {
    let serial = step.serial;
    if has_changes && before.partial_cmp(&serial) != Some(std::cmp::Ordering::Less) {
        findings.add(Some(step.version), Problem::SerialBack { before, serial });
    }
    if !has_changes && serial != before {
        findings.add(Some(step.version), Problem::SerialMoved { before, serial });
    }
}

//------------ SetKey ----------------------------------------------------------------------------

/// A name in lower case and a type, in one piece to save memory: the wire form of the name and two
/// octets. No name's wire form begins with another's, so these sort as the table `record_set` does.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct SetKey(Box<[u8]>);

impl SetKey {
    pub(super) fn new(owner: &Name, rtype: RecordType) -> Self {
        let owner = owner.to_lowercase();
        Self(
            [owner.as_wire(), &rtype.number().to_be_bytes()]
                .concat()
                .into(),
        )
    }

    pub(super) fn of(set: &RecordSet) -> Self {
        Self::new(set.owner(), set.rtype())
    }

    /// The name and the type.
    pub(super) fn parts(&self) -> (Name, RecordType) {
        match self.0.split_last_chunk() {
            Some((owner, rtype)) => (
                Name::from_wire(owner).unwrap_or_else(|_| Name::root()),
                RecordType::from_number(u16::from_be_bytes(*rtype)),
            ),
            // A key has two octets for the type at least.
            None => (Name::root(), RecordType::from_number(0)),
        }
    }
}

//------------ Fingerprint -----------------------------------------------------------------------

/// What a record set holds, in eight octets: a million record sets are compared without keeping them.
/// That two differ and have one fingerprint happens once in many billions of damaged sets.
pub(super) type Fingerprint = u64;

/// The fingerprint of TTL and data; spelling does not count, and neither does the serial number.
pub(super) fn fingerprint(set: &RecordSet) -> Fingerprint {
    let mut hasher = DefaultHasher::new();
    set.ttl().as_secs().hash(&mut hasher);
    for data in set.data() {
        match Soa::from_data(data) {
            Some(soa) => {
                let serial = Serial::new(0);
                Soa { serial, ..soa }.to_data().hash(&mut hasher);
            }
            None => data.hash(&mut hasher),
        }
    }
    hasher.finish()
}
