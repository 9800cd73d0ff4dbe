//! Carrying requests about clients out.

use std::time::Duration;

use easement_core::{
    ClientAuthentication, ClientId, ClientRegistration, KnownClient, OAuthClient, TokenLifetimes,
};
use easement_store::CreateClientError;

use super::{ClientChanged, ClientDescription, ClientLine, ClientMade, ClientRequest};
use crate::admin::execute::{AdminContext, ORIGIN};
use crate::admin::{AdminFailure, AdminReply, FailureKind, SecretToken};
use crate::oauth::{ClientChange, ClientDesk, ClientKind, DeskError, MadeClient};

/// Carries a request about clients out.
pub(in crate::admin) async fn execute(
    context: &AdminContext,
    request: ClientRequest,
) -> Result<AdminReply, AdminFailure> {
    match request {
        ClientRequest::Create(description) => create(context, *description).await,
        ClientRequest::CreateKnown { known } => create_known(context, &known).await,
        ClientRequest::List => {
            let clients = context.store.oauth_clients().await?;
            let lines = clients.iter().map(ClientLine::from);
            Ok(AdminReply::Clients(lines.collect()))
        }
        ClientRequest::Show { id } => {
            let client = find(context, &id).await?;
            Ok(AdminReply::Client(Box::new(ClientLine::from(&client))))
        }
        ClientRequest::Rotate { id, overlap } => rotate(context, &id, overlap).await,
        ClientRequest::Change { id, change } => change_client(context, &id, change).await,
    }
}

fn desk(context: &AdminContext) -> ClientDesk<'_> {
    ClientDesk {
        store: &context.store,
        random: context.random.as_ref(),
        origin: ORIGIN,
    }
}

async fn create(
    context: &AdminContext,
    description: ClientDescription,
) -> Result<AdminReply, AdminFailure> {
    let usual = TokenLifetimes::default();
    let lifetimes = TokenLifetimes::new(
        description.access.unwrap_or(usual.access()),
        description.refresh.unwrap_or(usual.refresh()),
    );
    let lifetimes =
        lifetimes.map_err(|error| AdminFailure::new(FailureKind::Invalid, error.to_string()))?;
    let kind = if description.public {
        ClientKind::Public
    } else {
        ClientKind::Confidential
    };
    let registration = ClientRegistration {
        client: description.id,
        name: description.name,
        provider: description.provider,
        templates: description.templates,
        redirects: description.redirects,
        authentication: ClientAuthentication::Public,
        lifetimes,
        refresh: description.rule,
    };
    let made = desk(context).register(registration, kind).await;
    Ok(told(made.map_err(|error| failure(&error))?))
}

async fn create_known(context: &AdminContext, word: &str) -> Result<AdminReply, AdminFailure> {
    let known = KnownClient::from_word(word).ok_or_else(|| {
        let message = format!("nothing is known about a client {word}");
        AdminFailure::new(FailureKind::NotFound, message)
            .with_hint("domainconnect.org is known; describe any other one")
    })?;
    let made = desk(context).register_known(known).await;
    Ok(told(made.map_err(|error| failure(&error))?))
}

fn told(made: MadeClient) -> AdminReply {
    AdminReply::ClientMade(Box::new(ClientMade {
        line: ClientLine::from(&made.client),
        secret: made
            .secret
            .map(|secret| SecretToken::new(secret.reveal().to_owned())),
        earlier_until: None,
    }))
}

async fn rotate(
    context: &AdminContext,
    id: &ClientId,
    overlap: Duration,
) -> Result<AdminReply, AdminFailure> {
    let client = find(context, id).await?;
    let secret = desk(context).rotate(&client, overlap).await;
    let secret = secret.map_err(|error| failure(&error))?;
    Ok(AdminReply::ClientMade(Box::new(ClientMade {
        line: ClientLine::from(&client),
        secret: Some(SecretToken::new(secret.reveal().to_owned())),
        earlier_until: Some(context.clock.now().plus(overlap)),
    })))
}

async fn change_client(
    context: &AdminContext,
    id: &ClientId,
    change: ClientChange,
) -> Result<AdminReply, AdminFailure> {
    let client = find(context, id).await?;
    let changed = desk(context).change(&client, change).await;
    Ok(AdminReply::ClientChanged(ClientChanged {
        id: id.clone(),
        change,
        changed: changed.map_err(|error| failure(&error))?,
    }))
}

async fn find(context: &AdminContext, id: &ClientId) -> Result<OAuthClient, AdminFailure> {
    let found = context.store.oauth_client(id).await?;
    found.ok_or_else(|| {
        let message = format!("there is no client with the client id {id}");
        AdminFailure::new(FailureKind::NotFound, message)
            .with_hint("`easement client list` names those that there are")
    })
}

fn failure(error: &DeskError) -> AdminFailure {
    let of_kind = |kind| AdminFailure::new(kind, error.to_string());
    match error {
        DeskError::Create(CreateClientError::Registration(_)) | DeskError::NoSecret => {
            of_kind(FailureKind::Invalid)
        }
        DeskError::Create(CreateClientError::Exists { .. }) => of_kind(FailureKind::Conflict),
        DeskError::Create(CreateClientError::Store(error)) | DeskError::Store(error) => {
            error.clone().into()
        }
        DeskError::NotKnown | DeskError::Random(_) => of_kind(FailureKind::Internal),
    }
}
