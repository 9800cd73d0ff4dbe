//! Templates of this server, for those who may read them.

use easement_core::{Standing, TemplateEntry, TemplateStatus};
use easement_store::TemplateChoice;

use crate::http::Visitor;
use crate::pages::PageError;
use crate::state::ServerState;

/// A template by the text `providerId/serviceId`: the newest text for operators, the approved one for
/// everybody else.
pub(super) async fn find(
    state: &ServerState,
    visitor: &Visitor,
    id: &str,
) -> Result<Option<TemplateEntry>, PageError> {
    let Some((provider, service)) = id.trim().split_once('/') else {
        return Ok(None);
    };
    let (Ok(provider), Ok(service)) = (provider.parse(), service.parse()) else {
        return Ok(None);
    };
    let person = visitor.signed_in.as_ref();
    let choice = match person.map(|person| person.account.standing) {
        Some(Standing::Operator) => TemplateChoice::Newest,
        Some(Standing::Member) | None => TemplateChoice::Approved,
    };
    let entry = state
        .store
        .find_template(&provider, &service, choice)
        .await?;
    Ok(entry.filter(|entry| choice == TemplateChoice::Newest || is_public(entry)))
}

fn is_public(entry: &TemplateEntry) -> bool {
    entry.status == TemplateStatus::Approved
}

/// How a template is named in forms and links.
pub(super) fn id_of(entry: &TemplateEntry) -> String {
    format!("{}/{}", entry.provider, entry.service)
}
