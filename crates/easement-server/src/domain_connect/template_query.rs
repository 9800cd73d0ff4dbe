//! `GET /v2/domainTemplates/providers/{providerId}/services/{serviceId}`
//! (draft-ietf-dconn-domainconnect-05 section 8.2).

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use domain_connect::{TEMPLATE_MEDIA_TYPE, Template, TemplateVersion};
use easement_store::{StoreError, TemplateChoice};
use http::HeaderMap;
use http::header::{ACCEPT, CONTENT_TYPE, VARY};

use super::api_error::Unanswered;
use crate::state::{ServerState, Shared, UnsignedTemplates};

pub(crate) async fn get_template(
    State(state): State<Shared>,
    ids: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Unanswered> {
    let Path((provider, service)) = ids.map_err(|_| Unanswered::NoSuchTemplate)?;
    let template = offered(&state, &provider, &service).await?;
    let template = template.ok_or(Unanswered::NoSuchTemplate)?;
    let vary = (VARY, "accept");
    if wants_template(&headers) {
        let kind = (CONTENT_TYPE, TEMPLATE_MEDIA_TYPE);
        return Ok(([kind, vary], template.json().to_owned()).into_response());
    }
    // Never empty: real clients read it as JSON.
    let version = template.version().unwrap_or_default();
    Ok(([vary], Json(TemplateVersion { version })).into_response())
}

/// The template when it may be applied here: approved, for the synchronous flow, and signed unless
/// the operator lets others in.
pub(super) async fn offered(
    state: &ServerState,
    provider: &str,
    service: &str,
) -> Result<Option<Template>, StoreError> {
    let (Ok(provider), Ok(service)) = (provider.parse(), service.parse()) else {
        return Ok(None);
    };
    let entry = state
        .store
        .find_template(&provider, &service, TemplateChoice::Approved)
        .await?;
    let Some(entry) = entry else {
        return Ok(None);
    };
    let template = match Template::from_json(&entry.json) {
        Ok((template, _notes)) => template,
        Err(error) => {
            tracing::error!(template.provider = %provider, template.service = %service, %error,
                "an approved template cannot be read");
            return Ok(None);
        }
    };
    let is_signed = template.public_key_domain().is_some();
    let is_offered = is_signed || state.settings.unsigned == UnsignedTemplates::Offered;
    Ok(is_offered.then_some(template))
}

fn wants_template(headers: &HeaderMap) -> bool {
    headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(|range| range.split(';').next())
        .any(|range| range.trim().eq_ignore_ascii_case(TEMPLATE_MEDIA_TYPE))
}
