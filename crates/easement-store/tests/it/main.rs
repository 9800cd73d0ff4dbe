//! What the store promises, on SQLite and, when `EASEMENT_TEST_POSTGRES_URL` names a server, on
//! PostgreSQL.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests"
)]

mod account_data;
mod accounts;
mod api_tokens;
mod backup;
mod commits;
mod concurrency;
mod failures;
mod full_disk;
mod furnished;
mod health;
mod history;
mod hosts;
mod migrating;
mod name_leases;
mod nodes;
mod oauth;
mod oauth_apps;
mod opening;
mod services;
mod stalling;
mod support;
mod templates;
mod verify;
mod webhooks;
mod zones;
