//! A zone in memory, compared with its replayed journal.

use easement_core::Version;
use easement_zone::ZoneSnapshot;

use super::finding::Findings;
use super::replay::{Replay, SetKey, fingerprint};
use super::{Disagreement, Problem};

/// Compares a zone in memory with the newest version in the database.
pub(super) fn check_served(served: &ZoneSnapshot, replay: &Replay, findings: &mut Findings) {
    let Some(stored) = replay.newest() else {
        return;
    };
    let version = Version(served.version());
    if version != stored.version {
        let problem = Problem::ServedVersion {
            served: version,
            stored: stored.version,
        };
        findings.add(Some(version), problem);
        return;
    }
    let serial = served.zone().serial();
    if serial != stored.serial {
        let problem = Problem::ServedSerial {
            served: serial,
            stored: stored.serial,
        };
        findings.add(Some(version), problem);
    }
    check_records(served, replay, findings);
}

fn check_records(served: &ZoneSnapshot, replay: &Replay, findings: &mut Findings) {
    let version = Some(Version(served.version()));
    let mut disagree = |key: &SetKey, disagreement| {
        let (owner, rtype) = key.parts();
        let problem = Problem::ServedRecords {
            owner,
            rtype,
            disagreement,
        };
        findings.add(version, problem);
    };
    let mut found = 0;
    for set in served.zone().sets() {
        let key = SetKey::of(&set);
        match replay.sets().get(&key) {
            None => disagree(&key, Disagreement::Extra),
            Some(expected) => {
                found += 1;
                if *expected != fingerprint(&set) {
                    disagree(&key, Disagreement::Differs);
                }
            }
        }
    }
    if found == replay.sets().len() {
        return;
    }
    for key in replay.sets().keys() {
        let (owner, rtype) = key.parts();
        if served.zone().get(&owner, rtype).is_none() {
            disagree(key, Disagreement::Missing);
        }
    }
}
