//! How commands reach the DNS providers of others.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use domain_connect::LoopbackRedirects;
use easement_client::{Client, PlainHttp};
use easement_core::Network;

use crate::console::NotValid;

#[derive(Args, Debug)]
pub(crate) struct ReachArguments {
    /// The resolver to ask, without it the first that the system names.
    #[arg(long, value_name = "ADDRESS:PORT")]
    resolver: Option<SocketAddr>,
    /// Believes in the certificate authorities of this file too, PEM.
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// Reaches addresses of this network too, though they are not public, such as 10.0.0.0/8; may be repeated.
    #[arg(long = "allow-network", value_name = "NETWORK")]
    networks: Vec<Network>,
    /// Reaches DNS providers on this machine too, also in plain HTTP; such as that of `easement demo`.
    #[arg(long)]
    allow_loopback: bool,
}

impl ReachArguments {
    pub(crate) fn client(&self) -> anyhow::Result<Client> {
        let mut builder = Client::builder().allow_networks(self.networks.iter().copied());
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

    /// Whether the DNS provider may send browsers to this machine in plain HTTP: one for trials does, every other one
    /// sends them to https alone.
    pub(crate) fn loopback_redirects(&self) -> LoopbackRedirects {
        if self.allow_loopback {
            LoopbackRedirects::Allow
        } else {
            LoopbackRedirects::Refuse
        }
    }
}
