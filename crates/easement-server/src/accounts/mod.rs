//! Signing in: passwords, sessions, one-time links.
//!
//! **What it is for.** The parts of signing in that wait: hashing off the async threads, throttling,
//! the session behind a cookie. Their rules live in `easement-core`.
//!
//! **What it is not for.** Pages: those are in `pages/`.

mod passwords;

pub use self::passwords::{HashError, Passwords};
