//! Whether a provider takes a template.

use std::fmt;

use domain_connect::{ProviderId, ServiceId};
use http::StatusCode;
use serde_json::Value;
use url::Url;

use crate::request::{get, is_busy};
use crate::{Client, ProviderSettings, RequestError, UrlPrefix};

/// A template, by who wrote it and which it is.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct TemplateId {
    /// The service provider.
    pub provider: ProviderId,
    /// The service.
    pub service: ServiceId,
}

impl TemplateId {
    /// The path of what a provider has about it, below the URL for programs and those for people.
    pub(crate) fn path(&self) -> String {
        // Identifiers are made of characters that paths have unencoded.
        format!(
            "/v2/domainTemplates/providers/{}/services/{}",
            self.provider, self.service
        )
    }

    /// Where a provider says whether it takes the template.
    pub fn support_url(&self, url_api: &UrlPrefix) -> Url {
        url_api.join(&self.path())
    }
}

impl std::str::FromStr for TemplateId {
    type Err = TemplateIdError;

    /// Reads `PROVIDER/SERVICE`.
    fn from_str(text: &str) -> Result<Self, TemplateIdError> {
        let fail = || TemplateIdError {
            text: text.chars().take(120).collect(),
        };
        let (provider, service) = text.split_once('/').ok_or_else(fail)?;
        Ok(Self {
            provider: provider.parse().map_err(|_| fail())?,
            service: service.parse().map_err(|_| fail())?,
        })
    }
}

impl fmt::Display for TemplateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.provider, self.service)
    }
}

/// A text that names no template.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{}` names no template: write it like exampleservice.example/website", text.escape_debug())]
pub struct TemplateIdError {
    /// The text.
    pub text: String,
}

/// What a provider says about a template.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TemplateSupport {
    /// It takes it.
    Supported {
        /// Which version of it.
        version: Option<u64>,
        /// The whole template as JSON, when the provider shows it.
        template: Option<String>,
    },
    /// It does not take it.
    NotSupported,
}

impl TemplateSupport {
    /// Whether the provider takes the template.
    pub fn is_supported(&self) -> bool {
        match self {
            Self::Supported { .. } => true,
            Self::NotSupported => false,
        }
    }

    /// Reads the body of an answer that says yes (Domain Connect 2.3, "Query Supported Template"): it may have the
    /// version, the whole template, anything else, or nothing.
    ///
    /// ```
    /// use easement_client::TemplateSupport;
    ///
    /// let version = |body: &str| match TemplateSupport::read(body.as_bytes()) {
    ///     TemplateSupport::Supported { version, template } => (version, template.is_some()),
    ///     TemplateSupport::NotSupported => unreachable!(),
    /// };
    /// assert_eq!(version(r#"{"version": 3}"#), (Some(3), false));
    /// assert_eq!(version(r#"{"version": "3", "records": []}"#), (Some(3), true));
    /// assert_eq!(version(""), (None, false));
    /// assert_eq!(version("OK"), (None, false));
    /// ```
    pub fn read(body: &[u8]) -> Self {
        let json: Option<Value> = serde_json::from_slice(body).ok();
        let member = |name| json.as_ref().and_then(|json| json.get(name));
        let version = member("version").and_then(|version| match version {
            Value::Number(number) => number.as_u64(),
            Value::String(text) => text.trim().parse().ok(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        });
        let is_template = member("records").is_some_and(Value::is_array);
        Self::Supported {
            version,
            template: is_template.then(|| {
                String::from_utf8_lossy(body)
                    .trim_start_matches('\u{feff}')
                    .to_owned()
            }),
        }
    }
}

impl Client {
    /// Asks whether a provider takes a template.
    pub async fn template_support(
        &self,
        settings: &ProviderSettings,
        template: &TemplateId,
    ) -> Result<TemplateSupport, SupportError> {
        let url = template.support_url(&settings.url_api);
        let answer = self.ask(&url, get()).await?;
        match answer.status {
            status if status.is_success() => Ok(TemplateSupport::read(&answer.body)),
            StatusCode::NOT_FOUND => Ok(TemplateSupport::NotSupported),
            status => Err(SupportError::Status {
                template: template.clone(),
                status: status.as_u16(),
            }),
        }
    }
}

/// Why it is not known whether a provider takes a template.
#[derive(Debug, thiserror::Error)]
pub enum SupportError {
    /// The provider does not answer.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The provider answers with something else.
    #[error(
        "asked about the template {template}, the DNS provider answers with status {status}{}",
        if is_busy(*status) { ": try again later" } else { "" }
    )]
    Status {
        /// Which.
        template: TemplateId,
        /// The status.
        status: u16,
    },
}
