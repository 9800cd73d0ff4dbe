//! OAuth: programs that an owner lets change a zone for a while or until they take it back (RFC 6749).
//!
//! **What it is for.** One model for every protocol in which a person lets somebody else's program act. A
//! [`OAuthClient`] is such a program, as an operator registered it; a [`GrantApp`] is one that nobody did, known by its
//! own address. It sends a browser with an
//! [`AuthorizationRequest`]; the owner's yes makes a [`Grant`] and a code; the code becomes an access token and a
//! refresh token by a [`TokenRequest`], about which [`TokenRequest::decide`] alone decides. A live grant of a live
//! holder is an [`AdmittedGrant`], from which a [`Permit`](crate::Permit) is had.
//!
//! **What it is not for.** How requests carry parameters and credentials, pages, and the store.
//!
//! **To let another protocol grant something**, add a variant to [`GrantRight`], and one to [`GrantClient`] when its
//! programs are not registered.

mod app;
mod authorization;
mod client;
mod client_id;
mod grant;
mod grant_wish;
mod holder;
mod known;
mod pkce;
mod redirect;
mod registration;
mod right;
mod secret;
mod text;
mod token_decision;
mod token_refused;
mod token_request;

pub use self::app::GrantApp;
pub use self::authorization::{
    AuthorizationFault, AuthorizationRefused, AuthorizationRequest, PageFault,
};
pub use self::client::{AuthenticatedClient, ClientAuthentication, OAuthClient};
pub use self::client_id::{ClientId, ClientIdError};
pub use self::grant::{AdmittedGrant, Grant, GrantEnd, GrantRefused, NotShorter};
pub use self::grant_wish::GrantWish;
pub use self::holder::{GrantClient, GrantHolder, HolderId, TokenClient};
pub use self::known::KnownClient;
pub use self::pkce::{CodeChallenge, CodeVerifier, PkceError};
pub use self::redirect::{RedirectTarget, RedirectUri, RedirectUriError};
pub use self::registration::{
    ClientRegistration, ClientTemplates, LifetimeError, RefreshRule, RegistrationError,
    TokenLifetimes,
};
pub use self::right::{AgreedConflict, AgreedRecord, GrantRight, GrantTarget, NotNarrower};
pub use self::secret::{ClientSecret, ClientSecretError};
pub use self::text::{NotAnOAuthToken, OAuthTokenKind, OAuthTokenText};
pub use self::token_decision::{
    CODE_LIFETIME, CodeBinding, Issue, RETRY_TIME, RefreshIssue, Spent, StoredOAuthToken,
    Successor, TokenDecision, TokenForm,
};
pub use self::token_refused::{OAuthErrorCode, TokenRequestRefused};
pub use self::token_request::{TokenRequest, TokenWish};

#[cfg(test)]
pub(crate) use self::{
    grant::tests::{admitted_app_for_tests, admitted_for_tests},
    right::tests::target as target_for_tests,
};
