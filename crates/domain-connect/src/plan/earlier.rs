//! Which earlier applications a new one takes the place of.

use super::Application;
use super::workspace::is_identical;
use crate::AppliedService;
use crate::render::{Rendered, RenderedBody};

/// The places of the earlier applications of the same template to the same host. A template that allows
/// several instances only takes the place of the instance that is named (draft-05 section 10.4.1.1),
/// or of one that holds exactly the same, since two of those could not be told apart.
pub(super) fn earlier_applications(
    application: &Application<'_>,
    rendered: &[Rendered],
) -> Vec<usize> {
    let template = application.template;
    let is_earlier = |service: &AppliedService| {
        let is_same_template = service.key.provider_id == *template.provider_id()
            && service.key.service_id == *template.service_id()
            && service.key.host == *application.host;
        let is_same_instance = !template.is_multi_instance()
            || match application.instance {
                Some(instance) => service.key.instance.as_ref() == Some(instance),
                None => service.key.instance.is_none() && holds_exactly(service, rendered),
            };
        is_same_template && is_same_instance
    };
    let services = application.services.iter().enumerate();
    let mut earlier: Vec<usize> = services
        .filter(|(_, service)| is_earlier(service))
        .map(|(index, _)| index)
        .collect();
    if template.is_multi_instance() {
        earlier.truncate(1);
    }
    earlier
}

fn holds_exactly(service: &AppliedService, rendered: &[Rendered]) -> bool {
    let is_held = |new: &Rendered| match &new.body {
        RenderedBody::Record { data, .. } => service
            .records
            .iter()
            .any(|owned| owned.record.owner == new.owner && is_identical(&owned.record.data, data)),
        RenderedBody::Spf { .. } => service.spf.iter().any(|spf| spf.owner == new.owner),
        RenderedBody::Special { action } => service
            .special
            .iter()
            .any(|owned| owned.special.owner == new.owner && owned.special.action == *action),
    };
    let held = service.records.len() + service.spf.len() + service.special.len();
    held == rendered.len() && rendered.iter().all(is_held)
}
