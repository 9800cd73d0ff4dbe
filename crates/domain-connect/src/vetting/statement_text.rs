//! The sentences of statements, and how careful each makes a reviewer.

use std::fmt;

use super::{Care, Statement, StatementKind, TemplatePlace, TemplateValue};
use crate::plain::plain;

impl Statement {
    /// How carefully to look at it.
    ///
    /// ```
    /// use domain_connect::vetting::{Care, StatementKind};
    ///
    /// assert_eq!(StatementKind::Unsigned.care(), Care::Dangerous);
    /// assert_eq!(StatementKind::HostRequired.care(), Care::Usual);
    /// ```
    pub fn care(&self) -> Care {
        self.kind.care()
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl StatementKind {
    /// How carefully to look at it.
    pub fn care(&self) -> Care {
        match self {
            Self::Delegation { .. } | Self::CertificateControl { .. } | Self::Unsigned => {
                Care::Dangerous
            }
            Self::Mail { place, servers } | Self::Servers { place, servers } => {
                about(place, servers.iter())
            }
            Self::Addresses { place, addresses } => about(place, addresses.iter()),
            Self::Alias {
                place,
                target: value,
            }
            | Self::MailSenders {
                place,
                rules: value,
            }
            | Self::Redirect {
                place,
                target: value,
            } => about(place, std::iter::once(value)),
            Self::Text { place, .. }
            | Self::MailKey { place, .. }
            | Self::MailPolicy { place, .. } => about(place, std::iter::empty()),
            Self::Other { place, .. } | Self::CertificateAuthorities { place, .. } => {
                about(place, std::iter::empty()).max(Care::Unusual)
            }
            Self::Wildcard { .. }
            | Self::SharedNames
            | Self::ReplacedTexts { prefix: None, .. } => Care::Unusual,
            Self::ReplacedTexts {
                prefix: Some(_), ..
            }
            | Self::Signed { .. }
            | Self::HostRequired
            | Self::SeveralInstances
            | Self::AsynchronousOnly
            | Self::RedirectDomains { .. } => Care::Usual,
        }
    }
}

/// A name that the request chooses could be any, and so could a value.
fn about<'a>(place: &TemplatePlace, values: impl Iterator<Item = &'a TemplateValue>) -> Care {
    if place.is_open() {
        return Care::Dangerous;
    }
    let mut values = values;
    if values.any(TemplateValue::is_open) {
        Care::Unusual
    } else {
        Care::Usual
    }
}

impl fmt::Display for StatementKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mail { place, servers } => {
                write!(f, "Has mail for {place} delivered to {}.", list(servers))
            }
            Self::Addresses { place, addresses } => {
                write!(f, "Lets {place} lead to {}.", list(addresses))
            }
            Self::Alias { place, target } => {
                write!(
                    f,
                    "Makes {place} an alias of {target}, for everything that is asked about it."
                )
            }
            Self::MailSenders { place, rules } => {
                write!(f, "Lets others send mail as {place}: {rules}.")
            }
            Self::MailPolicy { place, policy } => write!(
                f,
                "Says at {place} what receivers do with forged mail: {policy}."
            ),
            Self::MailKey { place, key } => {
                write!(f, "Publishes a key for signed mail at {place}: {key}.")
            }
            Self::Text { place, text } => write!(f, "Writes a text at {place}: {text}."),
            Self::ReplacedTexts { place, prefix } => match prefix {
                Some(prefix) => write!(
                    f,
                    "Takes away every other text at {place} that begins with {:?}.",
                    plain(prefix)
                ),
                None => write!(f, "Takes away every other text at {place}."),
            },
            Self::Servers { place, servers } => {
                write!(f, "Names the server of {place}: {}.", list(servers))
            }
            Self::Delegation { place, servers } => write!(
                f,
                "Hands {place} and everything below to other name servers: {}.",
                list(servers)
            ),
            Self::CertificateAuthorities { place, rules } => {
                write!(f, "Limits who may issue certificates for {place}: {rules}.")
            }
            Self::CertificateControl { place } => write!(
                f,
                "Controls {place}, so whoever is behind it can get certificates for the domain."
            ),
            Self::Redirect { place, target } => {
                write!(f, "Has web browsers at {place} sent to {target}.")
            }
            Self::Other { place, rtype, data } => {
                write!(f, "Writes a record of type {rtype} at {place}: {data}.")
            }
            Self::Wildcard { place } => write!(
                f,
                "Answers for every name that has no records of its own, as {place}."
            ),
            Self::Signed { key_domain } => write!(
                f,
                "Can only be asked for with a signature of a key below {key_domain}."
            ),
            Self::Unsigned => {
                f.write_str("Can be asked for by anybody: its requests are not signed.")
            }
            Self::HostRequired => f.write_str("Is never applied to the domain itself."),
            Self::SeveralInstances => f.write_str("Can be applied several times to one name."),
            Self::SharedNames => {
                f.write_str("Lets a request add to the names that people see when they decide.")
            }
            Self::AsynchronousOnly => {
                f.write_str("Is for the asynchronous flow only: no link can apply it.")
            }
            Self::RedirectDomains { domains } => write!(
                f,
                "Sends people on to {} and what is below, when they have decided.",
                domains.join(", ")
            ),
        }
    }
}

fn list(values: &[TemplateValue]) -> String {
    let mut shown: Vec<String> = values.iter().map(ToString::to_string).collect();
    shown.dedup();
    match shown.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}
