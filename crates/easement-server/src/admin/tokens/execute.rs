//! Carrying requests about tokens out.

use easement_core::{ApiToken, EmailAddress, PublicTokenId};
use easement_store::FoundApiToken;

use super::TokenRequest;
use super::make::{create, revoke, rotate};
use crate::admin::execute::AdminContext;
use crate::admin::{AdminFailure, AdminReply, FailureKind, accounts};
use crate::api_tokens::{
    QuestionError, TokenAnswer, TokenDesk, TokenDetail, TokenLine, TokenQuestion,
};

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
        TokenRequest::Ask(question) => AdminReply::TokenAnswer(answer(context, &question).await?),
    })
}

pub(super) fn desk(context: &AdminContext) -> TokenDesk<'_> {
    TokenDesk {
        store: &context.store,
        hosted: &context.hosted,
        now: context.clock.now(),
    }
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

/// The address of the account that a token belongs to.
pub(super) async fn email_of(
    context: &AdminContext,
    token: &ApiToken,
) -> Result<EmailAddress, AdminFailure> {
    let stored = context.store.account(token.account).await?;
    let stored = stored.ok_or_else(|| {
        let message = format!("the account of the API token {} is gone", token.public_id);
        AdminFailure::new(FailureKind::NotFound, message)
    })?;
    Ok(stored.account.email)
}

/// The newest tokens, of one account or of all.
async fn list(
    context: &AdminContext,
    account: Option<&EmailAddress>,
) -> Result<Vec<TokenLine>, AdminFailure> {
    let Some(email) = account else {
        return Ok(desk(context).list_all().await?);
    };
    let account = accounts::find(context, email).await?.account;
    Ok(desk(context).list_of(account.id).await?)
}

async fn show(context: &AdminContext, id: &PublicTokenId) -> Result<TokenDetail, AdminFailure> {
    let chain = find(context, id).await?.chain;
    let email = email_of(context, chain.token()).await?;
    Ok(desk(context).detail(&chain, email).await?)
}

async fn answer(
    context: &AdminContext,
    question: &TokenQuestion,
) -> Result<TokenAnswer, AdminFailure> {
    let found = find(context, &question.id).await?;
    let answer = desk(context).answer(found, question).await;
    answer.map_err(|error| match error {
        QuestionError::Store(error) => error.into(),
        QuestionError::Value(_) => AdminFailure::new(FailureKind::Invalid, error.to_string()),
        QuestionError::AddressNeeded { .. } => {
            AdminFailure::new(FailureKind::Invalid, error.to_string())
                .with_hint("say from where it would be used: --address ADDRESS")
        }
    })
}
