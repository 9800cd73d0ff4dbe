//! `/tokens`

use super::super::views::{Section, TokenRow, TokensPage};
use super::super::{PageError, show};
use super::own::{desk, row};
use crate::http::Member;
use crate::state::Shared;
use axum::extract::State;
use axum::response::Response;

/// How many of those that do not count are shown.
const ENDED: usize = 50;

/// GET
pub(crate) async fn show_tokens(
    State(state): State<Shared>,
    member: Member,
) -> Result<Response, PageError> {
    let desk = desk(&state);
    let lines = desk.list_of(member.account.id).await?;
    let rows = lines.iter().map(|line| row(line, desk.now));
    let (mut ended, counting): (Vec<TokenRow>, Vec<TokenRow>) =
        rows.partition(|row| row.ended.is_some());
    let more_ended = ended.len().saturating_sub(ENDED);
    ended.truncate(ENDED);
    show(&TokensPage {
        shell: member.shell(Section::Tokens),
        counting,
        ended,
        more_ended,
    })
}
