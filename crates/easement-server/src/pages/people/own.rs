//! What both pages share: who may use them, and what they read.

use easement_core::{AccountId, Actor, Origin, Password, ZoneAction, ZoneRole};
use easement_store::RoleError;

use super::super::views::Problem;
use super::super::zone_access::{ZoneAccess, parse_apex};
use super::super::{PageError, account, problems};
use crate::http::{Fields, Member};
use crate::state::ServerState;

/// The zone, when the person owns it.
pub(super) async fn find(
    state: &ServerState,
    member: &Member,
    apex: &str,
) -> Result<ZoneAccess, PageError> {
    let access = ZoneAccess::ask(state, member, &parse_apex(apex)?, ZoneAction::View).await?;
    if access.role.allows(ZoneAction::ManageRoles) {
        return Ok(access);
    }
    Err(PageError::OwnersOnly {
        apex: access.entry.apex,
    })
}

/// The role that was chosen.
pub(super) fn read_role(form: &Fields) -> Result<ZoneRole, Problem> {
    let field = "role";
    match form.text(field) {
        "" => Err(Problem {
            field,
            message: "Choose a role.".to_owned(),
        }),
        text => text
            .parse()
            .map_err(|error| problems::problem(field, &error)),
    }
}

/// What is wrong with the password that was typed; nothing when it is that of the person.
pub(super) async fn check_password(
    state: &ServerState,
    member: &Member,
    form: &Fields,
) -> Result<Option<Problem>, PageError> {
    let field = "current_password";
    let turn = state.sign_in_turns.wait_for(member.account.email.clone());
    let turn = turn.await;
    match Password::given(form.text(field)) {
        Ok(password) => account::check_password(state, member, &turn, password, field).await,
        Err(error) => Ok(Some(problems::problem(field, &error))),
    }
}

/// Sets the role; or says what is wrong with the wish.
pub(super) async fn set(
    state: &ServerState,
    member: &Member,
    (access, account): (&ZoneAccess, AccountId),
    role: Option<ZoneRole>,
) -> Result<Option<Problem>, PageError> {
    let origin = Origin {
        actor: Actor::Account(member.account.id),
        address: Some(member.visitor.address),
    };
    let zone = &access.entry;
    match state.store.set_role(zone.id, account, role, &origin).await {
        Ok(_) => Ok(None),
        Err(error @ RoleError::LastOwner) => Ok(Some(problems::problem("role", &error))),
        Err(RoleError::NotAnOwner) => Err(PageError::OwnersOnly {
            apex: zone.apex.clone(),
        }),
        Err(RoleError::NoSuchZone { .. } | RoleError::NoSuchAccount { .. }) => {
            Err(PageError::NotFound)
        }
        Err(RoleError::Store(error)) => Err(error.into()),
    }
}
