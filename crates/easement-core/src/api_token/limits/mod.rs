//! The limits of a token.

use std::fmt;
use std::time::Duration;

use easement_zone::{Name, RecordSet, RecordSetChange, RecordSetKey, RecordType, Ttl, Zone};
use serde::{Deserialize, Serialize};

use super::{NameLimit, NameReach, Operation, Operations, TokenRefused, ValuePattern};
use crate::{Network, Timestamp};

/// What a token may do, from where, and until when. All of it must hold.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TokenLimits {
    /// Which names; at least one.
    pub names: Vec<NameLimit>,
    /// Records of which types; at least one.
    pub types: Vec<RecordType>,
    /// What may be done with them; at least one.
    pub operations: Operations,
    /// Which values; all, when there is none.
    #[serde(default)]
    pub values: Vec<ValuePattern>,
    /// Which TTLs.
    #[serde(default)]
    pub ttl: TtlRange,
    /// How many records the names may have of these types.
    #[serde(default)]
    pub max_records: Option<u32>,
    /// From which networks it is used; from everywhere, when there is none.
    #[serde(default)]
    pub networks: Vec<Network>,
    /// From when on it does not count any more.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// After how many seconds without use it does not count any more.
    #[serde(default)]
    pub idle_seconds: Option<u64>,
    /// The same as long as it was never used at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unused_seconds: Option<u64>,
    /// How often it may be used.
    #[serde(default)]
    pub rate: Option<RateRule>,
    /// Whether it may stand in a URL.
    #[serde(default)]
    pub in_url: SecretInUrl,
    /// Whether it may manage the webhooks of its account.
    #[serde(default, skip_serializing_if = "WebhookRight::is_none")]
    pub webhooks: WebhookRight,
}

impl TokenLimits {
    /// The most names, and the most patterns, networks and types.
    pub const MAX_ITEMS: usize = 100;
    /// The greatest limit of the number of records: they are counted for each change that adds some.
    pub const MAX_RECORDS: u32 = 1000;
    /// The most record sets that are looked at to count records.
    const MAX_COUNTED_SETS: usize = 10_000;

    /// Limits with nothing but what every token needs.
    pub fn new(names: Vec<NameLimit>, types: Vec<RecordType>, operations: Operations) -> Self {
        Self {
            names,
            types,
            operations,
            values: Vec::new(),
            ttl: TtlRange::default(),
            max_records: None,
            networks: Vec::new(),
            expires_at: None,
            idle_seconds: None,
            unused_seconds: None,
            rate: None,
            in_url: SecretInUrl::default(),
            webhooks: WebhookRight::default(),
        }
    }

    /// Whether they make sense.
    pub fn check(&self) -> Result<(), LimitsError> {
        let counts = [
            ("names", self.names.len()),
            ("record types", self.types.len()),
            ("value patterns", self.values.len()),
            ("networks", self.networks.len()),
        ];
        for (what, count) in counts {
            if count > Self::MAX_ITEMS {
                return Err(LimitsError::TooMany { what, count });
            }
        }
        if self.names.is_empty() {
            return Err(LimitsError::NoNames);
        }
        if self.types.is_empty() {
            return Err(LimitsError::NoTypes);
        }
        if self.operations.is_empty() {
            return Err(LimitsError::NoOperations);
        }
        if let Some(&rtype) = self.types.iter().find(|rtype| !may_be_delegated(**rtype)) {
            return Err(LimitsError::TypeNotForTokens { rtype });
        }
        if self.ttl.low > self.ttl.high {
            return Err(LimitsError::EmptyTtlRange { range: self.ttl });
        }
        if let Some(records) = self.max_records
            && !(1..=Self::MAX_RECORDS).contains(&records)
        {
            return Err(LimitsError::RecordCount { records });
        }
        match self.rate {
            Some(RateRule { times: 0, .. } | RateRule { seconds: 0, .. }) => {
                Err(LimitsError::NoRate)
            }
            Some(_) | None => Ok(()),
        }
    }

    /// How long it counts without use, after it was used at least once or never was.
    pub fn idle(&self, before: UseBefore) -> Option<Duration> {
        let unused = match before {
            UseBefore::None => self.unused_seconds,
            UseBefore::Some => None,
        };
        let seconds = unused.into_iter().chain(self.idle_seconds).min();
        seconds.map(Duration::from_secs)
    }

    /// Whether they are for a name.
    pub fn covers(&self, name: &Name) -> bool {
        self.names.iter().any(|limit| limit.covers(name))
    }

    /// Whether something may be done with the records of a name and type, leaving their values aside.
    pub fn allow(
        &self,
        operation: Operation,
        owner: &Name,
        rtype: RecordType,
    ) -> Result<(), TokenRefused> {
        if !self.covers(owner) {
            return Err(TokenRefused::Name {
                owner: owner.clone(),
            });
        }
        // A wildcard answers for names that this limit leaves out; of addresses they have no use.
        let leaves_out =
            |limit: &NameLimit| limit.reach() == NameReach::Below || !limit.covers(owner);
        if owner.is_wildcard() && !rtype.is_address() && self.names.iter().all(leaves_out) {
            return Err(TokenRefused::Name {
                owner: owner.clone(),
            });
        }
        if !self.types.contains(&rtype) {
            return Err(TokenRefused::Type {
                owner: owner.clone(),
                rtype,
            });
        }
        if !self.operations.has(operation) {
            return Err(TokenRefused::Operation {
                operation,
                owner: owner.clone(),
                rtype,
            });
        }
        Ok(())
    }

    /// Whether a record set of a zone may be changed so. Records that stay may have any value and TTL.
    pub fn allow_change(
        &self,
        key: &RecordSetKey,
        change: &RecordSetChange,
    ) -> Result<(), TokenRefused> {
        self.allow(Operation::of(change), &key.owner, key.rtype)?;
        let Some(after) = &change.after else {
            return Ok(());
        };
        let (ttl, before) = (after.ttl(), change.before.as_ref());
        if before.is_none_or(|before| before.ttl() != ttl) && !self.ttl.has(ttl) {
            return Err(TokenRefused::Ttl {
                owner: key.owner.clone(),
                ttl,
                range: self.ttl,
            });
        }
        let stays = |data| before.is_some_and(|set| set.data().binary_search(data).is_ok());
        let is_allowed =
            |data| self.values.is_empty() || self.values.iter().any(|one| one.allows(data));
        match after
            .data()
            .iter()
            .find(|data| !stays(data) && !is_allowed(data))
        {
            Some(data) => Err(TokenRefused::Value {
                owner: key.owner.clone(),
                rtype: key.rtype,
                value: data.to_string(),
            }),
            None => Ok(()),
        }
    }

    /// Whether a zone, as a change that adds records leaves it, has no more of them than allowed.
    pub fn allow_count(&self, zone: &Zone) -> Result<(), TokenRefused> {
        let Some(most) = self.max_records else {
            return Ok(());
        };
        let mut records: usize = 0;
        for (looked_at, (counts, set)) in self.sets_within(zone).enumerate() {
            if looked_at >= Self::MAX_COUNTED_SETS {
                return Err(TokenRefused::TooManyToCount);
            }
            if counts && self.types.contains(&set.rtype()) {
                records = records.saturating_add(set.data().len());
            }
            if u32::try_from(records).map_or(true, |records| records > most) {
                return Err(TokenRefused::RecordCount { most });
            }
        }
        Ok(())
    }

    /// The record sets of a zone that are looked at for the names of these limits, and whether each counts:
    /// once, at the first limit that covers it.
    fn sets_within<'a>(&'a self, zone: &'a Zone) -> impl Iterator<Item = (bool, RecordSet)> + 'a {
        self.names.iter().enumerate().flat_map(move |(at, limit)| {
            let earlier = self.names.get(..at).unwrap_or_default();
            let below = match limit.reach() {
                NameReach::Exact => None,
                NameReach::Below | NameReach::BelowWithUnderscores => {
                    Some(zone.below(limit.name()))
                }
            };
            let sets = zone
                .at(limit.name())
                .into_iter()
                .chain(below.into_iter().flatten());
            sets.map(move |set| {
                let owner = set.owner();
                let counts = limit.covers(owner) && !earlier.iter().any(|one| one.covers(owner));
                (counts, set)
            })
        })
    }
}

/// Records of which types a token can be for at all. What hands a part of a zone to other name servers, or
/// vouches for their keys, is for people.
fn may_be_delegated(rtype: RecordType) -> bool {
    let is_for_people = [
        RecordType::SOA,
        RecordType::NS,
        RecordType::DS,
        RecordType::DNAME,
    ];
    !is_for_people.contains(&rtype) && !rtype.is_meta() && !rtype.is_made_by_signing()
}

/// Which TTLs a token may set.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct TtlRange {
    /// The least.
    pub low: Ttl,
    /// The greatest.
    pub high: Ttl,
}

impl TtlRange {
    /// Whether a TTL is within.
    pub fn has(self, ttl: Ttl) -> bool {
        (self.low..=self.high).contains(&ttl)
    }

    /// The nearest TTL within; the greatest one, when there is none.
    pub fn nearest(self, ttl: Ttl) -> Ttl {
        ttl.max(self.low).min(self.high)
    }

    /// Whether every TTL of another range is within.
    pub fn covers(self, other: Self) -> bool {
        self.low <= other.low && other.high <= self.high
    }
}

impl Default for TtlRange {
    /// All of them.
    fn default() -> Self {
        Self {
            low: Ttl::ZERO,
            high: Ttl::MAX,
        }
    }
}

impl fmt::Display for TtlRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.low, self.high)
    }
}

/// Whether a token was used before.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum UseBefore {
    /// Never.
    None,
    /// At least once.
    Some,
}

/// How often a token may be used.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct RateRule {
    /// So many times,
    pub times: u32,
    /// in so many seconds.
    pub seconds: u32,
}

impl RateRule {
    /// Whether another rule lets through no more than this one, over any time.
    pub fn covers(self, other: Self) -> bool {
        let own = u64::from(self.times) * u64::from(other.seconds);
        let others = u64::from(other.times) * u64::from(self.seconds);
        others <= own && other.times <= self.times
    }
}

/// Whether a token may stand in a URL, which proxies and browsers write down.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SecretInUrl {
    /// It may not.
    #[default]
    Refused,
    /// It may: for devices that can do nothing else.
    Allowed,
}

/// Whether a token may manage the webhooks of its account. They are told of all zones of the account, so this is
/// a right of its own, whatever names the token is for.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum WebhookRight {
    /// It may not.
    #[default]
    None,
    /// It may list, make, change and delete them.
    Manage,
}

impl WebhookRight {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "the serializer passes references"
    )]
    fn is_none(&self) -> bool {
        *self == Self::None
    }
}

/// Limits that make no sense.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum LimitsError {
    /// No names.
    #[error("an API token needs at least one name that it is for")]
    NoNames,
    /// No types.
    #[error("an API token needs at least one record type that it is for, such as A, AAAA or TXT")]
    NoTypes,
    /// No operations.
    #[error("an API token needs something that it may do: read, update, create, delete")]
    NoOperations,
    /// A type that only people change.
    #[error("{rtype} records are changed by people, not with API tokens")]
    TypeNotForTokens {
        /// The type.
        rtype: RecordType,
    },
    /// Too long a list.
    #[error(
        "{count} {what} are too many: an API token has at most {}",
        TokenLimits::MAX_ITEMS
    )]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many.
        count: usize,
    },
    /// A range of TTLs with nothing in it.
    #[error("no TTL is within {range}: give the smaller one first")]
    EmptyTtlRange {
        /// The range.
        range: TtlRange,
    },
    /// A number of records that is no limit.
    #[error(
        "{records} is not a number of records that can be allowed: use 1 to {}",
        TokenLimits::MAX_RECORDS
    )]
    RecordCount {
        /// The number.
        records: u32,
    },
    /// A rate of nothing.
    #[error("a rate needs at least one use in at least one second, such as 60/3600")]
    NoRate,
}

#[cfg(test)]
mod tests;
