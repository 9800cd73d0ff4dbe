//! Rows of tokens, as values.

use std::net::IpAddr;

use easement_core::{AccountId, ApiToken, ApiTokenId, Timestamp, TokenChain, TokenKind};

use crate::StoreError;
use crate::database::row;
use crate::rows::At;

row! {
    pub(super) struct SecretRow {
        token_id: i64,
        secret_hash: String,
        expires_at: Option<i64>,
    }
}

row! {
    pub(super) struct TokenRow {
        id: i64,
        public_id: Option<String>,
        account_id: i64,
        parent_id: Option<i64>,
        kind: String,
        name: String,
        limits: String,
        created_at: i64,
        revoked_at: Option<i64>,
        used_at: Option<i64>,
        used_from: Option<String>,
    }
}

impl TryFrom<TokenRow> for ApiToken {
    type Error = StoreError;

    fn try_from(row: TokenRow) -> Result<Self, StoreError> {
        let at = At {
            table: "api_token",
            id: row.id,
        };
        let Some(public_id) = &row.public_id else {
            return Err(at.corrupt("id", "the token has no secret that counts"));
        };
        let kind = [TokenKind::Live, TokenKind::Test]
            .into_iter()
            .find(|kind| kind.as_str() == row.kind);
        let used_from: Option<IpAddr> = at.address(row.used_from)?;
        Ok(Self {
            id: ApiTokenId::new(row.id),
            public_id: at.text("public_id", public_id)?,
            account: AccountId::new(row.account_id),
            parent: row.parent_id.map(ApiTokenId::new),
            kind: kind
                .ok_or_else(|| at.corrupt("kind", format_args!("`{}` is not a kind", row.kind)))?,
            name: at.text("name", &row.name)?,
            limits: at.json("limits", &row.limits)?,
            created_at: Timestamp::from_micros(row.created_at),
            revoked_at: row.revoked_at.map(Timestamp::from_micros),
            last_use: row.used_at.map(Timestamp::from_micros).zip(used_from),
        })
    }
}

/// A chain from its rows, nearest first; nothing when there are none.
pub(super) fn chain_of(rows: Vec<TokenRow>) -> Result<Option<TokenChain>, StoreError> {
    let tokens: Vec<ApiToken> = rows
        .into_iter()
        .map(ApiToken::try_from)
        .collect::<Result<_, _>>()?;
    let mut tokens = tokens.into_iter();
    let chain = tokens
        .next()
        .map(|token| TokenChain::new(token, tokens.collect()));
    // One that was cut off would lose limits.
    match &chain {
        Some(chain)
            if chain
                .iter()
                .last()
                .is_some_and(|oldest| oldest.parent.is_some()) =>
        {
            let at = At {
                table: "api_token",
                id: chain.token().id,
            };
            Err(at.corrupt(
                "parent_id",
                "the tokens that it was made from are not all there",
            ))
        }
        _ => Ok(chain),
    }
}
