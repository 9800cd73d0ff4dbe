//! `/sign-in`

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use easement_core::{EmailAddressError, Password};
use http::StatusCode;

use super::views::{Section, SignInPage, SignInState, duration_words, paths};
use super::{PageError, show};
use crate::accounts::{NextPath, SignIn, SignInError, sessions, try_password};
use crate::domain_connect::paths::PROVIDERS;
use crate::http::security_headers::{FormTarget, KeepsOpener};
use crate::http::{AddressQuery, PostedForm, Visitor};
use crate::state::Shared;

/// Why the page is shown, as its own address says.
const SIGNED_OUT: &str = "signed-out";
const PASSWORD_CHOSEN: &str = "password-chosen";
const ACCOUNT_DELETED: &str = "account-deleted";

/// The address of the page after signing out.
pub(crate) fn after_sign_out() -> String {
    format!("{}?after={SIGNED_OUT}", paths::SIGN_IN)
}

/// The address of the page after choosing a password.
pub(crate) fn after_choosing() -> String {
    format!("{}?after={PASSWORD_CHOSEN}", paths::SIGN_IN)
}

/// The address of the page after deleting the account.
pub(crate) fn after_deletion() -> String {
    format!("{}?after={ACCOUNT_DELETED}", paths::SIGN_IN)
}

/// GET
pub(crate) async fn show_sign_in(
    visitor: Visitor,
    AddressQuery(query): AddressQuery,
) -> Result<Response, PageError> {
    let next = query.get("next").and_then(NextPath::parse);
    if visitor.signed_in.is_some() {
        let next = next.as_ref().map_or(paths::ZONES, NextPath::as_str);
        return Ok(Redirect::to(next).into_response());
    }
    let state = match query.text("after") {
        SIGNED_OUT => SignInState::SignedOut,
        PASSWORD_CHOSEN => SignInState::PasswordChosen,
        ACCOUNT_DELETED => SignInState::AccountDeleted,
        _ => SignInState::Fresh,
    };
    Ok(on_the_way(
        next.as_ref(),
        show(&page(&visitor, "", next.clone(), state))?,
    ))
}

/// POST
pub(crate) async fn sign_in(
    State(state): State<Shared>,
    visitor: Visitor,
    PostedForm(form): PostedForm,
) -> Result<Response, PageError> {
    let next = form.get("next").and_then(NextPath::parse);
    let email = form.text("email");
    let turn = match email.parse() {
        Ok(email) => Some(state.sign_in_turns.wait_for(email).await),
        Err(EmailAddressError { .. }) => None,
    };
    let outcome = match (&turn, Password::given(form.text("password"))) {
        (Some(turn), Ok(password)) => try_password(&state, &visitor, turn, password).await?,
        (None, _) | (_, Err(_)) => SignIn::Wrong,
    };
    let (status, problem) = match outcome {
        SignIn::Welcome(account, hash) => {
            if let Some(cookie) = sessions::begin(&state, &visitor, account.id, &hash).await? {
                let to = next.as_ref().map_or(paths::ZONES, NextPath::as_str);
                let answer = cookie.with(Redirect::to(to).into_response());
                return Ok(on_the_way(next.as_ref(), answer));
            }
            (StatusCode::UNPROCESSABLE_ENTITY, SignInState::Failed)
        }
        SignIn::Wrong => (StatusCode::UNPROCESSABLE_ENTITY, SignInState::Failed),
        SignIn::Wait(wait) => {
            let wait = duration_words(wait.as_secs().saturating_add(1));
            (
                StatusCode::TOO_MANY_REQUESTS,
                SignInState::Throttled { wait },
            )
        }
    };
    let page = show(&page(&visitor, email, next.clone(), problem))?;
    Ok(on_the_way(next.as_ref(), (status, page).into_response()))
}

/// Signing in on the way to what a service provider asks for: it may lead straight back there, when something is not
/// right about the request, and it may happen in a window that was opened for it.
fn on_the_way(next: Option<&NextPath>, mut answer: Response) -> Response {
    let next = next.map(NextPath::as_str);
    if let Some(next) = next.filter(|next| next.starts_with(PROVIDERS)) {
        let extensions = answer.extensions_mut();
        extensions.insert(KeepsOpener);
        if let Some(target) = FormTarget::in_query_of(next) {
            extensions.insert(target);
        }
    }
    answer
}

fn page(visitor: &Visitor, email: &str, next: Option<NextPath>, state: SignInState) -> SignInPage {
    SignInPage {
        shell: visitor.shell(Section::Elsewhere),
        email: email.to_owned(),
        next: next.map(|next| next.as_str().to_owned()),
        errand: None,
        state,
    }
}

impl From<SignInError> for PageError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Hash(error) => error.into(),
            SignInError::Store(error) => error.into(),
        }
    }
}

impl From<sessions::BeginError> for PageError {
    fn from(error: sessions::BeginError) -> Self {
        match error {
            sessions::BeginError::NoSecret => Self::failure(error.to_string()),
            sessions::BeginError::Store(error) => error.into(),
        }
    }
}
