//! The records that a template stands for at a place, none of which conflicts with another (draft-05 section
//! 10.2, steps 1, 3 and 4).

use std::collections::HashMap;

use easement_zone::{Name, RecordType};

use super::{Application, PlanError, conflict};
use crate::render::{self, Context, RenderFault, Rendered, RenderedBody, Scope};

/// Steps 1, 3 and 4: the records that the template stands for here, none of which conflicts with
/// another.
pub(super) fn render_all(application: &Application<'_>) -> Result<Vec<Rendered>, PlanError> {
    let template = application.template;
    if template.requires_host() && application.host.is_apex() {
        return Err(PlanError::HostRequired);
    }
    let scope = Scope::new(application.zone.apex(), application.host)?;
    let active = render::active_records(template, application.groups);
    let context = Context {
        scope: &scope,
        variables: application.variables,
        policy: application.policy,
    };
    let mut rendered = Vec::with_capacity(active.len());
    for (index, record) in active {
        let records =
            render::render(index, record, &context).map_err(|fault| PlanError::Record {
                number: index + 1,
                rtype: record.body.type_name(),
                fault,
            })?;
        rendered.extend(records);
    }
    if rendered.is_empty() {
        return Err(PlanError::NoRecords);
    }
    check_within(&rendered)?;
    check_aliases(&rendered)?;
    Ok(rendered)
}

fn check_within(rendered: &[Rendered]) -> Result<(), PlanError> {
    for (place, one) in rendered.iter().enumerate() {
        for other in rendered.iter().skip(place + 1) {
            if let Some(rule) = conflict::within_template(one, other) {
                return Err(PlanError::SelfConflict {
                    first: one.index + 1,
                    second: other.index + 1,
                    rule,
                });
            }
        }
    }
    Ok(())
}

/// Refuses aliases that lead back to themselves: nobody would ever be answered.
fn check_aliases(rendered: &[Rendered]) -> Result<(), PlanError> {
    let mut targets: HashMap<&Name, Name> = HashMap::new();
    for new in rendered {
        if let RenderedBody::Record { data, .. } = &new.body
            && data.rtype() == RecordType::CNAME
            && let Some(target) = data.target()
        {
            targets.insert(&new.owner, target);
        }
    }
    for new in rendered {
        let chain = std::iter::successors(targets.get(&new.owner), |name| targets.get(*name));
        if chain.take(targets.len()).any(|target| *target == new.owner) {
            return Err(PlanError::Record {
                number: new.index + 1,
                rtype: RecordType::CNAME.to_string(),
                fault: RenderFault::CircularAlias,
            });
        }
    }
    Ok(())
}
