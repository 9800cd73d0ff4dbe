//! Planning to apply a template (draft-05 section 10.2).

use std::collections::HashSet;

use easement_zone::{Name, Record, RecordData, RecordType, Ttl};

use super::conflict::{self, Conflict, ConflictRule, ConflictingItem};
use super::earlier::earlier_applications;
use super::ledger::is_essential;
use super::planner::Planner;
use super::rendering::render_all;
use super::spf::is_spf_data;
use super::workspace::is_identical;
use super::written::Written;
use super::{Application, Plan, PlanError, PlanKind, RowReason, warning};
use crate::render::{self, Rendered, RenderedBody};
use crate::{Essential, GroupId, OwnedRecord, OwnedSpecial, RecordOrigin, ServiceKey, Special};

/// Plans to apply a template: what would be written, what is in the way, which services would end.
///
/// Applying a template again to the same host takes the place of the earlier application; with
/// groups, only of those groups.
///
/// ```
/// use std::collections::BTreeSet;
///
/// use domain_connect::{
///     Application, Authenticity, Policy, RowChange, Template, Variables, plan_application,
/// };
/// use easement_zone::zonefile::{self, ReadOptions};
///
/// let zone = zonefile::read("\
/// $ORIGIN example.com.
/// @    SOA  ns1.dns.example. hostmaster 1 2h 15m 2w 5m
///      NS   ns1.dns.example.
/// www  A    203.0.113.1
/// ", &ReadOptions::default())?.zone;
/// let (template, _notes) = Template::from_json(r#"{
///     "providerId": "exampleservice.example", "providerName": "Example Service",
///     "serviceId": "web", "serviceName": "Websites",
///     "records": [{"type": "A", "host": "www", "pointsTo": "%ip%", "ttl": 600}]
/// }"#)?;
/// let variables: Variables = [("ip".parse()?, "192.0.2.1".to_owned())].into_iter().collect();
/// let plan = plan_application(&Application {
///     zone: &zone,
///     services: &[],
///     special: &[],
///     template: &template,
///     host: &"@".parse()?,
///     groups: &BTreeSet::new(),
///     instance: None,
///     variables: &variables,
///     authenticity: Authenticity::Signed,
///     policy: &Policy::default(),
/// })?;
/// // The address that is there is in the way, and goes.
/// assert_eq!(plan.conflicts.len(), 1);
/// let rows: Vec<RowChange> = plan.rows.iter().map(|row| row.change).collect();
/// assert_eq!(rows, [RowChange::Removed, RowChange::Added]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn plan_application(application: &Application<'_>) -> Result<Plan, PlanError> {
    with_known_groups(application, plan)
}

fn plan(application: &Application<'_>) -> Result<Plan, PlanError> {
    let Prepared {
        mut planner,
        rendered,
        written,
        replaces,
    } = prepare(application)?;
    planner
        .warnings
        .extend(warning::about_request(application, &rendered));
    let earlier = replaces.and_then(|index| planner.ledger.planned(index));
    let service = Box::new(written.into_service(application, earlier));
    planner.finish(PlanKind::Application { service, replaces })
}

/// Whether there is a plan, without making what it says.
pub(crate) fn check_application(application: &Application<'_>) -> Result<(), PlanError> {
    with_known_groups(application, |application| {
        let prepared = prepare(application)?;
        prepared.planner.outcome().map(|_| ())
    })
}

/// Leaves out groups that the template lacks (draft-05 section 10.3).
fn with_known_groups<T>(
    application: &Application<'_>,
    work: impl FnOnce(&Application<'_>) -> Result<T, PlanError>,
) -> Result<T, PlanError> {
    let groups = &render::known_groups(application.template, application.groups)?;
    work(&Application {
        groups,
        ..*application
    })
}

/// Everything that is written and taken away, before it is looked at as a whole.
struct Prepared<'a> {
    planner: Planner<'a>,
    rendered: Vec<Rendered>,
    written: Written,
    replaces: Option<usize>,
}

fn prepare<'a>(application: &Application<'a>) -> Result<Prepared<'a>, PlanError> {
    let mut rendered = render_all(application)?;
    let mut planner = Planner::new(application.zone, application.services, application.special);
    // While the ledger has the earlier application: a text that it merged is merged again.
    planner.fold_spf_texts(&mut rendered);
    let replaces = planner.release_earlier(application, &rendered)?;
    planner.clear_the_way(&rendered, replaces)?;
    let written = planner.write(&rendered, application)?;
    Ok(Prepared {
        planner,
        rendered,
        written,
        replaces,
    })
}

impl Planner<'_> {
    /// Finds the earlier application that this one takes the place of, and gives up what it held:
    /// everything, or with groups what those groups and the records without a group wrote
    /// (draft-05 section 10.3.1).
    fn release_earlier(
        &mut self,
        application: &Application<'_>,
        rendered: &[Rendered],
    ) -> Result<Option<usize>, PlanError> {
        let mut earlier = earlier_applications(application, rendered).into_iter();
        let Some(index) = earlier.next() else {
            return Ok(None);
        };
        let groups = application.groups;
        let is_released = |group: &Option<GroupId>| {
            groups.is_empty() || group.as_ref().is_none_or(|group| groups.contains(group))
        };
        let holdings = self.ledger.take_planned(index, is_released);
        self.release(&holdings, &RowReason::Replaced)?;
        // Instances from when the template allowed several (draft-05 section 10.2, step 5): one takes the
        // place of them all, but with groups nothing is taken away that is not asked for.
        for other in earlier.take_while(|_| groups.is_empty()) {
            if let Some((_, holdings)) = self.ledger.end(other) {
                self.release(&holdings, &RowReason::Replaced)?;
            }
        }
        Ok(Some(index))
    }

    /// Steps 5 and 6: takes away what is in the way, and ends the services that cannot do without it.
    fn clear_the_way(
        &mut self,
        rendered: &[Rendered],
        planned: Option<usize>,
    ) -> Result<(), PlanError> {
        let found = self.everything_in_the_way(rendered)?;
        let mut ending: Vec<usize> = Vec::new();
        for (record, rule, template_record) in &found {
            let owners: Vec<(usize, bool)> = self
                .ledger
                .owners(record)
                .map(|(index, owned)| (index, is_essential(owned)))
                .collect();
            ending.extend(
                owners
                    .iter()
                    .filter(|(index, is_essential)| *is_essential && Some(*index) != planned)
                    .map(|(index, _)| *index),
            );
            self.conflicts.push(Conflict {
                existing: ConflictingItem::Record(record.clone()),
                template_record: *template_record,
                rule: rule.clone(),
                owners: self.keys(owners.iter().map(|(index, _)| *index)),
            });
            let reason = RowReason::Conflict { rule: rule.clone() };
            self.take_away(&record.owner, record.data.clone(), &reason);
        }
        ending.extend(self.clear_special(rendered, planned));
        for index in ending {
            if let Some((service, holdings)) = self.ledger.end(index) {
                let service = service.key;
                self.release(&holdings, &RowReason::ServiceEnds { service })?;
            }
        }
        for (record, rule, _) in &found {
            self.ledger.forget(record);
            if is_spf_data(&record.data) && *rule != ConflictRule::SeveralSpfRecords {
                self.ledger.forget_spf(&record.owner);
            }
        }
        Ok(())
    }

    /// What is in the way of the whole template, each thing once.
    fn everything_in_the_way(
        &mut self,
        rendered: &[Rendered],
    ) -> Result<Vec<(Record, ConflictRule, usize)>, PlanError> {
        let mut found = Vec::new();
        let mut known: HashSet<Record> = HashSet::new();
        for (place, new) in rendered.iter().enumerate() {
            // What is above and below a name may be much, and stays the same.
            let earlier = rendered.iter().take(place);
            let mut earlier = earlier.filter(|other| other.owner == new.owner);
            let is_first_of_type = earlier.clone().all(|other| other.rtype() != new.rtype());
            let mut in_the_way = conflict::at_the_name(&mut self.workspace, new);
            if earlier.next().is_none() {
                in_the_way.extend(conflict::above(&mut self.workspace, &new.owner));
            }
            if is_first_of_type {
                in_the_way.extend(conflict::below(&mut self.workspace, new));
            }
            if let RenderedBody::Spf { .. } = new.body {
                in_the_way.extend(self.spf_in_the_way(&new.owner));
            }
            for (record, rule) in in_the_way {
                if known.contains(&record) || !self.must_go(&record, &rule, rendered)? {
                    continue;
                }
                known.insert(record.clone());
                found.push((record, rule, new.index + 1));
            }
        }
        Ok(found)
    }

    /// What stays although a rule speaks against it: a record that the template would write in just
    /// the same way (draft-05 section 10.4.1.3), records that other groups of this very service wrote
    /// (section 10.3.1), and an SPF record that the template merges with.
    fn must_go(
        &self,
        record: &Record,
        rule: &ConflictRule,
        rendered: &[Rendered],
    ) -> Result<bool, PlanError> {
        let is_written_again = rendered.iter().any(|new| match &new.body {
            RenderedBody::Record { data, .. } => {
                new.owner == record.owner && is_identical(data, &record.data)
            }
            RenderedBody::Spf { .. } | RenderedBody::Special { .. } => false,
        });
        let is_merged = is_spf_data(&record.data)
            && matches!(
                rule,
                ConflictRule::AllTexts | ConflictRule::TextsWithPrefix { .. }
            )
            && rendered.iter().any(|new| {
                new.owner == record.owner && matches!(new.body, RenderedBody::Spf { .. })
            });
        let is_own = self
            .ledger
            .owners(record)
            .any(|(index, _)| self.ledger.is_planned(index));
        if is_written_again || is_merged {
            return Ok(false);
        }
        if is_own && rule.is_of_dns() {
            return Err(PlanError::OtherGroup {
                record: record.clone(),
                rule: rule.clone(),
            });
        }
        Ok(!is_own)
    }

    /// Ends what the provider does at names that the template needs; gives the services that need it.
    fn clear_special(&mut self, rendered: &[Rendered], planned: Option<usize>) -> Vec<usize> {
        let mut ending = Vec::new();
        for existing in self.workspace.special().to_vec() {
            let is_written_again = rendered.iter().any(|new| {
                matches!(&new.body, RenderedBody::Special { action }
                    if *action == existing.action && new.owner == existing.owner)
            });
            let found = rendered.iter().find_map(|new| {
                conflict::special_in_the_way(new, &existing).map(|rule| (new.index + 1, rule))
            });
            let Some((template_record, rule)) = found.filter(|_| !is_written_again) else {
                continue;
            };
            let owners: Vec<(usize, Essential)> = self
                .ledger
                .standing_at(&existing.owner)
                .flat_map(|(index, service)| {
                    let mine = service.special.iter();
                    mine.filter(|owned| owned.special == existing)
                        .map(move |owned| (index, owned.essential))
                })
                .collect();
            if owners.iter().any(|(index, _)| Some(*index) == planned) {
                continue;
            }
            ending.extend(
                owners
                    .iter()
                    .filter(|(_, essential)| *essential == Essential::Always)
                    .map(|(index, _)| *index),
            );
            self.conflicts.push(Conflict {
                existing: ConflictingItem::Special(existing.clone()),
                template_record,
                rule: rule.clone(),
                owners: self.keys(owners.iter().map(|(index, _)| *index)),
            });
            self.take_away_special(&existing, &RowReason::Conflict { rule });
            self.ledger.forget_special(&existing);
        }
        ending
    }

    fn keys(&self, indexes: impl Iterator<Item = usize>) -> Vec<ServiceKey> {
        indexes
            .filter_map(|index| self.ledger.planned(index))
            .map(|service| service.key.clone())
            .collect()
    }

    /// Step 8: writes the records, shares those that are there.
    fn write(
        &mut self,
        rendered: &[Rendered],
        application: &Application<'_>,
    ) -> Result<Written, PlanError> {
        let mut written = Written::default();
        for new in rendered {
            let ttl = new.ttl.unwrap_or(application.policy.default_ttl);
            match &new.body {
                RenderedBody::Record { data, .. } => {
                    let owned = self.write_record(new, data, ttl, &written);
                    written.records.push(owned);
                }
                RenderedBody::Spf { terms } => {
                    let group = new.group.as_ref();
                    self.merge_spf(&new.owner, terms, group, ttl, &mut written.spf)?;
                }
                RenderedBody::Special { action } => {
                    let special = Special {
                        owner: new.owner.clone(),
                        action: action.clone(),
                    };
                    self.workspace.insert_special(special.clone());
                    let reason = RowReason::Template {
                        record: new.index + 1,
                        group: new.group.clone(),
                    };
                    self.special_reasons.insert(special.clone(), reason);
                    written.special.push(OwnedSpecial {
                        special,
                        group: new.group.clone(),
                        essential: new.essential,
                    });
                }
            }
        }
        Ok(written)
    }

    fn write_record(
        &mut self,
        new: &Rendered,
        data: &RecordData,
        ttl: Ttl,
        written: &Written,
    ) -> OwnedRecord {
        let mut record = Record {
            owner: new.owner.clone(),
            data: data.clone(),
        };
        let (origin, ttl_before) = if let Some(data) = self.workspace.find(&record) {
            record.data = data;
            let origin = written.origin(&record);
            (origin.unwrap_or_else(|| self.ledger.origin(&record)), None)
        } else {
            let before = self.workspace.insert(&record, ttl);
            (RecordOrigin::Created, before)
        };
        self.workspace.explain(&record, || RowReason::Template {
            record: new.index + 1,
            group: new.group.clone(),
        });
        OwnedRecord {
            record,
            group: new.group.clone(),
            essential: new.essential,
            origin,
            ttl_before,
        }
    }
}

/// Whether a template writes records of this type at this name.
pub(super) fn writes(rendered: &[Rendered], owner: &Name, rtype: RecordType) -> bool {
    rendered.iter().any(|new| {
        new.owner == *owner
            && matches!(&new.body, RenderedBody::Record { data, .. } if data.rtype() == rtype)
    })
}
