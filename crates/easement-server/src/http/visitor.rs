//! Who is looking at a page, and how errors become pages for them.

use std::net::IpAddr;

use axum::extract::{FromRequestParts, OriginalUri, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use easement_core::{Account, Secret, Session, SessionState, Standing};
use easement_store::StoreError;
use http::Method;
use http::request::Parts;

use super::address_of;
use super::request_id::RequestId;
use crate::accounts::cookie;
use crate::config::ToolsAccess;
use crate::pages::PageError;
use crate::pages::views::{Person, Section, Shell};
use crate::state::{ServerState, Shared};

/// Whoever sent a request.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    /// Where from.
    pub(crate) address: IpAddr,
    /// Who, when they are signed in.
    pub(crate) signed_in: Option<SignedIn>,
    /// The id of the request.
    pub(crate) request_id: String,
    server: String,
    tools: ToolsAccess,
}

/// A person who is signed in.
#[derive(Clone, Debug)]
pub(crate) struct SignedIn {
    pub(crate) session: Session,
    pub(crate) account: Account,
}

impl Visitor {
    /// What stands around a page for this visitor.
    pub(crate) fn shell(&self, section: Section) -> Shell {
        Shell {
            server: self.server.clone(),
            person: self.signed_in.as_ref().map(|person| Person {
                email: person.account.email.to_string(),
                standing: person.account.standing,
            }),
            section,
            has_tools: self.may_use_tools(),
        }
    }

    /// Whether the tools are open to this visitor.
    pub(crate) fn may_use_tools(&self) -> bool {
        let standing = self.signed_in.as_ref().map(|one| one.account.standing);
        match self.tools {
            ToolsAccess::Public => true,
            ToolsAccess::Members => standing.is_some(),
            ToolsAccess::Operators => standing == Some(Standing::Operator),
            ToolsAccess::Closed => false,
        }
    }

    /// The visitor as a person who is signed in.
    pub(crate) fn member(&self) -> Option<Member> {
        let SignedIn { session, account } = self.signed_in.clone()?;
        Some(Member {
            visitor: self.clone(),
            account,
            session,
        })
    }

    fn unknown(state: &ServerState, request: &Request) -> Self {
        Self {
            address: address_of(request, &state.settings.trusted_proxies),
            signed_in: None,
            request_id: request
                .extensions()
                .get::<RequestId>()
                .map_or_else(String::new, |RequestId(id)| id.clone()),
            server: state.settings.public_url.authority(),
            tools: state.settings.tools,
        }
    }
}

/// Finds out who is asking, and shows errors as pages that suit them.
pub(crate) async fn add(State(state): State<Shared>, mut request: Request, next: Next) -> Response {
    let mut visitor = Visitor::unknown(&state, &request);
    match find_session(&state, cookie::read(request.headers())).await {
        Ok(signed_in) => visitor.signed_in = signed_in,
        Err(error) => return PageError::from(error).render(&visitor),
    }
    request.extensions_mut().insert(visitor.clone());
    let mut response = next.run(request).await;
    match response.extensions_mut().remove::<PageError>() {
        Some(error) => error.render(&visitor),
        None => response,
    }
}

async fn find_session(
    state: &ServerState,
    cookie: Option<Secret>,
) -> Result<Option<SignedIn>, StoreError> {
    let Some(secret) = cookie else {
        return Ok(None);
    };
    let hash = secret.hash();
    let Some((session, account)) = state.store.find_session(&hash).await? else {
        return Ok(None);
    };
    let now = state.clock.now();
    match session.state(&state.settings.sessions, now) {
        SessionState::Live => {}
        SessionState::LiveAndDue => state.store.touch_session(&hash, now).await?,
        SessionState::Expired => {
            state.store.end_session(&hash).await?;
            return Ok(None);
        }
    }
    Ok(Some(SignedIn { session, account }))
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, PageError> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(|| PageError::failure("a page is not behind the visitor layer"))
    }
}

/// A visitor who is signed in. Others are asked to sign in first; a form that they sent is not
/// acted on.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) visitor: Visitor,
    pub(crate) account: Account,
    pub(crate) session: Session,
}

impl Member {
    /// What stands around a page for this person.
    pub(crate) fn shell(&self, section: Section) -> Shell {
        self.visitor.shell(section)
    }
}

impl<S: Sync> FromRequestParts<S> for Member {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageError> {
        let visitor = Visitor::from_request_parts(parts, state).await?;
        if let Some(member) = visitor.member() {
            return Ok(member);
        }
        if parts.method == Method::POST {
            return Err(PageError::SignedOut);
        }
        let uri = parts
            .extensions
            .get::<OriginalUri>()
            .map_or(&parts.uri, |OriginalUri(uri)| uri);
        let next = uri.path_and_query().map(ToString::to_string);
        Err(PageError::SignInFirst {
            next: next.unwrap_or_default(),
        })
    }
}
