//! A request for an owner's yes, as a browser brings it (RFC 6749 section 4.1.1).

use domain_connect::{ErrorCode, GrantQueryError};

use super::{ClientId, CodeBinding, CodeChallenge, OAuthClient, RedirectTarget};

/// A request for an owner's yes: the part that is the same whatever is asked for. Its client is known, and the
/// place that it is answered at is one that the client registered.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AuthorizationRequest {
    /// Where the answer is sent, and what the code is bound to.
    pub binding: CodeBinding,
    /// What the client wants to have back, as it is.
    pub state: Option<String>,
    /// The other parameters, each once: what is asked for.
    pub rest: Vec<(String, String)>,
}

/// Why a request cannot be shown to the owner, and who may be told.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AuthorizationRefused {
    /// Nobody is sent anywhere: whoever looks at the browser is told (RFC 6749 section 4.1.2.1).
    Page(PageFault),
    /// The client is told.
    Redirect {
        /// Where.
        to: RedirectTarget,
        /// What it wants to have back.
        state: Option<String>,
        /// What.
        fault: AuthorizationFault,
    },
}

/// What is wrong with the client, or the place that it wants to be answered at.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PageFault {
    /// Something is missing, or there twice.
    #[error("the link must have the parameter {parameter} once")]
    NotOnce {
        /// Which parameter.
        parameter: &'static str,
    },
    /// No client has this id, or it is disabled.
    #[error("the program that sent you here is not registered with this server")]
    UnknownClient,
    /// The place is none of the client's.
    #[error(
        "the program that sent you here asked to be answered at a place that is not registered for it"
    )]
    Redirect,
    /// There is too much.
    #[error("the link has more or longer parameters than any program needs")]
    TooMuch,
}

/// What is wrong with a request of a client that is known. Says so to its developers.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AuthorizationFault {
    /// A parameter is there twice.
    #[error("the parameter {parameter} is there twice")]
    Twice {
        /// Which parameter.
        parameter: String,
    },
    /// A parameter is not of its form.
    #[error("the parameter {parameter} is not right: {reason}")]
    Malformed {
        /// Which parameter.
        parameter: &'static str,
        /// Why.
        reason: String,
    },
    /// Another kind of answer than a code.
    #[error("response_type is `code`, or is left out")]
    ResponseType,
    /// A public client sent no challenge.
    #[error("code_challenge is missing, which a client without a secret must send (RFC 7636)")]
    NoChallenge,
    /// A challenge that is no SHA-256.
    #[error("code_challenge_method must be S256, and come with a code_challenge")]
    ChallengeMethod,
    /// The client asks for templates of another provider.
    #[error("this client is not registered for templates of this provider")]
    OtherProvider,
    /// The client asks for a template that it may not ask for.
    #[error("this client is not registered for the template {service}")]
    Template {
        /// Which template.
        service: String,
    },
    /// What is asked for is not right.
    #[error(transparent)]
    Wish(#[from] GrantQueryError),
}

impl AuthorizationFault {
    /// The code on the wire.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Twice { .. }
            | Self::Malformed { .. }
            | Self::NoChallenge
            | Self::ChallengeMethod => ErrorCode::InvalidRequest,
            Self::ResponseType => ErrorCode::UnsupportedResponseType,
            Self::OtherProvider => ErrorCode::UnauthorizedClient,
            Self::Template { .. } => ErrorCode::InvalidScope,
            Self::Wish(error) => error.code(),
        }
    }
}

impl AuthorizationRequest {
    /// The most parameters.
    pub const MAX_PARAMETERS: usize = 100;
    /// The most octets of one value.
    pub const MAX_VALUE_OCTETS: usize = 4096;
    const MAX_NAME_OCTETS: usize = 255;

    /// Who asks, so that it can be looked up.
    pub fn client_of(parameters: &[(String, String)]) -> Result<ClientId, PageFault> {
        let id = once(parameters, "client_id")?;
        id.parse().map_err(|_| PageFault::UnknownClient)
    }

    /// Reads the parameters of a request of this client, which is nothing when there is none.
    pub fn read(
        client: Option<&OAuthClient>,
        parameters: &[(String, String)],
    ) -> Result<Self, Box<AuthorizationRefused>> {
        let page = |fault| Box::new(AuthorizationRefused::Page(fault));
        check_size(parameters).map_err(page)?;
        let client = client.filter(|client| client.disabled_at.is_none());
        let client = client.ok_or_else(|| page(PageFault::UnknownClient))?;
        let asked = once(parameters, "redirect_uri").map_err(page)?;
        let redirect = client.redirect(asked);
        let redirect = redirect.ok_or_else(|| page(PageFault::Redirect))?;
        // A state that is there twice is none that could be given back.
        let state = value(parameters, "state").ok().flatten();
        let state = state.map(str::to_owned);
        match read_rest(client, parameters) {
            Ok((challenge, rest)) => Ok(Self {
                binding: CodeBinding {
                    redirect,
                    challenge,
                },
                state,
                rest,
            }),
            Err(fault) => Err(Box::new(AuthorizationRefused::Redirect {
                to: redirect,
                state,
                fault,
            })),
        }
    }
}

/// What every request may have; the rest is about what is asked for.
const OWN: [&str; 6] = [
    "client_id",
    "redirect_uri",
    "response_type",
    "state",
    "code_challenge",
    "code_challenge_method",
];

type Rest = (Option<CodeChallenge>, Vec<(String, String)>);

fn read_rest(
    client: &OAuthClient,
    parameters: &[(String, String)],
) -> Result<Rest, AuthorizationFault> {
    for (name, _) in parameters {
        value(parameters, name)?;
    }
    if value(parameters, "response_type")?.is_some_and(|kind| kind != "code") {
        return Err(AuthorizationFault::ResponseType);
    }
    let challenge = read_challenge(parameters)?;
    if challenge.is_none() && client.registration.authentication.needs_challenge() {
        return Err(AuthorizationFault::NoChallenge);
    }
    let is_rest = |(name, _): &&(String, String)| !OWN.contains(&name.as_str());
    Ok((
        challenge,
        parameters.iter().filter(is_rest).cloned().collect(),
    ))
}

/// A challenge without a method would be a plain one (RFC 7636 section 4.3), which is not supported.
fn read_challenge(
    parameters: &[(String, String)],
) -> Result<Option<CodeChallenge>, AuthorizationFault> {
    let challenge = value(parameters, "code_challenge")?;
    let method = value(parameters, "code_challenge_method")?;
    match (challenge, method) {
        (None, None) => Ok(None),
        (Some(challenge), Some("S256")) => {
            let challenge = challenge.parse();
            let challenge =
                challenge.map_err(|error: super::PkceError| AuthorizationFault::Malformed {
                    parameter: "code_challenge",
                    reason: error.to_string(),
                })?;
            Ok(Some(challenge))
        }
        (Some(_) | None, Some(_) | None) => Err(AuthorizationFault::ChallengeMethod),
    }
}

fn check_size(parameters: &[(String, String)]) -> Result<(), PageFault> {
    let is_fine = parameters.len() <= AuthorizationRequest::MAX_PARAMETERS
        && parameters.iter().all(|(name, value)| {
            name.len() <= AuthorizationRequest::MAX_NAME_OCTETS
                && value.len() <= AuthorizationRequest::MAX_VALUE_OCTETS
        });
    if is_fine {
        Ok(())
    } else {
        Err(PageFault::TooMuch)
    }
}

fn once<'p>(parameters: &'p [(String, String)], name: &'static str) -> Result<&'p str, PageFault> {
    let found = value(parameters, name).ok().flatten();
    let found = found.filter(|text| !text.is_empty());
    found.ok_or(PageFault::NotOnce { parameter: name })
}

/// The value of a parameter, which nobody may send twice (RFC 6749 section 3.1).
pub(super) fn value<'p>(
    parameters: &'p [(String, String)],
    name: &str,
) -> Result<Option<&'p str>, AuthorizationFault> {
    let mut values = parameters
        .iter()
        .filter(|(key, _)| key == name)
        .map(|(_, value)| value.as_str());
    match (values.next(), values.next()) {
        (found, None) => Ok(found),
        (_, Some(_)) => Err(AuthorizationFault::Twice {
            parameter: name.to_owned(),
        }),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::ClientAuthentication;
    use super::super::client::tests::{at, client, confidential};
    use super::*;

    pub(in super::super) fn pairs(text: &str) -> Vec<(String, String)> {
        url::form_urlencoded::parse(text.as_bytes())
            .into_owned()
            .collect()
    }

    const BASE: &str = "client_id=app.example&redirect_uri=https://app.example/done";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn read(
        authentication: ClientAuthentication,
        more: &str,
    ) -> Result<AuthorizationRequest, Box<AuthorizationRefused>> {
        let parameters = pairs(&format!("{BASE}{more}"));
        AuthorizationRequest::read(Some(&client(authentication)), &parameters)
    }

    #[test]
    fn a_request_is_read_and_its_state_kept_as_it_is() {
        let more = "&response_type=code&state=a%2Bb%26+%C3%A4&scope=web&IP=192.0.2.1";
        let request = read(confidential(), more).unwrap();
        assert_eq!(request.state.as_deref(), Some("a+b& \u{e4}"));
        assert_eq!(request.rest, pairs("scope=web&IP=192.0.2.1"));
        assert_eq!(request.binding.challenge, None);
        let more = format!("&code_challenge={CHALLENGE}&code_challenge_method=S256");
        let request = read(ClientAuthentication::Public, &more).unwrap();
        assert_eq!(request.binding.challenge, CHALLENGE.parse().ok());
    }

    #[test]
    fn nobody_is_sent_to_a_place_that_is_not_known() {
        let known = client(confidential());
        let disabled = OAuthClient {
            disabled_at: Some(at(0)),
            ..known.clone()
        };
        let uri = |text: &str| format!("client_id=app.example&redirect_uri={text}");
        let many = format!("{BASE}{}", "&a=b".repeat(100));
        let long = format!("{BASE}&state={}", "a".repeat(4097));
        let redirect = PageFault::NotOnce {
            parameter: "redirect_uri",
        };
        for (client, text, fault) in [
            (None, BASE.to_owned(), PageFault::UnknownClient),
            (Some(&disabled), BASE.to_owned(), PageFault::UnknownClient),
            (
                Some(&known),
                "client_id=app.example".to_owned(),
                redirect.clone(),
            ),
            (Some(&known), uri(""), redirect.clone()),
            (
                Some(&known),
                format!("{BASE}&redirect_uri=https://app.example/done"),
                redirect,
            ),
            (
                Some(&known),
                uri("https://evil.example/done"),
                PageFault::Redirect,
            ),
            (
                Some(&known),
                uri("https://app.example/done%23x"),
                PageFault::Redirect,
            ),
            (Some(&known), many, PageFault::TooMuch),
            (Some(&known), long, PageFault::TooMuch),
        ] {
            let refused = AuthorizationRequest::read(client, &pairs(&text)).unwrap_err();
            assert_eq!(*refused, AuthorizationRefused::Page(fault), "{text}");
        }
        for (text, fault) in [
            (
                "client_id=a&client_id=a",
                PageFault::NotOnce {
                    parameter: "client_id",
                },
            ),
            (
                "",
                PageFault::NotOnce {
                    parameter: "client_id",
                },
            ),
            ("client_id=a+b", PageFault::UnknownClient),
        ] {
            assert_eq!(AuthorizationRequest::client_of(&pairs(text)), Err(fault));
        }
    }

    #[test]
    fn a_known_client_is_told_what_is_wrong() {
        use ErrorCode::{InvalidRequest, UnsupportedResponseType};
        let public = ClientAuthentication::Public;
        let plain = format!("&code_challenge={CHALLENGE}&code_challenge_method=plain");
        let no_method = format!("&code_challenge={CHALLENGE}");
        for (authentication, more, code) in [
            (
                confidential(),
                "&response_type=token",
                UnsupportedResponseType,
            ),
            (
                confidential(),
                "&response_type=code&response_type=code",
                InvalidRequest,
            ),
            (confidential(), "&scope=a&scope=a", InvalidRequest),
            (confidential(), "&IP=1&IP=2", InvalidRequest),
            (
                confidential(),
                "&code_challenge_method=S256",
                InvalidRequest,
            ),
            (
                confidential(),
                "&code_challenge=a&code_challenge_method=S256",
                InvalidRequest,
            ),
            (confidential(), &plain, InvalidRequest),
            (confidential(), &no_method, InvalidRequest),
            (public, "", InvalidRequest),
        ] {
            let more = format!("{more}&state=s");
            let refused = *read(authentication, &more).unwrap_err();
            let AuthorizationRefused::Redirect { to, state, fault } = refused else {
                panic!("{more}");
            };
            assert_eq!(
                (fault.code(), state.as_deref()),
                (code, Some("s")),
                "{more}"
            );
            assert_eq!(to.as_str(), "https://app.example/done");
        }
    }
}
