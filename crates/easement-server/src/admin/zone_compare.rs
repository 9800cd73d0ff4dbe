//! What a zone file changes in a zone that is there.

use std::fmt::Write as _;
use std::sync::Arc;

use easement_core::Version;
use easement_zone::{ChangeSet, Merged, RecordSetKey, Serial, Zone, ZoneSnapshot, diff, merge};

use super::execute::AdminContext;
use super::progress::Reporter;
use super::zones::no_such_zone;
use super::{AdminFailure, CompareWith, ComparedBecause, ComparedWith, FailureKind};
use crate::aside::aside;

/// How many record sets a refusal names.
const NAMED: usize = 20;

/// What has to change and what stays as others made it, and which version the file was compared with: the one it
/// was made from, as its serial number says.
pub(super) async fn compare(
    context: &AdminContext,
    current: &Arc<ZoneSnapshot>,
    (file, wish): (Zone, CompareWith),
    reporter: &Reporter,
) -> Result<(Merged, ComparedWith), AdminFailure> {
    let (compared_with, meanwhile) = choose(context, current, file.serial(), wish).await?;
    let (ours, theirs) = (current.zone().set_count(), file.set_count());
    let words = format!("comparing {theirs} record sets of the file with {ours} of the zone");
    reporter.say(words).await;
    let (apex, current) = (file.apex().to_text(), Arc::clone(current));
    let merging = aside(move || {
        let differences = diff(current.zone(), &file);
        merge(&differences, &meanwhile)
    });
    let merged = merging
        .await?
        .map_err(|torn| refuse(&apex, compared_with, &torn))?;
    Ok((merged, compared_with))
}

/// Which version a file with this serial number is compared with, and what changed since then.
async fn choose(
    context: &AdminContext,
    current: &ZoneSnapshot,
    file: Serial,
    wish: CompareWith,
) -> Result<(ComparedWith, ChangeSet), AdminFailure> {
    let newest = Version(current.version());
    let serial = current.zone().serial();
    let with_newest = |because| {
        let compared = ComparedWith {
            version: newest,
            serial: serial.number(),
            newest,
            because,
        };
        (compared, ChangeSet::new())
    };
    if wish == CompareWith::Newest {
        return Ok(with_newest(ComparedBecause::Asked));
    }
    if file == serial {
        return Ok(with_newest(ComparedBecause::SerialOfFile));
    }
    let apex = current.zone().apex();
    let entry = context.store.zone_by_apex(apex).await?;
    let entry = entry.ok_or_else(|| no_such_zone(apex))?;
    // A version beyond the newest was made after the zone was looked at.
    let version = context.store.version_with_serial(entry.id, file).await?;
    let Some(version) = version.filter(|version| *version < newest) else {
        let file = file.number();
        return Ok(with_newest(ComparedBecause::UnknownSerial { file }));
    };
    let compared = ComparedWith {
        version,
        serial: file.number(),
        newest,
        because: ComparedBecause::SerialOfFile,
    };
    let meanwhile = context.store.changes_between(entry.id, version..newest);
    Ok((compared, meanwhile.await?))
}

/// A record set as people name it.
pub(super) fn named(key: &RecordSetKey) -> String {
    format!("{} {}", key.owner.to_text(), key.rtype)
}

fn refuse(apex: &str, compared: ComparedWith, torn: &[RecordSetKey]) -> AdminFailure {
    let ComparedWith {
        version, serial, ..
    } = compared;
    let mut message = format!(
        "the zone file was not imported: it was made from version {version} of {apex} (serial {serial}), \
         and others have changed since, in another way, what it changes:"
    );
    for key in torn.iter().take(NAMED) {
        let _ = write!(message, "\n  {}", named(key));
    }
    if torn.len() > NAMED {
        let _ = write!(message, "\n  and {} more", torn.len() - NAMED);
    }
    let hint = "export the zone again and make the change in that file; or, with --ignore-serial, take this \
        file for the whole zone";
    AdminFailure::new(FailureKind::Conflict, message).with_hint(hint)
}
