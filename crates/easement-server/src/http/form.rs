//! Forms, queries and parts of paths, with errors that are pages.

use axum::extract::{FromRequest, FromRequestParts, Path, RawForm, RawQuery, Request};
use axum::response::IntoResponse as _;
use http::StatusCode;
use http::request::Parts;
use serde::de::DeserializeOwned;
use url::form_urlencoded;

use crate::pages::PageError;

/// The fields of a form, or of a query, in order. Whoever reads them says which ones there are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Decodes `a=1&b=2`.
    pub(crate) fn parse(octets: &[u8]) -> Self {
        Self(form_urlencoded::parse(octets).into_owned().collect())
    }

    /// The value of the first field with this name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(field, _)| field == name)
            .map(|(_, value)| value.as_str())
    }

    /// The values of all fields with this name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.iter()
            .filter(move |(field, _)| *field == name)
            .map(|(_, value)| value)
    }

    /// All fields.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(field, value)| (field.as_str(), value.as_str()))
    }

    /// The value of a field, or nothing at all when it is not there.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
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

/// The variable parts of a path. What cannot be decoded is the address of nothing.
#[derive(Clone, Debug)]
pub(crate) struct PathParts<T>(pub(crate) T);

impl<S, T> FromRequestParts<S> for PathParts<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Send,
{
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageError> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(parts)) => Ok(Self(parts)),
            Err(_) => Err(PageError::NotFound),
        }
    }
}

/// The fields of the query of an address.
#[derive(Clone, Debug)]
pub(crate) struct AddressQuery(pub(crate) Fields);

impl<S: Send + Sync> FromRequestParts<S> for AddressQuery {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageError> {
        match RawQuery::from_request_parts(parts, state).await {
            Ok(RawQuery(query)) => Ok(Self(Fields::parse(query.unwrap_or_default().as_bytes()))),
            Err(never) => match never {},
        }
    }
}
