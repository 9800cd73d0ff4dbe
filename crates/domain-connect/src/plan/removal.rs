//! Planning to remove a service.

use super::planner::Planner;
use super::{Plan, PlanError, PlanKind, Removal, RowReason};

/// Plans to remove a service: the records that it wrote and no other service needs go, those that
/// stood there before it stay (draft-05 section 10.5). What was in its way when it was applied does not
/// come back.
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
