//! The server as its clients see it.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests"
)]

mod cases;
mod dig;
mod features;
mod flood;
mod hostile;
mod reference;
mod referrals;
mod sockets;
mod tcp;
mod world;
