//! Planning to apply a template (draft-05 section 10.2).

use easement_zone::{Name, Record, RecordData, RecordType, Ttl};

use super::earlier::earlier_applications;
use super::planner::Planner;
use super::rendering::render_all;
use super::written::Written;
use super::{Application, Plan, PlanError, PlanKind, RowReason, warning};
use crate::render::{self, Rendered, RenderedBody};
use crate::{GroupId, OwnedRecord, OwnedSpecial, RecordOrigin, Special};

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
