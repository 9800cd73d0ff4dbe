//! From a plan of Domain Connect to what a page shows of it.

use domain_connect::{
    EndedService, Plan, RowChange as PlannedChange, Special, SpecialAction, SpecialChange, Warning,
};
use easement_zone::{ChangeSet, RecordSet, Zone};

use super::effects::{Effect, EffectLine, Sign};
use super::plan::{EndingService, PlanView};
use super::show::{ShownName, duration_words, service_title};
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
    use super::super::samples::{fernmail_plan, mail_change, zone};
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
    fn old_answers_live_as_long_as_what_they_replace() {
        let zone = zone();
        assert_eq!(old_answers(&mail_change(&zone)).as_deref(), Some("1 hour"));
        assert_eq!(
            old_answers(&super::super::samples::certificate_change()),
            None
        );
    }
}
