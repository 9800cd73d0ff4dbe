//! What applying or removing a template would change, as a value to look at
//! (draft-ietf-dconn-domainconnect-05 section 10).
//!
//! **What it is for.** [`plan_application`] and [`plan_removal`] are pure: they read a zone and the
//! services applied to it, and give a [`Plan`] that pages render, people agree to and a store
//! commits. The same input gives the same plan.
//!
//! **What it is not for.** Whether somebody may ask for it, and writing anything.
//!
//! The parts: `workspace` is the zone as it would become; `ledger` knows which service owns what;
//! `conflict` holds the rules of section 10.4, one function for records that stand side by side;
//! `resolution` says what goes and ends for what is in the way;
//! `spf` merges; `row`, `effect` and `warning` say it all in words.

mod application;
mod conflict;
mod digest;
mod earlier;
mod edit;
mod effect;
mod effect_text;
mod error;
mod ledger;
mod outcome;
mod planner;
mod removal;
mod rendering;
mod resolution;
mod row;
mod spf;
mod warning;
mod workspace;
mod written;

use std::collections::BTreeSet;

use easement_zone::{ChangeSet, Host, Name, Record, Serial, Zone};
use serde::{Deserialize, Serialize};

pub(crate) use self::application::check_application;
pub use self::application::plan_application;
pub use self::conflict::{Conflict, ConflictRule, ConflictingItem};
pub use self::edit::{Edit, EditPlan, plan_edit};
pub use self::effect::{Effect, WebsitePlace};
pub use self::error::PlanError;
pub use self::removal::plan_removal;
pub(crate) use self::row::special_text;
pub use self::row::{Row, RowChange, RowReason, RowText, RowType};
pub use self::warning::Warning;

use crate::{
    AppliedService, Authenticity, GroupId, InstanceId, Policy, ServiceKey, Special, Template,
    Variables,
};

/// A wish to apply a template.
///
/// ```
/// use std::collections::BTreeSet;
///
/// use domain_connect::{
///     Application, Authenticity, PlanError, Policy, Template, Variables, plan_application,
/// };
/// # use easement_zone::zonefile::{self, ReadOptions};
/// # let zone = zonefile::read("\
/// # $ORIGIN example.com.
/// # @  SOA  ns1.dns.example. hostmaster 1 2h 15m 2w 5m
/// #    NS   ns1.dns.example.
/// # ", &ReadOptions::default())?.zone;
///
/// let (template, _notes) = Template::from_json(r#"{
///     "providerId": "exampleservice.example", "providerName": "Example Service",
///     "serviceId": "web", "serviceName": "Websites",
///     "records": [
///         {"groupId": "web", "type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": 600},
///         {"groupId": "mail", "type": "MX", "host": "@", "pointsTo": "mx.exampleservice.example",
///          "priority": 10, "ttl": 600}
///     ]
/// }"#)?;
/// let wish = Application {
///     zone: &zone,
///     services: &[],
///     special: &[],
///     template: &template,
///     host: &"shop".parse()?,
///     groups: &BTreeSet::from(["web".parse()?]),
///     instance: None,
///     variables: &Variables::new(),
///     authenticity: Authenticity::Unsigned,
///     policy: &Policy::default(),
/// };
/// let plan = plan_application(&wish)?;
/// assert_eq!(plan.rows.len(), 1);
/// assert_eq!(plan.rows[0].owner.to_text(), "shop.example.com");
///
/// let unknown = plan_application(&Application { groups: &BTreeSet::from(["Web".parse()?]), ..wish });
/// assert!(matches!(unknown, Err(PlanError::Group(_))));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Application<'a> {
    /// The zone as it is.
    pub zone: &'a Zone,
    /// Every service that is applied to the zone.
    pub services: &'a [AppliedService],
    /// Everything that the provider does at names of the zone beyond records.
    pub special: &'a [Special],
    /// The template.
    pub template: &'a Template,
    /// The host to apply it to.
    pub host: &'a Host,
    /// The groups that are asked for; none means all records.
    pub groups: &'a BTreeSet<GroupId>,
    /// Which instance of a template that allows several.
    pub instance: Option<&'a InstanceId>,
    /// The values of variables; those that the template does not use are ignored.
    pub variables: &'a Variables,
    /// Whether the request was signed.
    pub authenticity: Authenticity,
    /// The limits of the server.
    pub policy: &'a Policy,
}

/// A wish to remove an applied service.
#[derive(Clone, Copy, Debug)]
pub struct Removal<'a> {
    /// The zone as it is.
    pub zone: &'a Zone,
    /// Every service that is applied to the zone.
    pub services: &'a [AppliedService],
    /// Everything that the provider does at names of the zone beyond records.
    pub special: &'a [Special],
    /// Which of the services to remove.
    pub index: usize,
}

/// Everything that would change, and what it means.
///
/// ```
/// use domain_connect::{
///     Conflict, ConflictRule, ConflictingItem, Effect, EndedService, Plan, PlanBase, PlanKind, Row,
///     RowChange, RowReason, RowText, RowType, UpdatedService, Warning, WebsitePlace,
/// };
/// # use domain_connect::{Application, Authenticity, Policy, Template, Variables, plan_application};
/// # use easement_zone::{RecordType, zonefile::{self, ReadOptions}};
/// # let (template, _notes) = Template::from_json(r#"{
/// #     "providerId": "exampleservice.example", "providerName": "Example Service",
/// #     "serviceId": "web", "serviceName": "Websites",
/// #     "records": [{"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": 600}]
/// # }"#)?;
/// # let zone = zonefile::read("\
/// # $ORIGIN example.com.
/// # @  SOA  ns1.dns.example. hostmaster 1 2h 15m 2w 5m
/// #    NS   ns1.dns.example.
/// #    A    203.0.113.1
/// # ", &ReadOptions::default())?.zone;
/// # let plan = plan_application(&Application {
/// #     zone: &zone,
/// #     services: &[],
/// #     special: &[],
/// #     template: &template,
/// #     host: &"@".parse()?,
/// #     groups: &Default::default(),
/// #     instance: None,
/// #     variables: &Variables::new(),
/// #     authenticity: Authenticity::Unsigned,
/// #     policy: &Policy::default(),
/// # })?;
///
/// /// What a page would show, and in which order: what it means, then why to be careful, then the records.
/// fn shown(plan: &Plan) -> Vec<String> {
///     let mut lines = vec![plan.service().title()];
///     lines.extend(plan.effects.iter().map(Effect::to_string));
///     lines.extend(plan.warnings.iter().map(Warning::to_string));
///     for Conflict { rule, owners, .. } in &plan.conflicts {
///         lines.push(format!("in the way: {rule} ({} services need it)", owners.len()));
///     }
///     lines.extend(plan.ended.iter().map(|EndedService { title, .. }| format!("ends: {title}")));
///     for Row { owner, rtype, change, before, after, .. } in &plan.rows {
///         let text: Option<&RowText> = after.as_ref().or(before.as_ref());
///         let data = text.map_or("", |text| &text.data);
///         lines.push(format!("{change:?} {} {rtype} {data}", owner.to_text()));
///     }
///     lines
/// }
///
/// // `example.com` had the address 203.0.113.1, and the template writes another.
/// let lines = shown(&plan);
/// assert_eq!(lines[0], "Example Service: Websites");
/// assert_eq!(lines[1], "example.com leads to 192.0.2.1 instead of 203.0.113.1.");
/// assert!(lines[2].starts_with("The request is not signed"));
/// assert_eq!(
///     lines[3..],
///     [
///         "in the way: all addresses of a name belong to one service (0 services need it)",
///         "Removed example.com A 203.0.113.1",
///         "Added example.com A 192.0.2.1",
///     ]
/// );
///
/// // The same as values, for whoever decides about it.
/// let PlanKind::Application { replaces, .. } = &plan.kind else { unreachable!("it applies") };
/// assert_eq!(*replaces, None);
/// let PlanBase { apex, serial } = &plan.base;
/// assert_eq!((apex.to_text().as_str(), serial.number()), ("example.com", 1));
/// assert!(!plan.changes_nothing());
/// assert_eq!(plan.warnings, [Warning::Unsigned]);
/// assert!(matches!(&plan.conflicts[0].existing, ConflictingItem::Record(_)));
/// assert_eq!(plan.rows[0].change, RowChange::Removed);
/// assert_eq!(plan.rows[0].rtype, RowType::Dns(RecordType::A));
/// assert_eq!(plan.rows[0].reason, RowReason::Conflict { rule: ConflictRule::OneWebsite });
/// let Effect::Website { after, .. } = &plan.effects[0] else { unreachable!("an address changes") };
/// assert_eq!(after[0], WebsitePlace::Address("192.0.2.1".to_owned()));
/// assert_eq!(plan.effects[0].name(), apex);
/// assert!(plan.updated.iter().all(|UpdatedService { index, .. }| *index < 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// What is planned.
    pub kind: PlanKind,
    /// The zone that it was made from.
    pub base: PlanBase,
    /// The change of records.
    pub changes: ChangeSet,
    /// The change of what the provider does beyond records.
    pub special: Vec<SpecialChange>,
    /// Every record that is written, taken away, changed or shared, in the order of names.
    pub rows: Vec<Row>,
    /// What stands in the way and would be taken away.
    pub conflicts: Vec<Conflict>,
    /// The services that end because of a conflict.
    pub ended: Vec<EndedService>,
    /// The groups of the service itself, applied earlier, that end because of a conflict.
    #[serde(default)]
    pub ended_groups: Vec<EndedGroup>,
    /// The services that stay and whose state changes, with their new state.
    pub updated: Vec<UpdatedService>,
    /// What a person should know before agreeing.
    pub warnings: Vec<Warning>,
    /// What the change means, in plain words.
    pub effects: Vec<Effect>,
}

/// What is planned.
///
/// ```
/// use domain_connect::{AppliedService, Plan, PlanKind};
///
/// fn log_line(plan: &Plan) -> String {
///     let service: &AppliedService = plan.kind.service();
///     match &plan.kind {
///         PlanKind::Application { replaces: Some(_), .. } => format!("applied anew: {}", service.key),
///         PlanKind::Application { replaces: None, .. } => format!("applied: {}", service.key),
///         PlanKind::Removal { .. } => format!("removed: {}", service.key),
///     }
/// }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum PlanKind {
    /// A template is applied.
    Application {
        /// The service as it would be.
        service: Box<AppliedService>,
        /// The place, among the services given, of the one that it takes the place of.
        replaces: Option<usize>,
    },
    /// A service is removed.
    Removal {
        /// The service.
        service: Box<AppliedService>,
        /// Its place among the services given.
        index: usize,
    },
}

impl PlanKind {
    /// The service that is applied or removed.
    pub fn service(&self) -> &AppliedService {
        match self {
            Self::Application { service, .. } | Self::Removal { service, .. } => service,
        }
    }
}

/// The zone that a plan was made from.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct PlanBase {
    /// Its apex.
    pub apex: Name,
    /// Its serial number.
    pub serial: Serial,
}

/// Something that the provider does beyond records, before and after.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpecialChange {
    /// It begins.
    Added(Special),
    /// It ends.
    Removed(Special),
}

/// A service that would end.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct EndedService {
    /// Its place among the services given.
    pub index: usize,
    /// Which it is.
    pub key: ServiceKey,
    /// Its names, for people.
    pub title: String,
}

/// A group of a service that would end since another group of it is applied, beside which DNS does not
/// allow it: groups are often alternatives.
///
/// ```
/// use domain_connect::{EndedGroup, Plan};
///
/// /// What an owner is told before saying yes.
/// fn told(plan: &Plan) -> Vec<String> {
///     let ended = plan.ended_groups.iter();
///     ended
///         .map(|EndedGroup { group, rule, records }| {
///             format!("the group {group} ends, since {rule}; {} records go", records.len())
///         })
///         .collect()
/// }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct EndedGroup {
    /// Which it is.
    pub group: GroupId,
    /// Why it cannot stay.
    pub rule: ConflictRule,
    /// The records that go with it, those that are in the way included.
    pub records: Vec<Record>,
}

/// A service whose state would change.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct UpdatedService {
    /// Its place among the services given.
    pub index: usize,
    /// Its new state.
    pub service: AppliedService,
}

impl Plan {
    /// Whether no record and nothing beyond records would change.
    pub fn changes_nothing(&self) -> bool {
        self.changes.is_empty() && self.special.is_empty()
    }

    /// The service that would be applied or removed.
    pub fn service(&self) -> &AppliedService {
        self.kind.service()
    }
}
