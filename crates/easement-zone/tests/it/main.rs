//! What the crate promises to those who use it, checked from outside.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

mod other_servers;
