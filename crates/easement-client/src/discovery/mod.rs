//! Finding the DNS provider of a name.
//!
//! [`Client::discover`] asks DNS for the record `_domainconnect` at each name that can be the apex of the zone, and
//! whoever is named there for its [`ProviderSettings`]. Reading is pure ([`Announcement`],
//! [`ProviderSettings::read`]).

mod announcement;
mod discover;
mod error;
mod settings;

pub use self::announcement::{Announcement, AnnouncementError, AnnouncementFault};
pub use self::discover::Discovery;
pub use self::error::{CandidateFailure, CandidateFault, DiscoveryError};
pub use self::settings::{ProviderSettings, SettingsError};
#[cfg(doc)]
use crate::Client;
