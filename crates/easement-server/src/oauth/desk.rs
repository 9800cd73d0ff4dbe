//! Registering clients, and what operators do with them later: the same for the command line and the pages.

use std::time::Duration;

use easement_core::{
    ClientAuthentication, ClientRegistration, ClientSecret, KnownClient, OAuthClient, Origin,
    Random, SecretError,
};
use easement_store::{CreateClientError, Store, StoreError};

/// Where clients are registered.
pub(crate) struct ClientDesk<'a> {
    pub(crate) store: &'a Store,
    pub(crate) random: &'a dyn Random,
    /// Who does it.
    pub(crate) origin: Origin,
}

/// How a client that is described will prove that it is the one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ClientKind {
    /// By a secret that is made here.
    Confidential,
    /// Not at all.
    Public,
}

/// A client, and its secret, when one was made: it is shown once.
#[derive(Debug)]
pub(crate) struct MadeClient {
    pub(crate) client: OAuthClient,
    pub(crate) secret: Option<ClientSecret>,
}

impl ClientDesk<'_> {
    /// Registers a client. Its authentication is replaced by one of this kind.
    pub(crate) async fn register(
        &self,
        described: ClientRegistration,
        kind: ClientKind,
    ) -> Result<MadeClient, DeskError> {
        let (authentication, secret) = match kind {
            ClientKind::Public => (ClientAuthentication::Public, None),
            ClientKind::Confidential => {
                let secret = ClientSecret::generate(self.random)?;
                let authentication = ClientAuthentication::Confidential {
                    secret: secret.hash(),
                    before: None,
                };
                (authentication, Some(secret))
            }
        };
        let registration = ClientRegistration {
            authentication,
            ..described
        };
        let client = self.create(registration).await?;
        Ok(MadeClient { client, secret })
    }

    /// Registers a client that many servers know.
    pub(crate) async fn register_known(&self, known: KnownClient) -> Result<MadeClient, DeskError> {
        let registration = known.registration().ok_or(DeskError::NotKnown)?;
        let client = self.create(registration).await?;
        Ok(MadeClient {
            client,
            secret: None,
        })
    }

    async fn create(&self, registration: ClientRegistration) -> Result<OAuthClient, DeskError> {
        let created = self
            .store
            .create_oauth_client(registration, &self.origin)
            .await;
        Ok(created?)
    }

    /// Gives a client another secret. The one that it had counts for a while longer.
    pub(crate) async fn rotate(
        &self,
        client: &OAuthClient,
        overlap: Duration,
    ) -> Result<ClientSecret, DeskError> {
        let secret = ClientSecret::generate(self.random)?;
        let rotated = self
            .store
            .rotate_oauth_client(client, secret.hash(), overlap, &self.origin)
            .await?;
        if !rotated {
            return Err(DeskError::NoSecret);
        }
        Ok(secret)
    }

    /// Lets a client do nothing any more, or act again, or deletes it. Says whether that changed anything.
    pub(crate) async fn change(
        &self,
        client: &OAuthClient,
        change: ClientChange,
    ) -> Result<bool, DeskError> {
        let (store, origin) = (self.store, &self.origin);
        let changed = match change {
            ClientChange::Disable => store.disable_oauth_client(client, origin).await?,
            ClientChange::Enable => store.enable_oauth_client(client, origin).await?,
            ClientChange::Delete => store.delete_oauth_client(client, origin).await?,
        };
        Ok(changed)
    }
}

/// What is done with a client.
#[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientChange {
    /// It may do nothing any more.
    Disable,
    /// It may act again.
    Enable,
    /// It goes, with everything that owners granted to it.
    Delete,
}

/// Why something was not done with a client.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DeskError {
    /// It was not registered.
    #[error(transparent)]
    Create(#[from] CreateClientError),
    /// It has no secret of its own.
    #[error("only a confidential client has a secret that can be replaced")]
    NoSecret,
    /// What is said about a known client is wrong.
    #[error("nothing is known about this client")]
    NotKnown,
    /// The random source failed.
    #[error(transparent)]
    Random(#[from] SecretError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
