//! The server around the pure crates: HTTP endpoints, pages, configuration, and the wiring of store,
//! DNS and web into one process.
//!
//! **What it is for.** Everything that waits: it takes requests, asks the pure crates what they mean,
//! commits what was decided, and answers. `router.rs` lists every URL.
//!
//! **What it is not for.** Rules. What may be changed, and what a change does, is decided in
//! `easement-core`, `domain-connect` and `easement-zone`.
//!
//! **To add an endpoint**, add its file to the folder of its specification (or to `pages/`), its path
//! to `paths.rs` and its line to `router.rs`; one for programs is described in `openapi/`, too.

mod accounts;
mod acme_dns;
pub mod admin;
mod apertodns;
mod api_tokens;
mod app;
mod aside;
pub mod backup;
pub mod config;
pub mod demo;
mod devices;
pub mod doctor;
mod domain_connect;
mod dynamic_dns;
mod dyndns2;
mod housekeeping;
mod http;
mod leases;
mod log;
mod monitoring;
mod namedrop;
mod oauth;
pub mod openapi;
pub mod pages;
mod router;
mod state;
mod templates;
mod webhooks;

pub use self::app::{
    App, CookieSecretError, CookieSecretFileError, CookieSecretReload, InheritedError,
    InheritedSockets, ServiceProviders, StartError, Stopped, Surroundings, check_certificate,
};
pub use self::http::tls::{CertificateError, CertificateReload};
pub use self::log::subscriber as log_subscriber;
pub use self::templates::{
    ControlLine, DecisionLine, FindingLine, FolderContents, PolicyError, RefusedFile,
    StatementLine, TemplateReview, TemplateSummary, read_folder,
};
