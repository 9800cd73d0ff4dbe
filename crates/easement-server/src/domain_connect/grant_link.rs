//! A link that asks for standing access, checked in full before anything is shown
//! (Domain Connect 2.3, "OAuth Flow: Getting an Authorization Code").

use std::collections::BTreeMap;

use domain_connect::foresight::fixed_variables;
use domain_connect::{ErrorAnswer, ErrorCode, ProviderId, ServiceId, Template, Variables};
use easement_core::{
    AuthorizationRefused, AuthorizationRequest, GrantWish, OAuthClient, PageFault, RedirectTarget,
};
use easement_store::StoreError;

use super::template_query::approved;
use crate::http::Fields;
use crate::pages::PageError;
use crate::state::ServerState;

/// A link whose client, place of return and templates are known.
#[derive(Debug)]
pub(super) struct GrantLink {
    pub(super) client: OAuthClient,
    pub(super) request: AuthorizationRequest,
    pub(super) wish: GrantWish,
    pub(super) templates: BTreeMap<ServiceId, Template>,
    /// The values of variables that are parts of names.
    pub(super) fixed: Variables,
}

/// Why a link goes no further.
#[derive(Debug)]
pub(super) enum LinkRefused {
    /// Nobody is sent anywhere: whoever looks at the browser is told.
    Page(PageFault),
    /// The client is told, at its place.
    Redirect {
        /// Where, with the error.
        target: String,
    },
    /// Anything that any page may meet.
    Error(PageError),
}

impl GrantLink {
    /// Reads and checks a link; GET and POST of the page both begin with this.
    ///
    /// The order matters: the browser is only sent to the client's place, even with an error, when client and
    /// place are known to belong together.
    pub(super) async fn load(
        state: &ServerState,
        provider: &str,
        query: &str,
    ) -> Result<Self, LinkRefused> {
        let fields = Fields::parse(query.as_bytes());
        let pairs: Vec<(String, String)> = fields
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let id = AuthorizationRequest::client_of(&pairs).map_err(LinkRefused::Page)?;
        let client = state.store.oauth_client(&id).await?;
        let request =
            AuthorizationRequest::read(client.as_ref(), &pairs).map_err(|error| refused(*error))?;
        let client = client.ok_or(LinkRefused::Page(PageFault::UnknownClient))?;
        let refuse = |code: ErrorCode, reason: String| redirect(&request, code, reason);
        let provider: ProviderId = provider.parse().map_err(|error: domain_connect::IdError| {
            refuse(ErrorCode::InvalidRequest, error.to_string())
        })?;
        let wish = GrantWish::read(&client, &provider, &request.rest)
            .map_err(|fault| refuse(fault.code(), fault.to_string()))?;
        let templates = templates(state, &wish).await?.map_err(|service| {
            let reason = format!("this server does not offer the template {provider}/{service}");
            refuse(ErrorCode::InvalidScope, reason)
        })?;
        let fixed = all_fixed(&templates, &wish.query.variables)
            .map_err(|reason| refuse(ErrorCode::InvalidRequest, reason))?;
        Ok(Self {
            client,
            request,
            wish,
            templates,
            fixed,
        })
    }

    /// Where the browser goes when the owner says no.
    pub(super) fn declined(&self) -> String {
        answer(&self.request, &ErrorAnswer::user_cancel())
    }

    /// The client is told that what it asks for cannot be.
    pub(super) fn refuse_invalid(&self, reason: String) -> LinkRefused {
        redirect(&self.request, ErrorCode::InvalidRequest, reason)
    }

    /// Where the browser goes with a code.
    pub(super) fn answered(&self, code: &str) -> String {
        let mut parameters = vec![("code", code)];
        parameters.extend(self.request.state.as_deref().map(|state| ("state", state)));
        self.request.binding.redirect.with(&parameters)
    }

    /// The service provider's name, as its templates have it.
    pub(super) fn provider_name(&self) -> String {
        let first = self.templates.values().next();
        first.map_or_else(
            || self.wish.provider.to_string(),
            |template| template.provider_name().to_string(),
        )
    }

    /// The names that the link brings along, where the templates let it.
    pub(super) fn called(&self) -> Option<String> {
        let query = &self.wish.query;
        let provider = query
            .provider_name
            .as_ref()
            .filter(|_| self.templates.values().all(Template::allows_provider_name));
        let service = query
            .service_name
            .as_ref()
            .filter(|_| self.templates.values().all(Template::allows_service_name));
        let names: Vec<String> = [provider, service]
            .into_iter()
            .flatten()
            .map(ToString::to_string)
            .collect();
        (!names.is_empty()).then(|| names.join(": "))
    }
}

/// The templates, or the first one that is not offered.
async fn templates(
    state: &ServerState,
    wish: &GrantWish,
) -> Result<Result<BTreeMap<ServiceId, Template>, ServiceId>, StoreError> {
    let mut templates = BTreeMap::new();
    for service in &wish.query.services {
        match approved(state, &wish.provider, service).await? {
            Some(template) => templates.insert(service.clone(), template),
            None => return Ok(Err(service.clone())),
        };
    }
    Ok(Ok(templates))
}

fn all_fixed(
    templates: &BTreeMap<ServiceId, Template>,
    given: &Variables,
) -> Result<Variables, String> {
    let mut all = Variables::new();
    for template in templates.values() {
        let fixed = fixed_variables(template, given).map_err(|error| error.to_string())?;
        for (name, value) in fixed.iter() {
            all.insert(name.clone(), value);
        }
    }
    Ok(all)
}

fn refused(refused: AuthorizationRefused) -> LinkRefused {
    match refused {
        AuthorizationRefused::Page(fault) => LinkRefused::Page(fault),
        AuthorizationRefused::Redirect { to, state, fault } => LinkRefused::Redirect {
            target: error_at(
                &to,
                state.as_deref(),
                &ErrorAnswer::new(fault.code(), fault.to_string()),
            ),
        },
    }
}

fn redirect(request: &AuthorizationRequest, code: ErrorCode, reason: String) -> LinkRefused {
    LinkRefused::Redirect {
        target: answer(request, &ErrorAnswer::new(code, reason)),
    }
}

fn answer(request: &AuthorizationRequest, error: &ErrorAnswer) -> String {
    error_at(&request.binding.redirect, request.state.as_deref(), error)
}

fn error_at(to: &RedirectTarget, state: Option<&str>, error: &ErrorAnswer) -> String {
    let mut parameters = vec![
        ("error", error.code().as_str()),
        ("error_description", error.description()),
    ];
    parameters.extend(state.map(|state| ("state", state)));
    to.with(&parameters)
}

impl From<StoreError> for LinkRefused {
    fn from(error: StoreError) -> Self {
        Self::Error(error.into())
    }
}

impl From<PageError> for LinkRefused {
    fn from(error: PageError) -> Self {
        Self::Error(error)
    }
}
