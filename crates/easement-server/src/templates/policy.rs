//! The operator's rules, from the configuration.

use std::collections::BTreeSet;

use domain_connect::vetting::{Approval, ApprovalPolicy, Control};
use easement_zone::Ttl;

use crate::config::{ApprovalMode, TemplatesSection};

/// Reads the rules.
pub(crate) fn approval_policy(section: &TemplatesSection) -> Result<ApprovalPolicy, PolicyError> {
    let ttl = |setting, seconds: u32| {
        Ttl::from_secs(seconds).map_err(|_| PolicyError::Ttl { setting, seconds })
    };
    let by_rule = |mode: ApprovalMode| match mode {
        ApprovalMode::Review => Approval::Review,
        ApprovalMode::Rules => Approval::ByRule,
    };
    let listed = |is_empty: bool| (!is_empty).then_some(());
    Ok(ApprovalPolicy {
        approval: by_rule(section.approve),
        unwidened: by_rule(section.approve_unwidened),
        providers: listed(section.approve_providers.is_empty())
            .map(|()| section.approve_providers.iter().cloned().collect()),
        types: listed(section.approve_types.is_empty()).map(|()| types(&section.approve_types)),
        reviewed_hosts: section.review_hosts.iter().copied().collect(),
        lowest_ttl: Some(ttl("approve_ttl_min", section.approve_ttl_min)?),
        highest_ttl: Some(ttl("approve_ttl_max", section.approve_ttl_max)?),
        most_records: Some(section.approve_records),
        most_octets: Some(section.approve_octets),
        control: if section.approve_needs_proof {
            Control::Proven
        } else {
            Control::Unproven
        },
    })
}

fn types(types: &[String]) -> BTreeSet<String> {
    types.iter().map(|rtype| rtype.to_uppercase()).collect()
}

/// Why rules cannot be used.
#[derive(Clone, Debug, thiserror::Error)]
pub enum PolicyError {
    /// A TTL is too high.
    #[error("templates.{setting} is {seconds}, and a TTL has at most 2147483647 seconds")]
    Ttl {
        /// The setting.
        setting: &'static str,
        /// Its value.
        seconds: u32,
    },
}
