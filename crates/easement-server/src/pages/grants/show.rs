//! `/apps/{grant}`

use axum::extract::State;
use axum::response::Response;
use domain_connect::Template;
use domain_connect::foresight::granted_records;
use easement_core::GrantRight;
use easement_store::TemplateChoice;

use super::super::views::{CommitRow, GrantNames, GrantPage, GrantPlace, Section, ShownTime};
use super::super::{PageError, show};
use super::own::{Seen, find, row, shown_origin};
use crate::http::{Member, PathParts};
use crate::state::{ServerState, Shared};

/// How many uses are shown.
const USES: u32 = 50;

/// GET
pub(crate) async fn show_grant(
    State(state): State<Shared>,
    member: Member,
    PathParts(id): PathParts<String>,
) -> Result<Response, PageError> {
    let seen = find(&state, &member, &id).await?;
    let now = state.clock.now();
    let (places, gone) = places(&state, &seen).await?;
    let grant = seen.entry.grant.id;
    let commits = state.store.commits_of_grant(grant, USES + 1).await?;
    let shown = commits.iter().take(USES as usize);
    let row = row(&seen, now);
    let names = names(&seen.entry.grant.right);
    show(&GrantPage {
        shell: member.shell(Section::Apps),
        client_id: seen.entry.holder.id().to_string(),
        given: ShownTime::new(seen.entry.grant.created_at, now),
        places,
        about: seen
            .entry
            .holder
            .app()
            .map(|app| shown_origin(app.origin())),
        narrow: (names.len() > 1 && row.ended.is_none()).then(|| format!("{}/narrow", row.href)),
        names,
        gone,
        uses: shown
            .map(|commit| CommitRow::new(&seen.apex, commit, now))
            .collect(),
        has_more_uses: commits.len() > USES as usize,
        revoke: row.ended.is_none().then(|| format!("{}/revoke", row.href)),
        row,
    })
}

/// What of names an app asked for may be written.
fn names(right: &GrantRight) -> Vec<GrantNames> {
    match right {
        GrantRight::Templates { .. } => Vec::new(),
        GrantRight::Names { permissions } => permissions.iter().map(GrantNames::of).collect(),
    }
}

/// What may be written, and the templates that are not offered any more.
async fn places(
    state: &ServerState,
    seen: &Seen,
) -> Result<(Vec<GrantPlace>, Vec<String>), PageError> {
    let GrantRight::Templates {
        provider,
        services,
        hosts,
        fixed,
        ..
    } = &seen.entry.grant.right
    else {
        return Ok((Vec::new(), Vec::new()));
    };
    let apex = &seen.apex;
    let (mut places, mut gone) = (Vec::new(), Vec::new());
    for service in services {
        let choice = TemplateChoice::Approved;
        let entry = state.store.find_template(provider, service, choice).await?;
        let template = entry.and_then(|entry| Template::from_json(&entry.json).ok());
        let Some((template, _notes)) = template else {
            gone.push(service.to_string());
            continue;
        };
        let name = template.provider_name().to_string();
        for host in hosts {
            // A text that came later and needs a value that nobody agreed to cannot be used.
            match granted_records(&template, apex, host, fixed) {
                Ok(granted) => places.push(GrantPlace::of(apex, host, &template, &name, &granted)),
                Err(_) => gone.push(service.to_string()),
            }
        }
    }
    gone.dedup();
    Ok((places, gone))
}
