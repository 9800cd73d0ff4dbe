//! Taking a zone back to an earlier version.

use easement_core::{ChangeSource, Version};
use easement_zone::Name;

use super::execute::AdminContext;
use super::progress::Reporter;
use super::zone_import::change;
use super::zones::{no_such_zone, snapshot};
use super::{AdminFailure, AdminReply, ExistingZone, FailureKind};

/// Makes a zone what it was in this version, as one more commit, or says what that would change. It costs
/// what changed since, and not what the zone holds.
pub(super) async fn restore(
    context: &AdminContext,
    (apex, version): (&Name, Version),
    existing: ExistingZone,
    reporter: &Reporter,
) -> Result<AdminReply, AdminFailure> {
    let current = snapshot(context, apex)?;
    let entry = context.store.zone_by_apex(apex).await?;
    let entry = entry.ok_or_else(|| no_such_zone(apex))?;
    let newest = Version(current.version());
    if version == Version(0) || version > newest {
        let apex = apex.to_text();
        let message =
            format!("the zone {apex} has versions 1 to {newest}, and no version {version}");
        return Err(AdminFailure::new(FailureKind::NotFound, message)
            .with_hint("the page of the zone shows its history"));
    }
    let since = context.store.changes_between(entry.id, version..newest);
    let back = since.await?.inverse();
    let source = ChangeSource::ZoneRestored { version };
    let outcome = change(context, &current, (back, source), existing, reporter).await?;
    Ok(AdminReply::ZoneRestored { version, outcome })
}
