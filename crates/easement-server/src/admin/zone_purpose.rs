//! Requests about what a zone is for.

use easement_core::ZonePurpose;
use easement_zone::Name;

use super::execute::{AdminContext, ORIGIN};
use super::zones::no_such_zone;
use super::{AdminFailure, AdminReply, ZonePurposeLine};

/// Marks a zone for testing, or for use.
pub(super) async fn set(
    context: &AdminContext,
    apex: &Name,
    purpose: ZonePurpose,
) -> Result<AdminReply, AdminFailure> {
    let zone = context.store.zone_by_apex(apex).await?;
    let zone = zone.ok_or_else(|| no_such_zone(apex))?;
    let set = context.store.set_zone_purpose(zone.id, purpose, &ORIGIN);
    if !set.await? {
        return Err(no_such_zone(apex));
    }
    Ok(AdminReply::ZonePurposeSet(ZonePurposeLine {
        apex: zone.apex,
        purpose,
    }))
}
