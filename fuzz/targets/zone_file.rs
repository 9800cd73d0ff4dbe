//! Zone files: what is written reads as the same zone, and editing keeps every comment and either gives
//! the zone that is wanted or nothing.
//!
//! Input: a zone file, and another of the same zone that it is to become.

#![no_main]

use easement_fuzz::parts;
use easement_zone::zonefile::{self, EditError, ReadOptions, SerialEdit};
use easement_zone::{Zone, diff};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let [before, after] = parts(text);
    let Some(zone) = read(before) else {
        return;
    };
    let written = zonefile::write(&zone);
    let again = zonefile::read(&written, &options());
    let again = again.unwrap_or_else(|error| panic!("{error}\nin what was written:\n{written}"));
    assert_eq!(again.zone, zone);
    assert_eq!(zonefile::write(&again.zone), written);
    let Some(wanted) = read(after).filter(|wanted| wanted.apex() == zone.apex()) else {
        return;
    };
    check_edit(before, &zone, &wanted);
});

fn options() -> ReadOptions {
    ReadOptions {
        origin: "example.com".parse().ok(),
        max_octets: 64 * 1024,
        ..ReadOptions::default()
    }
}

fn read(text: &str) -> Option<Zone> {
    zonefile::read(text, &options()).ok().map(|file| file.zone)
}

fn check_edit(before: &str, zone: &Zone, wanted: &Zone) {
    let changes = diff(zone, wanted);
    let edited = match zonefile::edit(before, &options(), &changes, SerialEdit::Keep) {
        Ok(edited) => edited,
        Err(EditError::Signed | EditError::Unfaithful) => return,
        Err(error @ (EditError::Read(_) | EditError::Apply(_))) => panic!("{error}"),
    };
    if changes.is_empty() {
        assert_eq!(edited, before);
    }
    let found = read(&edited).expect("what was edited can be read");
    assert!(diff(&found, wanted).is_empty());
    assert_eq!(found.serial(), zone.serial());
    let comments = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| line.starts_with(';'));
        lines.map(str::to_owned).collect()
    };
    // Inside parentheses and quotation marks such a line belongs to its record.
    if !before.contains(['(', '"']) {
        assert_eq!(comments(&edited), comments(before));
    }
}
