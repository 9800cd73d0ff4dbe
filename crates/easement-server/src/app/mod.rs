//! The running server: opened, started and stopped as a whole.
//!
//! **What it is for.** Taking every address, opening the store, wiring the parts together, and taking
//! them apart again in the right order.
//!
//! **What it is not for.** What the parts do.

mod cookie_secret;
mod dns;
mod inherited;
mod parts;
mod running;
mod start_error;
mod stopping;
mod surroundings;

pub(crate) use self::cookie_secret::CookieSecretFile;
pub use self::cookie_secret::{CookieSecretError, CookieSecretFileError, CookieSecretReload};
pub use self::inherited::{InheritedError, InheritedSockets};
pub use self::parts::check_certificate;
pub(crate) use self::parts::{make_registry, open_store, store_config};
pub use self::running::App;
pub use self::start_error::StartError;
pub use self::stopping::Stopped;
pub use self::surroundings::{ServiceProviders, Surroundings};
