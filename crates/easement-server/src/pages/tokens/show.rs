//! `/tokens/{id}`

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::super::views::{NetworkRow, Section, ShownTime, TokenPage, paths};
use super::super::{PageError, show};
use super::own::{desk, find, parent_view, row};
use super::settings::settings_for;
use super::tester;
use crate::http::{AddressQuery, Member, PathParts};
use crate::state::Shared;

/// GET; with `of` and others, whether it may do something.
pub(crate) async fn show_token(
    State(state): State<Shared>,
    member: Member,
    PathParts(id): PathParts<String>,
    AddressQuery(query): AddressQuery,
) -> Result<Response, PageError> {
    let found = find(&state, &member, &id).await?;
    let newest = &found.chain.token().public_id;
    if newest.as_str() != id {
        // The id of a secret that was replaced.
        return Ok(Redirect::to(&paths::token(newest)).into_response());
    }
    let desk = desk(&state);
    let now = desk.now;
    let detail = desk
        .detail(&found.chain, member.account.email.clone())
        .await?;
    let time = |at| ShownTime::new(at, now);
    let href = paths::token(&detail.line.id);
    let warnings = if detail.line.ended.is_none() {
        desk.warnings(found.chain.token()).await?
    } else {
        Vec::new()
    };
    let origin = state.settings.public_url.origin();
    show(&TokenPage {
        shell: member.shell(Section::Tokens),
        row: row(&detail.line, now),
        created: time(detail.line.created_at),
        revoked: detail.line.revoked_at.map(time),
        made_from: detail.made_from.into_iter().map(parent_view).collect(),
        warnings,
        networks: detail
            .networks
            .iter()
            .map(|one| NetworkRow {
                network: one.network.to_string(),
                first: time(one.first_at),
                last: time(one.last_at),
            })
            .collect(),
        refusals: detail
            .refusals
            .map(|one| (one.count, time(one.last_at), one.reason)),
        children: detail
            .children
            .iter()
            .map(|child| row(child, now))
            .collect(),
        settings: settings_for(&found.chain, &origin, None),
        rotate_action: format!("{href}/rotate"),
        revoke_href: format!("{href}/revoke"),
        narrower_href: format!("{}?from={}", paths::NEW_TOKEN, detail.line.id),
        tester: tester::ask(desk, found, &query).await?,
    })
}
