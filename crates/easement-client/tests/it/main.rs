//! The client against small servers on this machine: honest ones, and others.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

mod discovery;
mod fake_dns;
mod fake_http;
mod grant;
mod hostile;
mod namedrop;
mod support;
mod updates;
mod verification;

use std::net::SocketAddr;

use easement_client::{Client, ClientBuilder, PlainHttp};

/// A client that asks this resolver and may reach this machine in plain text.
fn lab(resolver: SocketAddr) -> ClientBuilder {
    Client::builder()
        .resolver(resolver)
        .plain_http(PlainHttp::ToLoopback)
}
