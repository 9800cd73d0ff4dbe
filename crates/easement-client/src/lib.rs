//! The other side of the protocols: what a service provider, or a program at home, asks of a DNS provider.
//!
//! **What it is for.** Domain Connect for service providers: finding the DNS provider of a domain
//! ([`Client::discover`]), asking whether it takes a template ([`Client::template_support`]), the link that a person
//! follows ([`ApplyRequest::sync_url`]) and what comes back ([`Returned`]); the same with permission that lasts
//! ([`ConsentRequest`], [`Tokens`], [`Client::apply`]); and whether DNS shows it ([`Client::verify`]). And updates of
//! addresses over ApertoDNS and DynDNS2. And names that an owner chooses for an app that nobody registered, over
//! NameDrop ([`NameDrop`]). Everything that others name is asked with limits on time and size, over verified TLS, at public
//! addresses alone unless the caller allows more ([`ClientBuilder`]).
//!
//! **What it is not for.** Hosting zones; opening browsers and keeping secrets, which are the caller's; deciding when
//! to try again.
//!
//! **Where to begin.** [`guide`] goes from a domain to its records. Two examples do so against a DNS provider on this
//! machine: `cargo run -p easement-client --example sync_flow`, and `standing_permission`.
//!
//! **To add a protocol of updates**, write a module beside those in `updates` with a value for where and as whom,
//! one for the wish, and an error that says what the caller can do.

#![warn(missing_docs)]

mod apply;
mod client;
mod discovery;
mod domain;
mod grant;
pub mod guide;
mod hidden;
mod namedrop;
mod request;
mod template_support;
mod updates;
mod url_prefix;
mod verification;

pub use self::apply::{ApplyRequest, ApplyRequestError, ReturnError, Returned, Signing};
pub use self::client::{Client, ClientBuilder};
pub use self::discovery::{
    Announcement, AnnouncementError, AnnouncementFault, CandidateFailure, CandidateFault,
    Discovery, DiscoveryError, ProviderSettings, SettingsError,
};
pub use self::domain::{possible_apexes, registrable_domain};
pub use self::grant::{
    AuthorizationCode, CallFailure, ConflictRule, ConsentError, ConsentRequest, CredentialsError,
    PendingConsent, ProviderCredentials, RefreshError, RevokeError, TemplateChange, TokenError,
    Tokens, Unapplied,
};
pub use self::hidden::HiddenText;
pub use self::namedrop::{
    NameDrop, NameRecord, NamesAccess, NamesRefreshError, NamesRequest, PendingNames, RecordPlace,
    RecordsError, RefusedItem, TempNameError,
};
pub use self::request::RequestError;
pub use self::template_support::{SupportError, TemplateId, TemplateIdError, TemplateSupport};
pub use self::updates::{
    AddressUpdate, AddressWish, ApertoDnsError, ApertoDnsService, DynDns2Error, DynDns2Service,
    DynDns2Update, UpdatedHost,
};
pub use self::url_prefix::{PlainHttp, UrlFault, UrlPrefix, UrlPrefixError};
pub use self::verification::{
    Expectation, Found, Matching, ServerReport, ServerState, VerifyError, VerifyPolicy,
    VerifyReport,
};
