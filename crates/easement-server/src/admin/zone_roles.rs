//! Requests about who may do what in a zone.

use easement_core::{EmailAddress, ZoneRole};
use easement_store::RoleError;
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
    let store = &context.store;
    let ended = store.set_role(zone.id, account.id, role, &ORIGIN).await?;
    Ok(AdminReply::RoleSet(RoleLine {
        apex: zone.apex,
        email: account.email,
        role,
        ended_access: ended.len(),
    }))
}

impl From<RoleError> for AdminFailure {
    fn from(error: RoleError) -> Self {
        let kind = match &error {
            RoleError::Store(error) => return error.clone().into(),
            RoleError::NoSuchZone { .. } | RoleError::NoSuchAccount { .. } => FailureKind::NotFound,
            RoleError::NotAnOwner | RoleError::LastOwner => FailureKind::Conflict,
        };
        Self::new(kind, error.to_string())
    }
}
