//! Which zone a page is about, and what this person may do there.

use std::sync::Arc;

use easement_core::{Permit, ZoneAction, ZoneRole};
use easement_store::ZoneEntry;
use easement_zone::{Name, ZoneSnapshot};

use super::PageError;
use crate::http::Member;
use crate::state::ServerState;

/// A zone that a person has a role in.
#[derive(Clone, Debug)]
pub(crate) struct ZoneAccess {
    pub(crate) entry: ZoneEntry,
    pub(crate) role: ZoneRole,
    pub(crate) permit: Permit,
    pub(crate) snapshot: Arc<ZoneSnapshot>,
}

impl ZoneAccess {
    /// Asks for a permit. A zone that is not here and one that is someone else's look the same.
    pub(crate) async fn ask(
        state: &ServerState,
        member: &Member,
        apex: &Name,
        action: ZoneAction,
    ) -> Result<Self, PageError> {
        let refused = || PageError::NotYourZone { apex: apex.clone() };
        let entry = state.store.zone_by_apex(apex).await?.ok_or_else(refused)?;
        let account = member.account.id;
        let role = state.store.role_of(entry.id, account).await?;
        let permit = Permit::for_account(account, role, action, entry.id, &entry.apex)?;
        // The snapshot is taken before anything else of the zone is read: what is read later can only
        // be newer, and a plan that mixes the two is refused by its version.
        let hosted = state.hosted.get(&entry.apex).ok_or_else(refused)?;
        Ok(Self {
            role: role.ok_or_else(refused)?,
            snapshot: hosted.snapshot(),
            entry,
            permit,
        })
    }
}

/// The apex in an address. What is no name is no zone either.
pub(crate) fn parse_apex(text: &str) -> Result<Name, PageError> {
    text.parse().map_err(|_| PageError::NotFound)
}
