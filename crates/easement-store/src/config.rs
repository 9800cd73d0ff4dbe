//! What a store is opened with.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use easement_core::Clock;
use easement_zone::HostedZones;

/// Which database.
#[derive(Clone, Eq, PartialEq)]
pub enum StoreConfig {
    /// A file, made with its folder when it is not there. A file named `lock` beside it keeps a
    /// second server away.
    Sqlite {
        /// The file.
        path: PathBuf,
    },
    /// A server, and a database on it that exists.
    Postgres {
        /// Its URL: `postgres://user:password@host/database`.
        url: String,
    },
}

impl fmt::Debug for StoreConfig {
    /// Leaves out the URL, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite { path } => f.debug_struct("Sqlite").field("path", path).finish(),
            Self::Postgres { url: _ } => f.write_str("Postgres { url: hidden }"),
        }
    }
}

/// What surrounds a store: the time, and where committed zones are served.
#[derive(Clone)]
pub struct Serving {
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// The zones that DNS answers from.
    pub hosted: Arc<HostedZones>,
    /// The answer at `_domainconnect.<apex>` of zones with Domain Connect on; nothing when this
    /// server does not offer Domain Connect.
    pub discovery: Option<String>,
}

impl fmt::Debug for Serving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serving")
            .field("discovery", &self.discovery)
            .finish_non_exhaustive()
    }
}
