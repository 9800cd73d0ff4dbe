//! What a new text of a template may do that the approved one may not.

use std::fmt;

use super::cover::Cover;
use super::{StatementKind, TemplatePlace, statements};
use crate::plain::plain;
use crate::{Template, TemplateRecord};

/// Something that a new text of a template may do and the approved one may not. Its `Display` is a
/// sentence.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Widening {
    /// A record that was not there.
    NewRecord {
        /// Its place in the new template, counted from one.
        record: usize,
        /// Its type.
        rtype: String,
        /// The name that it stands at.
        place: TemplatePlace,
    },
    /// A record of the same name and type says something else.
    ChangedRecord {
        /// Its place in the new template, counted from one.
        record: usize,
        /// Its type.
        rtype: String,
        /// The name that it stands at.
        place: TemplatePlace,
    },
    /// Other keys sign, or none, or some where there were none: who signs may send people anywhere
    /// afterwards, and nobody is warned.
    Signing {
        /// The key domain that was approved.
        before: Option<String>,
        /// The new one.
        after: Option<String>,
    },
    /// People may be sent to one more domain.
    RedirectDomain {
        /// The domain.
        domain: String,
    },
    /// It may be applied to the domain itself now.
    HostNotRequired,
    /// It may be applied several times to one name now.
    SeveralInstances,
    /// Links can apply it now.
    SynchronousFlow,
    /// A request may add to a name that people see now.
    SharedNames,
    /// People see another name.
    Renamed {
        /// The names before.
        before: String,
        /// The names now.
        after: String,
    },
    /// People see another picture.
    OtherLogo,
}

/// What `new` may do that `approved` may not; nothing means that whoever agreed to the one has agreed
/// to the other.
///
/// What cannot be judged is listed: a value that was a variable and is another one, a record that moved
/// to another group. TTLs and essential flags give no right over a zone, so they are not.
///
/// ```
/// use domain_connect::Template;
/// use domain_connect::vetting::{Widening, widenings};
///
/// let read = |records: &str| Template::from_json(&format!(r#"{{
///     "providerId": "p.example", "providerName": "P", "serviceId": "s", "serviceName": "S",
///     "records": [{records}]
/// }}"#)).map(|(template, _notes)| template);
/// let web = r#"{"type": "A", "host": "www", "pointsTo": "192.0.2.1", "ttl": 600}"#;
/// let mail = r#"{"type": "MX", "host": "@", "pointsTo": "mx.p.example", "priority": 1, "ttl": 600}"#;
/// let approved = read(web)?;
/// let new = read(&format!("{web}, {mail}"))?;
///
/// let found = widenings(&approved, &new);
/// assert!(matches!(found[0], Widening::NewRecord { record: 2, .. }));
/// assert_eq!(found[0].statements(&new).len(), 1);
/// assert!(widenings(&new, &approved).is_empty());
/// # Ok::<(), domain_connect::TemplateError>(())
/// ```
pub fn widenings(approved: &Template, new: &Template) -> Vec<Widening> {
    let mut found = of_records(approved, new);
    found.extend(of_signing(approved, new));
    let covered = |domain: &easement_zone::Name| {
        let mut known = approved.redirect_domains().iter();
        known.any(|known| domain == known || (known.label_count() > 1 && domain.is_below(known)))
    };
    let domains = new.redirect_domains().iter();
    found.extend(domains.filter(|domain| !covered(domain)).map(|domain| {
        Widening::RedirectDomain {
            domain: domain.to_text(),
        }
    }));
    found.extend(of_switches(approved, new));
    found.extend(of_names(approved, new));
    found
}

fn of_records(approved: &Template, new: &Template) -> Vec<Widening> {
    let mut cover = Cover::of(approved);
    let records: Vec<(usize, &TemplateRecord)> = (1..).zip(new.records()).collect();
    // The same ones first, so that a wider one is left for those that need it.
    let left: Vec<_> = records
        .into_iter()
        .filter(|(_, record)| !cover.take_same(record))
        .collect();
    let left: Vec<_> = left
        .into_iter()
        .filter(|(_, record)| !cover.take_wider(record))
        .collect();
    left.into_iter()
        .map(|(number, record)| {
            let (rtype, place) = (record.body.type_name(), TemplatePlace::of(record));
            match cover.like(record) {
                Some(_) => Widening::ChangedRecord {
                    record: number,
                    rtype,
                    place,
                },
                None => Widening::NewRecord {
                    record: number,
                    rtype,
                    place,
                },
            }
        })
        .collect()
}

fn of_signing(approved: &Template, new: &Template) -> Option<Widening> {
    let (before, after) = (approved.public_key_domain(), new.public_key_domain());
    (after != before).then(|| Widening::Signing {
        before: before.map(easement_zone::Name::to_text),
        after: after.map(easement_zone::Name::to_text),
    })
}

fn of_switches(approved: &Template, new: &Template) -> Vec<Widening> {
    let mut found = Vec::new();
    if approved.requires_host() && !new.requires_host() {
        found.push(Widening::HostNotRequired);
    }
    if !approved.is_multi_instance() && new.is_multi_instance() {
        found.push(Widening::SeveralInstances);
    }
    if approved.blocks_synchronous_flow() && !new.blocks_synchronous_flow() {
        found.push(Widening::SynchronousFlow);
    }
    let shares_more = (!approved.allows_provider_name() && new.allows_provider_name())
        || (!approved.allows_service_name() && new.allows_service_name());
    if shares_more {
        found.push(Widening::SharedNames);
    }
    found
}

fn of_names(approved: &Template, new: &Template) -> Vec<Widening> {
    let mut found = Vec::new();
    let is_renamed = approved.provider_name() != new.provider_name()
        || approved.service_name() != new.service_name();
    if is_renamed {
        let names = |one: &Template| format!("{}: {}", one.provider_name(), one.service_name());
        found.push(Widening::Renamed {
            before: names(approved),
            after: names(new),
        });
    }
    if new.logo_url().is_some() && approved.logo_url() != new.logo_url() {
        found.push(Widening::OtherLogo);
    }
    found
}

impl Widening {
    /// What the record does, for those that are about one.
    pub fn statements(&self, new: &Template) -> Vec<StatementKind> {
        let (Self::NewRecord { record, .. } | Self::ChangedRecord { record, .. }) = self else {
            return Vec::new();
        };
        statements(new)
            .into_iter()
            .filter(|statement| statement.records.contains(record))
            .map(|statement| statement.kind)
            .collect()
    }
}

impl fmt::Display for Widening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NewRecord {
                record,
                rtype,
                place,
            } => write!(f, "Record {record} is new: {rtype} at {place}."),
            Self::ChangedRecord {
                record,
                rtype,
                place,
            } => write!(
                f,
                "Record {record} may say something that was not approved: {rtype} at {place}."
            ),
            Self::Signing { before, after } => signing(before.as_deref(), after.as_deref(), f),
            Self::RedirectDomain { domain } => {
                write!(f, "People may be sent on to {domain} and what is below.")
            }
            Self::HostNotRequired => f.write_str("It may be applied to the domain itself."),
            Self::SeveralInstances => f.write_str("It may be applied several times to one name."),
            Self::SynchronousFlow => f.write_str("Links can apply it."),
            Self::SharedNames => {
                f.write_str("A request may add to the names that people see when they decide.")
            }
            Self::Renamed { before, after } => {
                write!(
                    f,
                    "People see {:?} and no longer {:?}.",
                    plain(after),
                    plain(before)
                )
            }
            Self::OtherLogo => f.write_str("People see another picture."),
        }
    }
}

fn signing(before: Option<&str>, after: Option<&str>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match (before, after) {
        (Some(before), Some(after)) => write!(
            f,
            "Requests are signed by keys below {after}, and no longer below {before}."
        ),
        (Some(before), None) => write!(
            f,
            "Requests are not signed any more; they were by keys below {before}."
        ),
        (None, Some(after)) => write!(
            f,
            "Requests are signed by keys below {after}; they were not signed."
        ),
        (None, None) => f.write_str("Requests are not signed, as before."),
    }
}
