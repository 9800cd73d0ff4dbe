//! Giving permission back.

use easement_outbound::http::Answer;
use http::StatusCode;
use serde::Deserialize;
use url::{Url, form_urlencoded};

use super::{CredentialsError, ProviderCredentials, Tokens};
use crate::request::{get, post};
use crate::{Client, HiddenText, RequestError, UrlPrefix};

impl Client {
    /// Gives permission back (RFC 7009), at the place that the provider's metadata name (RFC 8414), which must be where
    /// the tokens came from. Afterwards the tokens are worth nothing and can be thrown away.
    pub async fn revoke(
        &self,
        tokens: &Tokens,
        credentials: &ProviderCredentials,
    ) -> Result<(), RevokeError> {
        tokens.check(credentials)?;
        let form = revocation(tokens, credentials);
        self.give_back(&tokens.url_api, form).await
    }

    /// Sends the form where the metadata of a server say.
    pub(crate) async fn give_back(
        &self,
        url_api: &UrlPrefix,
        form: String,
    ) -> Result<(), RevokeError> {
        let answer = self.ask(&metadata_url(url_api), get()).await?;
        let endpoint = endpoint(&answer, url_api)?;
        let outgoing = post("application/x-www-form-urlencoded", form);
        let status = self.ask(&endpoint, outgoing).await?.status;
        if status.is_success() {
            Ok(())
        } else {
            let status = status.as_u16();
            Err(RevokeError::Status { status })
        }
    }
}

/// The form of RFC 7009 section 2.1. Made here, since its serializer cannot be held while an answer is waited for: the
/// future of the call could not move between threads.
fn revocation(tokens: &Tokens, credentials: &ProviderCredentials) -> String {
    let form = revocation_of(
        tokens.refresh_token.as_ref(),
        &tokens.access_token,
        &credentials.client_id,
    );
    match &credentials.client_secret {
        Some(secret) => form_urlencoded::Serializer::new(form)
            .append_pair("client_secret", secret.reveal())
            .finish(),
        None => form,
    }
}

/// The refresh token takes the access tokens with it.
pub(crate) fn revocation_of(
    refresh_token: Option<&HiddenText>,
    access_token: &HiddenText,
    client_id: &str,
) -> String {
    let (token, kind) = match refresh_token {
        Some(token) => (token, "refresh_token"),
        None => (access_token, "access_token"),
    };
    form_urlencoded::Serializer::new(String::new())
        .append_pair("token", token.reveal())
        .append_pair("token_type_hint", kind)
        .append_pair("client_id", client_id)
        .finish()
}

/// The path of what is asked goes behind the well-known one (RFC 8414 section 3.1).
fn metadata_url(url_api: &UrlPrefix) -> Url {
    let mut url = url_api.join("");
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&format!("/.well-known/oauth-authorization-server{path}"));
    url
}

fn endpoint(answer: &Answer, url_api: &UrlPrefix) -> Result<Url, RevokeError> {
    #[derive(Deserialize)]
    struct Metadata {
        #[serde(default)]
        revocation_endpoint: Option<String>,
    }
    match answer.status {
        status if status.is_success() => {}
        StatusCode::NOT_FOUND => return Err(RevokeError::NotOffered),
        status => {
            let status = status.as_u16();
            return Err(RevokeError::Status { status });
        }
    }
    let metadata: Option<Metadata> = serde_json::from_slice(&answer.body).ok();
    let text = metadata.and_then(|metadata| metadata.revocation_endpoint);
    let text = text.ok_or(RevokeError::NotOffered)?;
    let url = Url::parse(&text).ok();
    url.filter(|url| url_api.has_origin_of(url))
        .ok_or_else(|| RevokeError::Elsewhere {
            url_api: url_api.to_string(),
            endpoint: text.chars().take(120).collect(),
        })
}

/// Why permission was not given back.
#[derive(Debug, thiserror::Error)]
pub enum RevokeError {
    /// The credentials are for another provider, or another place.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// The provider does not answer.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The provider takes none back.
    #[error("the DNS provider takes no permission back by program: its owner can end it there")]
    NotOffered,
    /// Tokens are not sent there.
    #[error("{url_api} says that tokens are taken back at `{}`, which is elsewhere: nothing is sent there", endpoint.escape_debug())]
    Elsewhere {
        /// Who says so.
        url_api: String,
        /// Where.
        endpoint: String,
    },
    /// The provider answers with an error.
    #[error("the DNS provider did not take the permission back (status {status}): try again later")]
    Status {
        /// The status.
        status: u16,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PlainHttp;

    #[test]
    fn tokens_are_taken_back_where_they_came_from_and_nowhere_else() {
        let api = UrlPrefix::read("https://dns.example/api", PlainHttp::Refuse).unwrap();
        assert_eq!(
            metadata_url(&api).as_str(),
            "https://dns.example/.well-known/oauth-authorization-server/api"
        );
        let read = |status, body: &str| {
            let answer = Answer {
                status: StatusCode::from_u16(status).unwrap(),
                headers: http::HeaderMap::new(),
                body: body.as_bytes().to_vec().into(),
            };
            endpoint(&answer, &api)
        };
        let good = r#"{"revocation_endpoint":"https://dns.example/oauth/revoke"}"#;
        assert!(read(200, good).is_ok());
        for elsewhere in [
            "https://evil.example/",
            "http://dns.example/",
            "https://dns.example:8443/",
            "x",
        ] {
            let body = format!(r#"{{"revocation_endpoint":"{elsewhere}"}}"#);
            assert!(
                matches!(read(200, &body), Err(RevokeError::Elsewhere { .. })),
                "{elsewhere}"
            );
        }
        assert!(matches!(read(404, ""), Err(RevokeError::NotOffered)));
        assert!(matches!(read(200, "{}"), Err(RevokeError::NotOffered)));
        assert!(matches!(
            read(500, ""),
            Err(RevokeError::Status { status: 500 })
        ));
    }
}
