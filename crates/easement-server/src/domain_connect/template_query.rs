//! `GET /v2/domainTemplates/providers/{providerId}/services/{serviceId}`
//! (draft-ietf-dconn-domainconnect-05 section 8.2).

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use domain_connect::{TEMPLATE_MEDIA_TYPE, Template, TemplateVersion};
use easement_store::{StoreError, TemplateChoice};
use http::header::{ACCEPT, CONTENT_TYPE, ETAG, VARY};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::api_error::Unanswered;
use crate::http::entity_tag::EntityTag;
use crate::state::{ServerState, Shared, UnsignedTemplates};

pub(crate) async fn get_template(
    State(state): State<Shared>,
    ids: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Unanswered> {
    let Path((provider, service)) = ids.map_err(|_| Unanswered::NoSuchTemplate)?;
    let template = offered(&state, &provider, &service).await?;
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
                let version = template.version().unwrap_or_default();
                Json(TemplateVersion { version }).into_response()
            }
        }
    }
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
