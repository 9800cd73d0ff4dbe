//! Services that are applied to a zone: what each owns, so that it can be replaced or taken away.

use std::collections::BTreeSet;
use std::fmt;

use easement_zone::{Host, Name, Record, Ttl};
use serde::{Deserialize, Serialize};

use crate::spf::{AllTerm, Qualifier};
use crate::{
    Checksum, DisplayName, Essential, GroupId, InstanceId, ProviderId, RedirectStatus, ServiceId,
};

/// One template as it is applied to one host of a zone.
///
/// Whoever keeps the zone keeps these beside it and gives all of a zone's services to every plan.
///
/// ```
/// use std::collections::BTreeSet;
///
/// use domain_connect::{
///     AppliedGroups, AppliedService, Checksum, Essential, OwnedRecord, RecordOrigin, ServiceKey,
/// };
/// use easement_zone::{Record, RecordData};
///
/// let service = AppliedService {
///     key: ServiceKey {
///         provider_id: "exampleservice.example".parse()?,
///         service_id: "web".parse()?,
///         host: "shop".parse()?,
///         instance: None,
///     },
///     provider_name: "Example Service".parse()?,
///     service_name: "Websites".parse()?,
///     template_version: Some(1),
///     template_checksum: Checksum::of(b"the text of the template"),
///     groups: AppliedGroups::Some(BTreeSet::from(["pages".parse()?])),
///     records: vec![OwnedRecord {
///         record: Record {
///             owner: "shop.example.com".parse()?,
///             data: RecordData::a([192, 0, 2, 1].into()),
///         },
///         group: Some("pages".parse()?),
///         essential: Essential::Always,
///         origin: RecordOrigin::Created,
///         ttl_before: None,
///     }],
///     spf: Vec::new(),
///     special: Vec::new(),
/// };
/// assert_eq!(service.title(), "Example Service: Websites");
/// assert_eq!(service.key.to_string(), "exampleservice.example/web at shop");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct AppliedService {
    /// Which service it is.
    pub key: ServiceKey,
    /// The service provider's name, for people.
    pub provider_name: DisplayName,
    /// The service's name, for people.
    pub service_name: DisplayName,
    /// The version of the template.
    pub template_version: Option<u64>,
    /// The checksum of the template.
    pub template_checksum: Checksum,
    /// Which groups were applied.
    pub groups: AppliedGroups,
    /// The records it wrote or shares.
    pub records: Vec<OwnedRecord>,
    /// What it added to SPF records.
    pub spf: Vec<SpfContribution>,
    /// What the provider does for it beyond records.
    pub special: Vec<OwnedSpecial>,
}

impl AppliedService {
    /// Provider and service, for people.
    pub fn title(&self) -> String {
        format!("{}: {}", self.provider_name, self.service_name)
    }
}

/// What tells one applied service of a zone from another: template and host
/// (draft-05 section 10.1), and the instance where a template allows several.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct ServiceKey {
    /// Whose template.
    pub provider_id: ProviderId,
    /// Which of theirs.
    pub service_id: ServiceId,
    /// The host that it is applied to.
    pub host: Host,
    /// Which instance, when the request said so.
    pub instance: Option<InstanceId>,
}

impl fmt::Display for ServiceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}/{} at {}",
            self.provider_id, self.service_id, self.host
        )?;
        match &self.instance {
            Some(instance) => write!(f, " ({instance})"),
            None => Ok(()),
        }
    }
}

/// Which groups of a template are applied.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AppliedGroups {
    /// All, because none was asked for by name.
    All,
    /// These, and the records without a group.
    Some(BTreeSet<GroupId>),
}

/// A record that a service needs.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct OwnedRecord {
    /// The record as it stands in the zone.
    pub record: Record,
    /// The group of the template that it belongs to.
    pub group: Option<GroupId>,
    /// Whether the service ends when it goes.
    pub essential: Essential,
    /// Where it comes from.
    pub origin: RecordOrigin,
    /// The TTL of its record set before this service lowered it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl_before: Option<Ttl>,
}

/// Where something that a service needs comes from.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordOrigin {
    /// A service wrote it: it goes when no service needs it any more.
    Created,
    /// It stood in the zone before any service needed it: it stays.
    Found,
}

/// What a service added to the SPF record of a name.
///
/// ```
/// use domain_connect::{AllTerm, ContributedTerm, Qualifier, RecordOrigin, SpfContribution};
///
/// // The owner had `v=spf1 a -all`; the service made it `v=spf1 a include:mail.example ~all`.
/// let contribution = SpfContribution {
///     owner: "example.com".parse()?,
///     group: None,
///     terms: vec![ContributedTerm {
///         term: "include:mail.example".to_owned(),
///         origin: RecordOrigin::Created,
///         qualifier_before: None,
///     }],
///     record: RecordOrigin::Found,
///     all_before: Some(AllTerm::Present(Qualifier::Fail)),
/// };
/// assert_eq!(contribution.terms.len(), 1);
/// # Ok::<(), easement_zone::NameError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct SpfContribution {
    /// The name.
    pub owner: Name,
    /// The group of the template that it belongs to.
    pub group: Option<GroupId>,
    /// The terms that the service needs.
    pub terms: Vec<ContributedTerm>,
    /// Whether the record itself stood there before.
    pub record: RecordOrigin,
    /// The closing `all` term before services changed it, when they did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub all_before: Option<AllTerm>,
}

/// One term of an SPF record that a service needs.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ContributedTerm {
    /// The term as text, with its qualifier.
    pub term: String,
    /// Where it comes from.
    pub origin: RecordOrigin,
    /// The qualifier it had before services made it less strict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualifier_before: Option<Qualifier>,
}

//------------ Special ---------------------------------------------------------------------------

/// Something that a provider does at a name and that no DNS record says.
///
/// ```
/// use domain_connect::{Essential, OwnedSpecial, RedirectStatus, Special, SpecialAction};
///
/// let special = Special {
///     owner: "example.com".parse()?,
///     action: SpecialAction::WebRedirect {
///         status: RedirectStatus::Permanent,
///         target: "https://www.example.com/".to_owned(),
///     },
/// };
/// let owned = OwnedSpecial { special, group: None, essential: Essential::Always };
/// assert_eq!(owned.special.owner.to_text(), "example.com");
/// # Ok::<(), easement_zone::NameError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Special {
    /// The name.
    pub owner: Name,
    /// What is done there.
    pub action: SpecialAction,
}

/// What is done at a name.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum SpecialAction {
    /// Its addresses are those of another name.
    ApexAlias {
        /// The other name.
        target: Name,
        /// How long the answer may be cached.
        ttl: Ttl,
    },
    /// Web browsers are sent elsewhere.
    WebRedirect {
        /// For good or for now.
        status: RedirectStatus,
        /// The URL, as the template spells it.
        target: String,
    },
}

/// A [`Special`] that a service needs.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct OwnedSpecial {
    /// What it is.
    pub special: Special,
    /// The group of the template that it belongs to.
    pub group: Option<GroupId>,
    /// Whether the service ends when it goes.
    pub essential: Essential,
}
