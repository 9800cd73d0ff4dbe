//! What is in the way of a template, and what ends with it (draft-05 sections 10.4 and 10.5).

use std::collections::HashSet;

use easement_zone::{Record, RecordType};

use super::conflict::{self, Conflict, ConflictRule, ConflictingItem};
use super::planner::Planner;
use super::spf::is_spf_data;
use super::workspace::is_identical;
use super::{EndedGroup, PlanError, RowReason};
use crate::render::{Rendered, RenderedBody};
use crate::{Essential, GroupId, ServiceKey, Special};

/// What cannot do without something that has to go.
#[derive(Default)]
struct Ending {
    /// Other services, by their places.
    services: Vec<usize>,
    /// Groups of the service that the plan is about, with the rule that speaks against each first.
    groups: Vec<(GroupId, ConflictRule)>,
}

/// Who needs something that is in the way.
struct Need {
    service: usize,
    group: Option<GroupId>,
    essential: Essential,
}

impl Ending {
    /// Notes what ends when something goes that all of these need.
    fn note(&mut self, needs: &[Need], rule: &ConflictRule, planned: Option<usize>) {
        let needs = needs.iter();
        for need in needs.filter(|need| need.essential == Essential::Always) {
            if Some(need.service) != planned {
                self.services.push(need.service);
            } else if let Some(group) = &need.group
                && self.groups.iter().all(|(known, _)| known != group)
            {
                self.groups.push((group.clone(), rule.clone()));
            }
        }
    }
}

impl Planner<'_> {
    /// Steps 5 and 6: takes away what is in the way, and ends the services that cannot do without it. Of the
    /// service itself only the groups end that hold such a thing.
    pub(super) fn clear_the_way(
        &mut self,
        rendered: &[Rendered],
        planned: Option<usize>,
    ) -> Result<(), PlanError> {
        let found = self.everything_in_the_way(rendered);
        let mut ending = Ending::default();
        for (record, rule, template_record) in &found {
            let owners = self.ledger.owners(record).map(|(service, owned)| Need {
                service,
                group: owned.group.clone(),
                essential: owned.essential,
            });
            let needs: Vec<Need> = owners.collect();
            ending.note(&needs, rule, planned);
            self.conflicts.push(Conflict {
                existing: ConflictingItem::Record(record.clone()),
                template_record: *template_record,
                rule: rule.clone(),
                owners: self.keys(&needs),
            });
            let reason = RowReason::Conflict { rule: rule.clone() };
            self.take_away(&record.owner, record.data.clone(), &reason);
        }
        self.clear_special(rendered, planned, &mut ending);
        self.end_all(ending, planned)?;
        for (record, rule, _) in &found {
            self.ledger.forget(record);
            if is_spf_data(&record.data) && *rule != ConflictRule::SeveralSpfRecords {
                self.ledger.forget_spf(&record.owner);
            }
        }
        Ok(())
    }

    fn end_all(&mut self, ending: Ending, planned: Option<usize>) -> Result<(), PlanError> {
        for index in ending.services {
            if let Some((service, holdings)) = self.ledger.end(index) {
                let service = service.key;
                self.release(&holdings, &RowReason::ServiceEnds { service })?;
            }
        }
        let Some(planned) = planned else {
            return Ok(());
        };
        for (group, rule) in ending.groups {
            let holdings = self.ledger.end_group(planned, &group);
            let reason = RowReason::GroupEnds {
                group: group.clone(),
            };
            self.release(&holdings, &reason)?;
            let held = holdings.records.into_iter();
            self.ended_groups.push(EndedGroup {
                group,
                rule,
                records: held.map(|owned| owned.record).collect(),
            });
        }
        Ok(())
    }

    /// What is in the way of the whole template, each thing once.
    fn everything_in_the_way(
        &mut self,
        rendered: &[Rendered],
    ) -> Vec<(Record, ConflictRule, usize)> {
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
                if known.contains(&record) || !self.must_go(&record, &rule, rendered) {
                    continue;
                }
                known.insert(record.clone());
                found.push((record, rule, new.index + 1));
            }
        }
        found
    }

    /// What stays although a rule speaks against it: a record that the template would write in just
    /// the same way (draft-05 section 10.4.1.3), an SPF record that the template merges with, and records
    /// that other groups of this very service wrote, or put their terms into (section 10.3.1), unless DNS itself
    /// does not allow both.
    fn must_go(&self, record: &Record, rule: &ConflictRule, rendered: &[Rendered]) -> bool {
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
        // Of several SPF records one stays, with the terms of all.
        let has_terms = is_spf_data(&record.data) && *rule != ConflictRule::SeveralSpfRecords;
        let owners = self.ledger.owners(record).map(|(index, _)| index);
        let senders = self.ledger.spf_at(&record.owner).map(|(index, _)| index);
        let is_own = owners
            .chain(senders.filter(|_| has_terms))
            .any(|index| self.ledger.is_planned(index));
        let is_of_dns = rule.is_of_dns() && !delegates_with(record, rendered);
        !is_written_again && !is_merged && (!is_own || is_of_dns)
    }

    /// Ends what the provider does at names that the template needs, and notes who needs it.
    fn clear_special(
        &mut self,
        rendered: &[Rendered],
        planned: Option<usize>,
        ending: &mut Ending,
    ) {
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
            let needs = self.needs_of_special(&existing);
            let is_own = needs.iter().any(|need| Some(need.service) == planned);
            if is_own && !rule.is_of_dns() {
                continue;
            }
            ending.note(&needs, &rule, planned);
            self.conflicts.push(Conflict {
                existing: ConflictingItem::Special(existing.clone()),
                template_record,
                rule: rule.clone(),
                owners: self.keys(&needs),
            });
            self.take_away_special(&existing, &RowReason::Conflict { rule });
            self.ledger.forget_special(&existing);
        }
    }

    fn needs_of_special(&self, existing: &Special) -> Vec<Need> {
        let standing = self.ledger.standing_at(&existing.owner);
        let needs = standing.flat_map(|(index, service)| {
            let mine = service.special.iter();
            mine.filter(|owned| owned.special == *existing)
                .map(move |owned| Need {
                    service: index,
                    group: owned.group.clone(),
                    essential: owned.essential,
                })
        });
        needs.collect()
    }

    /// The services that need something, each once.
    fn keys(&self, needs: &[Need]) -> Vec<ServiceKey> {
        let mut keys: Vec<ServiceKey> = Vec::new();
        for need in needs {
            let service = self.ledger.planned(need.service);
            let key = service.map(|service| service.key.clone());
            keys.extend(key.filter(|key| !keys.contains(key)));
        }
        keys
    }
}

/// Whether a record delegates its name together with the records of the template, as records of one template do.
fn delegates_with(record: &Record, rendered: &[Rendered]) -> bool {
    let delegates = |rtype: RecordType| [RecordType::NS, RecordType::DS].contains(&rtype);
    delegates(record.data.rtype())
        && rendered
            .iter()
            .any(|new| new.owner == record.owner && new.rtype().is_some_and(delegates))
}
