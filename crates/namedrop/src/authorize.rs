//! The link that an app sends an owner to (NameDrop 0.4.0, "GET /authorize").

use url::Url;

use crate::app::{App, AppError};
use crate::pairs::{Pairs, PairsError};
use crate::{RequestedScopes, ScopeError};

/// What an app asks its owner for. Which domain and host is meant, the owner says.
///
/// ```
/// use namedrop::{AuthorizeError, AuthorizeFault, AuthorizeQuery};
///
/// let query = "client_id=https%3A%2F%2Fapp.example%2Fdone&redirect_uri=https%3A%2F%2Fapp.example%2Fdone\
///              &scope=namedrop-hosts+namedrop-acme&state=s1&response_type=code\
///              &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
/// let asked = AuthorizeQuery::parse(query)?;
/// assert_eq!(asked.app.origin().ascii(), "https://app.example");
/// assert_eq!(asked.state.as_deref(), Some("s1"));
///
/// // What is wrong beside the app itself is told to the app.
/// let error = AuthorizeQuery::parse(&query.replace("namedrop-hosts", "everything")).unwrap_err();
/// let AuthorizeError::Told(told) = error else { unreachable!() };
/// assert_eq!(told.fault.code(), "invalid_scope");
/// assert!(told.answer().as_str().starts_with("https://app.example/done?error=invalid_scope&"));
/// # Ok::<(), AuthorizeError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AuthorizeQuery {
    /// Who asks.
    pub app: App,
    /// What for.
    pub scopes: RequestedScopes,
    /// What the app wants to get back as it is.
    pub state: Option<String>,
    /// What the app will prove itself with when it comes for the token.
    pub challenge: CodeChallenge,
}

impl AuthorizeQuery {
    /// The most octets of a query.
    pub const MAX_OCTETS: usize = Pairs::MAX_OCTETS;
    /// The most octets of `state`.
    pub const MAX_STATE_OCTETS: usize = 2048;

    /// Reads the query of a link, without its `?`. Parameters that are not known are ignored
    /// (RFC 6749 section 3.1).
    pub fn parse(query: &str) -> Result<Self, AuthorizeError> {
        let pairs = Pairs::parse(query)?;
        let client_id = pairs.get("client_id")?.unwrap_or_default();
        let redirect_uri = pairs.get("redirect_uri")?.unwrap_or_default();
        let app = App::check(client_id, redirect_uri)?;
        let state = match pairs.get("state") {
            Ok(state) => state.map(str::to_owned),
            Err(error) => return Err(told(app, None, error.into())),
        };
        if state
            .as_ref()
            .is_some_and(|state| state.len() > Self::MAX_STATE_OCTETS)
        {
            return Err(told(app, None, AuthorizeFault::StateTooLong));
        }
        match read_rest(&pairs) {
            Ok((scopes, challenge)) => Ok(Self {
                app,
                scopes,
                state,
                challenge,
            }),
            Err(fault) => Err(told(app, state, fault)),
        }
    }
}

fn read_rest(pairs: &Pairs) -> Result<(RequestedScopes, CodeChallenge), AuthorizeFault> {
    match pairs.get("response_type")? {
        None | Some("code") => {}
        Some(_) => return Err(AuthorizeFault::ResponseType),
    }
    let scopes = pairs.get("scope")?.unwrap_or_default().parse()?;
    let challenge = pairs
        .get("code_challenge")?
        .ok_or(AuthorizeFault::NoChallenge)?;
    match pairs.get("code_challenge_method")? {
        Some("S256") => {}
        None | Some(_) => return Err(AuthorizeFault::ChallengeMethod),
    }
    let challenge = CodeChallenge::parse(challenge).ok_or(AuthorizeFault::Challenge)?;
    Ok((scopes, challenge))
}

fn told(app: App, state: Option<String>, fault: AuthorizeFault) -> AuthorizeError {
    AuthorizeError::Told(Box::new(ToldFault { app, state, fault }))
}

/// A challenge of PKCE with the method S256: 32 octets in base64url (RFC 7636 section 4.2).
///
/// ```
/// use namedrop::CodeChallenge;
///
/// assert!(CodeChallenge::parse("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM").is_some());
/// assert!(CodeChallenge::parse("short").is_none());
/// assert!(CodeChallenge::parse("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cN").is_none());
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CodeChallenge(String);

impl CodeChallenge {
    /// How long every challenge is.
    pub const OCTETS: usize = 43;

    /// Takes a challenge that can be one.
    pub fn parse(text: &str) -> Option<Self> {
        let is_known = |octet: u8| octet.is_ascii_alphanumeric() || b"-_".contains(&octet);
        // 43 characters have two bits more than 32 octets; they are nothing.
        let ends = text.ends_with(|last| "AEIMQUYcgkosw048".contains(last));
        let is_challenge = text.len() == Self::OCTETS && text.bytes().all(is_known) && ends;
        is_challenge.then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

//------------ Errors ----------------------------------------------------------------------------

/// Why an owner is not asked.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AuthorizeError {
    /// The parameters cannot be read. Told to the reader, never to an address.
    #[error(transparent)]
    Pairs(#[from] PairsError),
    /// It is not sure who asks. Told to the reader, never to an address.
    #[error(transparent)]
    App(#[from] AppError),
    /// Something else. The app is told.
    #[error("{}", .0.fault)]
    Told(Box<ToldFault>),
}

/// What is wrong, and whom to tell.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ToldFault {
    /// Who asked.
    pub app: App,
    /// What it wants to get back.
    pub state: Option<String>,
    /// What is wrong.
    pub fault: AuthorizeFault,
}

impl ToldFault {
    /// Where to send the browser (RFC 6749 section 4.1.2.1).
    pub fn answer(&self) -> Url {
        let mut url = self.app.redirect().clone();
        url.query_pairs_mut()
            .append_pair("error", self.fault.code())
            .append_pair("error_description", &self.fault.to_string())
            .extend_pairs(self.state.iter().map(|state| ("state", state)));
        url
    }
}

/// What is wrong with a link whose app is known.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AuthorizeFault {
    /// A parameter.
    #[error(transparent)]
    Pairs(#[from] PairsError),
    /// The scopes.
    #[error(transparent)]
    Scope(#[from] ScopeError),
    /// Another kind of answer is wanted.
    #[error("`response_type` must be `code`")]
    ResponseType,
    /// `state` is too long.
    #[error(
        "`state` is too long: at most {} octets are kept",
        AuthorizeQuery::MAX_STATE_OCTETS
    )]
    StateTooLong,
    /// Whoever has no secret needs PKCE (RFC 9700 section 2.1.1), and apps that nobody registered have none.
    #[error(
        "the parameter `code_challenge` is missing: apps prove themselves with PKCE (RFC 7636)"
    )]
    NoChallenge,
    /// Another method.
    #[error("`code_challenge_method` must be S256")]
    ChallengeMethod,
    /// No challenge.
    #[error("`code_challenge` must be 43 characters of base64url, as S256 makes them")]
    Challenge,
}

impl AuthorizeFault {
    /// The code of RFC 6749 section 4.1.2.1.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Scope(_) => "invalid_scope",
            Self::ResponseType => "unsupported_response_type",
            Self::Pairs(_)
            | Self::StateTooLong
            | Self::NoChallenge
            | Self::ChallengeMethod
            | Self::Challenge => "invalid_request",
        }
    }
}
