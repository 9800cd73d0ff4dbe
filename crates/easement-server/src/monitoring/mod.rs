//! How the server is doing, for those who watch over it.
//!
//! **What it is for.** Counters that handlers and listeners add to ([`Metrics`]); one function that reads
//! them and everything else that can be measured (`scrape`), in the text format of Prometheus (`text`);
//! whether the server can do its work now ([`Readiness`]); and the address where both are served, apart
//! from what strangers can reach (`listener`).
//!
//! **What it is not for.** Logs: see `log.rs`.
//!
//! **To add a metric**, count it in `counters.rs` or where it happens, and write its family in `scrape`.
//! A label only ever has values from a list of our own, never what a client sent.
//! Decision 0008 (`docs/decisions/0008-metrics-without-a-library.md`) says why this is no library.

mod counters;
mod listener;
mod process;
mod readiness;
mod scrape;
mod text;

pub(crate) use self::counters::{Connections, HttpRequests, Metrics, Open, Refusal};
pub(crate) use self::listener::{Monitor, router};
pub(crate) use self::readiness::{Readiness, show_readiness};
