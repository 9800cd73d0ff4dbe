//! NameDrop as a library: what a DNS provider needs to let any app, registered or not, ask for control over names
//! that their owner chooses.
//!
//! **What it is for.** Who asks ([`App`], [`AuthorizeQuery`]), what for ([`Scope`], and the table of names and
//! types behind [`RecordKind`]), what its owner chooses from ([`suggested_hosts`], [`open_records`], [`around_host`]), what was given ([`Permissions`]), tokens on the wire ([`TokenRequest`],
//! [`TokenDocument`]), and calls for records ([`RecordCall`]) with the plan of what each would change in a zone
//! ([`plan_call`]). Names that stand for an address for a while ([`TempNames`]). Everything is a pure function of values.
//!
//! **What it is not for.** Asking owners, keeping codes and tokens, hashing anything, knowing who owns which zone,
//! answering HTTP.
//!
//! **To open one more kind of record**, add a line to the table in `kind.rs` and a case to its test.
//!
//! Version 0.4.0 of the protocol, and what clients of 0.2.0 send. What the specification leaves open is decided in
//! `docs/protocols/namedrop.md`.
//!
//! ```
//! use easement_zone::zonefile::{self, ReadOptions};
//! use namedrop::{Action, Permissions, RecordCall, SuccessDocument, plan_call};
//!
//! let zone = zonefile::read("\
//! $ORIGIN example.com.
//! @  SOA  ns1.dns.example. hostmaster 1 2h 15m 2w 5m
//!    NS   ns1.dns.example.
//! ", &ReadOptions::default())?.zone;
//!
//! // What the owner agreed to, found by the token of the call.
//! let given: Permissions = serde_json::from_str(r#"[
//!     {"scope": "namedrop-hosts", "domain": "example.com", "host": "sub"},
//!     {"scope": "namedrop-acme", "domain": "example.com", "host": "sub"}
//! ]"#)?;
//! let body = br#"{"token": "t1", "records": [
//!     {"type": "A", "value": "192.0.2.5"},
//!     {"host": "_acme-challenge.{{host}}", "type": "TXT", "value": "v", "ttl": 60}
//! ]}"#;
//! let call = RecordCall::parse(Action::Set, body)?.resolve(&given)?;
//! let plan = plan_call(&call, &zone, &[])?;
//!
//! let changed = zone.apply(&plan.changes)?;
//! assert!(changed.has_name(&"_acme-challenge.sub.example.com".parse()?));
//! let answer = serde_json::to_string(&SuccessDocument::new(plan.records))?;
//! assert!(answer.starts_with(r#"{"type":"success","records":[{"domain":"example.com""#));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![warn(missing_docs)]

mod answer;
mod app;
mod around;
mod authorize;
mod call;
mod choice;
mod kind;
mod pairs;
mod permission;
mod plan;
mod reach;
mod scope;
mod secret;
mod temp_name;
mod token;
mod within;

pub use crate::answer::{
    ErrorDocument, ErrorItem, RecordDocument, SuccessDocument, TokenData, TokenPlace,
};
pub use crate::app::{App, AppError, AppOrigin, NameHint};
pub use crate::around::{AroundHost, around_host};
pub use crate::authorize::{
    AuthorizeError, AuthorizeFault, AuthorizeQuery, CodeChallenge, ToldFault,
};
pub use crate::call::{
    Action, CallError, Conflicting, Listing, RecordCall, RecordFault, Refusal, RefusedRecord,
    RequestedRecord, ResolvedCall, ResolvedRecord,
};
pub use crate::choice::{
    HostPresence, OpenRecords, SuggestedHost, open_records, permissions, suggested_hosts,
    typed_host,
};
pub use crate::kind::{Placed, RecordKind, Selector};
pub use crate::pairs::PairsError;
pub use crate::permission::{
    HostReach, NotGiven, Opened, Permission, PermissionError, Permissions, PermittedHost,
};
pub use crate::plan::{DEFAULT_TTL, MAX_HELD, MAX_LISTED, RecordPlan, list_records, plan_call};
pub use crate::reach::{OutOfReach, out_of_reach};
pub use crate::scope::{Generation, RequestedScopes, Scope, ScopeError};
pub use crate::secret::Secret;
pub use crate::temp_name::{
    Held, NameTaken, TEMP_NAME_TTL, TempBaseError, TempBaseFault, TempName, TempNames, TempPlan,
    address_of_temp_name,
};
pub use crate::token::{
    BasicCredentials, CodeVerifier, TokenDocument, TokenGrant, TokenRequest, TokenRequestError,
};
