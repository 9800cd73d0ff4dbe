//! Replies: what the command line shows, and what `--json` prints.

use std::fmt;

use easement_core::{
    AccountId, EmailAddress, Standing, TemplateStatus, Timestamp, Version, ZonePurpose, ZoneRole,
};
use easement_zone::{ChangeSet, Name, RecordData, RecordType, Ttl};
use serde::{Deserialize, Serialize};

use super::{
    ClientChanged, ClientLine, ClientMade, Reloaded, ServerFacts, StoreVerified, TokenAnswer,
    TokenDetail, TokenLine, TokenMade, TokenRevoked,
};
use crate::templates::{ControlLine, TemplateReview, TemplateSummary};

/// The answer to a request.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", tag = "reply", content = "data")]
pub enum AdminReply {
    /// An account was made.
    AccountCreated(NewAccount),
    /// A link to choose a password.
    PasswordLink(PasswordLink),
    /// An account runs this server, or does not.
    StandingSet(StandingLine),
    /// Everything about an account.
    AccountExport(serde_json::Value),
    /// An account was deleted, or would be.
    AccountDeleted(AccountEnd),
    /// The store was checked.
    StoreVerified(StoreVerified),
    /// What can be replaced was looked at.
    Reloaded(Reloaded),
    /// All accounts.
    Accounts(Vec<AccountLine>),
    /// A zone was made.
    ZoneCreated(ZoneLine),
    /// A zone was filled, or compared.
    ZoneImported(ZoneImported),
    /// A zone was taken back to an earlier version, or compared with it.
    ZoneRestored {
        /// Which one.
        version: Version,
        /// What that did.
        #[serde(flatten)]
        outcome: ZoneImported,
    },
    /// A zone file.
    ZoneFile(String),
    /// How the server and zones are doing.
    Examined(Box<ServerFacts>),
    /// All zones.
    Zones(Vec<ZoneLine>),
    /// One zone.
    Zone(ZoneDetail),
    /// A role was given or taken away.
    RoleSet(RoleLine),
    /// A zone was marked for testing, or for use.
    ZonePurposeSet(ZonePurposeLine),
    /// A token was made, or has another secret.
    TokenMade(Box<TokenMade>),
    /// Tokens, the newest first.
    Tokens(Vec<TokenLine>),
    /// One token.
    Token(Box<TokenDetail>),
    /// A token was revoked.
    TokenRevoked(TokenRevoked),
    /// Whether a token may do something.
    TokenAnswer(TokenAnswer),
    /// A client of OAuth was registered, or has another secret.
    ClientMade(Box<ClientMade>),
    /// Clients of OAuth, in the order of their client ids.
    Clients(Vec<ClientLine>),
    /// One client of OAuth.
    Client(Box<ClientLine>),
    /// A client of OAuth was disabled, enabled or deleted.
    ClientChanged(ClientChanged),
    /// Templates were taken in.
    TemplatesImported(TemplateSummary),
    /// All templates.
    Templates(Vec<TemplateLine>),
    /// One template, as JSON.
    Template {
        /// What is known about it.
        line: TemplateLine,
        /// Its text.
        json: String,
    },
    /// A template has another status.
    TemplateSet {
        /// The template.
        line: TemplateLine,
        /// In how many places it is applied.
        uses: u64,
    },
    /// Everything about a template.
    TemplateReview(Box<TemplateReview>),
    /// Whether a service provider controls the domain of its keys.
    TemplateControl(ControlLine),
}

/// A new account.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct NewAccount {
    /// The account.
    #[serde(flatten)]
    pub account: AccountLine,
    /// The link to choose its password, when none was given.
    pub choose_password_link: Option<SecretLink>,
}

/// A link to choose a password, for an account that is there.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct PasswordLink {
    /// The account's address.
    pub email: EmailAddress,
    /// When the link stops working.
    pub expires_at: Timestamp,
    /// The link.
    pub link: SecretLink,
}

/// Whether an account runs this server.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct StandingLine {
    /// The account's address.
    pub email: EmailAddress,
    /// What it is now.
    pub standing: Standing,
    /// Whether it was something else before.
    pub has_changed: bool,
}

/// The end of an account.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct AccountEnd {
    /// The account's address.
    pub email: EmailAddress,
    /// Whether it is deleted now.
    pub is_deleted: bool,
    /// Zones that no other account owns, at most a hundred: they go on as they are.
    pub zones: Vec<Name>,
    /// How many API tokens end with it.
    pub tokens: usize,
}

/// A link that lets its holder in; shown to whoever asked for it, and not printed by accident.
#[derive(Clone, Deserialize, Serialize)]
#[serde(transparent)]
pub struct SecretLink(String);

impl SecretLink {
    pub(super) fn new(address: String) -> Self {
        Self(address)
    }

    /// The address, to show.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretLink(hidden)")
    }
}

/// An account.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct AccountLine {
    /// Its id.
    pub id: AccountId,
    /// The address it signs in with.
    pub email: EmailAddress,
    /// Whether it runs this server.
    pub standing: Standing,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A zone in short.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct ZoneLine {
    /// Its apex.
    pub apex: Name,
    /// How many commits it has seen.
    pub version: Version,
    /// Its serial number.
    pub serial: u32,
    /// How many record sets it has.
    pub record_sets: usize,
}

/// A zone in full.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct ZoneDetail {
    /// The zone in short.
    #[serde(flatten)]
    pub line: ZoneLine,
    /// Its records: the first ten thousand record sets.
    pub records: Vec<RecordSetLine>,
    /// The services that are connected to it: provider and service id, and host.
    pub services: Vec<String>,
}

/// A record set.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct RecordSetLine {
    /// Its name.
    pub owner: Name,
    /// Its type.
    #[serde(rename = "type")]
    pub rtype: RecordType,
    /// Its TTL.
    pub ttl: Ttl,
    /// Its records.
    pub data: Vec<RecordData>,
}

/// Whose role in a zone is what.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct RoleLine {
    /// The zone's apex.
    pub apex: Name,
    /// Whose role.
    pub email: EmailAddress,
    /// The role; nothing when there is none any more.
    pub role: Option<ZoneRole>,
    /// How many programs lost the access that the account had given them there.
    #[serde(default)]
    pub ended_access: usize,
}

/// What a zone is for.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct ZonePurposeLine {
    /// The zone's apex.
    pub apex: Name,
    /// Whether test tokens may change it.
    pub purpose: ZonePurpose,
}

/// What an import did.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct ZoneImported {
    /// The zone as it is now.
    pub zone: ZoneLine,
    /// What changed, or would change: the first ten thousand record sets.
    pub changes: ChangeSet,
    /// How many record sets that is in all.
    pub count: usize,
    /// The services that end, or would, because a record is gone that they cannot do without.
    #[serde(default)]
    pub ended: Vec<String>,
    /// Whether it was done.
    pub applied: bool,
    /// What the file was compared with; nothing for a new zone, and where there is no file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compared_with: Option<ComparedWith>,
    /// The record sets in which the zone differs from the file, because others changed them since that version: the
    /// first ten thousand.
    #[serde(default)]
    pub kept: Vec<String>,
    /// What the file says that was read differently, each with its line and column.
    #[serde(default)]
    pub warnings: Vec<String>,
}

/// The version of a zone that a zone file was compared with.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ComparedWith {
    /// The version.
    pub version: Version,
    /// Its serial number.
    pub serial: u32,
    /// The newest version at that time: what changed since the one that was compared stays.
    pub newest: Version,
    /// Why this one.
    pub because: ComparedBecause,
}

/// Why a zone file was compared with this version.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ComparedBecause {
    /// It has the serial number of the file.
    SerialOfFile,
    /// No version has the serial number of the file, so the file takes the place of the newest.
    UnknownSerial {
        /// The serial number of the file.
        file: u32,
    },
    /// It was asked for.
    Asked,
}

/// A template in short.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct TemplateLine {
    /// Whose it is.
    pub provider: String,
    /// Which of theirs.
    pub service: String,
    /// The names it shows: provider and service.
    pub title: String,
    /// Its version.
    pub version: u32,
    /// The SHA-256 of its text.
    pub checksum: String,
    /// Whether it may be offered.
    pub status: TemplateStatus,
    /// Whether its requests have to be signed, and by whom.
    pub signed_by: Option<String>,
    /// When it was imported.
    pub imported_at: Timestamp,
    /// What of it this server cannot apply, and what that means; nothing when it can apply all of it.
    #[serde(default)]
    pub unsupported: Vec<String>,
}
