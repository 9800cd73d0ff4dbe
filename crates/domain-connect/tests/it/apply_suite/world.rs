//! A case of a suite as a real zone, a real template and real services.
//!
//! The suites are written for lists of abstract records. What is made up, in the same way for what a
//! case begins with and for what it expects:
//!
//! - the zone gets `SOA` and `NS` records, which are left out of every comparison;
//! - `abc` as an address becomes an address for documentation, as a target the name `abc.`; a bare word
//!   in an SPF text becomes an `include` of a whole name, and in an `SRV` service a dot becomes a hyphen, so that the
//!   cases are about what they are about and not about the syntax of those words;
//! - a record that cannot stand in any zone beside the others (`CNAME` and `A` at one name) is left out
//!   at the beginning, and not counted as removed; a case that expects it to stay fails;
//! - all records of a set have one TTL (draft-05 section 10.2), the lowest that the case names;
//! - a record that the suite counts as removed and written again in the same words may stay in place
//!   (draft-05 section 10.1); then both counts are lower by the same number.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

use domain_connect::{
    ApexAliases, Application, AppliedGroups, AppliedService, Authenticity, Capabilities, Checksum,
    Essential, InstanceId, OwnedRecord, Plan, PlanKind, Policy, RecordOrigin, RowChange,
    ServiceKey, Special, SpecialChange, Template, Variables, WebRedirects, plan_application,
};
use easement_zone::{Host, Name, Ttl, Zone};
use serde_json::json;

use super::items::{Item, build_zone, expected, item, records, spf_word};
use super::suite::{Case, Expect, Input, SuiteOwner, text};

/// A case, ready to be run.
pub(super) struct World<'a> {
    expect: &'a Expect,
    new_owner: Option<String>,
    zone: Zone,
    left_out: usize,
    services: Vec<AppliedService>,
    service_ids: Vec<String>,
    special: Vec<Special>,
    template: Template,
    host: Host,
    groups: BTreeSet<domain_connect::GroupId>,
    instance: Option<InstanceId>,
    variables: Variables,
    policy: Policy,
}

impl<'a> World<'a> {
    pub(super) fn build(case: &'a Case, folder: &Path) -> Result<Self, String> {
        let input = &case.input;
        let apex: Name = input.domain.parse().map_err(message)?;
        let (zone, special, left_out) = build_zone(&apex, input)?;
        let expected = expected(&apex, &case.expect)?;
        for item in &left_out {
            if expected.iter().any(|(found, _)| found == item) {
                return Err(format!(
                    "{item:?} cannot stand in a zone and is expected to stay"
                ));
            }
        }
        let (services, service_ids) = if input.multi_aware {
            services(&apex, input)?
        } else {
            (Vec::new(), Vec::new())
        };
        Ok(Self {
            expect: &case.expect,
            new_owner: input.multi_aware.then(|| input.unique_id.clone()).flatten(),
            zone,
            left_out: left_out.len(),
            services,
            service_ids,
            special,
            template: template(input, folder)?,
            host: host(input.host.as_deref().unwrap_or_default())?,
            groups: input
                .group_ids
                .iter()
                .flatten()
                .map(|group| text(group).parse().map_err(message))
                .collect::<Result<_, _>>()?,
            instance: input
                .unique_id
                .as_ref()
                .map(|id| id.parse().map_err(message))
                .transpose()?,
            variables: input
                .params
                .iter()
                .map(|(name, value)| Ok((name.parse().map_err(message)?, text(value))))
                .collect::<Result<_, String>>()?,
            policy: policy(input),
        })
    }

    pub(super) fn plan(&self) -> Result<Plan, String> {
        plan_application(&Application {
            zone: &self.zone,
            services: &self.services,
            special: &self.special,
            template: &self.template,
            host: &self.host,
            groups: &self.groups,
            instance: self.instance.as_ref(),
            variables: &self.variables,
            authenticity: Authenticity::Unsigned,
            policy: &self.policy,
        })
        .map_err(|error| format!("refused ({}): {error}", error.code()))
    }

    pub(super) fn compare(&self, plan: &Plan) -> Result<(), String> {
        let after = self.zone.apply(&plan.changes).map_err(message)?;
        let actual = self.items(&after, plan);
        let expected = expected(self.zone.apex(), self.expect)?;
        let missing: Vec<_> = expected
            .iter()
            .filter(|(item, ttl)| actual.get(*item) != Some(*ttl))
            .collect();
        let extra: Vec<_> = actual
            .iter()
            .filter(|(item, ttl)| expected.get(*item) != Some(*ttl))
            .collect();
        if !missing.is_empty() || !extra.is_empty() {
            return Err(format!("missing {missing:?}, not expected {extra:?}"));
        }
        self.compare_counts(plan, &after)?;
        self.compare_owners(plan)
    }

    /// Every record afterwards, with its TTL.
    fn items(&self, after: &Zone, plan: &Plan) -> BTreeMap<Item, Option<u32>> {
        let mut items = records(after);
        for special in &self.special {
            items.insert(Item::Special(special.clone()), None);
        }
        for change in &plan.special {
            match change {
                SpecialChange::Added(special) => {
                    items.insert(Item::Special(special.clone()), None);
                }
                SpecialChange::Removed(special) => {
                    items.remove(&Item::Special(special.clone()));
                }
            }
        }
        items
    }

    fn compare_counts(&self, plan: &Plan, after: &Zone) -> Result<(), String> {
        let count = |changes: &[RowChange]| {
            let rows = plan.rows.iter();
            rows.filter(|row| changes.contains(&row.change)).count()
        };
        let added = count(&[RowChange::Added, RowChange::Changed]);
        let removed = count(&[RowChange::Removed, RowChange::Changed]) + self.left_out;
        let (before, after) = (records(&self.zone), records(after));
        let in_place = before
            .keys()
            .filter(|item| after.contains_key(*item))
            .count();
        let kept = self.expect.new_count.checked_sub(added);
        if kept.is_some_and(|kept| kept <= in_place)
            && kept == self.expect.delete_count.checked_sub(removed)
        {
            return Ok(());
        }
        Err(format!(
            "{added} new and {removed} removed, {} and {} expected",
            self.expect.new_count, self.expect.delete_count
        ))
    }

    /// Whether each record belongs to the service that the case says.
    fn compare_owners(&self, plan: &Plan) -> Result<(), String> {
        let after = self.services_after(plan);
        for record in &self.expect.records {
            let Some(owner) = &record.owner else { continue };
            let Item::Record(wanted) = item(self.zone.apex(), record)? else {
                continue;
            };
            let essential = match owner.essential.as_deref() {
                Some("OnApply") => Essential::OnApply,
                _ => Essential::Always,
            };
            let host = host(&owner.host)?;
            let is_owned = after.iter().any(|(id, service)| {
                service.key.provider_id.as_str() == owner.provider_id
                    && service.key.service_id.as_str() == owner.service_id
                    && service.key.host == host
                    && (*id == owner.id || owner.id.starts_with('<'))
                    && service
                        .records
                        .iter()
                        .any(|owned| owned.record == wanted && owned.essential == essential)
            });
            if !is_owned {
                return Err(format!("{wanted:?} does not belong to {owner:?}"));
            }
        }
        Ok(())
    }

    fn services_after(&self, plan: &Plan) -> Vec<(String, AppliedService)> {
        let mut after: Vec<(String, AppliedService)> = Vec::new();
        let replaced = match &plan.kind {
            PlanKind::Application { replaces, .. } => *replaces,
            PlanKind::Removal { .. } => None,
        };
        for (index, service) in self.services.iter().enumerate() {
            let has_ended = plan.ended.iter().any(|ended| ended.index == index);
            if has_ended || replaced == Some(index) {
                continue;
            }
            let updated = plan.updated.iter().find(|updated| updated.index == index);
            let service = updated.map_or(service, |updated| &updated.service);
            after.push((self.service_ids[index].clone(), service.clone()));
        }
        let id = self.new_owner.clone().unwrap_or_default();
        after.push((id, plan.service().clone()));
        after
    }
}

//------------ Templates and services ------------------------------------------------------------

fn template(input: &Input, folder: &Path) -> Result<Template, String> {
    let provider = input.provider_id.as_deref().unwrap_or("suite.example");
    let service = input.service_id.as_deref().unwrap_or("case");
    let json = if let Some(records) = &input.template_records {
        let records: Vec<_> = records
            .iter()
            .map(|record| {
                let mut record = serde_json::to_value(record).unwrap();
                adapt_template_record(&mut record);
                record
            })
            .collect();
        json!({
            "providerId": provider, "providerName": "Suite", "serviceId": service,
            "serviceName": "Case", "multiInstance": input.multi_instance, "records": records,
        })
        .to_string()
    } else {
        let file = folder
            .join("templates")
            .join(format!("{provider}.{service}.json"));
        std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?
    };
    let (template, _notes) = Template::from_json(&json).map_err(message)?;
    Ok(template)
}

fn adapt_template_record(record: &mut serde_json::Value) {
    if let Some(rules) = record.get("spfRules").and_then(|rules| rules.as_str()) {
        let words: Vec<String> = rules.split(' ').map(spf_word).collect();
        record["spfRules"] = words.join(" ").into();
    }
    if let Some(service) = record.get("service").and_then(|service| service.as_str()) {
        record["service"] = service.replace('.', "-").into();
    }
}

type Services = (Vec<AppliedService>, Vec<String>);

/// The services that the records of the zone belong to.
fn services(apex: &Name, input: &Input) -> Result<Services, String> {
    let mut ids: Vec<String> = Vec::new();
    let mut services: Vec<AppliedService> = Vec::new();
    for record in input.zone_records.iter().flatten() {
        let Some(owner) = &record.owner else { continue };
        let Item::Record(found) = item(apex, record)? else {
            continue;
        };
        let index = if let Some(index) = ids.iter().position(|id| *id == owner.id) {
            index
        } else {
            ids.push(owner.id.clone());
            services.push(empty_service(owner, input.multi_instance)?);
            services.len() - 1
        };
        services[index].records.push(OwnedRecord {
            record: found,
            group: None,
            essential: match owner.essential.as_deref() {
                Some("OnApply") => Essential::OnApply,
                _ => Essential::Always,
            },
            origin: RecordOrigin::Created,
            ttl_before: None,
        });
    }
    Ok((services, ids))
}

fn empty_service(owner: &SuiteOwner, multi_instance: bool) -> Result<AppliedService, String> {
    Ok(AppliedService {
        key: ServiceKey {
            provider_id: owner.provider_id.parse().map_err(message)?,
            service_id: owner.service_id.parse().map_err(message)?,
            host: host(&owner.host)?,
            instance: if multi_instance {
                Some(owner.id.parse().map_err(message)?)
            } else {
                None
            },
        },
        provider_name: "Earlier".parse().map_err(message)?,
        service_name: "Earlier".parse().map_err(message)?,
        template_version: None,
        template_checksum: Checksum::of(b""),
        groups: AppliedGroups::All,
        records: Vec::new(),
        spf: Vec::new(),
        special: Vec::new(),
    })
}

fn policy(input: &Input) -> Policy {
    let redirects = match &input.redirect_records {
        Some(records) => WebRedirects::Supported {
            addresses: records
                .iter()
                .filter_map(|record| record.points_to.parse().ok())
                .collect(),
            ttl: Ttl::from_secs(records.first().map_or(600, |record| record.ttl)).unwrap(),
        },
        // What the suite takes for granted when it does not say.
        None => WebRedirects::Supported {
            addresses: vec![
                IpAddr::V4(Ipv4Addr::LOCALHOST),
                IpAddr::V6(Ipv6Addr::LOCALHOST),
            ],
            ttl: Ttl::from_secs(600).unwrap(),
        },
    };
    Policy {
        lowest_ttl: Ttl::from_secs(0).unwrap(),
        highest_ttl: Ttl::MAX,
        default_ttl: Ttl::from_secs(6000).unwrap(),
        capabilities: Capabilities {
            apex_alias: ApexAliases::Supported,
            redirects,
        },
        ..Policy::default()
    }
}

pub(super) fn host(text: &str) -> Result<Host, String> {
    text.parse().map_err(message)
}

#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
pub(super) fn message(error: impl ToString) -> String {
    error.to_string()
}
