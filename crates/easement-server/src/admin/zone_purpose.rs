//! Requests about what a zone is for.

use easement_core::{AuditEvent, ZonePurpose};
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
    if !context.store.set_zone_purpose(zone.id, purpose).await? {
        return Err(no_such_zone(apex));
    }
    let event = AuditEvent::ZonePurposeSet {
        apex: zone.apex.to_text(),
        purpose,
    };
    context
        .store
        .append_audit(Some(ORIGIN.actor), None, &event)
        .await?;
    Ok(AdminReply::ZonePurposeSet(ZonePurposeLine {
        apex: zone.apex,
        purpose,
    }))
}
