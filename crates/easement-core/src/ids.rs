//! Database ids, each its own type.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
        )]
        #[serde(transparent)]
        pub struct $name(i64);

        impl $name {
            /// The id with this number, as it stands in the database.
            pub const fn new(number: i64) -> Self {
                Self(number)
            }

            /// The number in the database.
            pub const fn number(self) -> i64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = std::num::ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )*};
}

ids! {
    /// A person's login.
    AccountId;
    /// A zone that this server hosts.
    ZoneId;
    /// A template that was imported.
    TemplateId;
    /// A service: one template applied to one host of one zone.
    AppliedServiceId;
    /// A secret that an account made for a device or a program.
    ApiTokenId;
    /// A client that an operator registered for OAuth.
    OAuthClientId;
    /// An owner's standing permission for a client.
    GrantId;
    /// A webhook of an account.
    WebhookId;
    /// One event on its way to one webhook.
    WebhookDeliveryId;
    /// An entry of the audit trail.
    AuditId;
}
