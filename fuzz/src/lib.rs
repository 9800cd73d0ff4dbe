//! What the targets share: inputs in several parts, and a small zone to apply templates to.

use std::collections::BTreeSet;

use domain_connect::{
    Application, AppliedService, Authenticity, Plan, PlanError, Policy, Removal, Special, Template,
    Variables, plan_application, plan_removal,
};
use easement_zone::zonefile::{self, ReadOptions};
use easement_zone::{RecordData, RecordType, Zone, diff};
use serde_json::{Value, json};

/// The line between two parts of an input.
const BETWEEN: &str = "\n---\n";

/// What every zone has.
const HEAD: &str = "\
$ORIGIN example.com.
$TTL 1h
@  SOA  ns1.dns.example. hostmaster 1 2h 15m 2w 5m
   NS   ns1.dns.example.
";

/// The parts of an input; those that are not there are empty.
pub fn parts<const N: usize>(text: &str) -> [&str; N] {
    let mut parts = text.split(BETWEEN);
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}

/// A template with these records.
pub fn template(service: &str, records: &[Value]) -> Option<Template> {
    let text = json!({
        "providerId": "p.example", "providerName": "P", "serviceId": service, "serviceName": service,
        "records": records,
    });
    let (template, _notes) = Template::from_json(&text.to_string()).ok()?;
    Some(template)
}

/// The zone `example.com` with more lines of a zone file, when they are good.
pub fn zone(lines: &str) -> Option<Zone> {
    let file = zonefile::read(&format!("{HEAD}{lines}"), &ReadOptions::default());
    file.ok().map(|file| file.zone)
}

//------------ World -----------------------------------------------------------------------------

/// A zone and what is applied to it.
#[derive(Clone, Debug)]
pub struct World {
    pub zone: Zone,
    pub services: Vec<AppliedService>,
    pub special: Vec<Special>,
}

impl World {
    pub fn new(zone: Zone) -> Self {
        Self {
            zone,
            services: Vec::new(),
            special: Vec::new(),
        }
    }

    /// Plans to apply a template to a host.
    pub fn plan(
        &self,
        template: &Template,
        host: &str,
        variables: &Variables,
    ) -> Result<Plan, PlanError> {
        plan_application(&Application {
            zone: &self.zone,
            services: &self.services,
            special: &self.special,
            template,
            host: &host.parse().expect("targets name good hosts"),
            groups: &BTreeSet::new(),
            instance: None,
            variables,
            authenticity: Authenticity::Signed,
            policy: &Policy::default(),
        })
    }

    /// Plans to remove a service, which always works.
    pub fn removal(&self, index: usize) -> Plan {
        plan_removal(&Removal {
            zone: &self.zone,
            services: &self.services,
            special: &self.special,
            index,
        })
        .expect("what was applied can be removed")
    }

    /// The world after a plan: what a plan wants can be done, and taken back.
    pub fn after(&self, plan: &Plan) -> Self {
        let zone = self
            .zone
            .apply(&plan.changes)
            .expect("a plan suits its zone");
        let back = zone
            .apply(&plan.changes.inverse())
            .expect("a change has an inverse");
        assert!(diff(&self.zone, &back).is_empty(), "the inverse is none");
        Self {
            zone,
            services: plan.services_after(&self.services),
            special: plan.special_after(&self.special),
        }
    }

    /// Applies a template, when it can be; doing it once more changes nothing.
    pub fn apply(&self, template: &Template, host: &str, variables: &Variables) -> Option<Self> {
        let plan = self.plan(template, host, variables).ok()?;
        let after = self.after(&plan);
        let again = after.plan(template, host, variables);
        let again = again.expect("what was applied can be applied again");
        assert!(again.changes_nothing(), "applying again: {:#?}", again.rows);
        assert!(
            again.conflicts.is_empty(),
            "applying again: {:#?}",
            again.conflicts
        );
        Some(after)
    }

    /// The texts of the `TXT` records at the apex.
    pub fn texts(&self) -> Vec<Vec<u8>> {
        let set = self.zone.get(self.zone.apex(), RecordType::TXT);
        let data = set.map_or_else(Vec::new, |set| set.data().to_vec());
        data.iter().filter_map(RecordData::text).collect()
    }
}
