//! Domain Connect as a library: what a DNS provider needs to let service providers set up domains with
//! the consent of their owners.
//!
//! **What it is for.** Templates ([`Template`]), requests ([`ApplyQuery`]), signatures ([`verify`]),
//! redirects ([`Redirect`]), discovery documents ([`Settings`]), and above all the plan of what a
//! template would change in a zone ([`plan_application`], [`plan_removal`]). Everything is a pure
//! function of values, so any DNS provider can use it, whatever keeps its zones.
//!
//! **What it is not for.** Looking up keys, asking people, storing and serving anything.
//!
//! **Where to begin.** [`guide`] goes from a link to a changed zone in steps, and
//! `examples/provider` is a DNS provider in some sixty lines. Each item has an example, or stands in that
//! of another.
//!
//! Version 2.3 of the community's specification on the wire; processing as in
//! draft-ietf-dconn-domainconnect-05, whose sections are cited where they are implemented.
//!
//! ```
//! use std::collections::BTreeSet;
//!
//! use domain_connect::{
//!     Application, Authenticity, Policy, Template, Variables, plan_application,
//! };
//! # use easement_zone::{Name, RecordData, RecordSet, RecordType, Serial, Soa, Ttl, ZoneBuilder};
//! # let apex: Name = "example.com".parse()?;
//! # let server: Name = "ns1.example.net".parse()?;
//! # let soa = Soa::new(server.clone(), "hostmaster.example.com".parse()?, Serial::new(1));
//! # let mut builder = ZoneBuilder::new(apex.clone());
//! # builder.insert(RecordSet::single(apex.clone(), Ttl::HOUR, soa.to_data()))?;
//! # let ns = RecordData::name(RecordType::NS, &server);
//! # builder.insert(RecordSet::single(apex.clone(), Ttl::HOUR, ns))?;
//! # let zone = builder.finish()?;
//!
//! let (template, _notes) = Template::from_json(r#"{
//!     "providerId": "exampleservice.example", "providerName": "Example Service",
//!     "serviceId": "web", "serviceName": "Websites",
//!     "records": [{"type": "A", "host": "www", "pointsTo": "%ip%", "ttl": 600}]
//! }"#)?;
//! let variables: Variables = [("ip".parse()?, "192.0.2.1".to_owned())].into_iter().collect();
//! let plan = plan_application(&Application {
//!     zone: &zone,
//!     services: &[],
//!     special: &[],
//!     template: &template,
//!     host: &"@".parse()?,
//!     groups: &BTreeSet::new(),
//!     instance: None,
//!     variables: &variables,
//!     authenticity: Authenticity::Signed,
//!     policy: &Policy::default(),
//! })?;
//! assert_eq!(
//!     plan.effects[0].to_string(),
//!     "www.example.com leads to 192.0.2.1 from now on."
//! );
//! let changed = zone.apply(&plan.changes)?;
//! # assert_eq!(changed.set_count(), 3);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![warn(missing_docs)]

mod answer;
mod applied;
mod checksum;
mod described;
mod discovery;
pub mod foresight;
pub mod guide;
mod ids;
mod json;
pub mod lint;
mod percent;
mod plain;
mod plan;
mod policy;
mod query;
mod redirect;
mod render;
mod signature;
mod spf;
mod template;
mod variables;
pub mod vetting;

pub use crate::answer::{ConflictAnswer, ConflictingRecord};
pub use crate::applied::{
    AppliedGroups, AppliedService, ContributedTerm, OwnedRecord, OwnedSpecial, RecordOrigin,
    ServiceKey, Special, SpecialAction, SpfContribution,
};
pub use crate::checksum::{Checksum, ChecksumError};
pub use crate::discovery::{ApiError, Settings, TEMPLATE_MEDIA_TYPE, TemplateVersion};
pub use crate::ids::{
    DisplayName, GroupId, IdError, IdFault, InstanceId, ProviderId, ServiceId, VariableName,
};
pub use crate::json::Place;
pub use crate::percent::PercentError;
pub use crate::plain::{escape_hidden, is_hidden};
pub use crate::plan::{
    Application, Conflict, ConflictRule, ConflictingItem, Edit, EditPlan, Effect, EndedGroup,
    EndedService, Plan, PlanBase, PlanError, PlanKind, Removal, Row, RowChange, RowReason, RowText,
    RowType, SpecialChange, UpdatedService, Warning, WebsitePlace, plan_application, plan_edit,
    plan_removal,
};
pub use crate::policy::{
    ApexAliases, Capabilities, Delegation, DelegationSigner, Policy, WebRedirects,
};
pub use crate::query::{
    ApplyQuery, CallError, CallParameters, Force, GrantQuery, GrantQueryError, Pair,
    ParametersError, QueryError, RawQuery, RequestError, ReturnAddress, TemplateCall,
};
pub use crate::redirect::{
    Authenticity, ErrorAnswer, ErrorCode, LoopbackRedirects, Redirect, RedirectError,
};
pub use crate::render::{OwnerFault, OwnerKind, RenderFault, TextFault, UnknownGroup};
pub use crate::signature::{
    Check, Explanation, KeyDiagnosis, KeyError, KeyFault, KeyLabel, Mistake, PublicKey, SignError,
    SignatureError, SignatureParameters, SignatureQuestion, SigningKey, Step, StepOutcome,
    WeakKeys, canonical_query, key_name, verify,
};
pub use crate::spf::{
    AllTerm, Qualifier, SpfCount, SpfLookups, SpfRecord, SpfRecordError, Term, TermError,
    TermFault, TermKey, is_spf,
};
pub use crate::template::{
    Essential, NoteKind, Number, Part, Pattern, PatternError, RecordBody, RecordFault,
    RedirectStatus, SpecialType, Template, TemplateError, TemplateFault, TemplateNote,
    TemplateRecord, TxtConflict, Variable,
};
pub use crate::variables::Variables;
