//! `/zones/{apex}/people`

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use easement_core::{Account, AccountId, EmailAddress, ZoneRole};
use http::StatusCode;

use super::super::views::{
    PeoplePage, PersonRow, Problem, RoleChoice, Section, ShownName, duration_words, paths,
};
use super::super::zone_access::ZoneAccess;
use super::super::{PageError, problems, show};
use super::own::{check_password, find, read_role, set};
use crate::http::{Fields, Member, PathParts, PostedForm};
use crate::state::{ServerState, Shared};

/// How many addresses one account may try in an hour: each tells whether it has an account here.
pub(crate) const MAX_TRIES: u32 = 20;

/// GET
pub(crate) async fn show_people(
    State(state): State<Shared>,
    member: Member,
    PathParts(apex): PathParts<String>,
) -> Result<Response, PageError> {
    let access = find(&state, &member, &apex).await?;
    let people = state.store.roles_of(access.entry.id).await?;
    show(&page(&member, &access, &people, Typed::default()))
}

/// POST: gives a role to somebody who has none.
pub(crate) async fn give_role(
    State(state): State<Shared>,
    member: Member,
    PathParts(apex): PathParts<String>,
    PostedForm(form): PostedForm,
) -> Result<Response, PageError> {
    let access = find(&state, &member, &apex).await?;
    let people = state.store.roles_of(access.entry.id).await?;
    match give(&state, &member, (&access, &people), &form).await? {
        None => Ok(Redirect::to(&paths::people(&access.entry.apex)).into_response()),
        Some(problem) => {
            let typed = Typed {
                email: form.text("email").chars().take(MAX_SHOWN).collect(),
                role: form.text("role").parse().ok(),
                problem: Some(problem),
            };
            let page = page(&member, &access, &people, typed);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
        }
    }
}

/// Nothing when it is done. Whether the address has an account is the last question, after the password.
async fn give(
    state: &ServerState,
    member: &Member,
    (access, people): (&ZoneAccess, &[(Account, ZoneRole)]),
    form: &Fields,
) -> Result<Option<Problem>, PageError> {
    let email = match read_email(form, people) {
        Ok(email) => email,
        Err(problem) => return Ok(Some(problem)),
    };
    let role = match read_role(form) {
        Ok(role) => role,
        Err(problem) => return Ok(Some(problem)),
    };
    if let Some(problem) = check_password(state, member, form).await? {
        return Ok(Some(problem));
    }
    if let Some(problem) = count_try(state, member.account.id) {
        return Ok(Some(problem));
    }
    let Some(stored) = state.store.account_by_email(&email).await? else {
        return Ok(Some(no_account(member, &email)));
    };
    // Another owner may have been faster than the password.
    let role_now = state.store.role_of(access.entry.id, stored.account.id);
    if role_now.await?.is_some() {
        return Ok(Some(has_a_role(&email)));
    }
    set(state, member, (access, stored.account.id), Some(role)).await
}

/// The address of somebody who has no role yet.
fn read_email(form: &Fields, people: &[(Account, ZoneRole)]) -> Result<EmailAddress, Problem> {
    let field = "email";
    let email: EmailAddress = match form.text(field).parse() {
        Ok(email) => email,
        Err(error) => return Err(problems::problem(field, &error)),
    };
    if people.iter().any(|(account, _)| account.email == email) {
        return Err(has_a_role(&email));
    }
    Ok(email)
}

fn has_a_role(email: &EmailAddress) -> Problem {
    Problem {
        field: "email",
        message: format!("{email} has a role here already. Change it in the list above."),
    }
}

fn count_try(state: &ServerState, account: AccountId) -> Option<Problem> {
    let taken = state.addresses_tried.take(account, state.clock.now());
    let wait = taken.err()?;
    Some(Problem {
        field: "email",
        message: format!(
            "You tried {MAX_TRIES} addresses within an hour. Wait {}, then try again.",
            duration_words(wait.as_secs().saturating_add(1))
        ),
    })
}

fn no_account(member: &Member, email: &EmailAddress) -> Problem {
    tracing::info!(
        account.id = member.account.id.number(),
        "a role was to be given to an address without an account"
    );
    Problem {
        field: "email",
        message: format!(
            "No account here has the address {email}. Look whether it is written as its owner signs in with it, or \
             ask whoever runs this server to make them an account."
        ),
    }
}

//------------ The page --------------------------------------------------------------------------

/// The most characters of an address that are shown again.
const MAX_SHOWN: usize = 254;

/// What was typed before.
#[derive(Default)]
struct Typed {
    email: String,
    role: Option<ZoneRole>,
    problem: Option<Problem>,
}

fn page(
    member: &Member,
    access: &ZoneAccess,
    people: &[(Account, ZoneRole)],
    typed: Typed,
) -> PeoplePage {
    let apex = &access.entry.apex;
    PeoplePage {
        shell: member.shell(Section::Zones),
        zone: ShownName::new(apex),
        zone_href: paths::zone(apex),
        action: paths::people(apex),
        rows: people
            .iter()
            .map(|(account, role)| PersonRow {
                email: account.email.to_string(),
                role: *role,
                is_you: account.id == member.account.id,
                href: paths::person(apex, account.id),
            })
            .collect(),
        own_email: member.account.email.to_string(),
        email: typed.email,
        choices: RoleChoice::all(typed.role),
        problems: typed.problem.into_iter().collect(),
    }
}
