//! ApertoDNS v1, and the older protocols of dynamic DNS beside it, as a library: what a DNS provider
//! needs to let routers and programs keep the addresses and challenges of their hosts up to date.
//!
//! **What it is for.** Requests become types that cannot hold what the protocols forbid, with everything
//! named that is wrong; answers are documents and lines with exactly the form that clients expect. Each
//! protocol is a module: [`v1`] (JSON), [`dyndns2`] (`/nic/update`), [`duckdns`], [`afraid`] and
//! [`acme_dns`]. All of them lead to the same value, [`address::AddressChanges`]: which addresses a host
//! keeps, gets and loses. [`address`] also knows which addresses must not stand in public DNS.
//! [`clients`] has ready-made settings for programs and devices that others wrote.
//!
//! **What it is not for.** Checking tokens, knowing who owns which host, storing anything, and answering
//! HTTP. Time is a parameter.
//!
//! **To add a protocol**, write a module with a type for its calls, one for its replies, and a function
//! from the former to [`address::AddressChanges`].
//!
//! What the texts of ApertoDNS say differently, and which clients want it otherwise, is written down in
//! `docs/protocols/apertodns.md` with the choice that was made.
//!
//! ```
//! use apertodns::address::{Addresses, DocumentationRanges};
//! use apertodns::v1::{RequestRules, UpdateRequest};
//!
//! let body = br#"{"hostname": "home.example.com", "ipv4": "auto", "ipv6": null}"#;
//! let request = UpdateRequest::parse(body, &RequestRules::default())?;
//! let changes = request.changes(Some("9.9.9.9".parse()?), DocumentationRanges::Refuse)?;
//!
//! let now = Addresses { ipv4: vec!["149.112.112.112".parse()?], ipv6: vec!["2620:fe::fe".parse()?] };
//! assert_eq!(changes.apply(&now).to_string(), "9.9.9.9");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![warn(missing_docs)]

pub mod acme_dns;
pub mod address;
pub mod afraid;
pub mod clients;
pub mod described;
pub mod duckdns;
pub mod dyndns2;
mod hostname;
mod secret;
mod timestamp;
pub mod v1;

pub use crate::hostname::{Hostname, HostnameError, HostnameFault};
pub use crate::secret::Secret;
pub use crate::timestamp::Timestamp;
