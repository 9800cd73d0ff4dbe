//! What happened besides changes of zones: kept for those who run the server.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, Actor, AuditId, ClientId, DisabledBecause, EmailAddress, GrantEnd, HolderId,
    Network, PublicTokenId, Standing, TemplateStatus, Timestamp, TokenName, ZonePurpose, ZoneRole,
};

/// One entry of the audit trail.
#[derive(Clone, Debug, Serialize)]
pub struct AuditEntry {
    /// Its id; later entries have greater ones.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// Who, when that is known.
    pub actor: Option<Actor>,
    /// From where, when it came over the network.
    pub address: Option<IpAddr>,
    /// What.
    pub event: AuditEvent,
}

/// Something that happened. Holds names and ids, never a secret.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum AuditEvent {
    /// An account was made.
    AccountCreated {
        /// Its address.
        email: EmailAddress,
    },
    /// An account was deleted.
    AccountDeleted {
        /// Which one; its address is forgotten.
        account: AccountId,
    },
    /// Someone signed in.
    SignedIn {
        /// The account's address.
        email: EmailAddress,
    },
    /// Someone failed to sign in.
    SignInFailed {
        /// The account's address; nothing when no account has the address that was given, which may be
        /// anything, such as a password that was typed in the wrong place.
        email: Option<EmailAddress>,
    },
    /// Someone signed out.
    SignedOut,
    /// An account's password was changed, and its other sessions ended.
    PasswordChanged,
    /// A link was made with which an account's holder chooses a password.
    PasswordLinkMade {
        /// The account's address.
        email: EmailAddress,
    },
    /// An account was made an operator, or a member again.
    StandingSet {
        /// The account's address.
        email: EmailAddress,
        /// What it is now.
        standing: Standing,
    },
    /// A zone role was given, changed or taken.
    RoleSet {
        /// The zone's apex.
        apex: String,
        /// Whose.
        email: EmailAddress,
        /// The role; nothing when it was taken.
        role: Option<ZoneRole>,
    },
    /// An API token was made.
    ApiTokenCreated {
        /// What it is called.
        name: TokenName,
        /// The part of it that is no secret.
        public_id: PublicTokenId,
    },
    /// An API token got another secret.
    ApiTokenRotated {
        /// What it is called.
        name: TokenName,
        /// The part of the new secret that is no secret.
        public_id: PublicTokenId,
    },
    /// An API token was revoked.
    ApiTokenRevoked {
        /// What it is called.
        name: TokenName,
        /// The part of it that is no secret.
        public_id: PublicTokenId,
    },
    /// An API token was used from a network that it was never used from.
    ApiTokenMoved {
        /// What it is called.
        name: TokenName,
        /// The network.
        network: Network,
    },
    /// An API token was refused what it asked for, many times in a row.
    ApiTokenRefusedOften {
        /// Why, the last time.
        reason: String,
    },
    /// A client was registered for OAuth.
    ClientCreated {
        /// What it is called in requests.
        client: ClientId,
    },
    /// A client got another secret.
    ClientRotated {
        /// What it is called in requests.
        client: ClientId,
    },
    /// A client may do nothing any more.
    ClientDisabled {
        /// What it is called in requests.
        client: ClientId,
    },
    /// A client may do something again.
    ClientEnabled {
        /// What it is called in requests.
        client: ClientId,
    },
    /// A client was deleted, with everything that owners had granted to it.
    ClientDeleted {
        /// What it was called in requests.
        client: ClientId,
    },
    /// An owner let a client or an app change a zone.
    GrantCreated {
        /// What the client or app is called in requests.
        client: HolderId,
        /// The zone's apex.
        apex: String,
    },
    /// An owner did not let a client or an app change a zone.
    GrantDeclined {
        /// What the client or app is called in requests.
        client: HolderId,
        /// The zone's apex, when one was named.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        apex: Option<String>,
    },
    /// Whoever may take a grant back left less of it.
    GrantNarrowed {
        /// What the app is called in requests.
        client: HolderId,
        /// The zone's apex.
        apex: String,
        /// The permissions that ended, as scope and name.
        ended: Vec<String>,
    },
    /// Whoever may take a grant back let it end earlier than it would.
    GrantShortened {
        /// What the client or app is called in requests.
        client: HolderId,
        /// The zone's apex.
        apex: String,
        /// When it ends now.
        end: String,
    },
    /// What an owner had granted to a client ended before its time.
    GrantEnded {
        /// What the client or app is called in requests.
        client: HolderId,
        /// The zone's apex.
        apex: String,
        /// Why.
        because: GrantEnd,
    },
    /// A webhook was made.
    WebhookCreated {
        /// What names it.
        webhook: String,
        /// The host that it leads to.
        host: String,
    },
    /// A webhook leads elsewhere, is told of other events, or has another secret.
    WebhookChanged {
        /// What names it.
        webhook: String,
        /// The host that it leads to.
        host: String,
    },
    /// A webhook is told of events again.
    WebhookEnabled {
        /// What names it.
        webhook: String,
    },
    /// A webhook is told of nothing any more.
    WebhookDisabled {
        /// What names it.
        webhook: String,
        /// Why.
        because: DisabledBecause,
    },
    /// A webhook was deleted.
    WebhookDeleted {
        /// What names it.
        webhook: String,
    },
    /// A zone was made.
    ZoneCreated {
        /// Its apex.
        apex: String,
    },
    /// A zone was marked for testing, or for use.
    ZonePurposeSet {
        /// Its apex.
        apex: String,
        /// What it is for now.
        purpose: ZonePurpose,
    },
    /// A template was imported or its status changed.
    TemplateSet {
        /// Provider and service id.
        template: String,
        /// Its version.
        version: u32,
        /// The status it has now.
        status: TemplateStatus,
    },
    /// A folder of templates was taken in.
    TemplatesSynced {
        /// The folder.
        folder: String,
        /// How many templates or texts were new.
        new: usize,
        /// How many were withdrawn, because their files are gone.
        withdrawn: usize,
        /// How many files were refused.
        refused: usize,
    },
    /// Somebody proved to control a domain with signing keys.
    KeyControlProven {
        /// The domain.
        domain: String,
    },
    /// An application of a template was refused before it was shown.
    ApplyRefused {
        /// Provider and service id.
        template: String,
        /// The zone that was asked for.
        zone: String,
        /// The reason, by its stable code.
        code: String,
    },
    /// A person was asked and said no.
    ApplyDeclined {
        /// Provider and service id.
        template: String,
        /// The zone that was asked for.
        zone: String,
    },
}
