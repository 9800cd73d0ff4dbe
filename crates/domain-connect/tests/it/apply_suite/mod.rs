//! Runs suites of the Domain Connect community's apply tests.
//!
//! The suites come from `APPLY_SUITE_DIR`, or from a folder beside this project. Every case is run
//! through [`plan_application`](domain_connect::plan_application) on a real zone (`world.rs` says what
//! is made up for that), and ends as *passed*, *different* (listed in `differences.yaml` with the
//! sentence of the draft that decides it) or *failed*.

mod items;
mod suite;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

use self::suite::{Case, Suite};
use crate::support;

const DIFFERENCES: &str = include_str!("differences.yaml");

/// A case in which this library does not do what the suite expects.
#[derive(Deserialize)]
struct Difference {
    id: String,
    decided_by: String,
    we_do: String,
}

#[test]
fn apply_suite() {
    let Some(folder) = support::folder("APPLY_SUITE_DIR", "shared/corpus/apply") else {
        return;
    };
    let differences: Vec<Difference> = serde_yaml_ng::from_str(DIFFERENCES).unwrap();
    let differences: BTreeMap<&str, &Difference> = differences
        .iter()
        .map(|difference| (difference.id.as_str(), difference))
        .collect();
    let mut passed = BTreeSet::new();
    let mut different = BTreeSet::new();
    let mut failed = BTreeMap::new();
    for file in support::files(&folder, "yaml") {
        let text = std::fs::read_to_string(&file).unwrap();
        let suite: Suite = serde_yaml_ng::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        for case in &suite.tests {
            let outcome = run(case, &folder);
            match (outcome, differences.get(case.id.as_str())) {
                (Ok(()), None) => {
                    passed.insert(case.id.clone());
                }
                (Ok(()), Some(_)) => {
                    let reason = "is listed as different and is not".to_owned();
                    failed.insert(case.id.clone(), reason);
                }
                (Err(_), Some(_)) => {
                    different.insert(case.id.clone());
                }
                (Err(reason), None) => {
                    failed.insert(case.id.clone(), reason);
                }
            }
        }
    }
    for id in &passed {
        println!("passed     {id}");
    }
    for id in &different {
        let difference = differences[id.as_str()];
        println!("different  {id}");
        println!("             decided by: {}", difference.decided_by);
        println!("             we:         {}", difference.we_do);
    }
    for (id, reason) in &failed {
        println!("FAILED     {id}: {reason}");
    }
    println!(
        "apply suite: {} passed, {} different, {} failed",
        passed.len(),
        different.len(),
        failed.len()
    );
    assert!(!passed.is_empty(), "no suite was found in {folder:?}");
    assert!(failed.is_empty(), "{} cases failed", failed.len());
}

fn run(case: &Case, folder: &Path) -> Result<(), String> {
    let world = world::World::build(case, folder);
    match (&case.expect.exception, world) {
        (Some(_), Err(_)) => Ok(()),
        (Some(exception), Ok(world)) => match world.plan() {
            Err(_) => Ok(()),
            Ok(_) => Err(format!("{exception} was expected, and it was applied")),
        },
        (None, Err(reason)) => Err(reason),
        (None, Ok(world)) => {
            let plan = world.plan()?;
            world.compare(&plan)
        }
    }
}
