//! Why a token may not do something.

use easement_zone::{Name, RecordType, Ttl};

use super::{Operation, TokenScope, TtlRange};
use crate::{Refused, Timestamp};

/// Why a token may not do something. Says so to its holder, in words that name the value.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TokenRefused {
    // The token
    /// It was revoked, or one that it was made from.
    #[error("this API token was revoked")]
    Revoked,
    /// Its time is over.
    #[error("this API token expired at {at}")]
    Expired {
        /// When.
        at: Timestamp,
    },
    /// It was not used for too long.
    #[error("this API token was not used for more than {days} days and does not count any more")]
    Idle {
        /// How many days are allowed.
        days: u64,
    },
    /// It is used from somewhere else than it may be.
    #[error("this API token may not be used from {address}")]
    Network {
        /// From where.
        address: std::net::IpAddr,
    },
    /// It stands in a URL and may not.
    #[error("this API token may not stand in a URL: send it in the Authorization header")]
    InUrl,
    /// A test token, and a zone that is in use.
    #[error("this is a test token, and the zone {} is not marked for testing", apex.to_text())]
    ZoneNotForTesting {
        /// The apex.
        apex: Name,
    },

    /// The account that it belongs to may not do this itself.
    #[error(transparent)]
    Account(#[from] Refused),

    // What it is used for
    /// The name is not one of its names.
    #[error("this API token is not for the name {}", owner.to_text())]
    Name {
        /// The name.
        owner: Name,
    },
    /// The type is not one of its types.
    #[error("this API token is not for {rtype} records of {}", owner.to_text())]
    Type {
        /// The name.
        owner: Name,
        /// The type.
        rtype: RecordType,
    },
    /// The operation is not one of its operations.
    #[error("this API token may not {operation} {rtype} records of {}", owner.to_text())]
    Operation {
        /// The operation.
        operation: Operation,
        /// The name.
        owner: Name,
        /// The type.
        rtype: RecordType,
    },
    /// The value is not one of its values.
    #[error("this API token may not set a {rtype} record of {} to {value}", owner.to_text())]
    Value {
        /// The name.
        owner: Name,
        /// The type.
        rtype: RecordType,
        /// The value, as zone files write it.
        value: String,
    },
    /// The TTL is not one of its TTLs.
    #[error("this API token may set a TTL of {range} seconds, and not {ttl} for {}", owner.to_text())]
    Ttl {
        /// The name.
        owner: Name,
        /// The TTL.
        ttl: Ttl,
        /// Which ones it may.
        range: TtlRange,
    },
    /// It has no right to manage webhooks.
    #[error("this API token may not manage webhooks: make a live one that may, with --webhooks")]
    Webhooks,
    /// It has nothing of a scope of the protocol.
    #[error("this API token does not have the scope {scope}")]
    Scope {
        /// The scope.
        scope: TokenScope,
    },
    /// There would be more records than it may have.
    #[error("this API token may have {most} records at its names: delete one first")]
    RecordCount {
        /// How many it may.
        most: u32,
    },
    /// There is so much at its names that its records cannot be counted for each change.
    #[error(
        "there are too many records at the names of this API token to count them: limit it to fewer names"
    )]
    TooManyToCount,
}

impl TokenRefused {
    /// The reason as it is written down: without the address of whoever asked, which is kept for a while only.
    pub fn kept(&self) -> String {
        if matches!(self, Self::Network { .. }) {
            "this API token may not be used from the network that it was used from".to_owned()
        } else {
            self.to_string()
        }
    }
}
