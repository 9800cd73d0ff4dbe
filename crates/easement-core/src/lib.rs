//! Who may do what, and what has been done: accounts, roles, sessions, permits, plans, commits and
//! audit events, decided without I/O.
//!
//! **What it is for.** Every change takes one path: a [`Permit`] is asked for, a plan is made, the
//! plan is committed, the committed version is served. The values of that path and the rules that
//! decide about them live here. Time and randomness are parameters ([`Clock`], [`Random`]).
//!
//! **What it is not for.** Sockets, files, databases, HTTP, pages. What a template means is decided
//! in `domain-connect`, what a zone may hold in `easement-zone`.
//!
//! **To add a kind of change**, add a variant to [`ChangeSource`] and a function that makes a
//! [`ZonePlan`] for it.
#![warn(missing_docs)]

mod account;
mod api_token;
mod audit;
mod commit;
mod dynamic_update;
mod environment;
mod histogram;
mod host_use;
mod ids;
mod name_lease;
mod network;
mod oauth;
mod one_time_link;
mod permit;
mod rate_limit;
mod role;
mod secret;
mod session;
mod template;
mod text_lease;
mod throttle;
mod webhook;

pub use self::account::{
    Account, EmailAddress, EmailAddressError, Password, PasswordHash, PasswordRefused, Standing,
};
pub use self::api_token::{
    ApiToken, ApiTokenText, Excess, LimitFault, LimitField, LimitProblem, LimitsError, NameLimit,
    NameLimitError, NameReach, NotARate, NotASpan, NotATtlRange, NotAnApiToken, NotAnEnd,
    Operation, Operations, PublicTokenId, RateRule, ScopesTooWide, SecretInUrl, TokenChain,
    TokenEnd, TokenKind, TokenLimits, TokenName, TokenNameError, TokenRefused, TokenScope,
    TokenUse, TtlRange, UnknownOperation, UnknownScope, UseBefore, ValuePattern, ValuePatternError,
    WebhookRight, WrittenLimits, parse_span,
};
pub use self::audit::{AuditEntry, AuditEvent};
pub use self::commit::{
    ChangeSize, ChangeSource, CommitEntry, Origin, PlanBase, PlanStale, ServiceChange,
    ServiceEntry, UpdateProtocol, Version, ZonePlan,
};
pub use self::dynamic_update::{DynamicUpdate, UpdateRefused, change_of};
pub use self::environment::{Clock, NotATimestamp, Random, Timestamp};
pub use self::histogram::{Histogram, HistogramReading};
pub use self::host_use::{Flapping, HostUpdate, HostUse};
pub use self::ids::{
    AccountId, ApiTokenId, AppliedServiceId, AuditId, GrantId, OAuthClientId, TemplateId,
    WebhookDeliveryId, WebhookId, ZoneId,
};
pub use self::name_lease::{NameLease, NameLeaseChange, name_lease_changes, network_of_temp_name};
pub use self::network::{Network, NetworkError};
pub use self::oauth::{
    AdmittedGrant, AgreedConflict, AgreedRecord, AuthenticatedClient, AuthorizationFault,
    AuthorizationRefused, AuthorizationRequest, CODE_LIFETIME, ClientAuthentication, ClientId,
    ClientIdError, ClientRegistration, ClientSecret, ClientSecretError, ClientTemplates,
    CodeBinding, CodeChallenge, CodeVerifier, Grant, GrantApp, GrantClient, GrantEnd, GrantHolder,
    GrantRefused, GrantRight, GrantTarget, GrantWish, HolderId, Issue, KnownClient, LifetimeError,
    NotAnOAuthToken, NotNarrower, NotShorter, OAuthClient, OAuthErrorCode, OAuthTokenKind,
    OAuthTokenText, PageFault, PkceError, RETRY_TIME, RedirectTarget, RedirectUri,
    RedirectUriError, RefreshIssue, RefreshRule, RegistrationError, Spent, StoredOAuthToken,
    Successor, TokenClient, TokenDecision, TokenForm, TokenLifetimes, TokenRequest,
    TokenRequestRefused, TokenWish,
};
pub use self::one_time_link::{OneTimeLink, OneTimePurpose};
pub use self::permit::{AccessEpoch, Actor, Permit, Refused, ZonePurpose};
pub use self::rate_limit::RateLimit;
pub use self::role::{UnknownRole, ZoneAction, ZoneRole};
pub use self::secret::{Secret, SecretError, SecretHash};
pub use self::session::{Session, SessionPolicy, SessionState};
pub use self::template::{
    KeyControl, MAX_REASON_CHARACTERS, TemplateDecision, TemplateEntry, TemplateStatus,
    TemplateSubmission, TemplateUse,
};
pub use self::text_lease::{LeaseChange, TEXT_LEASE, lease_changes, without_text};
pub use self::throttle::{Attempts, ThrottlePolicy, throttled_address};
pub use self::webhook::{
    Destination, DisabledBecause, HostEvent, NoWebhookEvents, NotAWebhookId, OutboundRefused,
    PublicWebhookId, RetrySchedule, Webhook, WebhookEvents, WebhookMessage, WebhookSecretText,
    WebhookState, WebhookUrl, WebhookUrlError, check_outbound, host_events,
};
