//! Carrying requests about tokens out.

use easement_core::PublicTokenId;
use easement_store::FoundApiToken;

use super::TokenRequest;
use super::look::{list, show};
use super::make::{create, revoke, rotate};
use super::question::answer;
use crate::admin::execute::AdminContext;
use crate::admin::{AdminFailure, AdminReply, FailureKind};

/// Carries a request about tokens out.
pub(in crate::admin) async fn execute(
    context: &AdminContext,
    request: TokenRequest,
) -> Result<AdminReply, AdminFailure> {
    Ok(match request {
        TokenRequest::Create(new) => AdminReply::TokenMade(Box::new(create(context, *new).await?)),
        TokenRequest::List { account } => {
            AdminReply::Tokens(list(context, account.as_ref()).await?)
        }
        TokenRequest::Show { id } => AdminReply::Token(Box::new(show(context, &id).await?)),
        TokenRequest::Revoke { id } => AdminReply::TokenRevoked(revoke(context, &id).await?),
        TokenRequest::Rotate { id, overlap } => {
            AdminReply::TokenMade(Box::new(rotate(context, &id, overlap).await?))
        }
        TokenRequest::Ask(question) => AdminReply::TokenAnswer(answer(context, *question).await?),
    })
}

/// The token that has, or had, this id.
pub(super) async fn find(
    context: &AdminContext,
    id: &PublicTokenId,
) -> Result<FoundApiToken, AdminFailure> {
    let found = context.store.api_token_by_public_id(id).await?;
    found.ok_or_else(|| {
        let message = format!("there is no API token with the id {id}");
        AdminFailure::new(FailureKind::NotFound, message)
            .with_hint("`easement token list` names those that there are")
    })
}
