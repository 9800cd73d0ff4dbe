//! Codes and refresh tokens become access tokens.

use std::error::Error;
use std::time::Duration;

use easement_core::Timestamp;
use easement_outbound::http::Answer;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::tokens::check_same;
use super::{AuthorizationCode, CredentialsError, PendingConsent, ProviderCredentials, Tokens};
use crate::apply::one_line;
use crate::request::{post, retry_after};
use crate::{Client, HiddenText, RequestError, UrlPrefix};

const TOKEN_PATH: &str = "/v2/oauth/access_token";
/// The longest life of a token that is believed, in seconds.
const MAX_SECONDS: u64 = 10 * 365 * 24 * 60 * 60;

impl Client {
    /// Makes tokens of a code. It works once, so the tokens are to be stored before anything else.
    pub async fn exchange_code(
        &self,
        pending: PendingConsent,
        code: AuthorizationCode,
        credentials: &ProviderCredentials,
    ) -> Result<Tokens, TokenError> {
        let place = (
            pending.provider_id.as_str(),
            &pending.url_api,
            pending.client_id.as_str(),
        );
        check_same(place, credentials)?;
        let own = [
            ("grant_type", "authorization_code"),
            ("code", code.reveal()),
            ("redirect_uri", &pending.redirect_uri),
            ("code_verifier", pending.verifier.reveal()),
        ];
        let issued = self.ask_for_tokens(&own, credentials).await?;
        let expires_at = issued.expires_at(self.clock.now());
        Ok(Tokens {
            provider_id: pending.provider_id,
            url_api: pending.url_api,
            client_id: pending.client_id,
            provider: pending.provider,
            services: pending.services,
            domain: pending.domain,
            hosts: pending.hosts,
            access_token: issued.access_token,
            expires_at,
            refresh_token: issued.refresh_token,
        })
    }

    /// The tokens, or new ones with a new access token when the one that is there has ended or is about to.
    ///
    /// New tokens are given to `store` before they are used: a provider may take the old refresh token for stolen once
    /// the new one was issued, so one that is lost ends the permission. Those that cannot be stored are in the error; after
    /// every other error the ones that were given count as before.
    pub async fn refresh_if_due<S>(
        &self,
        tokens: &Tokens,
        credentials: &ProviderCredentials,
        store: S,
    ) -> Result<Tokens, RefreshError>
    where
        S: FnOnce(&Tokens) -> Result<(), Box<dyn Error + Send + Sync>>,
    {
        if tokens.is_due(self.clock.now()) {
            self.refresh(tokens, credentials, store).await
        } else {
            Ok(tokens.clone())
        }
    }

    /// The same, whether it is due or not: after a call was answered with [`Unapplied::Unauthorized`](super::Unapplied).
    pub async fn refresh<S>(
        &self,
        tokens: &Tokens,
        credentials: &ProviderCredentials,
        store: S,
    ) -> Result<Tokens, RefreshError>
    where
        S: FnOnce(&Tokens) -> Result<(), Box<dyn Error + Send + Sync>>,
    {
        tokens.check(credentials).map_err(TokenError::Credentials)?;
        let refresh_token = tokens.refresh_token.as_ref();
        let refresh_token = refresh_token.ok_or(TokenError::NoRefreshToken)?;
        let own = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token.reveal()),
        ];
        let issued = self.ask_for_tokens(&own, credentials).await?;
        let tokens = Tokens {
            expires_at: issued.expires_at(self.clock.now()),
            access_token: issued.access_token,
            // Who issues no new one leaves the old one as it is (RFC 6749 section 6).
            refresh_token: issued.refresh_token.or_else(|| Some(refresh_token.clone())),
            ..tokens.clone()
        };
        match store(&tokens) {
            Ok(()) => Ok(tokens),
            Err(source) => Err(RefreshError::Store {
                tokens: Box::new(tokens),
                source,
            }),
        }
    }

    /// Domain Connect 2.3, "OAuth Flow: Requesting an Access Token": the parameters are in the body, as JSON, since
    /// secrets in a URL end up in logs.
    async fn ask_for_tokens(
        &self,
        own: &[(&str, &str)],
        credentials: &ProviderCredentials,
    ) -> Result<Issued, TokenError> {
        let secret = credentials.client_secret.as_ref();
        let secret = secret.map(|secret| ("client_secret", secret.reveal()));
        let common = [("client_id", credentials.client_id.as_str())];
        let parameters = own.iter().copied().chain(common).chain(secret);
        let body: Map<String, Value> = parameters
            .map(|(name, value)| (name.to_owned(), Value::from(value)))
            .collect();
        let outgoing = post("application/json", Value::Object(body).to_string());
        let url = credentials.url_api.join(TOKEN_PATH);
        read_issued(&self.ask(&url, outgoing).await?, &credentials.url_api)
    }
}

/// An answer with tokens.
pub(crate) struct Issued {
    pub(crate) access_token: HiddenText,
    pub(crate) refresh_token: Option<HiddenText>,
    seconds: Option<u64>,
}

impl Issued {
    pub(crate) fn expires_at(&self, now: Timestamp) -> Option<Timestamp> {
        let seconds = self.seconds?.min(MAX_SECONDS);
        Some(now.plus(Duration::from_secs(seconds)))
    }
}

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    access_token: Option<String>,
    #[serde(default)]
    refresh_token: Option<String>,
    #[serde(default)]
    token_type: Option<String>,
    #[serde(default)]
    expires_in: Option<Value>,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
    #[serde(default)]
    error_description: Option<String>,
}

pub(crate) fn read_issued(answer: &Answer, url_api: &UrlPrefix) -> Result<Issued, TokenError> {
    let status = answer.status.as_u16();
    let retry_after = retry_after(&answer.headers);
    let unclear = || TokenError::Unclear {
        url_api: url_api.to_string(),
        status,
        retry_after,
    };
    if !answer.status.is_success() {
        let refusal: Refusal = serde_json::from_slice(&answer.body).map_err(|_| unclear())?;
        return Err(TokenError::Refused {
            status,
            retry_after,
            error: one_line(&refusal.error),
            description: refusal.error_description.as_deref().map(one_line),
        });
    }
    let document: Document = serde_json::from_slice(&answer.body).map_err(|_| unclear())?;
    let is_bearer = document
        .token_type
        .is_none_or(|kind| kind.eq_ignore_ascii_case("bearer"));
    let is_text =
        |text: &String| !text.is_empty() && text.bytes().all(|octet| matches!(octet, 0x21..=0x7e));
    let access_token = document.access_token.filter(is_text).filter(|_| is_bearer);
    Ok(Issued {
        access_token: HiddenText::new(access_token.ok_or_else(unclear)?),
        refresh_token: document.refresh_token.filter(is_text).map(HiddenText::new),
        seconds: document.expires_in.as_ref().and_then(seconds),
    })
}

/// A number, also as text.
fn seconds(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Why there are no tokens.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The credentials are for another provider, or another place.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// The provider does not answer.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// There is nothing to ask with.
    #[error("the permission has no refresh token: ask the owner of the domain for it again")]
    NoRefreshToken,
    /// The provider says no.
    #[error("the DNS provider issues no token: {error}{}", description.as_deref().map(|text| format!(" ({text})")).unwrap_or_default())]
    Refused {
        /// The status.
        status: u16,
        /// How long to wait before the next try, when the provider said.
        retry_after: Option<Duration>,
        /// The code of RFC 6749 section 5.2, such as `invalid_grant`.
        error: String,
        /// What the provider says about it, safe to show on one line.
        description: Option<String>,
    },
    /// The answer cannot be used.
    #[error(
        "{url_api} answered (status {status}) with neither a token nor a reason: try again later"
    )]
    Unclear {
        /// Who was asked.
        url_api: String,
        /// The status.
        status: u16,
        /// How long to wait before the next try, when the provider said.
        retry_after: Option<Duration>,
    },
}

impl TokenError {
    /// Whether the permission has ended, so that only the owner of the domain can give it anew.
    pub fn is_ended(&self) -> bool {
        match self {
            Self::NoRefreshToken => true,
            Self::Refused { error, .. } => error == "invalid_grant" && !self.may_pass(),
            Self::Credentials(_) | Self::Request(_) | Self::Unclear { .. } => false,
        }
    }

    /// Whether the same may be answered otherwise later: the provider is busy or broken, or was not reached.
    ///
    /// The status counts: 429 and 5xx say so, whatever the code is. Of the codes, `temporarily_unavailable` and
    /// `server_error` (RFC 6749 section 4.1.2.1) do, which providers use here too.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Request(error) => error.is_transient(),
            Self::Unclear { .. } => true,
            Self::Refused { status, error, .. } => {
                let is_passing = ["temporarily_unavailable", "server_error"];
                matches!(status, 429 | 500..) || is_passing.contains(&error.as_str())
            }
            Self::Credentials(_) | Self::NoRefreshToken => false,
        }
    }
}

/// Why tokens were not refreshed.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// The provider issued none.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The new ones could not be stored. The old ones count no more, so these are to be stored before anything else.
    #[error("the new tokens could not be stored: {source}")]
    Store {
        /// The new ones.
        tokens: Box<Tokens>,
        /// Why.
        source: Box<dyn Error + Send + Sync>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PlainHttp;
    use http::StatusCode;

    #[test]
    fn what_may_pass_is_told_from_what_is_final() {
        let api = UrlPrefix::read("https://dns.example", PlainHttp::Refuse).unwrap();
        for (status, body, may_pass, is_ended) in [
            (400, r#"{"error":"invalid_grant"}"#, false, true),
            (400, r#"{"error":"invalid_client"}"#, false, false),
            (401, r#"{"error":"unauthorized_client"}"#, false, false),
            (429, r#"{"error":"temporarily_unavailable"}"#, true, false),
            (429, r#"{"error":"slow_down"}"#, true, false),
            (503, r#"{"error":"temporarily_unavailable"}"#, true, false),
            (500, r#"{"error":"server_error"}"#, true, false),
            (503, r#"{"error":"invalid_grant"}"#, true, false),
            (400, r#"{"error":"server_error"}"#, true, false),
            (502, "<html>", true, false),
        ] {
            let mut headers = http::HeaderMap::new();
            headers.insert(
                http::header::RETRY_AFTER,
                http::HeaderValue::from_static("90"),
            );
            let answer = Answer {
                status: StatusCode::from_u16(status).unwrap(),
                headers,
                body: body.as_bytes().to_vec().into(),
            };
            let Err(error) = read_issued(&answer, &api) else {
                panic!("{status} {body} has no token");
            };
            assert_eq!(error.may_pass(), may_pass, "{status} {body}");
            assert_eq!(error.is_ended(), is_ended, "{status} {body}");
            let (TokenError::Refused { retry_after, .. } | TokenError::Unclear { retry_after, .. }) =
                error
            else {
                panic!("{error}");
            };
            assert_eq!(retry_after, Some(Duration::from_secs(90)));
        }
    }
}
