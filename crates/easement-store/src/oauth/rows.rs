//! Rows of clients, grants and tokens, as values.

use std::time::Duration;

use easement_core::{
    AccountId, ClientAuthentication, ClientRegistration, CodeBinding, Grant, GrantApp, GrantClient,
    GrantEnd, GrantId, GrantRight, OAuthClient, OAuthClientId, OAuthTokenKind, RedirectTarget,
    RefreshRule, SecretHash, Spent, StoredOAuthToken, Successor, Timestamp, TokenForm,
    TokenLifetimes, ZoneId,
};
use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::database::row;
use crate::rows::At;

//------------ Clients ---------------------------------------------------------------------------

/// The columns of a [`ClientRow`], of the table `oauth_client`.
macro_rules! client_columns {
    () => {
        "oauth_client.id, oauth_client.client_id, oauth_client.name, oauth_client.provider, \
         oauth_client.templates, oauth_client.redirect_uris, oauth_client.authentication, \
         oauth_client.secret_hash, oauth_client.previous_secret_hash, \
         oauth_client.previous_expires_at, oauth_client.access_seconds, \
         oauth_client.refresh_seconds, oauth_client.refresh_rule, oauth_client.created_at, \
         oauth_client.disabled_at "
    };
}
pub(super) use client_columns;

row! {
    pub(super) struct ClientRow {
        id: i64,
        client_id: String,
        name: String,
        provider: String,
        templates: String,
        redirect_uris: String,
        authentication: String,
        secret_hash: Option<Vec<u8>>,
        previous_secret_hash: Option<Vec<u8>>,
        previous_expires_at: Option<i64>,
        access_seconds: i64,
        refresh_seconds: i64,
        refresh_rule: String,
        created_at: i64,
        disabled_at: Option<i64>,
    }
}

impl TryFrom<ClientRow> for OAuthClient {
    type Error = StoreError;

    fn try_from(mut row: ClientRow) -> Result<Self, StoreError> {
        let at = At {
            table: "oauth_client",
            id: row.id,
        };
        let authentication = authentication_of(&at, &mut row)?;
        let seconds = |column, number| at.number(column, number).map(Duration::from_secs);
        let lifetimes = TokenLifetimes::new(
            seconds("access_seconds", row.access_seconds)?,
            seconds("refresh_seconds", row.refresh_seconds)?,
        );
        let registration = ClientRegistration {
            client: at.text("client_id", &row.client_id)?,
            name: at.text("name", &row.name)?,
            provider: at.text("provider", &row.provider)?,
            templates: at.json("templates", &row.templates)?,
            redirects: at.json("redirect_uris", &row.redirect_uris)?,
            authentication,
            lifetimes: lifetimes.map_err(|error| at.corrupt("access_seconds", error))?,
            refresh: RefreshRule::from_word(&row.refresh_rule)
                .ok_or_else(|| at.corrupt("refresh_rule", "it is no rule"))?,
        };
        Ok(Self {
            id: OAuthClientId::new(row.id),
            registration,
            created_at: Timestamp::from_micros(row.created_at),
            disabled_at: row.disabled_at.map(Timestamp::from_micros),
        })
    }
}

fn authentication_of(
    at: &At<i64>,
    row: &mut ClientRow,
) -> Result<ClientAuthentication, StoreError> {
    let secret = row.secret_hash.take().map(SecretHash::from_stored);
    let before = row.previous_secret_hash.take().map(SecretHash::from_stored);
    let before = before.zip(row.previous_expires_at.map(Timestamp::from_micros));
    match (row.authentication.as_str(), secret) {
        ("confidential", Some(secret)) => Ok(ClientAuthentication::Confidential { secret, before }),
        ("published", Some(secret)) => Ok(ClientAuthentication::PublishedSecret { secret }),
        ("public", None) => Ok(ClientAuthentication::Public),
        (word, _) => Err(at.corrupt(
            "authentication",
            format_args!("`{word}` is no kind of client, or does not fit its secret"),
        )),
    }
}

/// The hashes of a client's secrets: the newest, and the one before with its end.
pub(super) fn secret_columns(
    authentication: &ClientAuthentication,
) -> (Option<Vec<u8>>, Option<Vec<u8>>, Option<i64>) {
    let octets = |hash: &SecretHash| hash.as_octets().to_vec();
    match authentication {
        ClientAuthentication::Confidential { secret, before } => (
            Some(octets(secret)),
            before.as_ref().map(|(hash, _)| octets(hash)),
            before.as_ref().map(|(_, until)| until.as_micros()),
        ),
        ClientAuthentication::PublishedSecret { secret } => (Some(octets(secret)), None, None),
        ClientAuthentication::Public => (None, None, None),
    }
}

//------------ Grants ----------------------------------------------------------------------------

/// The columns of a [`GrantRow`], of the table `oauth_grant`.
macro_rules! grant_columns {
    () => {
        "oauth_grant.id AS grant_id, oauth_grant.account_id, oauth_grant.zone_id, \
         oauth_grant.client_kind, oauth_grant.client_id AS grant_client_id, oauth_grant.rights, \
         oauth_grant.created_at AS granted_at, oauth_grant.expires_at AS grant_expires_at, \
         oauth_grant.used_at, oauth_grant.ended_at, oauth_grant.ended_because "
    };
}
pub(super) use grant_columns;

row! {
    pub(super) struct GrantRow {
        grant_id: i64,
        account_id: i64,
        zone_id: i64,
        client_kind: String,
        grant_client_id: Option<i64>,
        rights: String,
        granted_at: i64,
        grant_expires_at: Option<i64>,
        used_at: Option<i64>,
        ended_at: Option<i64>,
        ended_because: Option<String>,
    }
}

const REGISTERED: &str = "registered";
const APP: &str = "app";

pub(crate) fn is_known_client_kind(word: &str) -> bool {
    word == REGISTERED || word == APP
}

/// The document of the column `rights`. An app has no row of its own, so what it is called stands beside what it
/// may do.
#[derive(Deserialize, Serialize)]
pub(super) struct Rights {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    app: Option<GrantApp>,
    #[serde(flatten)]
    right: GrantRight,
}

pub(super) fn rights_of(client: &GrantClient, right: &GrantRight) -> Rights {
    Rights {
        app: match client {
            GrantClient::Registered(_) => None,
            GrantClient::App(app) => Some(app.clone()),
        },
        right: right.clone(),
    }
}

impl GrantRow {
    /// Whether its client is a registered one.
    pub(super) fn has_client(&self) -> bool {
        self.grant_client_id.is_some()
    }
}

impl TryFrom<GrantRow> for Grant {
    type Error = StoreError;

    fn try_from(row: GrantRow) -> Result<Self, StoreError> {
        let at = At {
            table: "oauth_grant",
            id: row.grant_id,
        };
        let Rights { app, right } = at.json("rights", &row.rights)?;
        let client = match (row.client_kind.as_str(), row.grant_client_id, app) {
            (REGISTERED, Some(id), None) => GrantClient::Registered(OAuthClientId::new(id)),
            (APP, None, Some(app)) => GrantClient::App(app),
            (kind, id, app) => {
                let reason = format!(
                    "no client is of the kind `{kind}` with the id {id:?} and the app {app:?}"
                );
                return Err(at.corrupt("client_kind", reason));
            }
        };
        let ended = match (row.ended_at, row.ended_because) {
            (None, None) => None,
            (Some(moment), Some(word)) => {
                let because = GrantEnd::from_word(&word).ok_or_else(|| {
                    at.corrupt("ended_because", format_args!("`{word}` is no reason"))
                })?;
                Some((Timestamp::from_micros(moment), because))
            }
            (Some(_), None) | (None, Some(_)) => {
                return Err(at.corrupt("ended_at", "it has a time or a reason, and not both"));
            }
        };
        Ok(Self {
            id: GrantId::new(row.grant_id),
            account: AccountId::new(row.account_id),
            client,
            zone: ZoneId::new(row.zone_id),
            right,
            created_at: Timestamp::from_micros(row.granted_at),
            expires_at: row.grant_expires_at.map(Timestamp::from_micros),
            used_at: row.used_at.map(Timestamp::from_micros),
            ended,
        })
    }
}

//------------ Tokens ----------------------------------------------------------------------------

row! {
    pub(super) struct TokenRow {
        kind: String,
        grant_id: i64,
        issued_at: i64,
        expires_at: i64,
        spent_at: Option<i64>,
        successor_unused: bool,
        redirect_uri: Option<String>,
        challenge: Option<String>,
    }
}

impl TokenRow {
    pub(super) fn into_token(self, grant: Grant) -> Result<StoredOAuthToken, StoreError> {
        let at = At {
            table: "oauth_token",
            // The key is the hash of a secret: it is not shown.
            id: "(hidden)",
        };
        let form = match (OAuthTokenKind::from_word(&self.kind), &self.redirect_uri) {
            (Some(OAuthTokenKind::Code), Some(uri)) => {
                let redirect = RedirectTarget::from_stored(uri);
                let redirect = redirect.map_err(|error| at.corrupt("redirect_uri", error))?;
                let challenge = self.challenge.as_deref();
                let challenge = challenge.map(|text| at.text("challenge", text));
                TokenForm::Code(CodeBinding {
                    redirect,
                    challenge: challenge.transpose()?,
                })
            }
            (Some(OAuthTokenKind::Access), None) => TokenForm::Access,
            (Some(OAuthTokenKind::Refresh), None) => TokenForm::Refresh,
            (kind, _) => {
                let reason = format!("a token of the kind {kind:?} does not look so");
                return Err(at.corrupt("kind", reason));
            }
        };
        Ok(StoredOAuthToken {
            grant,
            form,
            issued_at: Timestamp::from_micros(self.issued_at),
            expires_at: Timestamp::from_micros(self.expires_at),
            spent: self.spent_at.map(|at| Spent {
                at: Timestamp::from_micros(at),
                successor: if self.successor_unused {
                    Successor::Unused
                } else {
                    Successor::Settled
                },
            }),
        })
    }
}
