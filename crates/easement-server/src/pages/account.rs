//! `/account`

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use easement_core::{Actor, Origin, Password};
use http::StatusCode;

use super::views::{AccountPage, Notice, Problem, Section, ShownTime, Words, duration_words};
use super::{PageError, problems, show};
use crate::accounts::{SignIn, Turn, try_password};
use crate::http::{Fields, Member, PostedForm};
use crate::state::{ServerState, Shared};

/// GET
pub(crate) async fn show_account(
    State(state): State<Shared>,
    member: Member,
) -> Result<Response, PageError> {
    show(&page(&state, &member, None, Vec::new()))
}

/// POST. Ends the other sessions of the account.
pub(crate) async fn change_password(
    State(state): State<Shared>,
    member: Member,
    PostedForm(form): PostedForm,
) -> Result<Response, PageError> {
    // Nobody signs in with the old password from here on, unless their session ends with the others.
    let turn = state.sign_in_turns.wait_for(member.account.email.clone());
    let turn = turn.await;
    let new = match read(&state, &member, &turn, &form).await? {
        Ok(password) => password,
        Err(problem) => {
            let page = page(&state, &member, None, vec![problem]);
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response());
        }
    };
    let hash = state.passwords.hash(new, state.random.as_ref()).await?;
    let account = member.account.id;
    let keep = Some(&member.session.secret);
    let origin = Origin {
        actor: Actor::Account(account),
        address: Some(member.visitor.address),
    };
    let set = state.store.set_password(account, &hash, keep, &origin);
    set.await?;
    let words = Words::new("Your password was changed, and your other sessions have ended.");
    show(&page(&state, &member, Some(Notice { words }), Vec::new()))
}

/// The new password, when the current one is right; tries are throttled as when signing in.
async fn read(
    state: &ServerState,
    member: &Member,
    turn: &Turn<'_>,
    form: &Fields,
) -> Result<Result<Password, Problem>, PageError> {
    let email = &member.account.email;
    let new = form.text("new_password");
    let chosen = match Password::chosen(new, email) {
        Ok(chosen) => chosen,
        Err(error) => return Ok(Err(problems::problem("new_password", &error))),
    };
    if new != form.text("new_password_again") {
        return Ok(Err(problems::passwords_differ("new_password_again")));
    }
    let field = "current_password";
    let current = match Password::given(form.text(field)) {
        Ok(current) => current,
        Err(error) => return Ok(Err(problems::problem(field, &error))),
    };
    let refused = check_password(state, member, turn, current, field).await?;
    Ok(refused.map_or(Ok(chosen), Err))
}

/// What is wrong with a password that is to show that it is the person who is signed in; nothing when it is
/// right.
pub(super) async fn check_password(
    state: &ServerState,
    member: &Member,
    turn: &Turn<'_>,
    password: Password,
    field: &'static str,
) -> Result<Option<Problem>, PageError> {
    let message = match try_password(state, &member.visitor, turn, password).await? {
        SignIn::Welcome(..) => return Ok(None),
        SignIn::Wrong => "This is not your current password. Type it again.".to_owned(),
        SignIn::Wait(wait) => format!(
            "There were too many tries. Wait {}, then try again.",
            duration_words(wait.as_secs().saturating_add(1))
        ),
    };
    Ok(Some(Problem { field, message }))
}

fn page(
    state: &ServerState,
    member: &Member,
    notice: Option<Notice>,
    problems: Vec<Problem>,
) -> AccountPage {
    let account = &member.account;
    AccountPage {
        shell: member.shell(Section::Account),
        email: account.email.to_string(),
        standing: account.standing.to_string(),
        since: ShownTime::new(account.created_at, state.clock.now()),
        notice,
        problems,
    }
}
