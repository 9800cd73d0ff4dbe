//! `/zones/{apex}/people/{account}`

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use easement_core::{Account, AccountId, ZoneId, ZoneRole};
use http::StatusCode;

use super::super::views::{PersonPage, Problem, RoleChoice, Section, ShownName, paths};
use super::super::zone_access::ZoneAccess;
use super::super::{PageError, show};
use super::own::{check_password, find, read_role, set};
use crate::http::{Fields, Member, PathParts, PostedForm};
use crate::state::{ServerState, Shared};

/// The word with which a form takes a role away.
const NONE: &str = "none";

/// GET
pub(crate) async fn show_person(
    State(state): State<Shared>,
    member: Member,
    PathParts((apex, account)): PathParts<(String, String)>,
) -> Result<Response, PageError> {
    let access = find(&state, &member, &apex).await?;
    let person = find_person(&state, access.entry.id, &account).await?;
    let chosen = Some(person.1);
    show(&page(&state, &member, (&access, &person), (chosen, None)).await?)
}

/// POST: gives somebody another role, or takes it away.
pub(crate) async fn change_role(
    State(state): State<Shared>,
    member: Member,
    PathParts((apex, account)): PathParts<(String, String)>,
    PostedForm(form): PostedForm,
) -> Result<Response, PageError> {
    let access = find(&state, &member, &apex).await?;
    let person = find_person(&state, access.entry.id, &account).await?;
    let role = match read_wish(&form) {
        Ok(role) => role,
        Err(problem) => {
            let form = (Some(person.1), Some(problem));
            return refuse(&page(&state, &member, (&access, &person), form).await?);
        }
    };
    let problem = match check_password(&state, &member, &form).await? {
        Some(problem) => Some(problem),
        None => set(&state, &member, (&access, person.0.id), role).await?,
    };
    if problem.is_some() {
        return refuse(&page(&state, &member, (&access, &person), (role, problem)).await?);
    }
    let is_own = person.0.id == member.account.id;
    Ok(Redirect::to(&next(&access, role, is_own)).into_response())
}

/// Where the person goes on: who has stepped down sees the list no more.
fn next(access: &ZoneAccess, role: Option<ZoneRole>, is_own: bool) -> String {
    let apex = &access.entry.apex;
    match role {
        Some(ZoneRole::Editor | ZoneRole::Viewer) if is_own => paths::zone(apex),
        None if is_own => paths::ZONES.to_owned(),
        Some(ZoneRole::Owner | ZoneRole::Editor | ZoneRole::Viewer) | None => paths::people(apex),
    }
}

fn refuse(page: &PersonPage) -> Result<Response, PageError> {
    Ok((StatusCode::UNPROCESSABLE_ENTITY, show(page)?).into_response())
}

/// Somebody who has a role in the zone. An account that has none and one that is not there look the same.
async fn find_person(
    state: &ServerState,
    zone: ZoneId,
    account: &str,
) -> Result<(Account, ZoneRole), PageError> {
    let id: i64 = account.parse().map_err(|_| PageError::NotFound)?;
    let id = AccountId::new(id);
    let role = state.store.role_of(zone, id).await?;
    let role = role.ok_or(PageError::NotFound)?;
    let stored = state.store.account(id).await?;
    Ok((stored.ok_or(PageError::NotFound)?.account, role))
}

/// The role that was chosen; nothing takes it away.
fn read_wish(form: &Fields) -> Result<Option<ZoneRole>, Problem> {
    if form.text("role") == NONE {
        return Ok(None);
    }
    read_role(form).map(Some)
}

/// Whether the zone would have no owner without somebody who has this role.
async fn is_last_owner(
    state: &ServerState,
    zone: ZoneId,
    role: ZoneRole,
) -> Result<bool, PageError> {
    let people = state.store.roles_of(zone).await?;
    let owners = people.iter().filter(|(_, role)| *role == ZoneRole::Owner);
    Ok(role == ZoneRole::Owner && owners.count() == 1)
}

async fn page(
    state: &ServerState,
    member: &Member,
    (access, (account, role)): (&ZoneAccess, &(Account, ZoneRole)),
    (chosen, problem): (Option<ZoneRole>, Option<Problem>),
) -> Result<PersonPage, PageError> {
    let (zone, now) = (&access.entry, state.clock.now());
    let grants = state.store.grants_of_account(account.id).await?;
    let is_last_owner = is_last_owner(state, zone.id, *role).await?;
    let counting = grants
        .iter()
        .filter(|entry| entry.grant.zone == zone.id && entry.grant.check(now).is_ok());
    Ok(PersonPage {
        shell: member.shell(Section::Zones),
        zone: ShownName::new(&zone.apex),
        people_href: paths::people(&zone.apex),
        action: paths::person(&zone.apex, account.id),
        email: account.email.to_string(),
        role: *role,
        is_you: account.id == member.account.id,
        is_last_owner,
        apps: counting.count(),
        own_email: member.account.email.to_string(),
        choices: RoleChoice::all(chosen),
        is_none_chosen: chosen.is_none(),
        problems: problem.into_iter().collect(),
    })
}
