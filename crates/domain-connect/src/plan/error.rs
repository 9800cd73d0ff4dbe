//! Why a template cannot be applied: a closed list, each with a code that never changes.

use easement_zone::{ApplyError, Name, NameError};

use super::ConflictRule;
use crate::render::{OwnerKind, RenderFault, TextFault, UnknownGroup};

/// Why there is no plan. Nothing has changed.
///
/// ```
/// use domain_connect::{PlanError, RenderFault, TextFault};
///
/// let error = PlanError::Record {
///     number: 1,
///     rtype: "A".to_owned(),
///     fault: RenderFault::Text(TextFault::MissingVariable { name: "ip".parse()? }),
/// };
/// assert_eq!(
///     error.to_string(),
///     "record 1 of the template (A): the request gives no value for the variable %ip%"
/// );
/// assert_eq!(error.code(), "missing_variable");
/// assert!(PlanError::CODES.contains(&error.code()));
/// # Ok::<(), domain_connect::IdError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PlanError {
    /// The template only works below the apex.
    #[error("this service needs a host below the domain")]
    HostRequired,
    /// Host and apex together are no name.
    #[error("the host does not fit the domain: {0}")]
    Host(#[from] NameError),
    /// A group is asked for that the template does not have.
    #[error(transparent)]
    Group(#[from] UnknownGroup),
    /// There is nothing to write.
    #[error("the template has no records to apply")]
    NoRecords,
    /// A record cannot be written.
    #[error("record {number} of the template ({rtype}): {fault}")]
    Record {
        /// Its place in the template, counted from one.
        number: usize,
        /// Its type.
        rtype: String,
        /// Why.
        fault: RenderFault,
    },
    /// Two records of the template cannot stand side by side.
    #[error("records {first} and {second} of the template cannot stand side by side here: {rule}")]
    SelfConflict {
        /// The place of one, counted from one.
        first: usize,
        /// The place of the other.
        second: usize,
        /// Why.
        rule: ConflictRule,
    },
    /// The SPF record of a name would become longer than any mail server reads.
    #[error("the SPF record of {} would become too long", owner.to_text())]
    SpfTooLong {
        /// The name.
        owner: Name,
    },
    /// The zone would break a rule of DNS.
    #[error("the zone cannot hold the result: {0}")]
    Zone(ApplyError),
    /// There is no service at this place.
    #[error("there is no such connected service")]
    NoSuchService,
}

impl PlanError {
    /// Every code there is.
    pub const CODES: [&'static str; 27] = [
        "host_required",
        "host_invalid",
        "unknown_group",
        "no_records",
        "missing_variable",
        "invalid_text",
        "owner_outside_zone",
        "owner_reserved",
        "owner_invalid",
        "wildcard_misplaced",
        "invalid_address",
        "invalid_target",
        "invalid_number",
        "invalid_srv_label",
        "invalid_spf_rules",
        "invalid_data",
        "invalid_web_address",
        "cname_at_apex",
        "not_at_apex",
        "delegation_refused",
        "ds_refused",
        "apex_alias_unsupported",
        "redirect_unsupported",
        "self_conflict",
        "spf_too_long",
        "zone_rules",
        "no_such_service",
    ];

    /// A short name of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::HostRequired => "host_required",
            Self::Host(_) => "host_invalid",
            Self::Group(_) => "unknown_group",
            Self::NoRecords => "no_records",
            Self::Record { fault, .. } => fault_code(fault),
            Self::SelfConflict { .. } => "self_conflict",
            Self::SpfTooLong { .. } => "spf_too_long",
            Self::Zone(_) => "zone_rules",
            Self::NoSuchService => "no_such_service",
        }
    }
}

fn fault_code(fault: &RenderFault) -> &'static str {
    match fault {
        RenderFault::Text(TextFault::MissingVariable { .. }) => "missing_variable",
        RenderFault::Text(TextFault::TooLong | TextFault::Quotation | TextFault::Escape) => {
            "invalid_text"
        }
        RenderFault::Owner(fault) => match fault.kind {
            OwnerKind::OutsideZone { .. } => "owner_outside_zone",
            OwnerKind::Discovery => "owner_reserved",
            OwnerKind::WildcardInside => "wildcard_misplaced",
            OwnerKind::Name(_) | OwnerKind::Label { .. } => "owner_invalid",
        },
        RenderFault::Address { .. } => "invalid_address",
        RenderFault::EmptyTarget
        | RenderFault::Target { .. }
        | RenderFault::TargetLabel { .. }
        | RenderFault::TargetAddress { .. }
        | RenderFault::CircularDelegation
        | RenderFault::CircularAlias => "invalid_target",
        RenderFault::Number { .. } => "invalid_number",
        RenderFault::SrvService { .. } | RenderFault::SrvProtocol { .. } => "invalid_srv_label",
        RenderFault::EmptySpf | RenderFault::Spf(_) | RenderFault::SpfSpace { .. } => {
            "invalid_spf_rules"
        }
        RenderFault::EmptyData { .. } | RenderFault::Data(_) => "invalid_data",
        RenderFault::WebAddress { .. } => "invalid_web_address",
        RenderFault::CnameAtApex => "cname_at_apex",
        RenderFault::NsAtApex | RenderFault::DsAtApex | RenderFault::DnameAtApex => "not_at_apex",
        RenderFault::DelegationRefused => "delegation_refused",
        RenderFault::DelegationSignerRefused => "ds_refused",
        RenderFault::ApexAliasUnsupported | RenderFault::AliasBelowApex => "apex_alias_unsupported",
        RenderFault::RedirectUnsupported => "redirect_unsupported",
    }
}
