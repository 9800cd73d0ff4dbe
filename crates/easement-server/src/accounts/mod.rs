//! Signing in: passwords, sessions, one-time links.
//!
//! **What it is for.** The parts of signing in that wait: hashing off the async threads, throttling,
//! the session behind a cookie. Their rules live in `easement-core`.
//!
//! **What it is not for.** Pages: those are in `pages/`.

pub(crate) mod cookie;
pub(crate) mod export;
mod hourly;
pub(crate) mod links;
mod next;
mod passwords;
pub(crate) mod sessions;
mod sign_in;
mod turns;

pub(crate) use self::hourly::HourlyLimit;
pub(crate) use self::next::NextPath;
pub(crate) use self::passwords::{HashError, Passwords};
pub(crate) use self::sign_in::{SignIn, SignInError, try_password};
pub(crate) use self::turns::{Turn, Turns};
