//! Making tokens, and giving them other secrets.

use std::time::Duration;

use easement_core::{
    AccountId, ApiToken, ApiTokenText, Excess, LimitsError, Origin, Password, Random, SecretError,
    TokenChain, TokenKind, TokenLimits, TokenName,
};
use easement_store::{CreateTokenError, NewApiToken, Store, StoreError, StoredSecret};

use crate::accounts::{HashError, Passwords};

/// What a token is to be.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) kind: TokenKind,
    pub(crate) name: TokenName,
    pub(crate) limits: TokenLimits,
}

/// A token, and its text, which is shown once.
#[derive(Clone, Debug)]
pub(crate) struct Issued {
    pub(crate) token: ApiToken,
    pub(crate) text: ApiTokenText,
}

/// Where tokens are made.
#[derive(Clone, Copy)]
pub(crate) struct Mint<'a> {
    pub(crate) store: &'a Store,
    pub(crate) hashes: &'a Passwords,
    pub(crate) random: &'a dyn Random,
}

/// Why a token was not made.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum IssueError {
    /// Its limits make no sense.
    #[error(transparent)]
    Limits(#[from] LimitsError),
    /// It would be wider than the token that it is made from.
    #[error(transparent)]
    Wider(#[from] Excess),
    /// A test token is made from test tokens alone, and a live one from live ones.
    #[error("a {wanted} token cannot be made from a {parent} token")]
    OtherKind {
        /// What is wanted.
        wanted: TokenKind,
        /// What it is to be made from.
        parent: TokenKind,
    },
    /// No secret, or no hash of it.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The secret was not hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// There is no such token that was not revoked.
    #[error("there is no such API token, or it was revoked")]
    NoSuchToken,
    /// The store refused.
    #[error(transparent)]
    Create(#[from] CreateTokenError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Mint<'_> {
    /// Makes a token for an account, from another one when it is given.
    pub(crate) async fn issue(
        self,
        account: AccountId,
        parent: Option<&TokenChain>,
        wanted: Wanted,
        origin: &Origin,
    ) -> Result<Issued, IssueError> {
        check(&wanted, parent)?;
        let (text, secret) = self.make_secret(wanted.kind).await?;
        let new = NewApiToken {
            account,
            parent: parent.map(|chain| chain.token().id),
            kind: wanted.kind,
            name: wanted.name,
            limits: wanted.limits,
            secret,
            origin: origin.clone(),
        };
        let token = self.store.create_api_token(new).await?;
        Ok(Issued { token, text })
    }

    /// Gives a token another secret; the one it had counts for a while longer.
    pub(crate) async fn rotate(
        self,
        token: &ApiToken,
        overlap: Duration,
        origin: &Origin,
    ) -> Result<Issued, IssueError> {
        let (text, secret) = self.make_secret(token.kind).await?;
        let public_id = secret.public_id.clone();
        let rotated = self.store.rotate_api_token(token, secret, overlap, origin);
        if !rotated.await? {
            return Err(IssueError::NoSuchToken);
        }
        let token = ApiToken {
            public_id,
            ..token.clone()
        };
        Ok(Issued { token, text })
    }

    /// Revokes a token. Says whether it counted until now.
    pub(crate) async fn revoke(
        self,
        token: &ApiToken,
        origin: &Origin,
    ) -> Result<bool, StoreError> {
        self.store.revoke_api_token(token, origin).await
    }

    async fn make_secret(
        self,
        kind: TokenKind,
    ) -> Result<(ApiTokenText, StoredSecret), IssueError> {
        let text = ApiTokenText::generate(kind, self.random)?;
        let secret = Password::given(text.secret.reveal()).map_err(|_| SecretError)?;
        let hash = self.hashes.hash(secret, self.random).await?;
        let public_id = text.id.clone();
        Ok((text, StoredSecret { public_id, hash }))
    }
}

/// The limits make sense, and no link of the chain has narrower ones.
fn check(wanted: &Wanted, parent: Option<&TokenChain>) -> Result<(), IssueError> {
    wanted.limits.check()?;
    let Some(parent) = parent else {
        return Ok(());
    };
    let kind = parent.token().kind;
    if kind != wanted.kind {
        return Err(IssueError::OtherKind {
            wanted: wanted.kind,
            parent: kind,
        });
    }
    let excess = parent
        .limits()
        .find_map(|outer| wanted.limits.exceeds(outer));
    excess.map_or(Ok(()), |excess| Err(excess.into()))
}
