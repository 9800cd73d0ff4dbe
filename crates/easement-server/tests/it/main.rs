//! Tests of the server from outside: HTTP through the real router, pages in a real browser.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise, and says why it was skipped"
)]

mod account_data;
mod bootstrap;
mod browser;
mod browser_window;
mod certificates;
mod client_pages;
mod cookie_secret;
mod demo_story;
mod devices;
mod discovery;
mod doctor;
mod foreign_forms;
mod full_disk;
mod imports;
mod interface;
mod log_lines;
mod monitoring;
mod namedrop_authorize;
mod oauth;
mod pages;
mod people;
mod secrets;
mod sign_in;
mod standing_access;
mod submissions;
mod sync_apply;
mod token_pages;
mod tool_pages;
mod tools;
mod unsigned;
mod webhooks;
mod world;
