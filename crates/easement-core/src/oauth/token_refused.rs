//! Why a request at the token endpoint is refused.

use super::PkceError;

/// The error codes of RFC 6749 section 5.2, and of RFC 7009 section 2.2.1.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OAuthErrorCode {
    /// The request is not right.
    InvalidRequest,
    /// The client is not known, or did not prove to be the one.
    InvalidClient,
    /// The code or refresh token does not count.
    InvalidGrant,
    /// The kind of grant is not supported.
    UnsupportedGrantType,
}

impl OAuthErrorCode {
    /// The code on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnsupportedGrantType => "unsupported_grant_type",
        }
    }
}

/// Why a request for a token is refused. Says so to developers; it holds nothing that was sent, which may be secret.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TokenRequestRefused {
    // The request
    /// Something is missing.
    #[error("the parameter {parameter} is missing")]
    Missing {
        /// Which parameter.
        parameter: &'static str,
    },
    /// The same parameter has two values.
    #[error("the parameter {parameter} is there twice, with different values")]
    Contradiction {
        /// Which parameter.
        parameter: String,
    },
    /// Too long, or of a form that it cannot have.
    #[error("the parameter {parameter} is not of its form")]
    Malformed {
        /// Which parameter.
        parameter: &'static str,
    },
    /// Credentials in the header and others in the parameters (RFC 6749 section 2.3).
    #[error("the client is named in the Authorization header and differently in the parameters")]
    TwoClients,
    /// Not one of the two kinds.
    #[error("grant_type is authorization_code or refresh_token")]
    GrantType,
    /// The verifier has no form that one can have.
    #[error(transparent)]
    Verifier(#[from] PkceError),

    // The client
    /// It is not known, disabled, or did not prove to be the one: which of these is not told.
    #[error("the client is not known, or its client_secret is wrong")]
    Client,

    // The code or token
    /// It is not one, not this client's, used already or too old: which of these is not told.
    #[error("the code is not valid, was used already, or is too old: ask the owner again")]
    Code,
    /// It is not one, not this client's, replaced or too old, or the grant ended: which of these is not told.
    #[error("the refresh token is not valid, was replaced, or is too old: ask the owner again")]
    RefreshToken,
    /// The code was sent elsewhere (RFC 6749 section 4.1.3).
    #[error("redirect_uri is missing, or is not the one that the code was asked for with")]
    Redirect,
    /// The challenge is not of this verifier, or one of them is missing (RFC 7636 section 4.6).
    #[error("code_verifier does not fit the code_challenge that the code was asked for with")]
    Challenge,
}

impl TokenRequestRefused {
    /// The code on the wire.
    pub fn code(&self) -> OAuthErrorCode {
        match self {
            Self::Missing { .. }
            | Self::Contradiction { .. }
            | Self::Malformed { .. }
            | Self::TwoClients
            | Self::Verifier(_) => OAuthErrorCode::InvalidRequest,
            Self::GrantType => OAuthErrorCode::UnsupportedGrantType,
            Self::Client => OAuthErrorCode::InvalidClient,
            Self::Code | Self::RefreshToken | Self::Redirect | Self::Challenge => {
                OAuthErrorCode::InvalidGrant
            }
        }
    }
}
