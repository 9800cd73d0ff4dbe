//! From a plan of Domain Connect to what a page shows of it.

use domain_connect::{
    EndedGroup, EndedService, Plan, RowChange as PlannedChange, Special, SpecialAction,
    SpecialChange, Warning,
};
use easement_zone::{ChangeSet, RecordSet, Zone};

use super::effects::{Effect, EffectLine, Sign};
use super::plan::{EndingGroup, EndingService, GoingRecord, PlanView};
use super::show::{ShownName, duration_words, record_value, service_title};
use super::words::Words;

impl PlanView {
    /// Shows a plan that was made from this zone.
    pub fn of(zone: &Zone, plan: &Plan) -> Self {
        let mut view = Self::new(zone, &plan.changes);
        view.effects
            .extend(plan.special.iter().map(describe_special));
        view.ending = plan
            .ended
            .iter()
            .map(|ended| ending(zone, plan, ended))
            .collect();
        view.ending_groups = plan
            .ended_groups
            .iter()
            .map(|ended| ending_group(zone, plan, ended))
            .collect();
        // Pages say in their own words, and at length, that a request is not signed.
        view.warnings = plan
            .warnings
            .iter()
            .filter(|warning| **warning != Warning::Unsigned)
            .map(|warning| Words::new(warning.to_string()))
            .collect();
        view.there_already = plan
            .rows
            .iter()
            .filter(|row| row.change == PlannedChange::Shared)
            .count();
        view
    }
}

fn ending(zone: &Zone, plan: &Plan, ended: &EndedService) -> EndingService {
    let rule = plan
        .conflicts
        .iter()
        .find(|conflict| conflict.owners.contains(&ended.key))
        .map(|conflict| conflict.rule.to_string());
    let host = ended.key.host.below(zone.apex());
    EndingService {
        title: service_title(&ended.title),
        host: ShownName::new(host.as_ref().unwrap_or(zone.apex())),
        reason: match rule {
            Some(rule) => format!("it needs records that have to go, because {rule}."),
            None => "it needs records that have to go.".to_owned(),
        },
    }
}

fn ending_group(zone: &Zone, plan: &Plan, ended: &EndedGroup) -> EndingGroup {
    let records = ended.records.iter().map(|record| GoingRecord {
        name: ShownName::within(&record.owner, zone.apex()),
        rtype: record.data.rtype().to_string(),
        value: record_value(&record.data),
    });
    EndingGroup {
        service: plan.service().service_name.to_string(),
        group: ended.group.to_string(),
        reason: ended.rule.to_string(),
        records: records.collect(),
    }
}

/// What is done for a name beyond records.
fn describe_special(change: &SpecialChange) -> EffectLine {
    let (sign, special, verb) = match change {
        SpecialChange::Added(special) => (Sign::Begins, special, "will"),
        SpecialChange::Removed(special) => (Sign::Ends, special, "will no longer"),
    };
    let Special { owner, action } = special;
    let name = ShownName::new(owner).text;
    let words = match action {
        SpecialAction::ApexAlias { target, .. } => Words::default()
            .name(name)
            .plain(format!(" {verb} lead to wherever "))
            .name(ShownName::new(target).text)
            .plain(" leads."),
        SpecialAction::WebRedirect { target, .. } => Words::new("Visitors of ")
            .name(name)
            .plain(format!(" {verb} be sent on to "))
            .name(target)
            .plain("."),
    };
    EffectLine {
        sign,
        effect: Effect::Addresses,
        words,
    }
}

/// How long others may still give the answers from before a change, in words; nothing when every
/// record of it is new.
pub fn old_answers(changes: &ChangeSet) -> Option<String> {
    changes
        .iter()
        .filter_map(|(_, change)| change.before.as_ref())
        .map(RecordSet::ttl)
        .max()
        .map(|ttl| duration_words(ttl.as_secs().into()))
}

#[cfg(test)]
mod tests {
    use super::super::samples::{fernmail_plan, mail_change, other_group_plan, zone};
    use super::*;

    #[test]
    fn a_plan_names_the_service_that_ends_and_why() {
        let zone = zone();
        let view = PlanView::of(&zone, &fernmail_plan(&zone));
        let [ending] = view.ending.as_slice() else {
            panic!("one service ends: {:?}", view.ending);
        };
        assert_eq!(ending.title, "OldHost Mail");
        assert!(
            ending.reason.contains("one service receives all mail"),
            "{}",
            ending.reason
        );
        assert!(
            view.warnings.is_empty(),
            "the page itself says when a link is not signed"
        );
    }

    #[test]
    fn a_plan_names_the_group_that_ends_and_every_record_that_goes_with_it() {
        let (zone, plan) = other_group_plan();
        let view = PlanView::of(&zone, &plan);
        assert!(view.ending.is_empty(), "{:?}", view.ending);
        let [ending] = view.ending_groups.as_slice() else {
            panic!("one group ends: {:?}", view.ending_groups);
        };
        assert_eq!(ending.service, "Harbour Sites");
        assert_eq!(ending.group, "address");
        let records = ending.records.iter();
        let records = records.map(|one| (one.name.text.as_str(), one.rtype.as_str()));
        assert_eq!(
            records.collect::<Vec<_>>(),
            [
                ("shop.example.test", "A"),
                ("_harbour.shop.example.test", "TXT")
            ]
        );
    }

    #[test]
    fn old_answers_live_as_long_as_what_they_replace() {
        let zone = zone();
        assert_eq!(old_answers(&mail_change(&zone)).as_deref(), Some("1 hour"));
        assert_eq!(
            old_answers(&super::super::samples::certificate_change()),
            None
        );
    }
}
