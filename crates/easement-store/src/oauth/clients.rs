//! Clients that operators registered.

use std::time::Duration;

use domain_connect::ProviderId;
use easement_core::{
    AuditEvent, ClientId, ClientRegistration, OAuthClient, OAuthClientId, Origin,
    RegistrationError, SecretHash, Timestamp,
};

use super::forget::{Gone, keep_client_names};
use super::rows::{ClientRow, client_columns, secret_columns};
use crate::audit::note;
use crate::database::{Tx, on};
use crate::error::failed_to;
use crate::rows::to_json;
use crate::{Store, StoreError};

impl Store {
    /// Registers a client.
    pub async fn create_oauth_client(
        &self,
        registration: ClientRegistration,
        origin: &Origin,
    ) -> Result<OAuthClient, CreateClientError> {
        registration.check()?;
        let (now, origin) = (self.now(), origin.clone());
        self.change_access(move |mut tx| async move {
            let id = insert(&mut tx, &registration, now).await?;
            let id = id.ok_or_else(|| CreateClientError::Exists {
                client: registration.client.clone(),
            })?;
            let event = AuditEvent::ClientCreated {
                client: registration.client.clone(),
            };
            note(&mut tx, now, &origin, &event).await?;
            let client = OAuthClient {
                id,
                registration,
                created_at: now,
                disabled_at: None,
            };
            Ok((tx, client))
        })
        .await
    }

    /// The client that is called so in requests, also when it is disabled.
    pub async fn oauth_client(&self, client: &ClientId) -> Result<Option<OAuthClient>, StoreError> {
        let row: Option<ClientRow> = on!(self.db().reading(), db => sqlx::query_as(BY_NAME)
            .bind(client.as_str())
            .fetch_optional(db)
            .await)
        .map_err(failed_to("find a client"))?;
        row.map(OAuthClient::try_from).transpose()
    }

    /// Every client, in the order of their names in requests.
    pub async fn oauth_clients(&self) -> Result<Vec<OAuthClient>, StoreError> {
        let rows: Vec<ClientRow> = on!(self.db().reading(), db => sqlx::query_as(ALL)
            .fetch_all(db)
            .await)
        .map_err(failed_to("list clients"))?;
        rows.into_iter().map(OAuthClient::try_from).collect()
    }

    /// The clients that may ask for templates of a provider, and are not disabled.
    pub async fn oauth_clients_of(
        &self,
        provider: &ProviderId,
    ) -> Result<Vec<OAuthClient>, StoreError> {
        let rows: Vec<ClientRow> = on!(self.db().reading(), db => sqlx::query_as(OF_PROVIDER)
            .bind(provider.as_str())
            .fetch_all(db)
            .await)
        .map_err(failed_to("list the clients of a provider"))?;
        rows.into_iter().map(OAuthClient::try_from).collect()
    }

    /// Gives a confidential client another secret. The one that it had counts for a while longer. Says whether
    /// there is such a client.
    pub async fn rotate_oauth_client(
        &self,
        client: &OAuthClient,
        secret: SecretHash,
        overlap: Duration,
        origin: &Origin,
    ) -> Result<bool, StoreError> {
        let change = Change::Rotate { secret, overlap };
        self.change_oauth_client(client, change, origin).await
    }

    /// Lets a client do nothing any more. Says whether it could until now.
    pub async fn disable_oauth_client(
        &self,
        client: &OAuthClient,
        origin: &Origin,
    ) -> Result<bool, StoreError> {
        let change = Change::Disable;
        self.change_oauth_client(client, change, origin).await
    }

    /// Lets a client act again. Says whether it could not until now.
    pub async fn enable_oauth_client(
        &self,
        client: &OAuthClient,
        origin: &Origin,
    ) -> Result<bool, StoreError> {
        let change = Change::Enable;
        self.change_oauth_client(client, change, origin).await
    }

    /// Deletes a client, with everything that was granted to it. Says whether there was one.
    pub async fn delete_oauth_client(
        &self,
        client: &OAuthClient,
        origin: &Origin,
    ) -> Result<bool, StoreError> {
        let change = Change::Delete;
        self.change_oauth_client(client, change, origin).await
    }

    /// Changes a client, which is in the audit trail when something changed, and only then.
    async fn change_oauth_client(
        &self,
        client: &OAuthClient,
        change: Change,
        origin: &Origin,
    ) -> Result<bool, StoreError> {
        let (now, origin) = (self.now(), origin.clone());
        let (id, client) = (client.id, client.registration.client.clone());
        self.change_access(move |mut tx| async move {
            let is_done = change.carry_out(&mut tx, id, now).await? > 0;
            if is_done {
                note(&mut tx, now, &origin, &change.event(client)).await?;
            }
            Ok((tx, is_done))
        })
        .await
    }
}

/// A change of a client that is there.
#[derive(Debug)]
enum Change {
    Rotate {
        secret: SecretHash,
        overlap: Duration,
    },
    Disable,
    Enable,
    Delete,
}

impl Change {
    /// Says how many clients it changed.
    async fn carry_out(
        &self,
        tx: &mut Tx,
        id: OAuthClientId,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        match self {
            Self::Rotate { secret, overlap } => on!(tx, tx => sqlx::query(ROTATE)
                .bind(id.number())
                .bind(secret.as_octets())
                .bind(now.plus(*overlap).as_micros())
                .execute(&mut **tx)
                .await
                .map(|done| done.rows_affected()))
            .map_err(failed_to("replace the secret of a client")),
            Self::Disable => on!(tx, tx => sqlx::query(DISABLE)
                .bind(id.number())
                .bind(now.as_micros())
                .execute(&mut **tx)
                .await
                .map(|done| done.rows_affected()))
            .map_err(failed_to("disable a client")),
            Self::Enable => on!(tx, tx => sqlx::query(ENABLE)
                .bind(id.number())
                .execute(&mut **tx)
                .await
                .map(|done| done.rows_affected()))
            .map_err(failed_to("enable a client")),
            Self::Delete => {
                keep_client_names(tx, Gone::OfClient(id)).await?;
                on!(tx, tx => sqlx::query(DELETE)
                    .bind(id.number())
                    .execute(&mut **tx)
                    .await
                    .map(|done| done.rows_affected()))
                .map_err(failed_to("delete a client"))
            }
        }
    }

    fn event(&self, client: ClientId) -> AuditEvent {
        match self {
            Self::Rotate { .. } => AuditEvent::ClientRotated { client },
            Self::Disable => AuditEvent::ClientDisabled { client },
            Self::Enable => AuditEvent::ClientEnabled { client },
            Self::Delete => AuditEvent::ClientDeleted { client },
        }
    }
}

async fn insert(
    tx: &mut Tx,
    new: &ClientRegistration,
    now: Timestamp,
) -> Result<Option<OAuthClientId>, StoreError> {
    const DOING: &str = "register a client";
    let (templates, redirects) = (
        to_json(DOING, &new.templates)?,
        to_json(DOING, &new.redirects)?,
    );
    let (secret, previous, previous_until) = secret_columns(&new.authentication);
    let seconds = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    let id: Option<i64> = on!(tx, tx => sqlx::query_scalar(INSERT)
        .bind(new.client.as_str())
        .bind(new.name.as_str())
        .bind(new.provider.as_str())
        .bind(templates)
        .bind(redirects)
        .bind(new.authentication.as_str())
        .bind(secret)
        .bind(previous)
        .bind(previous_until)
        .bind(seconds(new.lifetimes.access()))
        .bind(seconds(new.lifetimes.refresh()))
        .bind(new.refresh.as_str())
        .bind(now.as_micros())
        .fetch_optional(&mut **tx)
        .await)
    .map_err(failed_to(DOING))?;
    Ok(id.map(OAuthClientId::new))
}

const INSERT: &str = "INSERT INTO oauth_client (client_id, name, provider, templates, redirect_uris, \
     authentication, secret_hash, previous_secret_hash, previous_expires_at, access_seconds, \
     refresh_seconds, refresh_rule, created_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
     ON CONFLICT (client_id) DO NOTHING RETURNING id";
const BY_NAME: &str = concat!(
    "SELECT ",
    client_columns!(),
    "FROM oauth_client WHERE client_id = $1"
);
const ALL: &str = concat!(
    "SELECT ",
    client_columns!(),
    "FROM oauth_client ORDER BY client_id"
);
const OF_PROVIDER: &str = concat!(
    "SELECT ",
    client_columns!(),
    "FROM oauth_client WHERE provider = $1 AND disabled_at IS NULL ORDER BY client_id"
);
const ROTATE: &str = "UPDATE oauth_client SET previous_secret_hash = secret_hash, \
     previous_expires_at = $3, secret_hash = $2 WHERE id = $1 AND authentication = 'confidential'";
const DISABLE: &str =
    "UPDATE oauth_client SET disabled_at = $2 WHERE id = $1 AND disabled_at IS NULL";
const ENABLE: &str =
    "UPDATE oauth_client SET disabled_at = NULL WHERE id = $1 AND disabled_at IS NOT NULL";
const DELETE: &str = "DELETE FROM oauth_client WHERE id = $1";

/// Why a client was not registered.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CreateClientError {
    /// The parts of it do not fit each other.
    #[error(transparent)]
    Registration(#[from] RegistrationError),
    /// There is one of this name in requests.
    #[error("there is a client with the client id {client} already")]
    Exists {
        /// The name.
        client: ClientId,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
