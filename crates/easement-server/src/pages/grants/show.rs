//! `/apps/{grant}`

use axum::extract::State;
use axum::response::Response;
use domain_connect::Template;
use domain_connect::foresight::granted_records;
use easement_core::GrantRight;
use easement_store::TemplateChoice;

use super::super::views::{
    AgreedView, CommitRow, GrantNames, GrantPage, Section, ShownName, ShownTime, WiderTemplate,
};
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
    let Changed { wider, gone } = changed(&state, &seen).await?;
    let grant = seen.entry.grant.id;
    let commits = state.store.commits_of_grant(grant, USES + 1).await?;
    let shown = commits.iter().take(USES as usize);
    let row = row(&seen, now);
    let names = names(&seen.entry.grant.right);
    show(&GrantPage {
        shell: member.shell(Section::Apps),
        client_id: seen.entry.holder.id().to_string(),
        given: ShownTime::new(seen.entry.grant.created_at, now),
        agreed: agreed(&seen),
        wider,
        about: seen
            .entry
            .holder
            .app()
            .map(|app| shown_origin(app.origin())),
        narrow: (names.len() > 1 && row.ended.is_none()).then(|| format!("{}/narrow", row.href)),
        shorten: row.ended.is_none().then(|| format!("{}/shorten", row.href)),
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

/// What was agreed to of templates.
fn agreed(seen: &Seen) -> Option<AgreedView> {
    match &seen.entry.grant.right {
        GrantRight::Templates {
            records, agreed, ..
        } => {
            let client = seen.entry.holder.name();
            Some(AgreedView::of(&seen.apex, client, (records, agreed)))
        }
        GrantRight::Names { .. } => None,
    }
}

/// What of a grant does not count as its templates are now.
#[derive(Default)]
struct Changed {
    /// Those that ask for more.
    wider: Vec<WiderTemplate>,
    /// Those that are not offered any more.
    gone: Vec<String>,
}

async fn changed(state: &ServerState, seen: &Seen) -> Result<Changed, PageError> {
    let mut changed = Changed::default();
    let GrantRight::Templates {
        provider, services, ..
    } = &seen.entry.grant.right
    else {
        return Ok(changed);
    };
    for service in services {
        let choice = TemplateChoice::Approved;
        let entry = state.store.find_template(provider, service, choice).await?;
        let template = entry.and_then(|entry| Template::from_json(&entry.json).ok());
        match template {
            Some((template, _notes)) => changed.wider.extend(wider(&template, seen)),
            None => changed.gone.push(service.to_string()),
        }
    }
    Ok(changed)
}

/// The first record that a template asks for by now and nobody agreed to.
fn wider(template: &Template, seen: &Seen) -> Option<WiderTemplate> {
    let right = &seen.entry.grant.right;
    let GrantRight::Templates { hosts, fixed, .. } = right else {
        return None;
    };
    let what = hosts.iter().find_map(|host| {
        let Ok(granted) = granted_records(template, &seen.apex, host, fixed) else {
            return Some("a value that is part of a name".to_owned());
        };
        let record = right.first_not_agreed(&granted)?;
        Some(format!(
            "{} at {}",
            record.rtype,
            ShownName::new(&record.owner).text
        ))
    });
    let service = template.service_id().to_string();
    what.map(|what| WiderTemplate { service, what })
}
