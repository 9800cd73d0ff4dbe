//! What a token says that it may do, and its account may not.

use easement_core::{ApiToken, NameLimit, NameReach, TokenKind, ZoneAction, ZonePurpose, ZoneRole};
use easement_store::{StoreError, ZoneEntry};
use easement_zone::Name;

use super::TokenDesk;

/// How many zones of an account are looked at.
const MAX_ZONES: u32 = 10_000;

impl TokenDesk<'_> {
    /// What is in the way of a token.
    pub(crate) async fn warnings(self, token: &ApiToken) -> Result<Vec<String>, StoreError> {
        let zones = self.store.zones_of(token.account, None, MAX_ZONES).await?;
        let apex_over = |name: &Name| {
            let hosted = self.hosted.zone_over(name)?;
            Some(hosted.apex().clone())
        };
        let names = token.limits.names.iter();
        Ok(names
            .filter_map(|limit| {
                let apex = apex_over(limit.name());
                warning(limit, token.kind, &zones, apex.as_ref())
            })
            .collect())
    }
}

/// What is in the way of a token at these names, which are in the zone with this apex.
fn warning(
    limit: &NameLimit,
    kind: TokenKind,
    zones: &[(ZoneEntry, ZoneRole)],
    apex: Option<&Name>,
) -> Option<String> {
    let is_meant = |zone: &ZoneEntry| {
        let is_below = limit.reach() != NameReach::Exact && zone.apex.is_at_or_below(limit.name());
        is_below || Some(&zone.apex) == apex
    };
    let mut meant = zones
        .iter()
        .filter(|(zone, role)| role.allows(ZoneAction::Change) && is_meant(zone))
        .map(|(zone, _)| zone)
        .peekable();
    if meant.peek().is_none() {
        return Some(format!(
            "{limit} is in no zone whose records this account may change: until it may, this token cannot \
             either"
        ));
    }
    if kind == TokenKind::Live || meant.any(|zone| zone.purpose == ZonePurpose::Testing) {
        return None;
    }
    Some(format!(
        "{limit} is in no zone that is marked for testing, so this test token is refused there: \
         easement zone testing ZONE on"
    ))
}
