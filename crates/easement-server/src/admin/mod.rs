//! What whoever runs the server can ask of it: accounts, zones, templates.
//!
//! **What it is for.** One request enum and one function that carries requests out. The command line
//! sends a request through the control socket of the running server, or, when none runs, opens the
//! store itself and calls the same function.
//!
//! **What it is not for.** What people do in a browser. Whoever gets here can read the database file.
//!
//! **To add a request**, add a variant to [`AdminRequest`] and to [`AdminReply`] and an arm to
//! `execute.rs`.

mod account_data;
mod accounts;
mod clients;
pub(crate) mod control;
mod examine;
pub(crate) mod execute;
mod failure;
mod offline;
pub(crate) mod progress;
pub(crate) mod reload;
mod reply;
mod request;
mod templates;
mod tokens;
mod verify;
mod wire;
mod zone_compare;
mod zone_import;
mod zone_purpose;
mod zone_restore;
mod zone_roles;
mod zones;

pub use self::clients::{ClientChanged, ClientDescription, ClientLine, ClientMade, ClientRequest};
pub use self::examine::{ServerFacts, TempNamesFacts, WebhookFacts, ZoneFacts};
pub use self::failure::{AdminFailure, FailureKind};
pub use self::offline::ask;
pub(crate) use self::offline::{ask_running, work_here};
pub use self::progress::Progress;
pub use self::reload::Reloaded;
pub use self::reply::{
    AccountEnd, AccountLine, AdminReply, ComparedBecause, ComparedWith, NewAccount, PasswordLink,
    RecordSetLine, RoleLine, SecretLink, StandingLine, TemplateLine, ZoneDetail, ZoneImported,
    ZoneLine, ZonePurposeLine,
};
pub use self::request::{
    AccountWish, AdminRequest, CompareWith, ExistingZone, GivenPassword, ImportOptions, SignedFile,
    TemplateFile, TemplateWish, UnreadableFile,
};
pub use self::tokens::{NewToken, SecretToken, TokenMade, TokenRequest, TokenRevoked};
pub use self::verify::{FindingLine, StoreVerified};
pub use self::wire::{MAX_MESSAGE_OCTETS, read_message, write_message};
pub use crate::api_tokens::{
    ParentLine, RefusalsLine, TokenAnswer, TokenDetail, TokenLine, TokenNetworkLine, TokenQuestion,
    TokenUseLine, TokenWish,
};
pub use crate::oauth::ClientChange;
