//! Authoritative DNS over UDP and TCP, answered from the immutable snapshots of
//! [`easement_zone::HostedZones`].
//!
//! **What it is for.** [`answer`] turns a query into its answer without any socket. [`DnsServer`] puts
//! sockets around it: for UDP one thread a core that receives, looks up and sends in batches, for TCP
//! tasks of tokio. A change that has been published to the zones is in the very next answer, and no
//! query waits for a change.
//!
//! **What it is not for.** Deciding who may change what, storing zones, transfers, signing.
//!
//! **Where to look.** `answer` has the rules of DNS, `limit` those of how much a network is sent, `udp`
//! and `tcp` carry octets, `listen` takes addresses, `server` starts and stops.

mod answer;
mod limit;
mod listen;
mod metrics;
mod server;
mod service;
mod tcp;
mod udp;

pub use crate::answer::{
    Batch, BatchSlot, CookieSecrets, Features, Identity, IdentityText, IdentityTextError, Limited,
    Occasion, Outcome, QueryKind, Rcode, Transport, answer, answer_to,
};
pub use crate::limit::{RateLimiter, ResponseRates};
pub use crate::listen::{BindError, BoundSockets, ListenConfig, TcpLimits};
pub use crate::metrics::Metrics;
pub use crate::server::{DnsServer, RunningServer, ServeError};
