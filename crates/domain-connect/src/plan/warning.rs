//! What a person should know before agreeing.

use std::fmt;

use easement_zone::{ChangeSet, Host, Name, RecordType, Zone};
use serde::{Deserialize, Serialize};

use super::Application;
use super::application::writes;
use super::spf::is_spf_data;
use crate::Authenticity;
use crate::render::{Rendered, RenderedBody};

/// Something to look at twice.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "warning")]
pub enum Warning {
    /// Nobody can tell who made the request (draft-05 section 10.6).
    Unsigned,
    /// The host that is asked for has a special meaning (draft-05, security considerations).
    UnderscoredHost {
        /// The host.
        host: Host,
    },
    /// Whoever controls this name can get certificates for the domain.
    CertificateControl {
        /// The name.
        name: Name,
    },
    /// Other servers will answer for a name and everything below it.
    Delegation {
        /// The name.
        name: Name,
    },
    /// Only some authorities may issue certificates.
    CertificateAuthorities {
        /// The name.
        name: Name,
    },
    /// A record answers for every name that has none of its own.
    Wildcard {
        /// The name.
        name: Name,
    },
    /// A record sends everything below a name elsewhere.
    EverythingBelow {
        /// The name.
        name: Name,
    },
    /// There would be more than one DMARC policy, which mail servers treat as none (RFC 7489).
    SeveralDmarcRecords {
        /// The name.
        name: Name,
    },
    /// There would be more than one SPF record, which mail servers treat as broken (RFC 7208).
    SeveralSpfRecords {
        /// The name.
        name: Name,
    },
    /// There would be more than one key at a name for signed mail, of which receivers may take either
    /// (RFC 6376 section 3.6.2.2).
    SeveralDkimKeys {
        /// The name.
        name: Name,
    },
    /// The SPF record asks for more look-ups than mail servers make (RFC 7208 section 4.6.4).
    SpfLookups {
        /// The name.
        name: Name,
        /// How many of its terms ask for one.
        lookups: usize,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsigned => f.write_str(
                "The request is not signed, so anybody could have made this link. Go on only if you \
                 came here from the service yourself.",
            ),
            Self::UnderscoredHost { host } => write!(
                f,
                "The request is for the name {host}, which has a special meaning: such names prove \
                 who controls a domain. Go on only if you know why the service needs it."
            ),
            Self::CertificateControl { name } => write!(
                f,
                "Whoever controls {} can get certificates for this domain and stand in for its \
                 websites.",
                name.to_unicode()
            ),
            Self::Delegation { name } => write!(
                f,
                "Other servers will answer for {} and every name below it; what is there will not be \
                 shown or changed here any more.",
                name.to_unicode()
            ),
            Self::CertificateAuthorities { name } => write!(
                f,
                "Only the named authorities may issue certificates for {} from now on; renewals from \
                 others will fail.",
                name.to_unicode()
            ),
            Self::Wildcard { name } => write!(
                f,
                "{} answers for every name there that has no records of its own.",
                name.to_unicode()
            ),
            Self::EverythingBelow { name } => write!(
                f,
                "Every name below {} will be looked up elsewhere, those that prove who controls a \
                 domain included.",
                name.to_unicode()
            ),
            Self::SeveralDmarcRecords { name } => write!(
                f,
                "{} would have more than one DMARC policy; mail servers then follow none of them.",
                name.to_unicode()
            ),
            Self::SeveralSpfRecords { name } => write!(
                f,
                "{} would have more than one SPF record; mail servers then treat both as broken.",
                name.to_unicode()
            ),
            Self::SeveralDkimKeys { name } => write!(
                f,
                "{} would have more than one key for signed mail; receivers may take the wrong one, and \
                 treat the mail as forged.",
                name.to_unicode()
            ),
            Self::SpfLookups { name, lookups } => write!(
                f,
                "The SPF record of {} has {lookups} terms that need a look-up, and mail servers stop \
                 after ten: mail may be rejected.",
                name.to_unicode()
            ),
        }
    }
}

/// What to say about a request, whatever the zone holds.
pub(super) fn about_request(application: &Application<'_>, rendered: &[Rendered]) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if application.authenticity == Authenticity::Unsigned {
        warnings.push(Warning::Unsigned);
    }
    if application.host.has_underscored_label() {
        warnings.push(Warning::UnderscoredHost {
            host: application.host.clone(),
        });
    }
    for new in rendered {
        let name = || new.owner.clone();
        if controls_certificates(new) {
            push_once(&mut warnings, Warning::CertificateControl { name: name() });
        }
        if new.owner.is_wildcard() {
            push_once(&mut warnings, Warning::Wildcard { name: name() });
        }
        if new.rtype() == Some(RecordType::DNAME) {
            push_once(&mut warnings, Warning::EverythingBelow { name: name() });
        }
        if let RenderedBody::Record { .. } = new.body {
            if writes(rendered, &new.owner, RecordType::NS) {
                push_once(&mut warnings, Warning::Delegation { name: name() });
            }
            if writes(rendered, &new.owner, RecordType::CAA) {
                push_once(
                    &mut warnings,
                    Warning::CertificateAuthorities { name: name() },
                );
            }
        }
    }
    warnings
}

/// Whether a record answers where authorities look for proof (RFC 8555 section 8.4). A wildcard does
/// too: `*.example.com` is found at `_acme-challenge.example.com`.
fn controls_certificates(new: &Rendered) -> bool {
    let mut labels = new.owner.labels();
    let answers_proof = matches!(
        new.rtype(),
        Some(RecordType::CNAME | RecordType::TXT | RecordType::DNAME)
    );
    labels.any(|label| label.octets().eq_ignore_ascii_case(b"_acme-challenge"))
        || (new.owner.is_wildcard() && answers_proof)
}

/// What to say about the zone as it would become.
pub(super) fn about_result(before: &Zone, after: &Zone, changes: &ChangeSet) -> Vec<Warning> {
    let mut warnings = Vec::new();
    for (key, change) in changes.iter() {
        let Some(texts) = change
            .after
            .as_ref()
            .filter(|_| key.rtype == RecordType::TXT)
        else {
            continue;
        };
        let name = key.owner.clone();
        let count = |is_one: &dyn Fn(&[u8]) -> bool| {
            texts
                .data()
                .iter()
                .filter(|data| data.text_octets().is_some_and(|text| is_one(&text)))
                .count()
        };
        if count(&|text| begins_with_tag(text, b"v=DMARC1")) > 1 {
            warnings.push(Warning::SeveralDmarcRecords { name: name.clone() });
        }
        let is_selector = name
            .labels()
            .any(|label| label.octets().eq_ignore_ascii_case(b"_domainkey"));
        if is_selector && count(&is_dkim_key) > 1 {
            warnings.push(Warning::SeveralDkimKeys { name: name.clone() });
        }
        if texts.data().iter().filter(|data| is_spf_data(data)).count() > 1 {
            warnings.push(Warning::SeveralSpfRecords { name });
        }
    }
    debug_assert_eq!(before.apex(), after.apex(), "a plan stays in its zone");
    warnings
}

/// Whether a list of tags begins with this one; white space is allowed around its parts (RFC 7489 section
/// 6.4).
fn begins_with_tag(text: &[u8], tag: &[u8]) -> bool {
    let mut found = text.iter().filter(|octet| !octet.is_ascii_whitespace());
    tag.iter().all(|wanted| {
        let found = found.next();
        found.is_some_and(|found| found.eq_ignore_ascii_case(wanted))
    })
}

/// Whether a text at a selector is a key: it says so, or has the tag that every key has. The version may be
/// left out (RFC 6376 section 3.6.1).
fn is_dkim_key(text: &[u8]) -> bool {
    let mut tags = text.split(|octet| *octet == b';');
    begins_with_tag(text, b"v=DKIM1") || tags.any(|tag| begins_with_tag(tag, b"p="))
}

fn push_once(warnings: &mut Vec<Warning>, warning: Warning) {
    if !warnings.contains(&warning) {
        warnings.push(warning);
    }
}
