//! Why there is no name.

use std::net::IpAddr;
use std::time::Duration;

use apertodns::address::NotPublic;
use axum::response::{IntoResponse, Response};
use easement_core::{Network, UpdateRefused};
use easement_store::{CommitError, StoreError};
use easement_zone::Name;
use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};
use namedrop::NameTaken;

use super::plain::plain;

/// Why an app gets no name for its address.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refused {
    /// The configuration has no name to make names below.
    #[error("this server makes no names for addresses: whoever runs it can set namedrop.temp_zone")]
    Off,
    /// The address means nothing to others.
    #[error("{0}, so nobody could reach you at a name for it")]
    NotPublic(NotPublic),
    /// The network asks too often.
    #[error("{address} asks too often: wait {} seconds", wait.as_secs().max(1))]
    TooOften {
        /// Who.
        address: IpAddr,
        /// When it may ask again.
        wait: Duration,
    },
    /// The network has as many names as it may have.
    #[error(
        "the network {network} has {most} names now, as many as one may have: wait until one of them is gone"
    )]
    NetworkFull {
        /// The network.
        network: Network,
        /// How many.
        most: u64,
    },
    /// There are as many names as there may be.
    #[error("this server has {most} names for addresses now, as many as it makes: try again later")]
    Full {
        /// How many.
        most: u64,
    },
    /// Something else is at the name.
    #[error(transparent)]
    Taken(#[from] NameTaken),
    /// The zone would break a rule, or a service needs it as it is.
    #[error("the name cannot be made: {0}")]
    Zone(#[from] UpdateRefused),
    /// No zone is served in which the names would be.
    #[error("this server does not host {} now, where the name would be: try again later", base.to_text())]
    NotHosted {
        /// The name that names are made below.
        base: Name,
    },
    /// So much happens in the zone that it was overtaken every time.
    #[error("too much changes at this moment: try again in a few seconds")]
    Overtaken,
    /// The store is not available.
    #[error("the name could not be stored: try again in a few seconds")]
    Store(#[from] StoreError),
    /// The change was refused.
    #[error("the name could not be stored")]
    Commit(#[from] CommitError),
}

/// How long whoever comes when there is no room is asked to wait: names go one by one.
const NO_ROOM: Duration = Duration::from_mins(1);
const AGAIN: Duration = Duration::from_secs(5);

impl Refused {
    fn status(&self) -> StatusCode {
        match self {
            Self::Off => StatusCode::NOT_FOUND,
            Self::NotPublic(_) => StatusCode::FORBIDDEN,
            Self::TooOften { .. } | Self::NetworkFull { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Taken(_) | Self::Zone(_) => StatusCode::CONFLICT,
            Self::Full { .. } | Self::NotHosted { .. } | Self::Overtaken => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Store(error) if error.is_unavailable() => StatusCode::SERVICE_UNAVAILABLE,
            Self::Store(_) | Self::Commit(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn wait(&self) -> Option<Duration> {
        match self {
            Self::TooOften { wait, .. } => Some(*wait),
            Self::NetworkFull { .. } | Self::Full { .. } | Self::NotHosted { .. } => Some(NO_ROOM),
            Self::Overtaken => Some(AGAIN),
            Self::Store(error) => error.is_unavailable().then_some(AGAIN),
            Self::Off | Self::NotPublic(_) | Self::Taken(_) | Self::Zone(_) | Self::Commit(_) => {
                None
            }
        }
    }

    /// Writes down what whoever runs the server can mend, and that others were refused.
    pub(super) fn note(&self, address: IpAddr) {
        match self {
            Self::Off => {}
            Self::NotHosted { .. } => {
                tracing::warn!(client.address = %address, error = %self, "no name was made for an address");
            }
            Self::Store(error) => {
                tracing::error!(client.address = %address, %error, "no name was made for an address");
            }
            Self::Commit(error) => {
                tracing::error!(client.address = %address, %error, "no name was made for an address");
            }
            Self::NotPublic(_)
            | Self::TooOften { .. }
            | Self::NetworkFull { .. }
            | Self::Full { .. }
            | Self::Taken(_)
            | Self::Zone(_)
            | Self::Overtaken => {
                tracing::info!(client.address = %address, error = %self, "no name was made for an address");
            }
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = plain(self.status(), self.to_string());
        if let Some(wait) = self.wait() {
            let seconds = HeaderValue::from(wait.as_secs().max(1));
            response.headers_mut().insert(RETRY_AFTER, seconds);
        }
        response
    }
}
