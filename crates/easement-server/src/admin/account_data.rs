//! Requests about all that is stored about an account.

use easement_core::{Actor, EmailAddress};
use easement_store::{DeleteAccountError, LastOperator};

use super::execute::AdminContext;
use super::{AccountEnd, AccountWish, AdminFailure, AdminReply, FailureKind, accounts};
use crate::accounts::export;

pub(super) async fn run(
    context: &AdminContext,
    email: EmailAddress,
    wish: AccountWish,
) -> Result<AdminReply, AdminFailure> {
    match wish {
        AccountWish::Export => export(context, &email).await,
        AccountWish::ExplainDeletion => delete(context, email, false).await,
        AccountWish::Delete => delete(context, email, true).await,
    }
}

/// The most zones that are named.
const MAX_NAMED: u32 = 100;

async fn export(context: &AdminContext, email: &EmailAddress) -> Result<AdminReply, AdminFailure> {
    let account = accounts::find(context, email).await?.account;
    let now = context.clock.now();
    let document = export::export(&context.store, &context.hosted, &account, now).await?;
    let document = serde_json::to_value(document)
        .map_err(|error| AdminFailure::new(FailureKind::Internal, error.to_string()))?;
    Ok(AdminReply::AccountExport(document))
}

async fn delete(
    context: &AdminContext,
    email: EmailAddress,
    is_deleted: bool,
) -> Result<AdminReply, AdminFailure> {
    let id = accounts::find(context, &email).await?.account.id;
    let tokens = context.store.api_tokens_of(id).await?;
    let tokens = tokens.iter().filter(|token| token.revoked_at.is_none());
    let end = AccountEnd {
        email: email.clone(),
        is_deleted,
        zones: context.store.zones_only_of(id, MAX_NAMED).await?,
        tokens: tokens.count(),
    };
    if is_deleted {
        let who = (Actor::Console, None);
        context.store.delete_account(id, email, who).await?;
    } else if context.store.is_last_operator(id).await? {
        return Err(DeleteAccountError::from(LastOperator).into());
    }
    Ok(AdminReply::AccountDeleted(end))
}

impl From<DeleteAccountError> for AdminFailure {
    fn from(error: DeleteAccountError) -> Self {
        let kind = match &error {
            DeleteAccountError::Store(error) => return error.clone().into(),
            DeleteAccountError::NoSuchAccount => FailureKind::NotFound,
            DeleteAccountError::LastOperator(_) => FailureKind::Conflict,
        };
        Self::new(kind, error.to_string())
    }
}
