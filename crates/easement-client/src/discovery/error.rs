//! The ways in which no DNS provider is found.

use easement_outbound::dns::LookupError;
use easement_zone::{Name, NameError};

use super::{AnnouncementError, SettingsError};
use crate::RequestError;
use crate::request::is_busy;

/// Why no DNS provider is known.
#[derive(Debug, thiserror::Error)]
pub enum DiscoveryError {
    /// What was asked about is not a name.
    #[error("`{}` is not a domain: {source}", text.escape_debug())]
    NotAName {
        /// What was asked about.
        text: String,
        /// Why.
        source: NameError,
    },
    /// Nobody can register this name.
    #[error(
        "{} is a name that domains are registered below: name a domain, such as example.{}",
        name.to_unicode(),
        name.to_unicode()
    )]
    PublicSuffix {
        /// The name.
        name: Name,
    },
    /// DNS does not say.
    #[error("DNS cannot be asked about _domainconnect.{}: {source}", name.to_text())]
    Lookup {
        /// Where a record was looked for.
        name: Name,
        /// Why.
        source: LookupError,
    },
    /// There is no record.
    #[error(
        "{} has no record at _domainconnect: its DNS provider does not offer Domain Connect, and records must be \
         set by hand",
        name.to_unicode()
    )]
    NoRecord {
        /// The registrable domain.
        name: Name,
    },
    /// There are records, and none leads to a provider that has the zone.
    #[error("no DNS provider that {} names can be used: {}", name.to_unicode(), list(failures))]
    NoProvider {
        /// What was asked about.
        name: Name,
        /// What was tried, in order; at least one.
        failures: Vec<CandidateFailure>,
    },
}

impl DiscoveryError {
    /// Whether DNS or a provider could not be asked, so that the same question may have an answer later: nothing is
    /// known about what the provider offers.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Lookup { .. } => true,
            Self::NoProvider { failures, .. } => {
                failures.iter().any(|failure| failure.fault.is_transient())
            }
            Self::NotAName { .. } | Self::PublicSuffix { .. } | Self::NoRecord { .. } => false,
        }
    }
}

fn list(failures: &[CandidateFailure]) -> String {
    let texts: Vec<String> = failures.iter().map(ToString::to_string).collect();
    texts.join("; ")
}

/// One record that led nowhere.
#[derive(Debug, thiserror::Error)]
#[error("_domainconnect.{} says `{}`, and {fault}", zone.to_text(), value.escape_debug())]
pub struct CandidateFailure {
    /// The name that it would have been the provider of.
    pub zone: Name,
    /// What the record says.
    pub value: String,
    /// Why it cannot be used.
    pub fault: CandidateFault,
}

/// Why a record led nowhere.
#[derive(Debug, thiserror::Error)]
pub enum CandidateFault {
    /// The record names no provider.
    #[error("{0}")]
    NotAnAnnouncement(#[from] AnnouncementError),
    /// There are more records than are tried.
    #[error("it is not tried: there are more records than {max}")]
    TooMany {
        /// The limit.
        max: usize,
    },
    /// The provider does not answer.
    #[error("{0}")]
    Request(#[from] RequestError),
    /// The provider does not have the zone.
    #[error("that provider does not have the zone: the record is left from an earlier provider")]
    NotHosted,
    /// The provider sends elsewhere.
    #[error(
        "that provider redirects (status {status}), which is not followed: ask it to mend its record"
    )]
    Redirected {
        /// The status.
        status: u16,
    },
    /// The provider answers with an error.
    #[error("that provider answers with status {status}{}", if is_busy(*status) { ": try again later" } else { "" })]
    Status {
        /// The status.
        status: u16,
    },
    /// The answer cannot be used.
    #[error("{0}")]
    Settings(#[from] SettingsError),
}

impl CandidateFault {
    /// Whether the provider could not be asked, or is busy: it may have the zone all the same.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Request(error) => error.is_transient(),
            Self::Status { status } => is_busy(*status),
            Self::NotAnAnnouncement(_)
            | Self::TooMany { .. }
            | Self::NotHosted
            | Self::Redirected { .. }
            | Self::Settings(_) => false,
        }
    }

    /// Whether the record says nothing about the zone: it names no provider, or one that does not have the zone.
    pub(super) fn is_passed_over(&self) -> bool {
        match self {
            Self::NotAnAnnouncement(_) | Self::NotHosted => true,
            Self::TooMany { .. }
            | Self::Request(_)
            | Self::Redirected { .. }
            | Self::Status { .. }
            | Self::Settings(_) => false,
        }
    }
}
