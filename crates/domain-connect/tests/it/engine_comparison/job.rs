//! One template applied to one zone, by both engines.

use std::collections::BTreeSet;

use domain_connect::{
    ApexAliases, Application, Authenticity, Capabilities, GroupId, PlanError, Policy, Special,
    SpecialChange, Template, Variables, WebRedirects, plan_application,
};
use easement_zone::{Host, Ttl, Zone};
use serde::Deserialize;
use serde_json::json;

use super::records::{EngineRecord, Items, engine_records, items, items_of_engine};

/// What an address of the web redirects stands for, in both engines.
const REDIRECTING: &str = "192.0.2.80";

/// A wish for both engines.
pub(super) struct Job {
    /// For people: template, host and groups.
    pub(super) label: String,
    pub(super) template: Template,
    pub(super) zone: Zone,
    pub(super) host: Host,
    pub(super) groups: BTreeSet<GroupId>,
    pub(super) values: Variables,
}

/// What the other engine answers.
#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Records { records: Vec<EngineRecord> },
    Error { error: String, message: String },
}

/// Why the other engine refuses.
#[derive(Clone, Debug)]
pub(super) struct EngineError {
    pub(super) kind: String,
    pub(super) message: String,
}

impl Job {
    /// The job as a line for the other engine.
    pub(super) fn line(&self) -> String {
        let template: serde_json::Value = serde_json::from_str(self.template.json()).unwrap();
        let host = if self.host.is_apex() {
            String::new()
        } else {
            self.host.to_string()
        };
        json!({
            "template": template,
            "zone": engine_records(&self.zone),
            "host": host,
            "groups": self.groups.iter().map(GroupId::as_str).collect::<Vec<_>>(),
            "values": self.values,
            "redirect_records": [{"type": "A", "pointsTo": REDIRECTING, "ttl": 3600}],
        })
        .to_string()
    }

    /// What the other engine made of it.
    pub(super) fn theirs(&self, line: &str) -> Result<Items, EngineError> {
        match serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}")) {
            Answer::Records { records } => Ok(items_of_engine(self.zone.apex(), &records)),
            Answer::Error { error, message } => Err(EngineError {
                kind: error,
                message,
            }),
        }
    }

    /// What this library makes of it.
    pub(super) fn ours(&self) -> Result<Items, PlanError> {
        let plan = plan_application(&Application {
            zone: &self.zone,
            services: &[],
            special: &[],
            template: &self.template,
            host: &self.host,
            groups: &self.groups,
            instance: None,
            variables: &self.values,
            authenticity: Authenticity::Signed,
            policy: &policy(),
        })?;
        let zone = self.zone.apply(&plan.changes).unwrap();
        let special: Vec<Special> = plan
            .special
            .iter()
            .filter_map(|change| match change {
                SpecialChange::Added(added) => Some(added.clone()),
                SpecialChange::Removed(_) => None,
            })
            .collect();
        Ok(items(&zone, &special))
    }
}

/// No limits that the other engine does not have, and its TTL where a template gives none.
fn policy() -> Policy {
    Policy {
        lowest_ttl: Ttl::from_secs(0).unwrap(),
        highest_ttl: Ttl::MAX,
        default_ttl: Ttl::from_secs(6000).unwrap(),
        capabilities: Capabilities {
            apex_alias: ApexAliases::Supported,
            redirects: WebRedirects::Supported {
                addresses: vec![REDIRECTING.parse().unwrap()],
                ttl: Ttl::HOUR,
            },
        },
        ..Policy::default()
    }
}
