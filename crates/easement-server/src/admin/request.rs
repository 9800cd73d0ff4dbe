//! Requests.

use std::fmt;

use domain_connect::{ProviderId, ServiceId};
use easement_core::{EmailAddress, Standing, TemplateStatus, Version, ZonePurpose, ZoneRole};
use easement_zone::Name;
use serde::{Deserialize, Serialize};

use super::{ClientRequest, TokenRequest};

/// Something that whoever runs the server asks of it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", tag = "request", deny_unknown_fields)]
pub enum AdminRequest {
    /// Make an account. Without a password, the reply has a link to choose one.
    CreateAccount {
        /// The address it signs in with.
        email: EmailAddress,
        /// Whether it runs this server.
        standing: Standing,
        /// Its password.
        password: Option<GivenPassword>,
    },
    /// Make a link with which the holder of an account chooses a password.
    MakePasswordLink {
        /// The address it signs in with.
        email: EmailAddress,
    },
    /// Let an account run this server, or not any more.
    SetStanding {
        /// The address it signs in with.
        email: EmailAddress,
        /// What it becomes.
        standing: Standing,
    },
    /// Export or delete an account.
    AccountData {
        /// The address it signs in with.
        email: EmailAddress,
        /// Which of the two.
        wish: AccountWish,
    },
    /// Check that what is stored makes sense.
    VerifyStore,
    /// Read the certificate of the web server again.
    Reload,
    /// List all accounts.
    ListAccounts,
    /// Make a zone with nothing but its `SOA` and `NS` records.
    CreateZone {
        /// Its apex.
        apex: Name,
        /// Who owns it.
        owner: EmailAddress,
    },
    /// Fill a zone from a zone file.
    ImportZone {
        /// Its apex.
        apex: Name,
        /// The zone file.
        text: String,
        /// Who owns it, when it is new.
        owner: Option<EmailAddress>,
        /// What to do when the zone is there already.
        existing: ExistingZone,
        /// What is done on purpose.
        #[serde(default)]
        options: ImportOptions,
    },
    /// Take a zone back to what it was in an earlier version.
    RestoreZone {
        /// Its apex.
        apex: Name,
        /// Which one.
        version: Version,
        /// Whether to do it, or to say what would change.
        existing: ExistingZone,
    },
    /// Write a zone as a zone file.
    ExportZone {
        /// Its apex.
        apex: Name,
    },
    /// Look at the store and at zones.
    Examine {
        /// The zones; nothing means all.
        zones: Option<Vec<Name>>,
    },
    /// List all zones.
    ListZones,
    /// Show one zone.
    ShowZone {
        /// Its apex.
        apex: Name,
    },
    /// Give an account a role in a zone, or take it away.
    SetRole {
        /// The zone's apex.
        apex: Name,
        /// Whose role.
        email: EmailAddress,
        /// The role; nothing takes it away.
        role: Option<ZoneRole>,
    },
    /// Mark a zone for testing, or for use.
    SetZonePurpose {
        /// The zone's apex.
        apex: Name,
        /// What it is for.
        purpose: ZonePurpose,
    },
    /// Something about API tokens.
    Token(TokenRequest),
    /// Something about clients of OAuth.
    Client(ClientRequest),
    /// Take in templates. They wait for approval, unless the rules decide.
    ImportTemplates {
        /// The files.
        files: Vec<TemplateFile>,
        /// What one that is no template means for the others.
        wish: TemplateWish,
    },
    /// Make what came from a folder what is in it now.
    SyncTemplates {
        /// The folder.
        folder: String,
        /// The files in it.
        files: Vec<TemplateFile>,
        /// Those that could not be read.
        unreadable: Vec<UnreadableFile>,
        /// Whether as many as that may be withdrawn at once.
        force: bool,
    },
    /// Show everything that is known about a template.
    ReviewTemplate {
        /// Whose it is.
        provider: ProviderId,
        /// Which of theirs.
        service: ServiceId,
        /// How the checksum of the text begins; nothing means the newest text.
        #[serde(default)]
        checksum: Option<String>,
    },
    /// Look up whether the service provider controls the domain of its keys.
    CheckTemplateControl {
        /// Whose it is.
        provider: ProviderId,
        /// Which of theirs.
        service: ServiceId,
    },
    /// List all templates.
    ListTemplates,
    /// Show one template.
    ShowTemplate {
        /// Whose it is.
        provider: ProviderId,
        /// Which of theirs.
        service: ServiceId,
    },
    /// Approve, reject or withdraw a template.
    DecideTemplate {
        /// Whose it is.
        provider: ProviderId,
        /// Which of theirs.
        service: ServiceId,
        /// How the checksum of the text begins; nothing means the only one that waits.
        #[serde(default)]
        checksum: Option<String>,
        /// What it becomes.
        status: TemplateStatus,
        /// Why.
        #[serde(default)]
        reason: String,
    },
}

impl AdminRequest {
    /// Whether it makes sense before there is a store: it may be the first thing that is put into one.
    pub(super) fn may_come_first(&self) -> bool {
        matches!(
            self,
            Self::CreateAccount { .. }
                | Self::ImportTemplates { .. }
                | Self::SyncTemplates { .. }
                | Self::Client(ClientRequest::Create(_) | ClientRequest::CreateKnown { .. })
        )
    }
}

/// What a file that is no template means for the others.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TemplateWish {
    /// They are taken in all the same.
    Each,
    /// None is taken in.
    AllOrNone,
    /// Nothing is taken in: only say what would be.
    DryRun,
}

/// A file that could not be read.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct UnreadableFile {
    /// The file.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// What importing does when the zone is there already.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ExistingZone {
    /// Say what would change, and leave it.
    Compare,
    /// Make it what the file says.
    Replace,
}

/// What an import does only when it is asked to.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ImportOptions {
    /// What a file of a signed zone means when the zone is new here.
    #[serde(default)]
    pub signed: SignedFile,
    /// What the file is compared with when the zone is there already.
    #[serde(default)]
    pub compare: CompareWith,
}

/// What importing a new zone does with the file of a signed one.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SignedFile {
    /// Refuse it, because the zone would be served without signatures.
    #[default]
    Refuse,
    /// Leave the signatures out.
    Unsigned,
}

/// Which version of a zone a file is compared with.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CompareWith {
    /// The version that has the serial number of the file; the newest one when none has it.
    #[default]
    SerialOfFile,
    /// The newest one.
    Newest,
}

/// A template file.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateFile {
    /// Where it came from, for messages.
    pub name: String,
    /// Its text.
    pub json: String,
}

/// What is to be done with all that is stored about an account.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountWish {
    /// Give it.
    Export,
    /// Say what deleting it would do.
    ExplainDeletion,
    /// Delete it.
    Delete,
}

/// A password on its way to the server; does not print itself.
#[derive(Clone, Deserialize, Serialize)]
#[serde(transparent)]
pub struct GivenPassword(String);

impl GivenPassword {
    /// The password with this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for GivenPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GivenPassword(hidden)")
    }
}
