//! Whether one token's limits are within another's.

use super::{SecretInUrl, TokenLimits, WebhookRight};
use crate::Network;

/// In which way the limits of a token that is to be made are wider than those it is made from.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Excess {
    /// A name.
    #[error("the token that it is made from is not for `{name}`")]
    Name {
        /// The name limit.
        name: String,
    },
    /// A type.
    #[error("the token that it is made from is not for {rtype} records")]
    Type {
        /// The type.
        rtype: String,
    },
    /// An operation.
    #[error("the token that it is made from may not {operation}")]
    Operation {
        /// The operation.
        operation: &'static str,
    },
    /// A value.
    #[error("the token that it is made from is limited to values that `{value}` is not within")]
    Value {
        /// The pattern, or `*` for no limit.
        value: String,
    },
    /// A TTL.
    #[error("the token that it is made from has a narrower range of TTLs")]
    Ttl,
    /// The number of records.
    #[error("the token that it is made from may have at most {most} records")]
    RecordCount {
        /// How many.
        most: u32,
    },
    /// A network.
    #[error("the token that it is made from may not be used from {network}")]
    Network {
        /// The network, or `everywhere`.
        network: String,
    },
    /// Its end.
    #[error("the token that it is made from ends earlier")]
    Expiry,
    /// Its end without use.
    #[error("the token that it is made from ends earlier when it is not used")]
    Idle,
    /// Its rate.
    #[error("the token that it is made from may be used less often")]
    Rate,
    /// A URL.
    #[error("the token that it is made from may not stand in a URL")]
    InUrl,
    /// Webhooks.
    #[error("the token that it is made from may not manage webhooks")]
    Webhooks,
}

impl TokenLimits {
    /// In which way these limits are wider than others; nothing when they are not.
    pub fn exceeds(&self, outer: &Self) -> Option<Excess> {
        self.names_exceed(outer)
            .or_else(|| self.operations_exceed(outer))
            .or_else(|| self.values_exceed(outer))
            .or_else(|| self.networks_exceed(outer))
            .or_else(|| self.times_exceed(outer))
    }

    fn names_exceed(&self, outer: &Self) -> Option<Excess> {
        let is_within = |name| outer.names.iter().any(|one| one.covers_all_of(name));
        let wide = self.names.iter().find(|name| !is_within(name));
        wide.map(|name| Excess::Name {
            name: name.to_string(),
        })
    }

    fn operations_exceed(&self, outer: &Self) -> Option<Excess> {
        let wide = self.types.iter().find(|rtype| !outer.types.contains(rtype));
        if let Some(rtype) = wide {
            return Some(Excess::Type {
                rtype: rtype.to_string(),
            });
        }
        let wide = self.operations.without(outer.operations).iter().next();
        wide.map(|operation| Excess::Operation {
            operation: operation.as_str(),
        })
    }

    fn values_exceed(&self, outer: &Self) -> Option<Excess> {
        if !outer.ttl.covers(self.ttl) {
            return Some(Excess::Ttl);
        }
        if let Some(most) = outer.max_records
            && self.max_records.is_none_or(|records| records > most)
        {
            return Some(Excess::RecordCount { most });
        }
        if outer.values.is_empty() {
            return None;
        }
        if self.values.is_empty() {
            let value = "*".to_owned();
            return Some(Excess::Value { value });
        }
        let is_within = |value| outer.values.iter().any(|one| one.covers_all_of(value));
        let wide = self.values.iter().find(|value| !is_within(value));
        wide.map(|value| Excess::Value {
            value: value.to_string(),
        })
    }

    fn networks_exceed(&self, outer: &Self) -> Option<Excess> {
        if (self.in_url, outer.in_url) == (SecretInUrl::Allowed, SecretInUrl::Refused) {
            return Some(Excess::InUrl);
        }
        if (self.webhooks, outer.webhooks) == (WebhookRight::Manage, WebhookRight::None) {
            return Some(Excess::Webhooks);
        }
        if outer.networks.is_empty() {
            return None;
        }
        if self.networks.is_empty() {
            let network = "everywhere".to_owned();
            return Some(Excess::Network { network });
        }
        let is_within = |network: &Network| outer.networks.iter().any(|one| one.covers(network));
        let wide = self.networks.iter().find(|network| !is_within(network));
        wide.map(|network| Excess::Network {
            network: network.to_string(),
        })
    }

    fn times_exceed(&self, outer: &Self) -> Option<Excess> {
        if is_later(self.expires_at, outer.expires_at) {
            return Some(Excess::Expiry);
        }
        let is_idle_later = is_later(self.idle_seconds, outer.idle_seconds)
            || is_later(self.unused_seconds, outer.unused_seconds);
        if is_idle_later {
            return Some(Excess::Idle);
        }
        let is_faster = match (self.rate, outer.rate) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(own), Some(outer)) => !outer.covers(own),
        };
        is_faster.then_some(Excess::Rate)
    }
}

/// Where nothing is never.
fn is_later<T: Ord>(own: Option<T>, outer: Option<T>) -> bool {
    match (own, outer) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(own), Some(outer)) => own > outer,
    }
}
