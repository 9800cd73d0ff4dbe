//! SQLite and PostgreSQL behind one set of queries, with the grouped commit queue.
//!
//! **What it is for.** [`Store`] keeps accounts, sessions, zones, their history, services, templates
//! and the audit trail. Every change of a zone goes through one queue ([`Store::commit`]): many
//! callers' changes become one transaction, each keeps its own result, and a change is acknowledged
//! only when it is durable and served.
//!
//! **What it is not for.** Deciding. Who may do what is a [`Permit`](easement_core::Permit), what a
//! zone may hold is a rule of [`easement_zone`]. DNS answers never come from here: they come from the
//! snapshots that the store publishes.
//!
//! **To add something that is stored**, add a migration (`migrations/README.md`), a file like
//! `sessions.rs` with an `impl Store`, and tests in `tests/it`, which run on both databases.
#![warn(missing_docs)]

mod access;
mod account_data;
mod account_end;
mod accounts;
mod api_tokens;
mod audit;
pub mod backup;
mod commits;
mod config;
mod database;
mod error;
mod fold;
mod following;
mod health;
mod history;
mod host_uses;
mod journal;
mod key_control;
mod load;
mod migrations;
mod name_leases;
mod oauth;
mod one_time_links;
mod own_thread;
mod packed;
mod retention;
mod roles;
mod rows;
mod services;
mod sessions;
mod sign_in_attempts;
mod standing;
mod stats;
mod store;
mod submissions;
mod template_decisions;
mod template_sources;
mod templates;
mod text_leases;
mod verify;
mod webhooks;
mod zones;

pub use crate::account_data::SessionTimes;
pub use crate::account_end::DeleteAccountError;
pub use crate::accounts::{AccountExists, CreateAccountError, StoredAccount};
pub use crate::api_tokens::{
    CreateTokenError, FoundApiToken, NewApiToken, StoredSecret, TokenNetwork,
};
pub use crate::commits::{CommitError, Committed, NewZone};
pub use crate::config::{Serving, StoreConfig};
pub use crate::error::{Corrupt, OpenError, StoreError};
pub use crate::fold::Folded;
pub use crate::host_uses::NotedUpdate;
pub use crate::load::Loaded;
pub use crate::name_leases::{LapsedName, NameCounts};
pub use crate::oauth::{
    CreateClientError, CreateGrantError, FoundOAuthToken, FreshTokens, GrantCursor, GrantEntry,
    ListedGrant, NarrowGrantError, NewGrant, Redeemed,
};
pub use crate::one_time_links::LinkError;
pub use crate::retention::Forgotten;
pub use crate::roles::RoleError;
pub use crate::sign_in_attempts::ThrottleKey;
pub use crate::standing::{LastOperator, StandingError};
pub use crate::stats::StoreStats;
pub use crate::store::Store;
pub use crate::template_decisions::{Decided, NewDecision};
pub use crate::templates::{ImportedTemplate, NewTemplate, TemplateChoice, TemplateImport};
pub use crate::text_leases::LapsedText;
pub use crate::verify::{Disagreement, Finding, Problem, Remedy, Served, Verified, VerifyProgress};
pub use crate::webhooks::{
    BrokenWebhook, CreateWebhookError, DeliveryAttempt, DeliveryEntry, DeliveryState, DueDelivery,
    NewWebhook, NotedAttempt, StoredWebhook, WaitingDeliveries, WebhookChange, WebhookTrouble,
};
pub use crate::zones::{DomainConnect, ZoneEntry};
