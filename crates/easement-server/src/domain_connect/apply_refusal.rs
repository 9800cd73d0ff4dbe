//! Why the apply page is not shown, and what the browser gets in its place.

use axum::response::{IntoResponse as _, Redirect, Response};
use domain_connect::{ApplyQuery, ErrorCode, SignatureError};
use easement_core::Refused;
use easement_store::{CommitError, StoreError};
use url::Url;

use super::apply_request::ApplyRequest;
use super::key_lookup::KeyLookupError;
use crate::http::Visitor;
use crate::pages::views::{ErrorPage, Section, Shell};
use crate::pages::{PageError, Trouble};

/// Why a request to apply a template goes no further.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The address is longer than is read.
    TooLong {
        /// How long it is.
        octets: usize,
    },
    /// The template is not offered.
    UnknownTemplate {
        /// Whose it would be.
        provider: String,
        /// Which of theirs.
        service: String,
    },
    /// The link is wrong.
    BadLink {
        /// The service provider's name.
        provider: String,
        /// What is wrong.
        reason: String,
    },
    /// The signature is wrong.
    BadSignature {
        /// The service provider's name.
        provider: String,
        /// What is wrong.
        error: SignatureError,
    },
    /// The signature cannot be checked.
    NoKey {
        /// The service provider's name.
        provider: String,
        /// Why.
        error: KeyLookupError,
    },
    /// The service provider is told, at the place that was checked.
    Redirected {
        /// The place, with the error.
        target: Url,
    },
    /// Anything that any page may meet.
    Page(PageError),
}

impl Refusal {
    /// A failure of this server is for the service provider to hear of, when it may be told
    /// (draft-05 section 8.3.6).
    pub(super) fn told_to(self, request: &ApplyRequest) -> Self {
        let Self::Page(error) = self else {
            return self;
        };
        let told = match error.trouble() {
            Some(Trouble::Failure) => (ErrorCode::ServerError, "the server failed"),
            Some(Trouble::Busy) => (ErrorCode::TemporarilyUnavailable, "the server is busy"),
            None => return Self::Page(error),
        };
        match request.way_back.failed(told.0, told.1) {
            Some(target) => {
                error.log();
                Self::Redirected { target }
            }
            None => Self::Page(error),
        }
    }

    /// What the browser gets. Query strings are not logged: they hold values of people.
    pub(super) fn answer(self, visitor: &Visitor) -> Result<Response, PageError> {
        let shell = visitor.shell(Section::Elsewhere);
        let page = match self {
            Self::Redirected { target } => {
                return Ok(Redirect::to(target.as_str()).into_response());
            }
            Self::Page(error) => return Err(error),
            Self::TooLong { octets } => {
                ErrorPage::address_too_long(shell, octets, ApplyQuery::MAX_OCTETS)
            }
            Self::UnknownTemplate { provider, service } => {
                ErrorPage::unknown_template(shell, &provider, &service)
            }
            Self::BadLink { provider, reason } => {
                ErrorPage::bad_link(shell, &provider, &sentence(&reason))
            }
            Self::BadSignature { provider, error } => bad_signature(shell, &provider, &error),
            Self::NoKey { provider, error } => {
                tracing::warn!(%error, "a signing key was not found");
                no_key(shell, &provider, &error)
            }
        };
        Err(PageError::Custom(Box::new(page)))
    }
}

fn bad_signature(shell: Shell, provider: &str, error: &SignatureError) -> ErrorPage {
    match error {
        SignatureError::Mismatch { data } => {
            let reason = "The signature of this link does not fit: the link was changed after it was \
                          signed, or was signed with another key.";
            ErrorPage::bad_link(shell, provider, reason).with_value("The signed text must be", data)
        }
        SignatureError::Unsigned
        | SignatureError::Missing { .. }
        | SignatureError::Repeated { .. }
        | SignatureError::TooLong
        | SignatureError::Encoding(_)
        | SignatureError::NotBase64
        | SignatureError::Key(_) => {
            ErrorPage::bad_link(shell, provider, &sentence(&error.to_string()))
        }
    }
}

fn no_key(shell: Shell, provider: &str, error: &KeyLookupError) -> ErrorPage {
    match error {
        KeyLookupError::Name { error } => {
            ErrorPage::bad_link(shell, provider, &sentence(&error.to_string()))
        }
        KeyLookupError::Key { name, error } => {
            ErrorPage::bad_link(shell, provider, &sentence(&error.to_string()))
                .with_value("The name of the key", &name.to_text())
        }
        KeyLookupError::Lookup { .. } => {
            let title = "The signature cannot be checked right now";
            let next = "Nothing was changed. Wait a minute, then load this page again.";
            let page = ErrorPage::bad_request(shell, title, &sentence(&error.to_string()), next);
            ErrorPage {
                status: 503,
                ..page
            }
        }
        KeyLookupError::TooMany { wait } => {
            ErrorPage::too_many(shell, wait.as_secs().saturating_add(1))
        }
    }
}

/// The text as a sentence: with a capital letter, unless it begins with a name such as
/// `redirect_uri`, and a full stop.
fn sentence(text: &str) -> String {
    let word = text.split(' ').next().unwrap_or_default();
    let mut characters = text.chars();
    match characters.next() {
        Some(first) if word.chars().all(char::is_alphabetic) => {
            format!("{}{}.", first.to_uppercase(), characters.as_str())
        }
        Some(_) | None => format!("{text}."),
    }
}

impl From<PageError> for Refusal {
    fn from(error: PageError) -> Self {
        Self::Page(error)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Page(error.into())
    }
}

impl From<CommitError> for Refusal {
    fn from(error: CommitError) -> Self {
        Self::Page(error.into())
    }
}

impl From<Refused> for Refusal {
    fn from(error: Refused) -> Self {
        Self::Page(error.into())
    }
}

#[cfg(test)]
mod tests {
    use domain_connect::{Authenticity, LoopbackRedirects, ReturnAddress, Template};

    use super::super::way_back::WayBack;
    use super::*;

    fn request(redirect: &str) -> ApplyRequest {
        let json = r#"{"providerId": "p", "providerName": "P", "serviceId": "s", "serviceName": "S",
            "syncRedirectDomain": "a.test", "records": []}"#;
        let (template, _) = Template::from_json(json).unwrap();
        let query = format!("domain=example.com&state=s1{redirect}");
        let way_back = WayBack::find(
            ReturnAddress::read(&query),
            &template,
            Authenticity::Unsigned,
            LoopbackRedirects::Refuse,
        );
        ApplyRequest {
            query: ApplyQuery::parse(&query, &template).unwrap(),
            template,
            authenticity: Authenticity::Unsigned,
            way_back: way_back.unwrap(),
        }
    }

    #[test]
    fn a_failure_of_the_server_is_told_where_the_rest_is_told() {
        let busy = || PageError::Unavailable {
            cause: "the secret cause".to_owned(),
        };
        let with_return = request("&redirect_uri=https%3A%2F%2Fa.test%2F");
        for (error, code) in [
            (PageError::failure("the secret cause"), "server_error"),
            (busy(), "temporarily_unavailable"),
        ] {
            let told = Refusal::from(error).told_to(&with_return);
            let Refusal::Redirected { target } = told else {
                panic!("{told:?}");
            };
            let target = target.as_str();
            assert!(target.starts_with(&format!("https://a.test/?error={code}&")));
            assert!(target.ends_with("&state=s1"), "{target}");
            assert!(!target.contains("secret"), "{target}");
        }
        let stays = |error: PageError, request: &ApplyRequest| {
            let told = Refusal::from(error).told_to(request);
            assert!(matches!(told, Refusal::Page(_)), "{told:?}");
        };
        stays(PageError::SignedOut, &with_return);
        stays(PageError::NotFound, &with_return);
        stays(busy(), &request(""));
        stays(busy(), &request("&redirect_uri=https%3A%2F%2Fb.test%2F"));
    }
}
