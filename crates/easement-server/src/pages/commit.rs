//! `/zones/{apex}/history/{version}`

use axum::extract::State;
use axum::response::Response;
use easement_core::{Version, ZoneAction};

use super::views::{CommitNeighbours, CommitPage, Section};
use super::zone_access::{ZoneAccess, parse_apex};
use super::{PageError, show};
use crate::http::{Member, PathParts};
use crate::state::Shared;

/// How many record sets the page shows: a commit may have a million.
const SHOWN: u32 = 1_000;

/// GET
pub(crate) async fn show_commit(
    State(state): State<Shared>,
    member: Member,
    PathParts((apex, version)): PathParts<(String, String)>,
) -> Result<Response, PageError> {
    let access = ZoneAccess::ask(&state, &member, &parse_apex(&apex)?, ZoneAction::View).await?;
    let version = Version(version.parse().map_err(|_| PageError::NotFound)?);
    let commit = state.store.commit_of(access.entry.id, version).await?;
    let commit = commit.ok_or(PageError::NotFound)?;
    let changes = state
        .store
        .changes_of(access.entry.id, version, SHOWN)
        .await?;
    let apex = &access.entry.apex;
    let is_newest = version.0 >= access.snapshot.version();
    let neighbours = CommitNeighbours {
        previous: (version.0 > 1).then(|| Version(version.0 - 1)),
        next: (!is_newest).then(|| version.next()),
    };
    let shell = member.shell(Section::Zones);
    let now = state.clock.now();
    let commit = (&commit, &changes);
    show(&CommitPage::new(shell, apex, commit, neighbours, now))
}
