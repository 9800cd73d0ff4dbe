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
//! **Where to look.** `answer` has the rules of DNS, `udp` and `tcp` carry octets, `server` starts and
//! stops.

mod answer;
mod metrics;
mod server;
mod tcp;
mod udp;

pub use crate::answer::{Batch, BatchSlot, Rcode, Transport, answer};
pub use crate::metrics::Metrics;
pub use crate::server::{BindError, DnsServer, ListenConfig, RunningServer, ServeError, TcpLimits};
