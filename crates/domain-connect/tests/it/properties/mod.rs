//! What holds for every template and zone, tried on many that are made up.

mod made_up;
mod world;

use std::collections::BTreeSet;

use domain_connect::{Conflict, ConflictRule, Plan, Row, RowChange, RowType};
use easement_zone::zonefile::{self, ReadOptions};
use easement_zone::{ChangeSet, RecordSet, RecordType, Zone, diff};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{TestCaseError, TestRunner};

use crate::checkers::Checkers;
use made_up::{Step, steps, template, wish, zone};
use world::{World, application, data_lines, removal};

/// The zone without what a plan takes away for good.
fn without_removed(zone: &Zone, plan: &Plan) -> Zone {
    let mut changes = ChangeSet::new();
    for set in zone.sets() {
        let removed: Vec<&str> = plan
            .rows
            .iter()
            .filter(|row| row.change == RowChange::Removed)
            .filter(|row| row.owner == *set.owner() && row.rtype == RowType::Dns(set.rtype()))
            .filter_map(|row| row.before.as_ref())
            .map(|text| text.data.as_str())
            .collect();
        let kept = set
            .data()
            .iter()
            .filter(|data| !removed.contains(&data.to_string().as_str()));
        let kept = RecordSet::new(set.owner().clone(), set.ttl(), kept.cloned());
        changes.record(Some(set.clone()), kept.ok());
    }
    zone.apply(&changes).unwrap()
}

/// What differs between two zones is what the rows say, and nothing else.
fn rows_tell_all(before: &Zone, after: &Zone, rows: &[Row]) -> Result<(), TestCaseError> {
    let is_changed = |row: &&Row| match row.change {
        RowChange::Removed | RowChange::Added | RowChange::Changed | RowChange::TtlChanged => true,
        RowChange::Shared | RowChange::Kept => false,
    };
    let line = |row: &Row, text: Option<&domain_connect::RowText>| {
        let text = text?;
        let ttl = text.ttl?;
        Some(format!("{} {ttl} {} {}", row.owner, row.rtype, text.data))
    };
    let (mut gone, mut new) = (BTreeSet::new(), BTreeSet::new());
    for row in rows.iter().filter(is_changed) {
        gone.extend(line(row, row.before.as_ref()));
        new.extend(line(row, row.after.as_ref()));
    }
    let (before, after) = (full_lines(before), full_lines(after));
    prop_assert_eq!(&before - &after, &gone - &new);
    prop_assert_eq!(&after - &before, &new - &gone);
    Ok(())
}

/// The records of a zone as rows show them.
fn full_lines(zone: &Zone) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for set in zone.sets().filter(|set| set.rtype() != RecordType::SOA) {
        for data in set.data() {
            lines.insert(format!(
                "{} {} {} {data}",
                set.owner(),
                set.ttl(),
                set.rtype()
            ));
        }
    }
    lines
}

fn owns_what_is_there(world: &World) -> Result<(), TestCaseError> {
    for service in &world.services {
        for owned in &service.records {
            let (owner, data) = (&owned.record.owner, &owned.record.data);
            let set = world.zone.get(owner, data.rtype());
            let is_there = set.is_some_and(|set| set.data().contains(data));
            prop_assert!(is_there, "{:?} is gone", owned.record);
        }
        for spf in &service.spf {
            let set = world.zone.get(&spf.owner, RecordType::TXT);
            let texts = set.map_or_else(Vec::new, |set| {
                set.data().iter().map(ToString::to_string).collect()
            });
            for term in &spf.terms {
                let term = term.term.trim_start_matches('?');
                let is_there = texts.iter().any(|text| text.contains(term));
                prop_assert!(is_there, "{term} is gone from {texts:?}");
            }
        }
    }
    Ok(())
}

/// The zone can be written as a file and read again.
fn loads(zone: &Zone) -> Result<(), TestCaseError> {
    let text = zonefile::write(zone);
    let read = zonefile::read(&text, &ReadOptions::default());
    let read = read.map_err(|errors| TestCaseError::fail(format!("{errors:?}")))?;
    prop_assert!(diff(zone, &read.zone).is_empty());
    Ok(())
}

/// Records that no edit names change only when a service owned them.
fn edit_stays_with_the_owner_and_ending_services(
    before: &World,
    after: &World,
    edit: &ChangeSet,
) -> Result<(), TestCaseError> {
    let is_edited = |key: &_| edit.iter().any(|(edited, _)| edited == key);
    let services = before.services.iter();
    let owned: Vec<_> = services.flat_map(|service| &service.records).collect();
    let spf = before.services.iter().flat_map(|service| &service.spf);
    let spf: Vec<_> = spf.map(|spf| &spf.owner).collect();
    for (key, change) in diff(&before.zone, &after.zone).iter() {
        if is_edited(key) {
            continue;
        }
        let after = change.after.as_ref().map_or(&[][..], RecordSet::data);
        let data = change.before.as_ref().map_or(&[][..], RecordSet::data);
        for gone in data.iter().filter(|data| !after.contains(data)) {
            let is_owned = |owned: &&domain_connect::OwnedRecord| {
                owned.record.owner == key.owner && owned.record.data == *gone
            };
            let is_spf = key.rtype == RecordType::TXT && spf.contains(&&key.owner);
            prop_assert!(
                is_spf || owned.iter().any(is_owned),
                "{key:?} {gone} is gone"
            );
        }
    }
    Ok(())
}

/// 400 cases of each property, or as many as `PROPTEST_CASES` says.
fn config() -> ProptestConfig {
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => ProptestConfig::default(),
        None => ProptestConfig::with_cases(400),
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn applying_twice_is_applying_once(zone in zone(), template in template("one"), wish in wish()) {
        let Some(plan) = application(&zone, &[], &template, &wish) else { return Ok(()) };
        let applied = zone.apply(&plan.changes).unwrap();
        let services = plan.services_after(&[]);
        let again = application(&applied, &services, &template, &wish).unwrap();
        prop_assert!(again.changes_nothing(), "{:?}", again.rows);
        prop_assert!(again.conflicts.is_empty());
        prop_assert_eq!(again.service(), plan.service());
    }

    #[test]
    fn removing_gives_back_what_was_not_in_the_way(zone in zone(), template in template("one"), wish in wish()) {
        let Some(plan) = application(&zone, &[], &template, &wish) else { return Ok(()) };
        // Several SPF records of the owner become one, whose terms stay when the service goes.
        let becomes_one = |conflict: &Conflict| conflict.rule == ConflictRule::SeveralSpfRecords;
        if plan.conflicts.iter().any(becomes_one) {
            return Ok(());
        }
        let applied = zone.apply(&plan.changes).unwrap();
        let removal = removal(&applied, &plan.services_after(&[]), 0);
        let removed = applied.apply(&removal.changes).unwrap();
        let left = diff(&without_removed(&zone, &plan), &removed);
        prop_assert!(left.is_empty(), "{left:?}");
    }

    #[test]
    fn services_come_and_go_in_any_order_without_a_trace(
        zone in zone(),
        one in template("one"),
        two in template("two"),
        wishes in (wish(), wish()),
        first_goes_first in any::<bool>(),
    ) {
        let Some(first) = application(&zone, &[], &one, &wishes.0) else { return Ok(()) };
        let applied = zone.apply(&first.changes).unwrap();
        let services = first.services_after(&[]);
        let Some(second) = application(&applied, &services, &two, &wishes.1) else { return Ok(()) };
        let both = applied.apply(&second.changes).unwrap();
        let mut services = second.services_after(&services);
        let mut current = both;
        let mut removed_first = first_goes_first;
        while !services.is_empty() {
            let index = if removed_first { 0 } else { services.len() - 1 };
            removed_first = !removed_first;
            let plan = removal(&current, &services, index);
            current = current.apply(&plan.changes).unwrap();
            services = plan.services_after(&services);
        }
        // Nothing of a service is left: what stands there was there before.
        let before: BTreeSet<String> = data_lines(&zone).collect();
        for line in data_lines(&current) {
            prop_assert!(before.contains(&line) || line.contains("v=spf1"), "{line} was left");
            let terms = line.split(['"', ' ']).filter(|word| word.contains("include:"));
            for term in terms {
                prop_assert!(before.iter().any(|line| line.contains(term)), "{line} was left");
            }
        }
    }

    #[test]
    fn whatever_happens_services_own_what_is_there_and_rows_tell_all(
        zone in zone(),
        templates in (template("one"), template("two"), template("three")),
        steps in steps(),
    ) {
        let templates = [templates.0, templates.1, templates.2];
        let mut world = World::new(zone);
        for step in steps {
            let before = world.clone();
            let Some(outcome) = world.take(&step, &templates) else { continue };
            rows_tell_all(&before.zone, &world.zone, &outcome.rows)?;
            owns_what_is_there(&world)?;
            loads(&world.zone)?;
            if let Some(edit) = &outcome.edit {
                edit_stays_with_the_owner_and_ending_services(&before, &world, edit)?;
            }
        }
    }

    #[test]
    fn edits_between_leave_no_trace_of_services_that_go(
        zone in zone(),
        templates in (template("one"), template("two"), template("three")),
        steps in steps(),
    ) {
        let templates = [templates.0, templates.1, templates.2];
        let mut world = World::new(zone);
        for step in steps {
            world.take(&step, &templates);
        }
        let owners = world.owners.clone();
        while !world.services.is_empty() {
            world.take(&Step::Remove { service: 0 }, &templates);
        }
        for line in data_lines(&world.zone) {
            let is_spf = line.contains("v=spf1");
            prop_assert!(is_spf || owners.contains(&line), "{line} was left");
        }
    }

    #[test]
    fn the_same_wish_has_the_same_digest(zone in zone(), template in template("one"), wish in wish()) {
        let Some(plan) = application(&zone, &[], &template, &wish) else { return Ok(()) };
        let later = zone.clone().with_serial(zone.serial().next());
        let again = application(&later, &[], &template, &wish).unwrap();
        prop_assert_eq!(plan.digest(), again.digest());
        let written = serde_json::to_string(&plan).unwrap();
        let read: Plan = serde_json::from_str(&written).unwrap();
        prop_assert_eq!(&read, &plan);
        prop_assert_eq!(read.digest(), plan.digest());
    }
}

#[test]
fn other_name_servers_load_what_comes_of_it() {
    let checkers = Checkers::find();
    let mut runner = TestRunner::deterministic();
    let templates = (template("one"), template("two"), template("three"));
    let worlds = (zone(), templates, steps());
    for number in 0..100 {
        let (zone, templates, steps) = worlds.new_tree(&mut runner).unwrap().current();
        let templates = [templates.0, templates.1, templates.2];
        let mut world = World::new(zone);
        for step in &steps {
            world.take(step, &templates);
        }
        checkers.add(&format!("world {number}"), &world.zone);
    }
    checkers.finish();
}
