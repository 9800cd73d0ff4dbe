//! SPF records: what is read is written the same, merging loses nobody's terms, and removing gives back
//! what was there.
//!
//! Input: the record at the apex, the rules of one template, and those of another.

#![no_main]

use domain_connect::{SpfRecord, Template, Term, Variables, is_spf};
use easement_fuzz::{World, parts, template, zone};
use easement_zone::{RecordData, RecordSet, Ttl};
use libfuzzer_sys::fuzz_target;
use serde_json::json;

fuzz_target!(|text: &str| {
    let [existing, one, two] = parts(text);
    let Ok(before) = SpfRecord::parse(existing) else {
        return;
    };
    let written = before.to_string();
    assert!(is_spf(written.as_bytes()));
    assert_eq!(SpfRecord::parse(&written).as_ref(), Ok(&before));
    for term in &before.terms {
        assert_eq!(Term::parse(&term.to_string()).as_ref(), Ok(term));
    }
    let Some(world) = world(existing) else {
        return;
    };
    merge_and_remove(&world, &before, &[one, two]);
});

/// A zone with this record at its apex.
fn world(existing: &str) -> Option<World> {
    let bare = zone("")?;
    let data = RecordData::txt(existing.as_bytes()).ok()?;
    let set = RecordSet::single(bare.apex().clone(), Ttl::HOUR, data);
    let mut changes = easement_zone::ChangeSet::new();
    changes.record(None, Some(set));
    Some(World::new(bare.apply(&changes).ok()?))
}

fn spf_template(service: &str, rules: &str) -> Option<Template> {
    // A percent sign would begin a variable, and there are none here.
    let rules = rules.replace('%', "");
    let record = json!({"type": "SPFM", "host": "@", "spfRules": rules});
    template(service, &[record])
}

fn merge_and_remove(world: &World, before: &SpfRecord, rules: &[&str]) {
    let mut current = world.clone();
    for (service, rules) in ["one", "two"].iter().zip(rules) {
        let Some(template) = spf_template(service, rules) else {
            continue;
        };
        let Some(merged) = current.apply(&template, "@", &Variables::new()) else {
            continue;
        };
        let record = only_record(&merged);
        for term in before.terms.iter().chain(&only_record(&current).terms) {
            let stands =
                |known: &Term| known.key() == term.key() && known.qualifier <= term.qualifier;
            assert!(
                record.terms.iter().any(stands),
                "`{term}` is lost in `{record}`"
            );
        }
        for word in rules.replace('%', "").split_ascii_whitespace() {
            let term = Term::parse(word).expect("it was merged");
            let is_there = record.terms.iter().any(|known| known.key() == term.key());
            assert!(is_there, "`{term}` is missing in `{record}`");
        }
        current = merged;
    }
    while !current.services.is_empty() {
        current = current.after(&current.removal(0));
    }
    assert_eq!(
        &only_record(&current),
        before,
        "after the last service went"
    );
}

fn only_record(world: &World) -> SpfRecord {
    let texts = world.texts();
    let [text] = texts.as_slice() else {
        panic!("one SPF record became {}", texts.len());
    };
    let text = std::str::from_utf8(text).expect("terms are ASCII");
    SpfRecord::parse(text).expect("it can be read")
}
