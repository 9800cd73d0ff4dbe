//! A request for an access token, read from its parameters.

use super::{
    ClientId, ClientSecret, CodeVerifier, OAuthTokenKind, OAuthTokenText, RedirectUri,
    TokenRequestRefused,
};
use crate::SecretHash;

/// A request for an access token (RFC 6749 sections 4.1.3 and 6).
#[derive(Clone, Debug)]
pub struct TokenRequest {
    /// Who asks.
    pub client: ClientId,
    /// What it shows to prove it.
    pub secret: Option<ClientSecret>,
    /// What it asks for.
    pub wish: TokenWish,
}

/// What a client gives for an access token.
#[derive(Clone, Debug)]
pub enum TokenWish {
    /// An authorization code.
    Code {
        /// What it is looked up by; nothing when it is no code.
        code: Option<SecretHash>,
        /// Where the code was sent, as the client says.
        redirect: Option<String>,
        /// What the challenge was made from.
        verifier: Option<CodeVerifier>,
    },
    /// A refresh token.
    Refresh {
        /// What it is looked up by; nothing when it is no refresh token.
        token: Option<SecretHash>,
    },
}

impl TokenWish {
    /// What an app asks for.
    pub fn of_app(grant: &namedrop::TokenGrant) -> Self {
        use namedrop::TokenGrant;
        match grant {
            TokenGrant::Code {
                code,
                redirect_uri,
                verifier,
            } => Self::Code {
                code: OAuthTokenText::hash_of(OAuthTokenKind::Code, code.reveal()),
                redirect: redirect_uri.clone(),
                verifier: Some(CodeVerifier::of_app(verifier)),
            },
            TokenGrant::Refresh { refresh_token } => Self::Refresh {
                token: OAuthTokenText::hash_of(OAuthTokenKind::Refresh, refresh_token.reveal()),
            },
        }
    }

    /// What is to be looked up, and as what.
    pub fn presented(&self) -> (OAuthTokenKind, Option<&SecretHash>) {
        match self {
            Self::Code { code, .. } => (OAuthTokenKind::Code, code.as_ref()),
            Self::Refresh { token } => (OAuthTokenKind::Refresh, token.as_ref()),
        }
    }

    /// The refusal that tells nothing but that it does not count.
    pub fn invalid(&self) -> TokenRequestRefused {
        match self {
            Self::Code { .. } => TokenRequestRefused::Code,
            Self::Refresh { .. } => TokenRequestRefused::RefreshToken,
        }
    }
}

/// The most octets of a code or token that is looked at.
const MAX_TOKEN_OCTETS: usize = 512;

impl TokenRequest {
    /// Who asks, and what it shows to prove it: of any request of a client.
    pub fn client_of(
        parameters: &[(String, String)],
    ) -> Result<(ClientId, Option<ClientSecret>), TokenRequestRefused> {
        let client = required(parameters, "client_id")?;
        let client = client.parse().map_err(|_| malformed("client_id"))?;
        let secret = optional(parameters, "client_secret")?;
        let secret = secret.map(str::parse).transpose();
        Ok((client, secret.map_err(|_| malformed("client_secret"))?))
    }

    /// Reads the parameters of a request, from wherever in it they came. One that is there twice has the same value
    /// each time, or the request means two things.
    pub fn read(parameters: &[(String, String)]) -> Result<Self, TokenRequestRefused> {
        let (client, secret) = Self::client_of(parameters)?;
        let wish = match required(parameters, "grant_type")? {
            "authorization_code" => Self::read_code(parameters)?,
            "refresh_token" => TokenWish::Refresh {
                token: token(parameters, "refresh_token", OAuthTokenKind::Refresh)?,
            },
            _ => return Err(TokenRequestRefused::GrantType),
        };
        Ok(Self {
            client,
            secret,
            wish,
        })
    }

    fn read_code(parameters: &[(String, String)]) -> Result<TokenWish, TokenRequestRefused> {
        let redirect = optional(parameters, "redirect_uri")?;
        if redirect.is_some_and(|uri| uri.len() > RedirectUri::MAX_OCTETS) {
            return Err(malformed("redirect_uri"));
        }
        let verifier = optional(parameters, "code_verifier")?;
        Ok(TokenWish::Code {
            code: token(parameters, "code", OAuthTokenKind::Code)?,
            redirect: redirect.map(str::to_owned),
            verifier: verifier.map(str::parse).transpose()?,
        })
    }

    /// The value of a parameter that may be missing. An empty one is missing (RFC 6749 section 3.2).
    pub fn parameter<'p>(
        parameters: &'p [(String, String)],
        name: &'static str,
    ) -> Result<Option<&'p str>, TokenRequestRefused> {
        optional(parameters, name)
    }
}

fn token(
    parameters: &[(String, String)],
    name: &'static str,
    kind: OAuthTokenKind,
) -> Result<Option<SecretHash>, TokenRequestRefused> {
    let text = required(parameters, name)?;
    if text.len() > MAX_TOKEN_OCTETS {
        return Err(malformed(name));
    }
    Ok(OAuthTokenText::hash_of(kind, text))
}

fn required<'p>(
    parameters: &'p [(String, String)],
    name: &'static str,
) -> Result<&'p str, TokenRequestRefused> {
    optional(parameters, name)?.ok_or(TokenRequestRefused::Missing { parameter: name })
}

fn optional<'p>(
    parameters: &'p [(String, String)],
    name: &'static str,
) -> Result<Option<&'p str>, TokenRequestRefused> {
    let mut values = parameters
        .iter()
        .filter(|(key, value)| key == name && !value.is_empty())
        .map(|(_, value)| value.as_str());
    let first = values.next();
    if values.all(|other| Some(other) == first) {
        Ok(first)
    } else {
        Err(TokenRequestRefused::Contradiction {
            parameter: name.to_owned(),
        })
    }
}

fn malformed(parameter: &'static str) -> TokenRequestRefused {
    TokenRequestRefused::Malformed { parameter }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<TokenRequest, TokenRequestRefused> {
        let parameters: Vec<_> = url::form_urlencoded::parse(text.as_bytes())
            .into_owned()
            .collect();
        TokenRequest::read(&parameters)
    }

    #[test]
    fn a_request_is_read_from_its_parameters() {
        let code = format!("easement_code_{}", "A".repeat(43));
        let text = format!(
            "grant_type=authorization_code&client_id=app.example&client_secret=s&code={code}\
             &redirect_uri=https%3A%2F%2Fapp.example%2Fdone&code_verifier={}&client_id=app.example",
            "v".repeat(43)
        );
        let request = read(&text).unwrap();
        assert_eq!(request.client.as_str(), "app.example");
        assert_eq!(request.secret.unwrap().reveal(), "s");
        let TokenWish::Code {
            code: Some(hash),
            redirect: Some(redirect),
            verifier: Some(_),
        } = request.wish
        else {
            panic!("{:?}", request.wish);
        };
        assert_eq!(
            Some(hash),
            OAuthTokenText::hash_of(OAuthTokenKind::Code, &code)
        );
        assert_eq!(redirect, "https://app.example/done");
    }

    #[test]
    fn a_token_of_another_kind_is_none() {
        for kind in [OAuthTokenKind::Access, OAuthTokenKind::Code] {
            let token = format!("easement_{kind}_{}", "A".repeat(43));
            let text = format!("grant_type=refresh_token&client_id=a&refresh_token={token}");
            let (asked, hash) = (OAuthTokenKind::Refresh, None);
            assert_eq!(read(&text).unwrap().wish.presented(), (asked, hash));
        }
    }

    #[test]
    fn what_means_nothing_or_two_things_is_refused() {
        let missing = |parameter| TokenRequestRefused::Missing { parameter };
        let twice = |parameter: &str| TokenRequestRefused::Contradiction {
            parameter: parameter.to_owned(),
        };
        let long = format!(
            "grant_type=refresh_token&client_id=a&refresh_token={}",
            "a".repeat(513)
        );
        for (text, refused) in [
            ("", missing("client_id")),
            ("client_id=", missing("client_id")),
            ("client_id=a", missing("grant_type")),
            (
                "client_id=a+b&grant_type=refresh_token",
                malformed("client_id"),
            ),
            (
                "client_id=a&client_id=b&grant_type=refresh_token",
                twice("client_id"),
            ),
            (
                "client_id=a&client_secret=a&client_secret=b",
                twice("client_secret"),
            ),
            (
                "client_id=a&client_secret=%C3%A4",
                malformed("client_secret"),
            ),
            (
                "client_id=a&grant_type=password",
                TokenRequestRefused::GrantType,
            ),
            (
                "client_id=a&grant_type=client_credentials",
                TokenRequestRefused::GrantType,
            ),
            ("client_id=a&grant_type=authorization_code", missing("code")),
            (
                "client_id=a&grant_type=refresh_token&code=x",
                missing("refresh_token"),
            ),
            (
                "client_id=a&grant_type=authorization_code&grant_type=refresh_token",
                twice("grant_type"),
            ),
            (
                "client_id=a&grant_type=authorization_code&code=x&code_verifier=short",
                TokenRequestRefused::Verifier(super::super::PkceError::Verifier),
            ),
            (long.as_str(), malformed("refresh_token")),
        ] {
            assert_eq!(read(text).err(), Some(refused), "{text}");
        }
    }
}
