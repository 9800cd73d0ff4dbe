//! Requests about accounts.

use easement_core::{
    Account, Actor, AuditEvent, EmailAddress, OneTimePurpose, Password, PasswordHash, Standing,
};

use super::execute::AdminContext;
use super::{
    AccountLine, AdminFailure, AdminReply, FailureKind, GivenPassword, NewAccount, SecretLink,
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
        None => Some(choose_password_link(context, &account).await?),
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

async fn choose_password_link(
    context: &AdminContext,
    account: &Account,
) -> Result<SecretLink, AdminFailure> {
    let link = links::make(
        &context.store,
        context.random.as_ref(),
        context.clock.now(),
        OneTimePurpose::ChoosePassword(account.id),
        &context.config.server.public_url,
    );
    Ok(SecretLink::new(link.await?))
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
