//! Plans and commits: what is to change in a zone, and what has changed.

use std::fmt;

use domain_connect::{AppliedService, DisplayName, ProviderId, ServiceId};
use easement_zone::{ChangeSet, Host, Name, RecordData};
use serde::{Deserialize, Serialize};

use crate::{Actor, AppliedServiceId, GrantApp, Timestamp, TokenName, ZoneId};

/// How many commits a zone has seen; each commit makes the next version.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(transparent)]
pub struct Version(pub u64);

impl Version {
    /// The version after one more commit.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Everything that one commit changes in a zone, and the version that it was made from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ZonePlan {
    /// What the plan was made from. A commit is refused when that has changed: the wish is planned
    /// again then.
    pub base: PlanBase,
    /// The records.
    pub changes: ChangeSet,
    /// The services whose state changes with them.
    pub services: Vec<ServiceChange>,
    /// What the change is.
    pub source: ChangeSource,
}

impl ZonePlan {
    /// Whether nothing would change.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.services.is_empty()
    }
}

/// What a plan was made from, and so what must not have changed when it is committed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PlanBase {
    /// This version of the zone.
    Version(Version),
    /// The record sets that the plan changes, in a zone without services: what else happens in the zone
    /// does not matter, so many plans for one zone need not wait for each other.
    RecordSets,
}

/// The state of one service before and after a commit.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ServiceChange {
    /// A service is connected.
    Add(Box<AppliedService>),
    /// What a service holds is different: it was applied again, or another service took or shares
    /// some of its records.
    Update(AppliedServiceId, Box<AppliedService>),
    /// A service is removed, on its own or because another one takes its place.
    Remove(AppliedServiceId),
}

/// What a change is: kept with the commit for as long as its history is.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum ChangeSource {
    /// The zone was made.
    ZoneCreated,
    /// The zone was filled from a zone file.
    ZoneImported,
    /// The zone was taken back to what it was in an earlier version.
    ZoneRestored {
        /// Which one.
        version: Version,
    },
    /// A service was connected through Domain Connect.
    ServiceConnected {
        /// The provider's id.
        provider: ProviderId,
        /// The service's id.
        service: ServiceId,
        /// The names that were shown: provider and service.
        title: String,
        /// Where it was applied.
        host: Host,
    },
    /// A device or program changed records with an API token.
    DynamicUpdate {
        /// What the token is called.
        token: TokenName,
        /// How it spoke to this server.
        protocol: UpdateProtocol,
    },
    /// An app that nobody registered changed records by a call that names them (NameDrop).
    RecordCall {
        /// Which app.
        app: GrantApp,
    },
    /// Texts were taken away that a device had set for a while.
    TextsLapsed,
    /// An app that has no name asked for one that stands for its address.
    TempNameMade {
        /// How long it stays, unless the app asks again.
        until: Timestamp,
    },
    /// Names that stood for addresses were taken away, since their time was over.
    TempNamesLapsed,
    /// A connected service was removed.
    ServiceRemoved {
        /// The provider's id.
        provider: ProviderId,
        /// The service's id.
        service: ServiceId,
        /// The names that were shown: provider and service.
        title: String,
        /// Where it was applied.
        host: Host,
    },
}

/// How a device or program speaks to this server.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum UpdateProtocol {
    /// ApertoDNS, version 1.
    Apertodns,
    /// DynDNS2: `/nic/update`.
    Dyndns2,
    /// The one-URL form of `DuckDNS`.
    Duckdns,
    /// The one-URL form of afraid.org, version 2.
    Afraid,
    /// The HTTP interface of acme-dns.
    Acmedns,
}

impl fmt::Display for UpdateProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Apertodns => "ApertoDNS",
            Self::Dyndns2 => "DynDNS2",
            Self::Duckdns => "the DuckDNS form",
            Self::Afraid => "the afraid.org form",
            Self::Acmedns => "acme-dns",
        })
    }
}

/// Who made a change, and from where.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Origin {
    /// Who.
    pub actor: Actor,
    /// The network address, when the change came over the network.
    pub address: Option<std::net::IpAddr>,
}

/// How much a commit changed. It is stored with the commit, because counting a million changes again
/// for each look at the history would take long.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct ChangeSize {
    /// How many record sets changed in any way.
    pub sets: u64,
    /// How many records came; one whose data changed went and came.
    pub added: u64,
    /// How many records went.
    pub removed: u64,
}

impl ChangeSize {
    /// The size of these changes.
    pub fn of(changes: &ChangeSet) -> Self {
        let mut size = Self::default();
        for (_, change) in changes.iter() {
            let before = change.before.as_ref().map_or(&[][..], |set| set.data());
            let after = change.after.as_ref().map_or(&[][..], |set| set.data());
            size.sets += 1;
            size.added += count_missing(after, before);
            size.removed += count_missing(before, after);
        }
        size
    }
}

/// How many records of one set are not in another. Both are in canonical order.
fn count_missing(from: &[RecordData], within: &[RecordData]) -> u64 {
    let missing = from
        .iter()
        .filter(|data| within.binary_search(data).is_err())
        .count();
    u64::try_from(missing).unwrap_or(u64::MAX)
}

/// One commit of a zone's history, without the records: there may be a million.
#[derive(Clone, Debug, Serialize)]
pub struct CommitEntry {
    /// The zone.
    pub zone: ZoneId,
    /// The version it made.
    pub version: Version,
    /// The serial number that the zone had then.
    pub serial: u32,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// The e-mail address of the account, while it exists.
    pub actor_email: Option<String>,
    /// What the client of the grant is called, while it exists.
    pub actor_client: Option<DisplayName>,
    /// The network address it came from, when it came over the network.
    pub address: Option<std::net::IpAddr>,
    /// What it was.
    pub source: ChangeSource,
    /// How much it changed.
    pub size: ChangeSize,
}

/// A connected service of a zone.
#[derive(Clone, Debug, Serialize)]
pub struct ServiceEntry {
    /// Its id.
    pub id: AppliedServiceId,
    /// The zone.
    pub zone: ZoneId,
    /// What was applied, and which records it holds.
    pub service: AppliedService,
    /// When it was connected first.
    pub connected_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A zone moved on after a plan was made.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "the zone {} is at version {current} by now, and this was planned for version {planned}: look \
     at the change again", apex.to_text()
)]
pub struct PlanStale {
    /// The zone's apex.
    pub apex: Name,
    /// The version that the plan was made from.
    pub planned: Version,
    /// The version that the zone has.
    pub current: Version,
}
