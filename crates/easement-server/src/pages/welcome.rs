//! `/welcome/{secret}`: making the first operator, and choosing a password, by a one-time link.

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use easement_core::{EmailAddress, OneTimeLink, OneTimePurpose, Password, PasswordHash, Secret};
use easement_store::LinkError;
use http::StatusCode;

use super::views::{ChoosePasswordPage, PasswordReason, Problem, Section, paths};
use super::{PageError, problems, show, sign_in};
use crate::http::{Fields, PathParts, PostedForm, Visitor};
use crate::state::{ServerState, Shared};

/// GET
pub(crate) async fn show_welcome(
    State(state): State<Shared>,
    visitor: Visitor,
    PathParts(secret): PathParts<String>,
) -> Result<Response, PageError> {
    let link = Welcome::load(&state, &secret).await?;
    show(&link.page(&visitor, Vec::new()))
}

/// POST
pub(crate) async fn choose_password(
    State(state): State<Shared>,
    visitor: Visitor,
    PathParts(secret): PathParts<String>,
    PostedForm(form): PostedForm,
) -> Result<Response, PageError> {
    let mut link = Welcome::load(&state, &secret).await?;
    let (email, password) = match link.read(&form) {
        Ok(read) => read,
        Err(problems) => return refuse(&link.page(&visitor, problems)),
    };
    let hash = state
        .passwords
        .hash(password, state.random.as_ref())
        .await?;
    let _turn = state.sign_in_turns.wait_for(email.clone()).await;
    match link.use_up(&state, &email, &hash).await {
        Ok(()) => Ok(Redirect::to(&sign_in::after_choosing()).into_response()),
        Err(LinkError::NotValid) => Err(PageError::LinkUsed),
        Err(LinkError::Exists(exists)) => {
            let problem = problems::problem("email", &exists);
            refuse(&link.page(&visitor, vec![problem]))
        }
        Err(LinkError::Store(error)) => Err(error.into()),
    }
}

fn refuse(page: &ChoosePasswordPage) -> Result<Response, PageError> {
    Ok((StatusCode::UNPROCESSABLE_ENTITY, show(page)?).into_response())
}

/// A link that works, with the address that it is for.
struct Welcome {
    link: OneTimeLink,
    /// The account's address, or what was typed for the first operator.
    email: String,
    action: String,
}

impl Welcome {
    async fn load(state: &ServerState, secret: &str) -> Result<Self, PageError> {
        let hash = match secret.parse::<Secret>() {
            Ok(secret) => secret.hash(),
            Err(_) => return Err(PageError::LinkUsed),
        };
        let link = state.store.find_link(&hash).await?;
        let link = link.ok_or(PageError::LinkUsed)?;
        let email = match link.purpose {
            OneTimePurpose::FirstOperator => String::new(),
            OneTimePurpose::ChoosePassword(account) | OneTimePurpose::ReplacePassword(account) => {
                let stored = state.store.account(account).await?;
                stored.ok_or(PageError::LinkUsed)?.account.email.to_string()
            }
        };
        let action = paths::welcome(secret);
        Ok(Self {
            link,
            email,
            action,
        })
    }

    /// Reads the form; what is wrong with it is one problem a field.
    fn read(&mut self, form: &Fields) -> Result<(EmailAddress, Password), Vec<Problem>> {
        match self.link.purpose {
            OneTimePurpose::FirstOperator => form.text("email").clone_into(&mut self.email),
            OneTimePurpose::ChoosePassword(_) | OneTimePurpose::ReplacePassword(_) => {}
        }
        let email: EmailAddress = self
            .email
            .parse()
            .map_err(|error| vec![problems::problem("email", &error)])?;
        let password = Password::chosen(form.text("password"), &email)
            .map_err(|error| vec![problems::problem("password", &error)])?;
        if form.text("password") != form.text("password_again") {
            return Err(vec![problems::passwords_differ("password_again")]);
        }
        Ok((email, password))
    }

    async fn use_up(
        &self,
        state: &ServerState,
        email: &EmailAddress,
        hash: &PasswordHash,
    ) -> Result<(), LinkError> {
        let secret = &self.link.secret;
        match self.link.purpose {
            OneTimePurpose::FirstOperator => {
                let made = state.store.create_first_operator(secret, email, hash).await;
                made.map(|_| ())
            }
            OneTimePurpose::ChoosePassword(_) | OneTimePurpose::ReplacePassword(_) => {
                state.store.choose_password(secret, hash).await.map(|_| ())
            }
        }
    }

    fn page(&self, visitor: &Visitor, problems: Vec<Problem>) -> ChoosePasswordPage {
        ChoosePasswordPage {
            shell: visitor.shell(Section::Elsewhere),
            reason: match self.link.purpose {
                OneTimePurpose::FirstOperator => PasswordReason::FirstOperator,
                OneTimePurpose::ChoosePassword(_) => PasswordReason::NewAccount,
                OneTimePurpose::ReplacePassword(_) => PasswordReason::Forgotten,
            },
            email: self.email.clone(),
            action: self.action.clone(),
            problems,
        }
    }
}
