//! `/templates`

use axum::extract::State;
use axum::response::Response;
use easement_core::{Standing, TemplateEntry, TemplateStatus, Timestamp};

use super::views::{Section, ShownTime, TemplateRow, TemplatesPage, paths};
use super::{PageError, show};
use crate::http::{AddressQuery, Member};
use crate::state::Shared;
use crate::templates::line;

/// How many templates one page shows.
const SHOWN: usize = 300;

/// GET, for operators: those that wait first; with `status` and `q`, some of them.
pub(crate) async fn show_templates(
    State(state): State<Shared>,
    member: Member,
    AddressQuery(query): AddressQuery,
) -> Result<Response, PageError> {
    match member.account.standing {
        Standing::Operator => {}
        Standing::Member => return Err(PageError::OperatorsOnly),
    }
    let now = state.clock.now();
    let wanted = query.text("q").trim().to_lowercase();
    let status = TemplateStatus::from_word(query.text("status"));
    let entries = state.store.templates().await?;
    let is_pending = |entry: &&TemplateEntry| entry.status == TemplateStatus::Pending;
    let pending = entries.iter().filter(is_pending).count();
    let mut found: Vec<&TemplateEntry> = entries
        .iter()
        .filter(|entry| status.is_none_or(|status| entry.status == status))
        .filter(|entry| wanted.is_empty() || matches(entry, &wanted))
        .collect();
    found.sort_by_key(|entry| !is_pending(entry));
    show(&TemplatesPage {
        shell: member.shell(Section::Templates),
        more: found.len().saturating_sub(SHOWN),
        templates: found
            .iter()
            .take(SHOWN)
            .map(|entry| row(entry, now))
            .collect(),
        query: query.text("q").trim().to_owned(),
        status,
        pending,
    })
}

fn matches(entry: &TemplateEntry, wanted: &str) -> bool {
    let ids = format!("{}/{}", entry.provider, entry.service).to_lowercase();
    ids.contains(wanted) || entry.json.to_lowercase().contains(wanted)
}

fn row(entry: &TemplateEntry, now: Timestamp) -> TemplateRow {
    let line = line(entry);
    let address = paths::template(entry.provider.as_str(), entry.service.as_str());
    TemplateRow {
        id: format!("{}/{}", entry.provider, entry.service),
        href: format!("{address}?text={}", entry.id),
        title: if line.title.is_empty() {
            "(cannot be read)".to_owned()
        } else {
            line.title
        },
        version: entry.version,
        status: entry.status,
        checksum: entry.checksum.chars().take(12).collect(),
        imported: ShownTime::new(entry.imported_at, now),
    }
}
