//! Every public template, read, planned and applied.
//!
//! The templates come from `TEMPLATE_CORPUS_DIR`, or from a folder beside this project. Each is planned
//! at the apex and at a host of a zone like those that people have, with values that suit the names of
//! its variables, as a whole and group by group. Then:
//!
//! - nothing panics, and every refusal has a code of the closed list;
//! - applying again changes nothing;
//! - removing gives the zone from before, without what was in the way;
//! - NSD and Knot load the resulting zones.

pub(crate) mod values;

use std::collections::{BTreeMap, BTreeSet};

use domain_connect::{
    ApexAliases, Application, AppliedService, Authenticity, Capabilities, Delegation, GroupId,
    Plan, PlanError, PlanKind, Policy, Removal, RowChange, RowReason, Special, SpecialChange,
    Template, WebRedirects, plan_application, plan_removal,
};
use easement_zone::{ChangeSet, Host, RecordSet, Zone};

use crate::checkers::Checkers;
use crate::support;

#[test]
fn template_corpus() {
    let Some(folder) = support::folder("TEMPLATE_CORPUS_DIR", "shared/corpus/templates") else {
        return;
    };
    let checkers = Checkers::find();
    let mut counts = Counts::default();
    for file in support::files(&folder, "json") {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        match Template::from_json(&text) {
            Ok((template, notes)) => {
                counts.read += 1;
                counts.notes += notes.len();
                run(&name, &template, &checkers, &mut counts);
            }
            Err(error) => counts.unreadable.push(format!("{name}: {error}")),
        }
    }
    counts.print();
    checkers.finish();
    assert!(counts.read > 0, "there is no template in {folder:?}");
    assert!(counts.unreadable.is_empty(), "{:#?}", counts.unreadable);
    assert!(counts.failures.is_empty(), "{:#?}", counts.failures);
}

#[derive(Default)]
struct Counts {
    read: usize,
    notes: usize,
    applied: usize,
    refused: BTreeMap<&'static str, Vec<String>>,
    unreadable: Vec<String>,
    failures: Vec<String>,
}

impl Counts {
    fn print(&self) {
        println!(
            "template corpus: {} templates read with {} notes, {} unreadable",
            self.read,
            self.notes,
            self.unreadable.len()
        );
        println!("applied {} times; refused:", self.applied);
        for (code, cases) in &self.refused {
            println!("  {:5} {code:24} such as {}", cases.len(), cases[0]);
        }
    }
}

fn run(name: &str, template: &Template, checkers: &Checkers, counts: &mut Counts) {
    let zone = support::live_zone();
    let mut choices = vec![BTreeSet::new()];
    choices.extend(
        template
            .groups()
            .into_iter()
            .map(|group| BTreeSet::from([group.clone()])),
    );
    for host in ["@", "app"] {
        for groups in &choices {
            let label: Vec<&str> = groups.iter().map(GroupId::as_str).collect();
            let label = format!("{name} at {host} [{}]", label.join(","));
            let wish = Wish {
                template,
                host: host.parse().unwrap(),
                groups,
            };
            match apply_and_remove(&zone, &wish) {
                Ok(after) => {
                    counts.applied += 1;
                    checkers.add(&label, &after);
                }
                Err(Failure::Refused(error)) => {
                    assert!(PlanError::CODES.contains(&error.code()), "{}", error.code());
                    let cases = counts.refused.entry(error.code()).or_default();
                    cases.push(format!("{label}: {error}"));
                }
                Err(Failure::Wrong(what)) => counts.failures.push(format!("{label}: {what}")),
            }
        }
    }
}

struct Wish<'a> {
    template: &'a Template,
    host: Host,
    groups: &'a BTreeSet<GroupId>,
}

enum Failure {
    Refused(PlanError),
    Wrong(String),
}

/// A zone with the services that are applied to it.
struct State {
    zone: Zone,
    services: Vec<AppliedService>,
    special: Vec<Special>,
}

impl State {
    fn after(&self, plan: &Plan) -> Result<Self, Failure> {
        let zone = self
            .zone
            .apply(&plan.changes)
            .map_err(|error| Failure::Wrong(error.to_string()))?;
        let mut special = self.special.clone();
        for change in &plan.special {
            match change {
                SpecialChange::Added(added) => special.push(added.clone()),
                SpecialChange::Removed(removed) => special.retain(|known| known != removed),
            }
        }
        let services = match &plan.kind {
            PlanKind::Application { service, .. } => vec![service.as_ref().clone()],
            PlanKind::Removal { .. } => Vec::new(),
        };
        Ok(Self {
            zone,
            services,
            special,
        })
    }
}

fn apply_and_remove(zone: &Zone, wish: &Wish<'_>) -> Result<Zone, Failure> {
    let before = State {
        zone: zone.clone(),
        services: Vec::new(),
        special: Vec::new(),
    };
    let plan = plan(&before, wish).map_err(Failure::Refused)?;
    let applied = before.after(&plan)?;
    let again = self::plan(&applied, wish)
        .map_err(|error| Failure::Wrong(format!("refused the second time: {error}")))?;
    if !again.changes_nothing() || !again.conflicts.is_empty() {
        let rows = &again.rows;
        return Err(Failure::Wrong(format!("applied again it changes {rows:?}")));
    }
    if again.service() != plan.service() {
        return Err(Failure::Wrong(
            "applied again it owns other things".to_owned(),
        ));
    }
    let removal = plan_removal(&Removal {
        zone: &applied.zone,
        services: &applied.services,
        special: &applied.special,
        index: 0,
    })
    .map_err(|error| Failure::Wrong(format!("cannot be removed: {error}")))?;
    let removed = applied.after(&removal)?;
    let expected = without_conflicts(zone, &plan)?;
    let left = easement_zone::diff(&expected, &removed.zone);
    if !left.is_empty() {
        return Err(Failure::Wrong(format!("removed it leaves {left:?}")));
    }
    Ok(applied.zone)
}

fn plan(state: &State, wish: &Wish<'_>) -> Result<Plan, PlanError> {
    plan_application(&Application {
        zone: &state.zone,
        services: &state.services,
        special: &state.special,
        template: wish.template,
        host: &wish.host,
        groups: wish.groups,
        instance: None,
        variables: &values::variables(wish.template),
        authenticity: Authenticity::Signed,
        policy: &policy(),
    })
}

/// The zone from before without the records that were in the way: those do not come back.
fn without_conflicts(zone: &Zone, plan: &Plan) -> Result<Zone, Failure> {
    let mut changes = ChangeSet::new();
    for row in &plan.rows {
        let is_conflict = matches!(row.reason, RowReason::Conflict { .. });
        if row.change != RowChange::Removed || !is_conflict {
            continue;
        }
        let domain_connect::RowType::Dns(rtype) = row.rtype else {
            continue;
        };
        let original = zone.get(&row.owner, rtype);
        let set = changes
            .iter()
            .find(|(key, _)| key.owner == row.owner && key.rtype == rtype)
            .map_or(original.clone(), |(_, change)| change.after.clone());
        let text = row.before.as_ref().map(|text| text.data.clone());
        let kept = set.and_then(|set| {
            let data = set
                .data()
                .iter()
                .filter(|data| Some(data.to_string()) != text);
            RecordSet::new(set.owner().clone(), set.ttl(), data.cloned()).ok()
        });
        changes.record(original, kept);
    }
    zone.apply(&changes)
        .map_err(|error| Failure::Wrong(error.to_string()))
}

/// Everything that a template may ask for.
fn policy() -> Policy {
    Policy {
        delegation: Delegation::BelowApex,
        capabilities: Capabilities {
            apex_alias: ApexAliases::Supported,
            redirects: WebRedirects::Supported {
                addresses: vec!["192.0.2.80".parse().unwrap()],
                ttl: easement_zone::Ttl::HOUR,
            },
        },
        ..Policy::default()
    }
}
