//! The rules as data: template, values and zone in; plan and zone out.
//!
//! Every file of `tests/cases` holds cases about one thing. A case is a story: steps that apply or
//! remove templates, or edit the zone by hand, one after the other, each with what the zone holds
//! then, or the code of the refusal. To add one, add it to a file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use domain_connect::{
    ApexAliases, Application, AppliedGroups, AppliedService, Authenticity, Capabilities,
    DelegationSigner, Plan, Policy, Removal, RowChange, Special, Template, WebRedirects,
    plan_application, plan_removal,
};
use easement_zone::{Ttl, Zone};
use serde::Deserialize;
use serde_json::Value;

use crate::support;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Templates that the cases use by name; what is missing of a template is filled in.
    #[serde(default)]
    templates: BTreeMap<String, Value>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What is promised, as a sentence.
    name: String,
    #[serde(default)]
    zone: Vec<String>,
    /// What the server can do beyond the default.
    #[serde(default)]
    supports: Vec<Support>,
    steps: Vec<Step>,
}

#[derive(Clone, Copy, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Support {
    ApexAlias,
    DelegationSigner,
    Redirects,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    /// The name of a template of the file to apply.
    apply: Option<String>,
    /// The name of a template whose first service is removed.
    remove: Option<String>,
    /// What the owner of the zone makes it hold by hand.
    edit: Option<Vec<String>>,
    host: Option<String>,
    #[serde(default)]
    groups: Vec<String>,
    instance: Option<String>,
    #[serde(default)]
    values: BTreeMap<String, String>,
    /// The code of the refusal.
    refused: Option<String>,
    /// What the zone holds afterwards.
    zone: Option<Vec<String>>,
    /// The rows of the plan, as `change host type`.
    rows: Option<Vec<String>>,
    /// What is in the way, as the name of the rule.
    conflicts: Option<Vec<String>>,
    /// The templates whose services end.
    ends: Option<Vec<String>>,
    /// The groups of the service itself that end, each with how many records go with it.
    ends_groups: Option<Vec<String>>,
    /// The groups that are applied afterwards; none when it is the whole template.
    applied: Option<Vec<String>>,
    /// The names of the warnings.
    warnings: Option<Vec<String>>,
    /// The sentences of the effects.
    effects: Option<Vec<String>>,
}

#[test]
fn every_case_does_as_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut failures = Vec::new();
    let mut count = 0;
    for file in support::files(&folder, "yaml") {
        let text = std::fs::read_to_string(&file).unwrap();
        let file_name = file.file_name().unwrap().to_string_lossy().into_owned();
        let contents: File =
            serde_yaml_ng::from_str(&text).unwrap_or_else(|error| panic!("{file_name}: {error}"));
        let templates = templates(&contents.templates);
        for case in &contents.cases {
            count += 1;
            if let Err(failure) = run(case, &templates) {
                failures.push(format!("{file_name}: {}: {failure}", case.name));
            }
        }
    }
    assert!(count > 0, "no case was found");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn templates(values: &BTreeMap<String, Value>) -> BTreeMap<String, Template> {
    values
        .iter()
        .map(|(name, value)| {
            let mut value = value.clone();
            for (property, text) in [
                ("providerId", "provider.test"),
                ("providerName", "Provider"),
                ("serviceId", name.as_str()),
                ("serviceName", name.as_str()),
            ] {
                if value.get(property).is_none() {
                    value[property] = text.into();
                }
            }
            let (template, _) = Template::from_json(&value.to_string())
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            (name.clone(), template)
        })
        .collect()
}

/// A zone, its services and what the server does beyond records.
struct World {
    zone: Zone,
    services: Vec<AppliedService>,
    special: Vec<Special>,
    policy: Policy,
}

fn run(case: &Case, templates: &BTreeMap<String, Template>) -> Result<(), String> {
    let lines: Vec<&str> = case.zone.iter().map(String::as_str).collect();
    let mut world = World {
        zone: support::zone("example.com", &lines),
        services: Vec::new(),
        special: Vec::new(),
        policy: policy(&case.supports),
    };
    for (index, step) in case.steps.iter().enumerate() {
        world
            .step(step, templates)
            .map_err(|failure| format!("step {}: {failure}", index + 1))?;
    }
    Ok(())
}

impl World {
    fn step(&mut self, step: &Step, templates: &BTreeMap<String, Template>) -> Result<(), String> {
        if let Some(lines) = &step.edit {
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            self.zone = support::zone("example.com", &lines);
            return Ok(());
        }
        let plan = match (&step.apply, &step.remove) {
            (Some(name), None) => self.plan(step, &templates[name]),
            (None, Some(name)) => self.removal(step, name),
            _ => panic!("a step applies, removes or edits"),
        };
        let plan = match (plan, &step.refused) {
            (Err(error), Some(code)) if error.code() == code => return Ok(()),
            (Err(error), _) => return Err(format!("refused with {}: {error}", error.code())),
            (Ok(_), Some(code)) => return Err(format!("was to be refused with {code}")),
            (Ok(plan), None) => plan,
        };
        compare(step, &plan)?;
        self.commit(&plan);
        if let Some(expected) = &step.zone {
            let mut expected: Vec<String> = expected.clone();
            let mut actual = support::lines(&self.zone);
            actual.extend(self.special.iter().map(special_line));
            expected.sort();
            actual.sort();
            if expected != actual {
                return Err(format!("the zone holds\n{}", actual.join("\n")));
            }
        }
        Ok(())
    }

    fn plan(&self, step: &Step, template: &Template) -> Result<Plan, domain_connect::PlanError> {
        let groups: BTreeSet<_> = step.groups.iter().map(|id| id.parse().unwrap()).collect();
        let instance = step.instance.as_ref().map(|id| id.parse().unwrap());
        let values = step.values.iter();
        plan_application(&Application {
            zone: &self.zone,
            services: &self.services,
            special: &self.special,
            template,
            host: &step.host.as_deref().unwrap_or("@").parse().unwrap(),
            groups: &groups,
            instance: instance.as_ref(),
            variables: &values
                .map(|(name, value)| (name.parse().unwrap(), value.clone()))
                .collect(),
            authenticity: Authenticity::Signed,
            policy: &self.policy,
        })
    }

    fn removal(&self, step: &Step, name: &str) -> Result<Plan, domain_connect::PlanError> {
        let instance = step.instance.as_ref().map(|id| id.parse().unwrap());
        let index = self
            .services
            .iter()
            .position(|service| {
                service.key.service_id.as_str() == name
                    && (instance.is_none() || service.key.instance == instance)
            })
            .unwrap_or(usize::MAX);
        plan_removal(&Removal {
            zone: &self.zone,
            services: &self.services,
            special: &self.special,
            index,
        })
    }

    fn commit(&mut self, plan: &Plan) {
        self.zone = self.zone.apply(&plan.changes).unwrap();
        self.special = plan.special_after(&self.special);
        self.services = plan.services_after(&self.services);
    }
}

fn compare(step: &Step, plan: &Plan) -> Result<(), String> {
    let rows = plan.rows.iter().map(|row| {
        let change = match row.change {
            RowChange::Removed => "removed",
            RowChange::Added => "added",
            RowChange::Changed => "changed",
            RowChange::TtlChanged => "ttl",
            RowChange::Shared => "shared",
            RowChange::Kept => "kept",
        };
        let host = row.owner.relative_to(&plan.base.apex).unwrap();
        format!("{change} {host} {}", row.rtype)
    });
    same("rows", step.rows.as_ref(), &rows.collect::<Vec<_>>())?;
    let conflicts = plan.conflicts.iter();
    let conflicts = conflicts.map(|conflict| tag(&conflict.rule, "rule"));
    same(
        "conflicts",
        step.conflicts.as_ref(),
        &conflicts.collect::<Vec<_>>(),
    )?;
    let ends = plan.ended.iter();
    let ends = ends.map(|ended| ended.key.service_id.to_string());
    same("ends", step.ends.as_ref(), &ends.collect::<Vec<_>>())?;
    let ends_groups = plan.ended_groups.iter();
    let ends_groups = ends_groups.map(|one| format!("{} {}", one.group, one.records.len()));
    same(
        "ending groups",
        step.ends_groups.as_ref(),
        &ends_groups.collect::<Vec<_>>(),
    )?;
    let applied = match &plan.service().groups {
        AppliedGroups::All => Vec::new(),
        AppliedGroups::Some(groups) => groups.iter().map(ToString::to_string).collect(),
    };
    same("applied groups", step.applied.as_ref(), &applied)?;
    let warnings = plan.warnings.iter();
    let warnings = warnings.map(|warning| tag(warning, "warning"));
    same(
        "warnings",
        step.warnings.as_ref(),
        &warnings.collect::<Vec<_>>(),
    )?;
    let effects = plan.effects.iter().map(ToString::to_string);
    same(
        "effects",
        step.effects.as_ref(),
        &effects.collect::<Vec<_>>(),
    )
}

fn same(what: &str, expected: Option<&Vec<String>>, actual: &[String]) -> Result<(), String> {
    match expected {
        Some(expected) if expected.as_slice() != actual => {
            Err(format!("the {what} are {actual:#?}"))
        }
        _ => Ok(()),
    }
}

/// The name of a variant, as it is written.
fn tag(value: &impl serde::Serialize, name: &str) -> String {
    let value = serde_json::to_value(value).unwrap();
    value[name].as_str().unwrap().to_owned()
}

fn special_line(special: &Special) -> String {
    let host = special
        .owner
        .relative_to(&"example.com".parse().unwrap())
        .unwrap();
    match &special.action {
        domain_connect::SpecialAction::ApexAlias { target, .. } => {
            format!("{host} APEXCNAME {target}")
        }
        domain_connect::SpecialAction::WebRedirect { status, target } => {
            format!("{host} REDIR{} {target}", status.code())
        }
    }
}

fn policy(supports: &[Support]) -> Policy {
    let mut capabilities = Capabilities::default();
    if supports.contains(&Support::ApexAlias) {
        capabilities.apex_alias = ApexAliases::Supported;
    }
    if supports.contains(&Support::Redirects) {
        capabilities.redirects = WebRedirects::Supported {
            addresses: vec!["192.0.2.80".parse().unwrap()],
            ttl: Ttl::HOUR,
        };
    }
    let mut policy = Policy {
        capabilities,
        ..Policy::default()
    };
    if supports.contains(&Support::DelegationSigner) {
        policy.delegation_signer = DelegationSigner::BelowApex;
    }
    policy
}
