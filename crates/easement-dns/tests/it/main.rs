//! The server as its clients see it.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod sockets;
mod world;
