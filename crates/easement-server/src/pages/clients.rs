//! `/clients`: the programs that operators registered for OAuth.

use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use easement_core::{
    Actor, ClientAuthentication, ClientRegistration, ClientSecret, ClientTemplates, KnownClient,
    OAuthClient, Origin, RedirectUri, RefreshRule, Standing, TokenLifetimes,
};
use easement_store::CreateClientError;
use http::StatusCode;

use super::problems::problem;
use super::views::{
    ClientForm, ClientPage, ClientRow, ClientsPage, DeleteClientPage, Problem, Section, ShownTime,
    duration_words, paths,
};
use super::{PageError, show};
use crate::http::{Fields, Member, PathParts, PostedForm};
use crate::oauth::{ClientChange, ClientDesk, ClientKind, DeskError, MadeClient};
use crate::state::{ServerState, Shared};

/// How long the secret that a client had counts beside a new one.
const OVERLAP: Duration = Duration::from_hours(24 * 7);
/// The only client that is known.
const KNOWN: KnownClient = KnownClient::DomainConnectOrg;

/// GET `/clients`
pub(crate) async fn show_clients(
    State(state): State<Shared>,
    member: Member,
) -> Result<Response, PageError> {
    check_operator(&member)?;
    show(&list(&state, &member, ClientForm::default(), Vec::new()).await?)
}

/// POST `/clients`
pub(crate) async fn register_client(
    State(state): State<Shared>,
    member: Member,
    PostedForm(fields): PostedForm,
) -> Result<Response, PageError> {
    check_operator(&member)?;
    let desk = desk(&state, &member);
    let made = if fields.text("do") == "known" {
        desk.register_known(KNOWN).await
    } else {
        match read(&fields) {
            Ok((registration, kind)) => desk.register(registration, kind).await,
            Err(problem) => return refuse(&state, &member, &fields, problem).await,
        }
    };
    match made {
        Ok(MadeClient { client, secret }) => {
            let page = page(&state, &member, &client).await?;
            show(&ClientPage {
                news: Some("It is registered."),
                secret: secret.map(|secret| secret.reveal().to_owned()),
                ..page
            })
        }
        Err(DeskError::Create(CreateClientError::Store(error))) => Err(error.into()),
        Err(DeskError::Create(error)) => {
            refuse(&state, &member, &fields, problem("id", &error)).await
        }
        Err(error) => Err(failed(error)),
    }
}

/// GET `/clients/{client}`
pub(crate) async fn show_client(
    State(state): State<Shared>,
    member: Member,
    PathParts((id,)): PathParts<(String,)>,
) -> Result<Response, PageError> {
    check_operator(&member)?;
    let client = find(&state, &id).await?;
    show(&page(&state, &member, &client).await?)
}

/// POST `/clients/{client}`
pub(crate) async fn act_on_client(
    State(state): State<Shared>,
    member: Member,
    PathParts((id,)): PathParts<(String,)>,
    PostedForm(fields): PostedForm,
) -> Result<Response, PageError> {
    check_operator(&member)?;
    let client = find(&state, &id).await?;
    let desk = desk(&state, &member);
    let (news, secret) = match fields.text("do") {
        "rotate" => {
            let secret = desk.rotate(&client, OVERLAP).await.map_err(failed)?;
            ("It has another secret.", Some(secret))
        }
        "disable" => {
            let changed = desk.change(&client, ClientChange::Disable).await;
            changed.map_err(failed)?;
            ("It is disabled.", None)
        }
        "enable" => {
            let changed = desk.change(&client, ClientChange::Enable).await;
            changed.map_err(failed)?;
            ("It may act again.", None)
        }
        _ => return Err(PageError::NotFound),
    };
    let client = find(&state, &id).await?;
    show(&ClientPage {
        news: Some(news),
        secret: secret.map(|secret: ClientSecret| secret.reveal().to_owned()),
        ..page(&state, &member, &client).await?
    })
}

/// GET `/clients/{client}/delete`: names what goes.
pub(crate) async fn ask_to_delete_client(
    State(state): State<Shared>,
    member: Member,
    PathParts((id,)): PathParts<(String,)>,
) -> Result<Response, PageError> {
    check_operator(&member)?;
    let client = find(&state, &id).await?;
    let id = client.registration.client.as_str();
    show(&DeleteClientPage {
        shell: member.shell(Section::Templates),
        name: client.registration.name.to_string(),
        back: paths::client(id),
        action: paths::delete_client(id),
        grants: state.store.count_live_grants(client.id).await?,
    })
}

/// POST `/clients/{client}/delete`
pub(crate) async fn delete_client(
    State(state): State<Shared>,
    member: Member,
    PathParts((id,)): PathParts<(String,)>,
) -> Result<Response, PageError> {
    check_operator(&member)?;
    let client = find(&state, &id).await?;
    let desk = desk(&state, &member);
    let changed = desk.change(&client, ClientChange::Delete).await;
    changed.map_err(failed)?;
    Ok(Redirect::to(paths::CLIENTS).into_response())
}

fn check_operator(member: &Member) -> Result<(), PageError> {
    match member.account.standing {
        Standing::Operator => Ok(()),
        Standing::Member => Err(PageError::OperatorsOnly),
    }
}

fn desk<'a>(state: &'a ServerState, member: &Member) -> ClientDesk<'a> {
    ClientDesk {
        store: &state.store,
        random: state.random.as_ref(),
        origin: Origin {
            actor: Actor::Account(member.account.id),
            address: Some(member.visitor.address),
        },
    }
}

fn failed(error: DeskError) -> PageError {
    match error {
        DeskError::Store(error) => error.into(),
        // Its page does not offer this.
        DeskError::NoSecret => PageError::NotFound,
        DeskError::Create(_) | DeskError::NotKnown | DeskError::Random(_) => {
            PageError::failure(error.to_string())
        }
    }
}

async fn find(state: &ServerState, id: &str) -> Result<OAuthClient, PageError> {
    let id = id.parse().map_err(|_| PageError::NotFound)?;
    let found = state.store.oauth_client(&id).await?;
    found.ok_or(PageError::NotFound)
}

//------------ The form --------------------------------------------------------------------------

/// What was typed, as a registration whose authentication is replaced by the desk.
fn read(fields: &Fields) -> Result<(ClientRegistration, ClientKind), Problem> {
    let text = |name: &str| fields.text(name).trim().to_owned();
    let id = text("id");
    let provider = match text("provider") {
        empty if empty.is_empty() => id.clone(),
        given => given,
    };
    let services = text("templates");
    let services = services
        .split([' ', ','])
        .filter(|word| !word.is_empty())
        .map(str::parse)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| problem("templates", &error))?;
    let redirects = text("redirects");
    let redirects: Result<Vec<RedirectUri>, _> =
        redirects.split_whitespace().map(str::parse).collect();
    let kind = match fields.text("public") {
        "yes" => ClientKind::Public,
        _ => ClientKind::Confidential,
    };
    let registration = ClientRegistration {
        client: id.parse().map_err(|error| problem("id", &error))?,
        name: text("name")
            .parse()
            .map_err(|error| problem("name", &error))?,
        provider: provider
            .parse()
            .map_err(|error| problem("provider", &error))?,
        templates: if services.is_empty() {
            ClientTemplates::All
        } else {
            ClientTemplates::Listed(services)
        },
        redirects: redirects.map_err(|error| problem("redirects", &error))?,
        authentication: ClientAuthentication::Public,
        lifetimes: TokenLifetimes::default(),
        refresh: RefreshRule::Rotate,
    };
    registration
        .check()
        .map_err(|error| problem("redirects", &error))?;
    Ok((registration, kind))
}

async fn refuse(
    state: &ServerState,
    member: &Member,
    fields: &Fields,
    problem: Problem,
) -> Result<Response, PageError> {
    let form = ClientForm {
        id: fields.text("id").to_owned(),
        name: fields.text("name").to_owned(),
        provider: fields.text("provider").to_owned(),
        templates: fields.text("templates").to_owned(),
        redirects: fields.text("redirects").to_owned(),
        is_public: fields.text("public") == "yes",
    };
    let page = list(state, member, form, vec![problem]).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
}

//------------ Shown -----------------------------------------------------------------------------

async fn list(
    state: &ServerState,
    member: &Member,
    form: ClientForm,
    problems: Vec<Problem>,
) -> Result<ClientsPage, PageError> {
    let clients = state.store.oauth_clients().await?;
    let is_known = |client: &OAuthClient| client.registration.client.as_str() == KNOWN.client_id();
    Ok(ClientsPage {
        shell: member.shell(Section::Templates),
        has_known: !clients.iter().any(is_known),
        clients: clients.iter().map(row).collect(),
        form,
        problems,
    })
}

fn row(client: &OAuthClient) -> ClientRow {
    let id = client.registration.client.as_str();
    ClientRow {
        href: paths::client(id),
        name: client.registration.name.to_string(),
        id: id.to_owned(),
        kind: client.registration.authentication.as_str(),
        templates: templates(&client.registration),
        is_disabled: client.disabled_at.is_some(),
    }
}

fn templates(registration: &ClientRegistration) -> String {
    let provider = &registration.provider;
    match &registration.templates {
        ClientTemplates::All => format!("all templates of {provider}"),
        ClientTemplates::Listed(services) => {
            let services: Vec<&str> = services
                .iter()
                .map(domain_connect::ServiceId::as_str)
                .collect();
            format!("{} of {provider}", services.join(", "))
        }
    }
}

async fn page(
    state: &ServerState,
    member: &Member,
    client: &OAuthClient,
) -> Result<ClientPage, PageError> {
    let now = state.clock.now();
    let grants = state.store.count_live_grants(client.id).await?;
    let registration = &client.registration;
    let id = registration.client.as_str();
    Ok(ClientPage {
        shell: member.shell(Section::Templates),
        action: paths::client(id),
        delete: paths::delete_client(id),
        news: None,
        secret: None,
        name: registration.name.to_string(),
        id: id.to_owned(),
        kind: registration.authentication.as_str(),
        templates: templates(registration),
        redirects: registration
            .redirects
            .iter()
            .map(ToString::to_string)
            .collect(),
        access: duration_words(registration.lifetimes.access().as_secs()),
        refresh: duration_words(registration.lifetimes.refresh().as_secs()),
        rule: match registration.refresh {
            RefreshRule::Rotate => "replaced at each use",
            RefreshRule::Keep => "kept",
        },
        grants,
        has_secret: match registration.authentication {
            ClientAuthentication::Confidential { .. } => true,
            ClientAuthentication::Public | ClientAuthentication::PublishedSecret { .. } => false,
        },
        created: ShownTime::new(client.created_at, now),
        disabled: client.disabled_at.map(|at| ShownTime::new(at, now)),
    })
}
