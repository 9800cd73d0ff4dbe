//! The model of DNS that the rest of Easement stands on: names, record data, record sets, zones,
//! changes and their inverse, zone files.
//!
//! **What it is for.** Every rule about records that needs no protocol, clock, socket or database
//! lives here, as a value or a pure function. A [`Zone`] is immutable and shared: a change gives a
//! new zone in time proportional to the records that change, and the old one stays readable, so the
//! DNS server, a plan and a zone file all look at the same value.
//!
//! **What it is not for.** Who may change what, what a template means, how a change is stored.
//!
//! **To add a record type**: name it in `record/record_type.rs` and describe its fields in
//! `record/layout.rs`. Reading, writing, checking and comparing follow.

#![warn(missing_docs)]

mod hosted;
mod name;
mod octets;
mod record;
mod scan;
mod trie;
mod zone;
pub mod zonefile;

pub use crate::hosted::{HostedZone, HostedZones, ZoneSnapshot};
pub use crate::name::{Host, HostError, Label, Name, NameError, write_trie_key};
pub use crate::record::{
    DataError, FieldError, Record, RecordData, RecordSet, RecordSetError, RecordType, Serial, Ttl,
    TtlError, UnknownRecordType, WireError,
};
pub use crate::scan::SyntaxError;
pub use crate::trie::{Beside, Descent, Keyed, Trie};
pub use crate::zone::{
    ApplyError, ChangeSet, InsertError, Merged, Node, PackedSet, RecordSetChange, RecordSetKey,
    Soa, Violation, Zone, ZoneBuilder, diff, merge,
};
