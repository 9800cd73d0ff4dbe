//! `/templates`

use axum::extract::State;
use axum::response::Response;
use domain_connect::Template;
use easement_core::{Standing, TemplateEntry, Timestamp};

use super::views::{Section, ShownTime, TemplateRow, TemplatesPage};
use super::{PageError, show};
use crate::http::Member;
use crate::state::Shared;

/// GET, for operators.
pub(crate) async fn show_templates(
    State(state): State<Shared>,
    member: Member,
) -> Result<Response, PageError> {
    match member.account.standing {
        Standing::Operator => {}
        Standing::Member => return Err(PageError::OperatorsOnly),
    }
    let now = state.clock.now();
    let templates = state.store.templates().await?;
    show(&TemplatesPage {
        shell: member.shell(Section::Templates),
        templates: templates.iter().map(|entry| row(entry, now)).collect(),
    })
}

fn row(entry: &TemplateEntry, now: Timestamp) -> TemplateRow {
    let title = Template::from_json(&entry.json).map_or_else(
        |_| "(cannot be read)".to_owned(),
        |(template, _)| format!("{}: {}", template.provider_name(), template.service_name()),
    );
    TemplateRow {
        id: format!("{}/{}", entry.provider, entry.service),
        title,
        version: entry.version,
        status: entry.status,
        checksum: entry.checksum.chars().take(12).collect(),
        imported: ShownTime::new(entry.imported_at, now),
    }
}
