//! Fields of forms and of queries, with limits.

use axum::extract::{FromRequest, FromRequestParts, RawForm, RawQuery, Request};
use axum::response::IntoResponse as _;
use http::StatusCode;
use http::request::Parts;
use url::form_urlencoded;

use crate::pages::PageError;

/// The most fields that are read.
const MAX_FIELDS: usize = 64;

/// The fields of a form, or of a query.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    fn parse(octets: &[u8]) -> Self {
        let pairs = form_urlencoded::parse(octets).into_owned();
        Self(pairs.take(MAX_FIELDS).collect())
    }

    /// The value of the first field with this name, or nothing at all.
    pub(crate) fn text(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(field, _)| field == name);
        found.map_or("", |(_, value)| value)
    }
}

/// The fields of a posted form.
#[derive(Clone, Debug)]
pub(crate) struct PostedForm(pub(crate) Fields);

impl<S: Send + Sync> FromRequest<S> for PostedForm {
    type Rejection = PageError;

    async fn from_request(request: Request, state: &S) -> Result<Self, PageError> {
        match RawForm::from_request(request, state).await {
            Ok(RawForm(octets)) => Ok(Self(Fields::parse(&octets))),
            Err(refused) => match refused.into_response().status() {
                StatusCode::PAYLOAD_TOO_LARGE => Err(PageError::TooLarge),
                _ => Err(PageError::NotAForm),
            },
        }
    }
}

/// The query of an address: its fields, and as it was sent.
#[derive(Clone, Debug)]
pub(crate) struct AddressQuery {
    pub(crate) fields: Fields,
    pub(crate) raw: String,
}

impl<S: Send + Sync> FromRequestParts<S> for AddressQuery {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageError> {
        let RawQuery(raw) = match RawQuery::from_request_parts(parts, state).await {
            Ok(query) => query,
            Err(never) => match never {},
        };
        let raw = raw.unwrap_or_default();
        let fields = Fields::parse(raw.as_bytes());
        Ok(Self { fields, raw })
    }
}
