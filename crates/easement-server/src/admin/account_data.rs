//! Requests about all that is stored about an account.

use easement_core::{Actor, EmailAddress};
use easement_store::DeleteAccountError;

use super::execute::AdminContext;
use super::{AccountEnd, AccountWish, AdminFailure, AdminReply, FailureKind, accounts};
use crate::accounts::export;

pub(super) async fn execute(
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
        let deleted = context.store.delete_account(id, email, who).await;
        deleted.map_err(|error| match error {
            DeleteAccountError::Store(error) => error.into(),
            DeleteAccountError::NoSuchAccount => {
                AdminFailure::new(FailureKind::NotFound, error.to_string())
            }
            DeleteAccountError::LastOperator => {
                AdminFailure::new(FailureKind::Conflict, error.to_string())
            }
        })?;
    }
    Ok(AdminReply::AccountDeleted(end))
}
