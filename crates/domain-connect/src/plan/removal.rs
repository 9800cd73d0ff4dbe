//! Planning to remove a service.

use super::planner::Planner;
use super::{Plan, PlanError, PlanKind, Removal, RowReason};

/// Plans to remove a service: the records that it wrote and no other service needs go, those that
/// stood there before it stay (draft-05 section 10.5). What was in its way when it was applied does not
/// come back.
///
/// ```
/// use domain_connect::{PlanError, Removal, plan_removal};
/// # use domain_connect::{Application, Authenticity, Policy, Template, Variables, plan_application};
/// # use easement_zone::zonefile::{self, ReadOptions};
/// # let (template, _notes) = Template::from_json(r#"{
/// #     "providerId": "exampleservice.example", "providerName": "Example Service",
/// #     "serviceId": "web", "serviceName": "Websites",
/// #     "records": [{"type": "A", "host": "www", "pointsTo": "192.0.2.1", "ttl": 600}]
/// # }"#)?;
/// # let before = zonefile::read("\
/// # $ORIGIN example.com.
/// # @  SOA  ns1.dns.example. hostmaster 1 2h 15m 2w 5m
/// #    NS   ns1.dns.example.
/// # ", &ReadOptions::default())?.zone;
/// # let plan = plan_application(&Application {
/// #     zone: &before,
/// #     services: &[],
/// #     special: &[],
/// #     template: &template,
/// #     host: &"@".parse()?,
/// #     groups: &Default::default(),
/// #     instance: None,
/// #     variables: &Variables::new(),
/// #     authenticity: Authenticity::Signed,
/// #     policy: &Policy::default(),
/// # })?;
///
/// // What applying the service left: a zone with its record, and the service.
/// let zone = before.apply(&plan.changes)?;
/// let services = plan.services_after(&[]);
///
/// let removal = Removal { zone: &zone, services: &services, special: &[], index: 0 };
/// let plan = plan_removal(&removal)?;
/// let zone = zone.apply(&plan.changes)?;
/// assert!(!zone.has_name(&"www.example.com".parse()?));
/// assert!(plan.services_after(&services).is_empty());
///
/// let nothing = plan_removal(&Removal { index: 7, ..removal });
/// assert_eq!(nothing, Err(PlanError::NoSuchService));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn plan_removal(removal: &Removal<'_>) -> Result<Plan, PlanError> {
    let service = removal
        .services
        .get(removal.index)
        .ok_or(PlanError::NoSuchService)?;
    let mut planner = Planner::new(removal.zone, removal.services, removal.special);
    let holdings = planner.ledger.take_planned(removal.index, |_| true);
    planner.release(&holdings, &RowReason::Removed)?;
    planner.finish(PlanKind::Removal {
        service: Box::new(service.clone()),
        index: removal.index,
    })
}
