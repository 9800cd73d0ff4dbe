//! `GET /v2/domainTemplates/providers/{providerId}/services/{serviceId}`
//! (draft-ietf-dconn-domainconnect-05 section 8.2).

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain_connect::vetting::is_applicable;
use domain_connect::{ProviderId, ServiceId, TEMPLATE_MEDIA_TYPE, Template, TemplateVersion};
use easement_core::OAuthClient;
use easement_store::{StoreError, TemplateChoice};
use http::header::{ACCEPT, CONTENT_TYPE, ETAG, VARY};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::api_error::Unanswered;
use super::paths;
use crate::http::Fields;
use crate::http::entity_tag::EntityTag;
use crate::pages::views::paths::percent_encoded;
use crate::state::{ServerState, Shared, UnsignedTemplates};

pub(crate) async fn get_template(
    State(state): State<Shared>,
    ids: Result<Path<(String, String)>, PathRejection>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Unanswered> {
    let Path((provider, service)) = ids.map_err(|_| Unanswered::NoSuchTemplate)?;
    if let Some(link) = query.and_then(|query| grant_link(&provider, &service, &query)) {
        return Ok(Redirect::to(&link).into_response());
    }
    let template = known(&state, &provider, &service).await?;
    let template = template.ok_or(Unanswered::NoSuchTemplate)?;
    let wanted = Representation::wanted_by(&headers);
    let tag = wanted.tag(&template);
    let common = [
        (VARY, HeaderValue::from_static("accept")),
        (ETAG, tag.header()),
    ];
    if tag.is_known(&headers) {
        return Ok((StatusCode::NOT_MODIFIED, common).into_response());
    }
    Ok((common, wanted.body(&template)).into_response())
}

/// Where a browser should have gone that asks for standing access: some clients put the service into the path.
fn grant_link(provider: &str, service: &str, query: &str) -> Option<String> {
    let fields = Fields::parse(query.as_bytes());
    fields.get("client_id")?;
    let path = paths::GRANT.replace("{provider}", &percent_encoded(provider));
    let scope = match fields.get("scope") {
        Some(_) => String::new(),
        None => format!("&scope={}", percent_encoded(service)),
    };
    Some(format!("{path}?{query}{scope}"))
}

/// What of a template is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Representation {
    /// Its whole text.
    Text,
    /// Its version alone.
    Version,
}

impl Representation {
    fn wanted_by(headers: &HeaderMap) -> Self {
        if wants_template(headers) {
            Self::Text
        } else {
            Self::Version
        }
    }

    fn tag(self, template: &Template) -> EntityTag {
        let kind = match self {
            Self::Text => "text",
            Self::Version => "version",
        };
        EntityTag::new(kind, template.checksum())
    }

    fn body(self, template: &Template) -> Response {
        match self {
            Self::Text => {
                let kind = [(CONTENT_TYPE, TEMPLATE_MEDIA_TYPE)];
                (kind, template.json().to_owned()).into_response()
            }
            // Never empty: real clients read it as JSON.
            Self::Version => {
                let version = template.version();
                Json(TemplateVersion { version }).into_response()
            }
        }
    }
}

/// The template when it is of use here in any way: by links of the synchronous flow, or for a registered client, whose
/// links need no signature.
async fn known(
    state: &ServerState,
    provider: &str,
    service: &str,
) -> Result<Option<Template>, StoreError> {
    if let Some(template) = offered(state, provider, service).await? {
        return Ok(Some(template));
    }
    let (Ok(provider), Ok(service)) = (provider.parse(), service.parse()) else {
        return Ok(None);
    };
    let clients = state.store.oauth_clients_of(&provider).await?;
    let may_ask = |client: &OAuthClient| client.registration.templates.contains(&service);
    if clients.iter().any(may_ask) {
        approved(state, &provider, &service).await
    } else {
        Ok(None)
    }
}

/// The template when it may be applied here: approved, and when links can ask for it, signed unless the operator lets
/// others in.
pub(super) async fn offered(
    state: &ServerState,
    provider: &str,
    service: &str,
) -> Result<Option<Template>, StoreError> {
    let (Ok(provider), Ok(service)) = (provider.parse(), service.parse()) else {
        return Ok(None);
    };
    let template = approved(state, &provider, &service).await?;
    Ok(template.filter(|template| {
        let is_signed = template.public_key_domain().is_some();
        // Clients of the asynchronous flow are registered: their links need no signature.
        let is_known = is_signed || template.blocks_synchronous_flow();
        is_known || state.settings.unsigned == UnsignedTemplates::Offered
    }))
}

/// The template when an operator, or a rule, approved it, and this server supports what it needs.
pub(super) async fn approved(
    state: &ServerState,
    provider: &ProviderId,
    service: &ServiceId,
) -> Result<Option<Template>, StoreError> {
    let entry = state
        .store
        .find_template(provider, service, TemplateChoice::Approved)
        .await?;
    let Some(entry) = entry else {
        return Ok(None);
    };
    match Template::from_json(&entry.json) {
        Ok((template, _notes)) if is_applicable(&template, &state.settings.policy) => {
            Ok(Some(template))
        }
        // Service providers who hear that it is supported show a button, which would never work.
        Ok(_) => Ok(None),
        Err(error) => {
            tracing::error!(template.provider = %provider, template.service = %service, %error,
                "an approved template cannot be read");
            Ok(None)
        }
    }
}

/// Whether the template itself is asked for by its media type (RFC 9110 section 12.5.1). Everything else,
/// `*/*` included, gets the version alone, as in Domain Connect 2.3.
fn wants_template(headers: &HeaderMap) -> bool {
    headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .any(names_template)
}

fn names_template(range: &str) -> bool {
    let mut parts = range.split(';').map(str::trim);
    let is_named = parts
        .next()
        .is_some_and(|range| range.eq_ignore_ascii_case(TEMPLATE_MEDIA_TYPE));
    let is_refused = |part: &str| {
        let weight = part
            .split_once('=')
            .filter(|(name, _)| name.trim().eq_ignore_ascii_case("q"));
        weight.is_some_and(|(_, weight)| weight.trim().parse() == Ok(0.0_f32))
    };
    is_named && !parts.any(is_refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_sent_to_those_who_name_its_type() {
        for (accept, expected) in [
            ("application/domainconnect-template+json", true),
            (
                "text/html, Application/DomainConnect-Template+JSON;q=0.5",
                true,
            ),
            ("application/domainconnect-template+json;q=0", false),
            ("application/domainconnect-template+json;Q=0", false),
            (
                "application/domainconnect-template+json; q=0.000, */*",
                false,
            ),
            ("application/json", false),
            ("*/*", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, accept.parse().unwrap());
            assert_eq!(wants_template(&headers), expected, "{accept}");
        }
    }
}
