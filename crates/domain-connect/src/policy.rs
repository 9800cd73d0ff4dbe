//! What the operator of a server leaves open or closes.

use std::net::IpAddr;

use easement_zone::{RecordType, Ttl};

use crate::{RecordBody, RenderFault};

/// The limits within which templates are applied.
///
/// ```
/// use domain_connect::{
///     ApexAliases, Capabilities, Delegation, DelegationSigner, Policy, WebRedirects,
/// };
/// use easement_zone::Ttl;
///
/// // A DNS provider that redirects browsers and refuses to delegate names.
/// let policy = Policy {
///     lowest_ttl: Ttl::from_secs(300)?,
///     delegation: Delegation::Refuse,
///     delegation_signer: DelegationSigner::Refuse,
///     capabilities: Capabilities {
///         apex_alias: ApexAliases::Unsupported,
///         redirects: WebRedirects::Supported {
///             addresses: vec!["192.0.2.80".parse()?],
///             ttl: Ttl::HOUR,
///         },
///     },
///     ..Policy::default()
/// };
/// assert_eq!(policy.default_ttl, Ttl::HOUR);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Policy {
    /// The lowest TTL; a lower one is raised (draft-05 section 6.2: never a reason to refuse).
    pub lowest_ttl: Ttl,
    /// The highest TTL; a higher one is lowered.
    pub highest_ttl: Ttl,
    /// The TTL of records whose template gives none.
    pub default_ttl: Ttl,
    /// Whether a template may delegate a name to other servers.
    pub delegation: Delegation,
    /// Whether a template may write `DS` records, which are never accepted at the apex.
    pub delegation_signer: DelegationSigner,
    /// What this server can do beyond records.
    pub capabilities: Capabilities,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            lowest_ttl: Ttl::from_secs(60).unwrap_or(Ttl::HOUR),
            highest_ttl: Ttl::from_secs(7 * 86_400).unwrap_or(Ttl::HOUR),
            default_ttl: Ttl::HOUR,
            delegation: Delegation::BelowApex,
            delegation_signer: DelegationSigner::Refuse,
            capabilities: Capabilities::default(),
        }
    }
}

impl Policy {
    /// Why a record like this is never written, whatever the zone and the values.
    pub(crate) fn refusal(&self, body: &RecordBody) -> Option<RenderFault> {
        let refuse = |is_refused: bool, fault| is_refused.then_some(fault);
        match body {
            RecordBody::Ns { .. } => refuse(
                self.delegation == Delegation::Refuse,
                RenderFault::DelegationRefused,
            ),
            RecordBody::Generic { rtype, .. } => refuse(
                *rtype == RecordType::DS && self.delegation_signer == DelegationSigner::Refuse,
                RenderFault::DelegationSignerRefused,
            ),
            RecordBody::ApexAlias { .. } => refuse(
                self.capabilities.apex_alias == ApexAliases::Unsupported,
                RenderFault::ApexAliasUnsupported,
            ),
            RecordBody::Redirect { .. } => refuse(
                self.capabilities.redirects == WebRedirects::Unsupported,
                RenderFault::RedirectUnsupported,
            ),
            RecordBody::Address { .. }
            | RecordBody::Cname { .. }
            | RecordBody::Mx { .. }
            | RecordBody::Txt { .. }
            | RecordBody::Srv { .. }
            | RecordBody::Spf { .. } => None,
        }
    }
}

/// Whether a template may write `NS` records.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Delegation {
    /// Below the apex, with consent.
    #[default]
    BelowApex,
    /// Nowhere.
    Refuse,
}

/// Whether a template may write `DS` records.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum DelegationSigner {
    /// Nowhere.
    #[default]
    Refuse,
    /// At delegations below the apex.
    BelowApex,
}

/// What a server can do beyond records; by default nothing, so that templates which need it are
/// refused with a reason.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Capabilities {
    /// `APEXCNAME`.
    pub apex_alias: ApexAliases,
    /// `REDIR301` and `REDIR302`.
    pub redirects: WebRedirects,
}

/// Whether the server answers address questions for an alias at the apex.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum ApexAliases {
    /// It does not.
    #[default]
    Unsupported,
    /// It does.
    Supported,
}

/// Whether the server redirects web browsers.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum WebRedirects {
    /// It does not.
    #[default]
    Unsupported,
    /// It does, from these addresses.
    Supported {
        /// What a redirected name points to.
        addresses: Vec<IpAddr>,
        /// The TTL of those addresses.
        ttl: Ttl,
    },
}
