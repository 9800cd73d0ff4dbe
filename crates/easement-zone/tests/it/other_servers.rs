//! Name servers of other people read the zone files that are written here, and mean the same.
//!
//! Without `nsd-checkzone` or `kzonecheck` a test says so and is skipped, or fails when
//! `EASEMENT_REQUIRE_TOOLS` is set, as `./check` sets it.

use std::path::Path;
use std::process::{Command, Output};

use easement_zone::zonefile::{self, ReadOptions};
use easement_zone::{Label, Name, RecordData, RecordSet, RecordType, Ttl, Zone, ZoneBuilder};
use proptest::collection::vec;
use proptest::prelude::*;

fn apex() -> Name {
    "example.com".parse().unwrap()
}

fn every_type() -> Zone {
    let text = include_str!("every_type.zone");
    zonefile::read(text, &ReadOptions::default()).unwrap().zone
}

/// A zone with these labels as names, and these octets as text.
fn zone_of(names: &[Vec<Vec<u8>>], texts: &[Vec<u8>]) -> Zone {
    let mut builder = ZoneBuilder::new(apex());
    let head = "example.com. SOA a.example.net. b 1 2 3 4 5\n NS a.example.net.\n";
    let head = zonefile::read(head, &ReadOptions::default()).unwrap().zone;
    for set in head.sets() {
        builder.insert(set).unwrap();
    }
    for (labels, text) in names.iter().zip(texts) {
        let apex = apex();
        let labels = labels.iter().map(Vec::as_slice);
        let owner = Name::from_labels(labels.chain(apex.labels().map(Label::octets))).unwrap();
        let data = RecordData::txt(text).unwrap();
        let pointer = RecordData::mx(1, &owner);
        for data in [data, pointer] {
            builder
                .insert(RecordSet::single(owner.clone(), Ttl::HOUR, data))
                .unwrap();
        }
    }
    builder.finish().unwrap()
}

/// The zone as NSD prints it after reading what was written here.
fn read_by_nsd(zone: &Zone) -> Option<Zone> {
    let output = run("nsd-checkzone", &["-p", "example.com"], zone)?;
    let printed = String::from_utf8(output.stdout).unwrap();
    Some(
        zonefile::read(&printed, &ReadOptions::default())
            .unwrap()
            .zone,
    )
}

/// Runs a program on a zone file; nothing when it is not installed.
fn run(program: &str, arguments: &[&str], zone: &Zone) -> Option<Output> {
    if !is_installed(program) {
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("example.com.zone");
    let text = zonefile::write(zone);
    std::fs::write(&path, &text).unwrap();
    let output = Command::new(program)
        .args(arguments)
        .arg(Path::new(&path))
        .output()
        .unwrap();
    let said = [output.stdout.as_slice(), &output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success(), "{program}: {said}\n{text}");
    Some(output)
}

fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if std::env::split_paths(&path).any(|folder| folder.join(program).is_file()) {
        return true;
    }
    let message = format!("{program} is not installed: run scripts/install-test-tools");
    assert!(
        std::env::var_os("EASEMENT_REQUIRE_TOOLS").is_none(),
        "{message}"
    );
    eprintln!("SKIPPED: {message}");
    false
}

#[test]
fn a_zone_of_every_type_is_the_same_after_writing_and_reading() {
    let zone = every_type();
    let text = zonefile::write(&zone);
    let again = zonefile::read(&text, &ReadOptions::default()).unwrap();
    assert_eq!(again.zone, zone);
    assert!(again.warnings.is_empty());
    let tlsa = "_25._tcp.mail.example.com".parse().unwrap();
    assert!(zone.get(&tlsa, RecordType::TLSA).is_some());
}

#[test]
fn nsd_reads_every_type_as_it_was_meant() {
    let zone = every_type();
    if let Some(read) = read_by_nsd(&zone) {
        assert_eq!(read, zone);
    }
}

#[test]
fn knot_reads_every_type() {
    run("kzonecheck", &["-o", "example.com"], &every_type());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn names_and_text_of_any_octets_are_the_same_for_others(
        names in vec(vec(vec(any::<u8>(), 1..12), 1..4), 8),
        texts in vec(vec(any::<u8>(), 0..300), 8),
    ) {
        let zone = zone_of(&names, &texts);
        if let Some(read) = read_by_nsd(&zone) {
            prop_assert_eq!(read, zone.clone());
        }
        run("kzonecheck", &["-o", "example.com"], &zone);
    }
}
