//! Requests about who may do what in a zone.

use easement_core::{AuditEvent, EmailAddress, GrantEnd, ZoneRole};
use easement_store::{GrantEntry, RoleError};
use easement_zone::Name;

use super::accounts;
use super::execute::{AdminContext, ORIGIN};
use super::zones::no_such_zone;
use super::{AdminFailure, AdminReply, FailureKind, RoleLine};

pub(super) async fn set(
    context: &AdminContext,
    apex: &Name,
    email: &EmailAddress,
    role: Option<ZoneRole>,
) -> Result<AdminReply, AdminFailure> {
    let zone = context.store.zone_by_apex(apex).await?;
    let zone = zone.ok_or_else(|| no_such_zone(apex))?;
    let account = accounts::find(context, email).await?.account;
    let ended = context.store.set_role(zone.id, account.id, role).await?;
    let event = AuditEvent::RoleSet {
        apex: zone.apex.to_text(),
        email: email.clone(),
        role,
    };
    context
        .store
        .append_audit(Some(ORIGIN.actor), None, &event)
        .await?;
    note_ended(context, &zone.apex, &ended).await?;
    Ok(AdminReply::RoleSet(RoleLine {
        apex: zone.apex,
        email: account.email,
        role,
        ended_access: ended.len(),
    }))
}

/// Writes down which programs lost their access with the role of whoever gave it.
async fn note_ended(
    context: &AdminContext,
    apex: &Name,
    ended: &[GrantEntry],
) -> Result<(), AdminFailure> {
    for entry in ended {
        let event = AuditEvent::GrantEnded {
            client: entry.holder.id(),
            apex: apex.to_text(),
            because: GrantEnd::RoleLost,
        };
        let actor = Some(ORIGIN.actor);
        context.store.append_audit(actor, None, &event).await?;
    }
    Ok(())
}

impl From<RoleError> for AdminFailure {
    fn from(error: RoleError) -> Self {
        let kind = match &error {
            RoleError::Store(error) => return error.clone().into(),
            RoleError::NoSuchZone { .. } | RoleError::NoSuchAccount { .. } => FailureKind::NotFound,
            RoleError::LastOwner => FailureKind::Conflict,
        };
        Self::new(kind, error.to_string())
    }
}
