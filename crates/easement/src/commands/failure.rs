//! Errors of what others were asked, with codes that programs can tell apart.

use easement_client::{CandidateFault, DiscoveryError, RequestError, SupportError, VerifyError};

use crate::console::NotValid;

/// An error that a document of JSON names by a code.
#[derive(Debug)]
pub(crate) struct Coded {
    code: &'static str,
    text: String,
}

impl Coded {
    /// The code of an error that ends a command.
    pub(crate) fn code_of(error: &anyhow::Error) -> &'static str {
        match error.downcast_ref::<Self>() {
            Some(coded) => coded.code,
            None if error.is::<NotValid>() => "not_valid",
            None => "failed",
        }
    }
}

impl std::fmt::Display for Coded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Coded {}

/// The code of why no DNS provider is known.
pub(crate) fn discovery_code(error: &DiscoveryError) -> &'static str {
    match error {
        DiscoveryError::NotAName { .. } => "not_a_name",
        DiscoveryError::PublicSuffix { .. } => "public_suffix",
        DiscoveryError::Lookup { .. } => "dns_unreachable",
        DiscoveryError::NoRecord { .. } => "no_record",
        DiscoveryError::NoProvider { .. } if error.is_transient() => "provider_unreachable",
        DiscoveryError::NoProvider { .. } => "no_provider",
    }
}

/// What can be done about it on the command line.
pub(crate) fn discovery_hint(error: &DiscoveryError) -> Option<&'static str> {
    let DiscoveryError::NoProvider { failures, .. } = error else {
        return None;
    };
    let is_private = failures.iter().any(|failure| {
        let fault = &failure.fault;
        matches!(
            fault,
            CandidateFault::Request(RequestError::NotPublic { .. })
        )
    });
    is_private.then_some(
        "hint: --allow-network NETWORK reaches addresses that are not public, where they are yours.",
    )
}

/// The code of why it is not known whether a template is taken.
pub(crate) fn support_code(error: &SupportError) -> &'static str {
    match error {
        SupportError::Request(_) => "provider_unreachable",
        SupportError::Status { .. } => "provider_error",
    }
}

// Their texts say their causes already, so that they are taken as they are.

pub(crate) fn of_discovery(error: &DiscoveryError) -> anyhow::Error {
    coded(discovery_code(error), error)
}

pub(crate) fn of_support(error: &SupportError) -> anyhow::Error {
    coded(support_code(error), error)
}

pub(crate) fn of_verification(error: &VerifyError) -> anyhow::Error {
    let code = match error {
        VerifyError::Lookup { .. } => "dns_unreachable",
        VerifyError::NoServers { .. } => "no_name_servers",
        VerifyError::NobodyToAsk | VerifyError::NothingExpected => "failed",
    };
    coded(code, error)
}

fn coded(code: &'static str, error: &impl std::fmt::Display) -> anyhow::Error {
    let text = error.to_string();
    Coded { code, text }.into()
}
