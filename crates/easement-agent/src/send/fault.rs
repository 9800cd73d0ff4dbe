//! What follows from faults that all protocols share.

use std::time::Duration;

use easement_client::RequestError;

use crate::fault::Fault;

/// A server that was not reached, for whatever reason: a certificate may be renewed, a name may come back.
pub(super) fn of_request(error: &RequestError) -> Fault {
    let message = error.to_string();
    match error {
        RequestError::Url { .. } | RequestError::Plain { .. } => Fault::last(message),
        RequestError::NotPublic { .. }
        | RequestError::Unreachable { .. }
        | RequestError::Tls { .. }
        | RequestError::TooLarge { .. }
        | RequestError::TimedOut { .. }
        | RequestError::NotHttp { .. } => Fault::network(message),
    }
}

/// An answer that is not one of the protocol.
pub(super) fn of_status(status: u16, wait: Option<Duration>, message: String) -> Fault {
    match status {
        429 | 503 => Fault::busy(wait, message),
        300..=399 => Fault::last(format!(
            "{message}; it sends elsewhere, and secrets do not follow: write the server as it is to be asked"
        )),
        // Also a portal of the network in between, which goes away.
        _ => Fault::server(message),
    }
}
