//! Files that are no whole backup.

use std::fmt::Write as _;

use easement_store::StoreConfig;
use easement_store::backup::{ArchiveError, Existing, RestoreError, verify};

use super::{Files, back_up_octets, packed, restore_from, text_of};
use crate::furnished::{APEX, OTHER, furnish};
use crate::support::{Place, picture};

/// Files that look like this backup and are something else, with what must be said about each.
fn spoilt(backup: &[u8]) -> Vec<(Vec<u8>, &'static str)> {
    let text = text_of(backup);
    let mut spoilt = vec![
        (Vec::new(), "not a backup"),
        (b"$ORIGIN example.test.\n".to_vec(), "not a backup"),
        (packed("{\"hello\": 1}\n"), "not a backup"),
        (packed("\n"), "not a backup"),
        (packed("no line end"), "ends early"),
        (
            packed(&text.replace("\"easement_backup\":1", "\"easement_backup\":2")),
            "format 2",
        ),
        ([backup, b"more"].concat(), "changed or damaged"),
        ([backup, backup].concat(), "changed or damaged"),
        (packed(&format!("{text}{text}")), "changed or damaged"),
        (
            packed(&text.replace("owner@", "thief@")),
            "changed or damaged",
        ),
        (
            packed(&text.replace("[1,\"op@", "[\"1\",\"op@")),
            "the column id",
        ),
        (
            packed(&text.replace("[1,\"op@", "[1,1,\"op@")),
            "more or fewer values",
        ),
        (
            packed(&text.replace("{\"table\":\"account\"", "[1]\n{\"table\":\"account\"")),
            "before any table",
        ),
        (
            packed(&text.replace("{\"table\":\"account\"", "{\"sheet\":\"account\"")),
            "sheet",
        ),
    ];
    for tenth in 1..10 {
        let length = backup.len() * tenth / 10;
        spoilt.push((backup[..length].to_vec(), "ends early"));
        let mut changed = backup.to_vec();
        changed[length] ^= 0x10;
        // What gzip makes of it depends on the place.
        spoilt.push((changed, ""));
    }
    spoilt
}

/// The same, with a sum that fits: what somebody could make on purpose, or another program by mistake.
fn foreign(backup: &[u8]) -> Vec<(Vec<u8>, &'static str)> {
    let text = text_of(backup);
    let changes = [
        ("\"schema\":", "\"schema\":90", "schemas up to"),
        ("\"schema\":", "\"schema\":-", "no such schema"),
        (
            "{\"table\":\"zone_role\"",
            "{\"table\":\"zone_rule\"",
            "zone_rule",
        ),
        (
            "{\"table\":\"zone_role\"",
            "{\"table\":\"account\"",
            "second time",
        ),
        (
            "{\"name\":\"standing\"",
            "{\"name\":\"stand); DROP TABLE account; --\"",
            "other columns",
        ),
        ("\"owner@example.test\"", "null", "failed to write rows"),
        (
            "\"owner@example.test\"",
            "\"op@example.test\"",
            "failed to write rows",
        ),
        (
            "[1,2,\"owner\"]",
            "[1,77,\"owner\"]",
            "failed to write rows",
        ),
    ];
    let changes = changes.map(|(old, new, said)| {
        let other = text.replacen(old, new, 1);
        assert_ne!(other, text, "{old}");
        (summed(&other), said)
    });
    let without_audit = text.split("{\"table\":\"audit_entry\"").next().unwrap();
    let mut all = changes.to_vec();
    all.push((
        summed(&format!("{without_audit}{{\"rows\"")),
        "audit_entry is missing",
    ));
    all
}

/// A backup of these lines, whose last one is made to fit.
fn summed(text: &str) -> Vec<u8> {
    let (lines, _) = text.split_once("{\"rows\"").unwrap();
    let rows = lines.lines().filter(|line| line.starts_with('[')).count();
    let sum = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, lines.as_bytes());
    let mut digits = String::new();
    for octet in sum.as_ref() {
        write!(digits, "{octet:02x}").unwrap();
    }
    packed(&format!(
        "{lines}{{\"rows\":{rows},\"sha256\":\"{digits}\"}}\n"
    ))
}

pub(super) async fn a_file_that_is_no_whole_backup_changes_nothing(place: Place) {
    let store = place.open().await;
    furnish(&place, &store).await;
    let before = picture(&store, &[APEX, OTHER]).await;
    let backup = back_up_octets(&place).await;
    store.shutdown().await;
    let files = Files::new();
    for (octets, said) in spoilt(&backup) {
        assert!(verify(octets.as_slice(), &mut |_| {}).is_err(), "{said}");
        let path = files.write("spoilt", &octets);
        let refused = restore_from(&place, &path, Existing::Replace)
            .await
            .unwrap_err();
        assert!(
            matches!(refused, RestoreError::Archive(_)),
            "{said}: {refused:?}"
        );
        assert!(refused.to_string().contains(said), "{said}: {refused}");
    }
    for (octets, said) in foreign(&backup) {
        let path = files.write("foreign", &octets);
        let refused = restore_from(&place, &path, Existing::Replace)
            .await
            .unwrap_err();
        assert!(refused.to_string().contains(said), "{said}: {refused}");
    }
    let missing = restore_from(&place, &files.0.path().join("missing"), Existing::Keep).await;
    assert!(
        matches!(
            missing,
            Err(RestoreError::Archive(ArchiveError::Unreadable(_)))
        ),
        "{missing:?}"
    );
    assert_nothing_is_left(&place);
    let store = place.open().await;
    assert_eq!(picture(&store, &[APEX, OTHER]).await, before);
    store.shutdown().await;
}

/// A restore that failed takes its files away.
fn assert_nothing_is_left(place: &Place) {
    if let StoreConfig::Sqlite { path } = &place.config {
        let names = std::fs::read_dir(path.parent().unwrap()).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let left: Vec<_> = names.filter(|name| name.contains("restor")).collect();
        assert!(left.is_empty(), "{left:?}");
    }
}
