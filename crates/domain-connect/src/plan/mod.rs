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
//! `spf` merges; `row`, `effect` and `warning` say it all in words.

mod application;
mod conflict;
mod digest;
mod effect;
mod effect_text;
mod error;
mod ledger;
mod planner;
mod removal;
mod row;
mod spf;
mod warning;
mod workspace;
mod written;

use std::collections::BTreeSet;

use easement_zone::{ChangeSet, Host, Name, Serial, Zone};
use serde::{Deserialize, Serialize};

pub use self::application::plan_application;
pub use self::conflict::{Conflict, ConflictRule, ConflictingItem};
pub use self::effect::{Effect, WebsitePlace};
pub use self::error::PlanError;
pub use self::removal::plan_removal;
pub use self::row::{Row, RowChange, RowReason, RowText, RowType};
pub use self::warning::Warning;

use crate::{
    AppliedService, Authenticity, GroupId, InstanceId, Policy, ServiceKey, Special, Template,
    Variables,
};

/// A wish to apply a template.
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
    /// The services that stay and whose state changes, with their new state.
    pub updated: Vec<UpdatedService>,
    /// What a person should know before agreeing.
    pub warnings: Vec<Warning>,
    /// What the change means, in plain words.
    pub effects: Vec<Effect>,
}

/// What is planned.
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
