//! How commands reach the DNS providers of others.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use easement_client::{Client, PlainHttp};

use crate::console::NotValid;

#[derive(Args, Debug)]
pub(crate) struct ReachArguments {
    /// The resolver to ask, without it the one of the system.
    #[arg(long, value_name = "ADDRESS:PORT")]
    resolver: Option<SocketAddr>,
    /// Believes in the certificate authorities of this file too, PEM.
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// Reaches DNS providers on this machine too, also in plain HTTP; such as that of `easement demo`.
    #[arg(long)]
    allow_loopback: bool,
}

impl ReachArguments {
    pub(crate) fn client(&self) -> anyhow::Result<Client> {
        let mut builder = Client::builder();
        if let Some(resolver) = self.resolver {
            builder = builder.resolver(resolver);
        }
        if let Some(file) = &self.ca_file {
            builder = builder.roots(file);
        }
        if self.allow_loopback {
            builder = builder.plain_http(PlainHttp::ToLoopback);
        }
        builder.build().map_err(NotValid::mark)
    }
}
