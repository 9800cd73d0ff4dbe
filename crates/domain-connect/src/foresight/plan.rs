//! What would be in the way today.

use std::collections::BTreeSet;

use super::granted::{NameNotGiven, fixed_variables};
use super::placeholder::complete;
use crate::{Application, GroupId, Plan, PlanError, VariableName, plan_application};

/// What applying a template would do today.
#[derive(Clone, Debug, PartialEq)]
pub struct Foreseen {
    /// The plans: one, or one for each group when the groups are alternatives that cannot all be applied.
    /// None when the values that are not known yet decide about it.
    pub plans: Vec<ForeseenPlan>,
    /// The variables that nobody gave a value for: what the plans say of them is a stand-in.
    pub unknown: Vec<VariableName>,
}

/// One of the plans.
#[derive(Clone, Debug, PartialEq)]
pub struct ForeseenPlan {
    /// The group that it is for; none when it is for all.
    pub group: Option<GroupId>,
    /// The plan.
    pub plan: Plan,
}

/// Plans an application whose values need not all be known, for all groups.
///
/// ```
/// use std::collections::BTreeSet;
///
/// use domain_connect::foresight::{Foreseen, ForeseenPlan, ForesightError, foresee};
/// use domain_connect::{Application, Authenticity, Policy, Template, Variables};
/// use easement_zone::zonefile::{self, ReadOptions};
///
/// let zone = zonefile::read("\
/// $ORIGIN example.com.
/// @    SOA    ns1.dns.example. hostmaster 1 2h 15m 2w 5m
///      NS     ns1.dns.example.
/// home CNAME  elsewhere.example.
/// ", &ReadOptions::default())?.zone;
/// let (template, _notes) = Template::from_json(r#"{
///     "providerId": "p.example", "providerName": "P", "serviceId": "s", "serviceName": "S",
///     "records": [{"type": "A", "host": "@", "pointsTo": "%IP%", "ttl": 600}]
/// }"#)?;
/// let wish = Application {
///     zone: &zone,
///     services: &[],
///     special: &[],
///     template: &template,
///     host: &"home".parse()?,
///     groups: &BTreeSet::new(),
///     instance: None,
///     variables: &Variables::new(),
///     authenticity: Authenticity::Signed,
///     policy: &Policy::default(),
/// };
/// let foreseen: Foreseen = foresee(&wish)?;
/// assert_eq!(foreseen.unknown, ["IP".parse()?]);
/// let plan: &ForeseenPlan = &foreseen.plans[0];
/// assert_eq!((plan.plan.conflicts.len(), &plan.group), (1, &None));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn foresee(wish: &Application<'_>) -> Result<Foreseen, ForesightError> {
    fixed_variables(wish.template, wish.variables)?;
    let (variables, unknown) = complete(wish.template, wish.variables);
    let wish = Application {
        variables: &variables,
        ..*wish
    };
    match plans(&wish) {
        Ok(plans) => Ok(Foreseen { plans, unknown }),
        // What was made up may not fit where a variable has several uses.
        Err(PlanError::Record { .. } | PlanError::SelfConflict { .. }) if !unknown.is_empty() => {
            Ok(Foreseen {
                plans: Vec::new(),
                unknown,
            })
        }
        Err(error) => Err(error.into()),
    }
}

fn plans(wish: &Application<'_>) -> Result<Vec<ForeseenPlan>, PlanError> {
    let whole = plan_application(wish);
    let groups = wish.template.groups();
    match whole {
        Ok(plan) => Ok(vec![ForeseenPlan { group: None, plan }]),
        Err(PlanError::SelfConflict { .. }) if groups.len() > 1 => groups
            .into_iter()
            .map(|group| {
                let plan = plan_application(&Application {
                    groups: &BTreeSet::from([group.clone()]),
                    ..*wish
                })?;
                let group = Some(group.clone());
                Ok(ForeseenPlan { group, plan })
            })
            .collect(),
        Err(error) => Err(error),
    }
}

/// Why nobody can be asked whether a template may be applied.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ForesightError {
    /// A name is not known.
    #[error(transparent)]
    Name(#[from] NameNotGiven),
    /// It cannot be applied at all.
    #[error(transparent)]
    Plan(#[from] PlanError),
}
