//! Where a template is applied, and the names that its hosts stand for there (draft-05 section 9.3).

use easement_zone::{Host, Label, Name, NameError};

/// The apex of the zone and the host below it.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    apex: Name,
    fqdn: Name,
    host_text: String,
    domain_text: String,
    fqdn_text: String,
}

impl Scope {
    pub(crate) fn new(apex: &Name, host: &Host) -> Result<Self, NameError> {
        let fqdn = host.below(apex)?;
        let host_text = if host.is_apex() {
            String::new()
        } else {
            host.to_string()
        };
        Ok(Self {
            apex: apex.clone(),
            host_text,
            domain_text: apex.to_text(),
            fqdn_text: fqdn.to_text(),
            fqdn,
        })
    }

    /// The name that the template is applied to.
    pub(crate) fn fqdn(&self) -> &Name {
        &self.fqdn
    }

    pub(crate) fn apex(&self) -> &Name {
        &self.apex
    }

    /// The value of `%host%`.
    pub(crate) fn host_text(&self) -> &str {
        &self.host_text
    }

    /// The value of `%domain%`.
    pub(crate) fn domain_text(&self) -> &str {
        &self.domain_text
    }

    /// The value of `%fqdn%`.
    pub(crate) fn fqdn_text(&self) -> &str {
        &self.fqdn_text
    }

    /// The name that a rendered host stands for: `@` or nothing is the name that the template is
    /// applied to, a final dot makes the text a whole name, anything else stands below.
    pub(crate) fn owner(&self, rendered: &str) -> Result<Name, OwnerFault> {
        self.prefixed_owner(&[], rendered)
    }

    /// The same with more labels in front, as `SRV` records have them.
    pub(crate) fn prefixed_owner(
        &self,
        prefix: &[&str],
        rendered: &str,
    ) -> Result<Name, OwnerFault> {
        let rendered = rendered.trim();
        let fault = |kind| OwnerFault {
            text: rendered.chars().take(300).collect(),
            kind,
        };
        let base = if rendered.is_empty() || rendered == "@" {
            self.fqdn.clone()
        } else if rendered.ends_with('.') {
            let name: Name = rendered
                .parse()
                .map_err(|error| fault(OwnerKind::Name(error)))?;
            if !name.is_at_or_below(&self.apex) {
                return Err(fault(OwnerKind::OutsideZone {
                    apex: self.apex.clone(),
                }));
            }
            name
        } else {
            // Through a name and not a host: a trailing escape must not slip past.
            let relative: Name = rendered
                .parse()
                .map_err(|error| fault(OwnerKind::Name(error)))?;
            let labels = relative.labels().chain(self.fqdn.labels());
            Name::from_labels(labels.map(Label::octets))
                .map_err(|error| fault(OwnerKind::Name(error)))?
        };
        let owner = if prefix.is_empty() {
            base
        } else {
            let prefix = prefix.iter().map(|label| label.as_bytes());
            let labels = prefix.chain(base.labels().map(Label::octets));
            Name::from_labels(labels).map_err(|error| fault(OwnerKind::Name(error)))?
        };
        self.check_labels(&owner).map_err(fault)?;
        Ok(owner.to_lowercase())
    }

    /// Letters, digits, `-` and `_`; a wildcard only as the whole leftmost label (RFC 4592). The name
    /// by which services find this provider (draft-05 section 7.2) is not for them to write.
    fn check_labels(&self, owner: &Name) -> Result<(), OwnerKind> {
        let own = owner.label_count() - self.apex.label_count();
        for (index, label) in owner.labels().take(own).enumerate() {
            match label.octets() {
                b"*" if index == 0 => {}
                b"*" => return Err(OwnerKind::WildcardInside),
                octets if octets.eq_ignore_ascii_case(b"_domainconnect") => {
                    return Err(OwnerKind::Discovery);
                }
                _ if is_hostname_label(label) => {}
                _ => {
                    return Err(OwnerKind::Label {
                        label: label.to_string(),
                    });
                }
            }
        }
        Ok(())
    }
}

/// Whether a label is one that names on the internet have, the underscored ones of services included
/// (RFC 1123 section 2.1, RFC 8552).
pub(crate) fn is_hostname_label(label: Label<'_>) -> bool {
    let octets = label.octets();
    octets
        .iter()
        .all(|octet| octet.is_ascii_alphanumeric() || b"-_".contains(octet))
        && octets.first() != Some(&b'-')
        && octets.last() != Some(&b'-')
}

/// A host that stands for no name of the zone.
///
/// ```
/// use domain_connect::{OwnerFault, OwnerKind};
///
/// let fault = OwnerFault {
///     text: "www.elsewhere.example.".to_owned(),
///     kind: OwnerKind::OutsideZone { apex: "example.com".parse()? },
/// };
/// assert_eq!(fault.to_string(), "the host `www.elsewhere.example.` is outside example.com");
/// # Ok::<(), easement_zone::NameError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the host `{text}` {kind}")]
pub struct OwnerFault {
    /// The host after its variables were replaced.
    pub text: String,
    /// What is wrong with it.
    pub kind: OwnerKind,
}

/// What is wrong with a host.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum OwnerKind {
    /// It is no name.
    #[error("is not a name: {0}")]
    Name(NameError),
    /// It is a name of somebody else.
    #[error("is outside {}", apex.to_text())]
    OutsideZone {
        /// The apex of the zone.
        apex: Name,
    },
    /// It is the name by which services find the provider of the domain.
    #[error("is at _domainconnect, by which services find the provider of a domain")]
    Discovery,
    /// It has a wildcard in the wrong place.
    #[error("has a wildcard that is not the whole leftmost label")]
    WildcardInside,
    /// A label has a character that names do not have.
    #[error("has the label `{label}`, and labels are made of letters, digits, - and _")]
    Label {
        /// The label.
        label: String,
    },
}
