//! Tests of the command line from outside: what it prints where, and how it ends.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise, and says why it was skipped"
)]

mod account;
mod backup;
#[expect(dead_code, reason = "the tests of the server do more with it")]
#[path = "../../../easement-server/tests/it/browser/mod.rs"]
mod browser;
mod client;
mod config;
mod connect;
mod connect_in_browser;
mod ddns;
mod ddns_consent;
mod ddns_network;
mod ddns_router;
mod ddns_service;
mod demo;
mod doctor;
mod example_service;
mod exit_codes;
mod fake_dns;
mod key_and_url;
mod kills;
mod manual;
mod names;
mod openapi;
mod package;
mod person;
mod run;
mod serve;
mod signals;
mod store;
mod template;
mod template_apply;
mod template_lint;
mod token;
#[expect(dead_code, reason = "the tests of the server do more with it")]
#[path = "../../../easement-server/tests/it/tools.rs"]
mod tools;
mod zone;
