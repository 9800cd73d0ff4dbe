//! Tests of the command line from outside: what it prints where, and how it ends.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod account;
mod backup;
mod config;
mod connect;
mod ddns;
mod ddns_network;
mod doctor;
mod key_and_url;
mod kills;
mod manual;
mod openapi;
mod package;
mod run;
mod serve;
mod signals;
mod store;
mod template;
mod template_apply;
mod template_lint;
mod token;
mod zone;
