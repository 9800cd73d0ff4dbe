//! The exchange of a code, or of a refresh token, for tokens (NameDrop 0.4.0, "POST /token" and "Token").

use serde::Serialize;

use crate::pairs::{Pairs, PairsError};
use crate::{Permissions, Secret};

/// What an app asks the token endpoint for.
///
/// Clients differ: some send no `client_id` or an empty one, some name themselves with HTTP Basic and an
/// empty secret. Whoever has the code and its verifier is the app, so none of this decides anything; what is
/// said twice must be the same.
///
/// ```
/// use namedrop::{TokenGrant, TokenRequest, TokenRequestError};
///
/// let form = "grant_type=authorization_code&code=c1&client_id=https%3A%2F%2Fapp.example%2F\
///             &redirect_uri=https%3A%2F%2Fapp.example%2F&code_verifier=Zg6klgrnixQJ629GsawRMV8MjWvwRAr6";
/// let request = TokenRequest::parse(form, None)?;
/// assert!(matches!(request.grant, TokenGrant::Code { .. }));
/// assert_eq!(request.client_id.as_deref(), Some("https://app.example/"));
///
/// let empty = form.replace("Zg6klgrnixQJ629GsawRMV8MjWvwRAr6", "");
/// assert_eq!(TokenRequest::parse(&empty, None), Err(TokenRequestError::Missing { name: "code_verifier" }));
/// # Ok::<(), TokenRequestError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TokenRequest {
    /// Who says to ask.
    pub client_id: Option<String>,
    /// What is exchanged.
    pub grant: TokenGrant,
}

/// What is exchanged for tokens.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TokenGrant {
    /// A code.
    Code {
        /// The code.
        code: Secret,
        /// Where it was sent to.
        redirect_uri: Option<String>,
        /// What proves that the app is the one that asked.
        verifier: CodeVerifier,
    },
    /// A refresh token.
    Refresh {
        /// The token.
        refresh_token: Secret,
    },
}

/// Name and password of HTTP Basic, decoded (RFC 6749 section 2.3.1).
///
/// ```
/// use namedrop::{BasicCredentials, Secret, TokenRequest, TokenRequestError};
///
/// let form = "grant_type=refresh_token&refresh_token=r1";
/// let basic = |password| BasicCredentials {
///     name: "https://app.example/".to_owned(),
///     password: Secret::new(password),
/// };
/// assert!(TokenRequest::parse(form, Some(&basic(""))).is_ok());
/// assert_eq!(TokenRequest::parse(form, Some(&basic("x"))), Err(TokenRequestError::HasSecret));
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BasicCredentials {
    /// The name: the `client_id`.
    pub name: String,
    /// The password: the client secret, which must be empty.
    pub password: Secret,
}

impl TokenRequest {
    /// Reads a form.
    pub fn parse(form: &str, basic: Option<&BasicCredentials>) -> Result<Self, TokenRequestError> {
        let pairs = Pairs::parse(form)?;
        let basic_password = basic.is_some_and(|basic| !basic.password.reveal().is_empty());
        if basic_password || pairs.get("client_secret")?.is_some() {
            return Err(TokenRequestError::HasSecret);
        }
        let basic_name = basic
            .map(|basic| basic.name.as_str())
            .filter(|name| !name.is_empty());
        let client_id = match (pairs.get("client_id")?, basic_name) {
            (Some(one), Some(other)) if one != other => return Err(TokenRequestError::TwoClients),
            (Some(name), _) | (None, Some(name)) => Some(name.to_owned()),
            (None, None) => None,
        };
        let secret = |name: &'static str| {
            let text = pairs
                .get(name)?
                .ok_or(TokenRequestError::Missing { name })?;
            if text.len() > Secret::MAX_OCTETS {
                return Err(TokenRequestError::TooLong { name });
            }
            Ok(Secret::new(text))
        };
        let grant = match pairs.get("grant_type")? {
            Some("authorization_code") => TokenGrant::Code {
                code: secret("code")?,
                redirect_uri: pairs.get("redirect_uri")?.map(str::to_owned),
                verifier: CodeVerifier::parse(secret("code_verifier")?)?,
            },
            Some("refresh_token") => TokenGrant::Refresh {
                refresh_token: secret("refresh_token")?,
            },
            Some(_) => return Err(TokenRequestError::GrantType),
            None => return Err(TokenRequestError::Missing { name: "grant_type" }),
        };
        Ok(Self { client_id, grant })
    }
}

/// What proves that an app is the one that asked (RFC 7636 section 4.1).
///
/// The RFC wants at least 43 characters. The client in JavaScript sends 32, which are still more than anyone
/// can guess, so one of any length is compared; none at all never is.
///
/// ```
/// use namedrop::{CodeVerifier, Secret};
///
/// assert!(CodeVerifier::parse(Secret::new("Zg6klgrnixQJ629GsawRMV8MjWvwRAr6")).is_ok());
/// assert!(CodeVerifier::parse(Secret::new("")).is_err());
/// assert!(CodeVerifier::parse(Secret::new("with space")).is_err());
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CodeVerifier(Secret);

impl CodeVerifier {
    /// The most octets.
    pub const MAX_OCTETS: usize = 128;

    /// Takes a verifier of the characters that verifiers have.
    pub fn parse(secret: Secret) -> Result<Self, TokenRequestError> {
        let text = secret.reveal();
        let is_known = |octet: u8| octet.is_ascii_alphanumeric() || b"-._~".contains(&octet);
        if text.is_empty() || text.len() > Self::MAX_OCTETS || !text.bytes().all(is_known) {
            return Err(TokenRequestError::Verifier);
        }
        Ok(Self(secret))
    }

    /// The text, to compare its hash with the challenge.
    pub fn reveal(&self) -> &str {
        self.0.reveal()
    }
}

/// Why nothing is exchanged.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TokenRequestError {
    /// The form cannot be read.
    #[error(transparent)]
    Pairs(#[from] PairsError),
    /// A parameter is missing or empty.
    #[error("the parameter `{name}` is missing")]
    Missing {
        /// The parameter.
        name: &'static str,
    },
    /// A parameter is too long.
    #[error("the parameter `{name}` is too long")]
    TooLong {
        /// The parameter.
        name: &'static str,
    },
    /// The verifier has characters that no verifier has, or too many.
    #[error(
        "`code_verifier` must have 1 to 128 letters, digits, hyphens, dots, underscores or tildes"
    )]
    Verifier,
    /// The header and the form name two clients.
    #[error("`client_id` and the header `Authorization` name two apps")]
    TwoClients,
    /// A secret, which no app has here.
    #[error("apps have no client secret here: leave it out, or send an empty one")]
    HasSecret,
    /// Another kind of grant.
    #[error("`grant_type` must be authorization_code or refresh_token")]
    GrantType,
}

impl TokenRequestError {
    /// The code of RFC 6749 section 5.2.
    pub fn code(&self) -> &'static str {
        match self {
            Self::HasSecret => "invalid_client",
            Self::GrantType => "unsupported_grant_type",
            Self::Pairs(_)
            | Self::Missing { .. }
            | Self::TooLong { .. }
            | Self::Verifier
            | Self::TwoClients => "invalid_request",
        }
    }
}

//------------ TokenDocument ---------------------------------------------------------------------

/// The answer with tokens. It is never printed, only sent.
///
/// ```
/// use namedrop::{Permissions, Secret, TokenDocument};
///
/// let document = TokenDocument {
///     access_token: Secret::new("a"),
///     refresh_token: Some(Secret::new("r")),
///     expires_in: 3600,
///     permissions: serde_json::from_str(
///         r#"[{"scope": "namedrop-hosts", "domain": "example.com", "host": ""}]"#,
///     )?,
/// };
/// assert_eq!(
///     serde_json::to_value(&document)?,
///     serde_json::json!({
///         "access_token": "a", "refresh_token": "r", "token_type": "bearer", "expires_in": 3600,
///         "permissions": [{"scope": "namedrop-hosts", "domain": "example.com", "host": ""}],
///     })
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct TokenDocument {
    /// What calls are made with.
    pub access_token: Secret,
    /// What the next one is got with.
    pub refresh_token: Option<Secret>,
    /// For how many seconds the access token is good.
    pub expires_in: u64,
    /// What the owner agreed to.
    pub permissions: Permissions,
}

impl Serialize for TokenDocument {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Wire<'a> {
            access_token: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            refresh_token: Option<&'a str>,
            token_type: &'static str,
            expires_in: u64,
            permissions: &'a Permissions,
        }
        let wire = Wire {
            access_token: self.access_token.reveal(),
            refresh_token: self.refresh_token.as_ref().map(Secret::reveal),
            token_type: "bearer",
            expires_in: self.expires_in,
            permissions: &self.permissions,
        };
        wire.serialize(serializer)
    }
}
