//! Requests about accounts.

use easement_core::{
    Account, Actor, AuditEvent, EmailAddress, OneTimePurpose, Password, PasswordHash, Standing,
};

use easement_store::{StandingError, StoredAccount};

use super::execute::{AdminContext, ORIGIN};
use super::{
    AccountLine, AdminFailure, AdminReply, FailureKind, GivenPassword, NewAccount, PasswordLink,
    SecretLink, StandingLine,
};
use crate::accounts::links;

pub(super) async fn create(
    context: &AdminContext,
    email: EmailAddress,
    standing: Standing,
    password: Option<GivenPassword>,
) -> Result<AdminReply, AdminFailure> {
    let hash = match password {
        Some(password) => Some(hash(context, &email, &password).await?),
        None => None,
    };
    let store = &context.store;
    let account = store
        .create_account(&email, hash.as_ref(), standing)
        .await?;
    let event = AuditEvent::AccountCreated { email };
    store
        .append_audit(Some(Actor::Console), None, &event)
        .await?;
    let choose_password_link = match hash {
        Some(_) => None,
        None => Some(link(context, OneTimePurpose::ChoosePassword(account.id)).await?),
    };
    Ok(AdminReply::AccountCreated(NewAccount {
        account: line(account),
        choose_password_link,
    }))
}

async fn hash(
    context: &AdminContext,
    email: &EmailAddress,
    password: &GivenPassword,
) -> Result<PasswordHash, AdminFailure> {
    let password = Password::chosen(password.reveal(), email)
        .map_err(|error| AdminFailure::new(FailureKind::Invalid, error.to_string()))?;
    Ok(context
        .passwords
        .hash(password, context.random.as_ref())
        .await?)
}

/// For whoever forgot the password, or lost the link to choose the first one.
pub(super) async fn password_link(
    context: &AdminContext,
    email: EmailAddress,
) -> Result<AdminReply, AdminFailure> {
    let stored = find(context, &email).await?;
    let id = stored.account.id;
    let purpose = match stored.password {
        Some(_) => OneTimePurpose::ReplacePassword(id),
        None => OneTimePurpose::ChoosePassword(id),
    };
    let expires_at = context.clock.now().plus(purpose.lifetime());
    let link = link(context, purpose).await?;
    let event = AuditEvent::PasswordLinkMade {
        email: email.clone(),
    };
    let actor = Some(Actor::Console);
    context.store.append_audit(actor, None, &event).await?;
    Ok(AdminReply::PasswordLink(PasswordLink {
        email,
        expires_at,
        link,
    }))
}

async fn link(context: &AdminContext, purpose: OneTimePurpose) -> Result<SecretLink, AdminFailure> {
    let link = links::make(
        &context.store,
        context.random.as_ref(),
        context.clock.now(),
        purpose,
        &context.config.server.public_url,
    );
    Ok(SecretLink::new(link.await?))
}

/// The account that has an address.
pub(super) async fn find(
    context: &AdminContext,
    email: &EmailAddress,
) -> Result<StoredAccount, AdminFailure> {
    let stored = context.store.account_by_email(email).await?;
    stored.ok_or_else(|| {
        let message = format!("there is no account with the address {email}");
        AdminFailure::new(FailureKind::NotFound, message)
            .with_hint(format!("make it first: easement account create {email}"))
    })
}

pub(super) async fn set_standing(
    context: &AdminContext,
    email: &EmailAddress,
    standing: Standing,
) -> Result<AdminReply, AdminFailure> {
    let account = find(context, email).await?.account;
    let set = context.store.set_standing(account.id, standing, &ORIGIN);
    Ok(AdminReply::StandingSet(StandingLine {
        email: account.email,
        standing,
        has_changed: set.await?,
    }))
}

impl From<StandingError> for AdminFailure {
    fn from(error: StandingError) -> Self {
        let kind = match &error {
            StandingError::Store(error) => return error.clone().into(),
            StandingError::NoSuchAccount => FailureKind::NotFound,
            StandingError::LastOperator(_) => FailureKind::Conflict,
        };
        Self::new(kind, error.to_string())
    }
}

pub(super) async fn list(context: &AdminContext) -> Result<AdminReply, AdminFailure> {
    let accounts = context.store.accounts().await?;
    Ok(AdminReply::Accounts(
        accounts.into_iter().map(line).collect(),
    ))
}

fn line(account: Account) -> AccountLine {
    AccountLine {
        id: account.id,
        email: account.email,
        standing: account.standing,
        created_at: account.created_at,
    }
}
