//! Compares this library with another engine: the package `domainconnectzone`, in Python.
//!
//! Both apply the same templates to the same zones, and every difference must be of a class that
//! `classes.yaml` lists with the rule that decides. The public templates come from
//! `TEMPLATE_CORPUS_DIR`, or from a folder beside this project; without them the examples of the
//! classes are compared all the same. The other engine comes from `scripts/install-test-tools`; where
//! it is missing, the tests say so and are skipped.
//!
//! What is not compared: signatures, and services that are applied already.

mod class;
mod classes;
mod corpus;
mod job;
mod python;
mod records;
mod spf;
mod zones;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use self::class::{Class, Comparison, compare};
use self::job::Job;

#[test]
fn every_class_of_differences_still_occurs() {
    let entries = classes::all();
    let jobs: Vec<Job> = entries.iter().map(classes::Entry::job).collect();
    let Some(outcomes) = run(&jobs) else { return };
    let gone: Vec<String> = entries
        .iter()
        .zip(&outcomes)
        .filter(|(entry, outcome)| !outcome.classes.contains(&entry.class))
        .map(|(entry, outcome)| format!("{}, but {outcome:?}", entry.class.name()))
        .collect();
    assert!(
        gone.is_empty(),
        "the engines do not differ so any more; take these out of classes.yaml, or give them \
         another example: {gone:#?}"
    );
    assert_explained(&outcomes);
}

#[test]
fn every_difference_on_public_templates_is_of_a_known_class() {
    let Some(jobs) = corpus::jobs() else { return };
    let Some(outcomes) = run(&jobs) else { return };
    let mut counts: BTreeMap<Class, usize> = BTreeMap::new();
    for class in outcomes.iter().flat_map(|one| &one.classes) {
        *counts.entry(*class).or_default() += 1;
    }
    let same = outcomes.iter().filter(|one| one.classes.is_empty());
    println!(
        "{} applications, {} with the same outcome",
        jobs.len(),
        same.count()
    );
    for entry in classes::all() {
        let count = counts.get(&entry.class).copied().unwrap_or_default();
        println!("{} {count} |", entry.row());
    }
    assert_explained(&outcomes);
}

#[test]
fn every_difference_on_hostile_values_is_of_a_known_class() {
    let Some(jobs) = corpus::hostile_jobs() else {
        return;
    };
    let Some(outcomes) = run(&jobs) else { return };
    assert_explained(&outcomes);
}

#[test]
fn the_document_says_of_each_class_what_is_tested() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/engine-comparison.md");
    let document = std::fs::read_to_string(&path).unwrap();
    let rows: BTreeSet<String> = document
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.trim_end_matches([' ', '|']))
        .map(|line| {
            line.trim_end_matches(|last: char| last.is_ascii_digit())
                .trim_end()
                .to_owned()
        })
        .collect();
    let expected: BTreeSet<String> = classes::all().iter().map(classes::Entry::row).collect();
    let differing: Vec<&String> = rows.symmetric_difference(&expected).collect();
    assert!(
        differing.is_empty(),
        "{} and classes.yaml say different things: {differing:#?}",
        path.display()
    );
}

/// What comparing each job gives; nothing when the other engine is not installed.
fn run(jobs: &[Job]) -> Option<Vec<Comparison>> {
    let answers = python::answers(jobs)?;
    let outcomes = jobs.iter().zip(&answers).map(|(job, answer)| {
        let mut comparison = compare(job, job.theirs(answer), job.ours());
        for line in &mut comparison.unexplained {
            *line = format!("{}: {line}", job.label);
        }
        comparison
    });
    Some(outcomes.collect())
}

fn assert_explained(outcomes: &[Comparison]) {
    let unexplained: Vec<&String> = outcomes.iter().flat_map(|one| &one.unexplained).collect();
    assert!(
        unexplained.is_empty(),
        "differences of no class: {unexplained:#?}"
    );
    let listed: BTreeSet<Class> = classes::all().iter().map(|entry| entry.class).collect();
    let found: BTreeSet<Class> = outcomes
        .iter()
        .flat_map(|one| &one.classes)
        .copied()
        .collect();
    let unlisted: Vec<&Class> = found.difference(&listed).collect();
    assert!(unlisted.is_empty(), "not in classes.yaml: {unlisted:?}");
}
