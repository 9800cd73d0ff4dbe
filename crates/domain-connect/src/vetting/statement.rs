//! What a template does, one statement for each thing.

use serde::Serialize;

use super::{TemplatePlace, TemplateValue};
use crate::spf::is_spf;
use crate::{Pattern, RecordBody, Template, TemplateRecord, TxtConflict};

/// How carefully a reviewer should look.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Care {
    /// What templates usually do.
    Usual,
    /// More than most templates need.
    Unusual,
    /// Enough to take a domain, its mail or its certificates over.
    Dangerous,
}

/// One thing that a template does. Its `Display` is a sentence.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Statement {
    /// The records that do it, counted from one; none when it is about the template as a whole.
    pub records: Vec<usize>,
    /// What is done.
    pub kind: StatementKind,
}

/// What a [`Statement`] says.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(missing_docs, reason = "the fields are a place and what stands there")]
pub enum StatementKind {
    /// Mail goes to these servers.
    Mail {
        place: TemplatePlace,
        servers: Vec<TemplateValue>,
    },
    /// A name leads to these addresses.
    Addresses {
        place: TemplatePlace,
        addresses: Vec<TemplateValue>,
    },
    /// A name is an alias, for everything.
    Alias {
        place: TemplatePlace,
        target: TemplateValue,
    },
    /// More servers may send mail.
    MailSenders {
        place: TemplatePlace,
        rules: TemplateValue,
    },
    /// What receivers do with forged mail.
    MailPolicy {
        place: TemplatePlace,
        policy: TemplateValue,
    },
    /// A key that signs mail.
    MailKey {
        place: TemplatePlace,
        key: TemplateValue,
    },
    /// A text, such as one that proves something.
    Text {
        place: TemplatePlace,
        text: TemplateValue,
    },
    /// Texts of the name are taken away.
    ReplacedTexts {
        place: TemplatePlace,
        prefix: Option<String>,
    },
    /// The servers of one service.
    Servers {
        place: TemplatePlace,
        servers: Vec<TemplateValue>,
    },
    /// Other name servers answer.
    Delegation {
        place: TemplatePlace,
        servers: Vec<TemplateValue>,
    },
    /// Who may issue certificates.
    CertificateAuthorities {
        place: TemplatePlace,
        rules: TemplateValue,
    },
    /// Whoever controls the name gets certificates.
    CertificateControl { place: TemplatePlace },
    /// Web browsers are sent elsewhere.
    Redirect {
        place: TemplatePlace,
        target: TemplateValue,
    },
    /// Something else.
    Other {
        place: TemplatePlace,
        rtype: String,
        data: TemplateValue,
    },
    /// The name answers for all that have no records.
    Wildcard { place: TemplatePlace },
    /// Requests are signed.
    Signed { key_domain: String },
    /// Requests are not signed.
    Unsigned,
    /// It cannot be applied to the domain itself.
    HostRequired,
    /// It may be applied several times.
    SeveralInstances,
    /// A request may add to the names that people see.
    SharedNames,
    /// Only the asynchronous flow may use it.
    AsynchronousOnly,
    /// Where the browser may go afterwards.
    RedirectDomains { domains: Vec<String> },
}

/// What a template does, in the order of its records, and then what it is allowed as a whole.
///
/// ```
/// use domain_connect::Template;
/// use domain_connect::vetting::{Care, Statement, StatementKind, statements};
///
/// let (template, _notes) = Template::from_json(r#"{
///     "providerId": "p.example", "providerName": "P", "serviceId": "s", "serviceName": "S",
///     "records": [{"type": "NS", "host": "shop", "pointsTo": "ns.p.example", "ttl": 600}]
/// }"#)?;
/// let found: Vec<Statement> = statements(&template);
/// assert!(matches!(found[0].kind, StatementKind::Delegation { .. }));
/// assert_eq!((found[0].care(), found[0].kind.care()), (Care::Dangerous, Care::Dangerous));
/// assert_eq!(found[0].records, [1]);
/// # Ok::<(), domain_connect::TemplateError>(())
/// ```
pub fn statements(template: &Template) -> Vec<Statement> {
    let mut statements = Vec::new();
    for (index, record) in template.records().iter().enumerate() {
        for kind in of_record(record) {
            add(&mut statements, index + 1, kind);
        }
    }
    let whole = of_template(template).into_iter();
    statements.extend(whole.map(|kind| Statement {
        records: Vec::new(),
        kind,
    }));
    statements
}

/// Adds a statement, or what it says to one about the same name.
fn add(statements: &mut Vec<Statement>, record: usize, kind: StatementKind) {
    for known in statements.iter_mut() {
        if known.kind == kind || merge(&mut known.kind, &kind) {
            known.records.push(record);
            return;
        }
    }
    statements.push(Statement {
        records: vec![record],
        kind,
    });
}

/// Several servers or addresses of one name are one statement.
fn merge(known: &mut StatementKind, new: &StatementKind) -> bool {
    use StatementKind::{Addresses, Delegation, Mail, Servers};
    match (known, new) {
        (
            Mail { place, servers },
            Mail {
                place: at,
                servers: more,
            },
        )
        | (
            Servers { place, servers },
            Servers {
                place: at,
                servers: more,
            },
        )
        | (
            Delegation { place, servers },
            Delegation {
                place: at,
                servers: more,
            },
        )
        | (
            Addresses {
                place,
                addresses: servers,
            },
            Addresses {
                place: at,
                addresses: more,
            },
        ) if place == at => {
            servers.extend(more.iter().cloned());
            true
        }
        _ => false,
    }
}

fn of_record(record: &TemplateRecord) -> Vec<StatementKind> {
    let place = TemplatePlace::of(record);
    let value = TemplateValue::new;
    let main = match &record.body {
        RecordBody::Address { points_to, .. } => StatementKind::Addresses {
            place: place.clone(),
            addresses: vec![value(points_to)],
        },
        RecordBody::Cname { points_to } | RecordBody::ApexAlias { points_to } => {
            StatementKind::Alias {
                place: place.clone(),
                target: value(points_to),
            }
        }
        RecordBody::Ns { points_to } => StatementKind::Delegation {
            place: place.clone(),
            servers: vec![value(points_to)],
        },
        RecordBody::Mx { points_to, .. } => StatementKind::Mail {
            place: place.clone(),
            servers: vec![value(points_to)],
        },
        RecordBody::Txt { data, .. } => of_text(&place, data),
        RecordBody::Srv { target, .. } => StatementKind::Servers {
            place: place.clone(),
            servers: vec![value(target)],
        },
        RecordBody::Spf { rules } => StatementKind::MailSenders {
            place: place.clone(),
            rules: value(rules),
        },
        RecordBody::Redirect { target, .. } => StatementKind::Redirect {
            place: place.clone(),
            target: value(target),
        },
        RecordBody::Generic { rtype, data } => of_generic(&place, *rtype, data),
    };
    let mut kinds = vec![main];
    kinds.extend(replaced_texts(&place, &record.body));
    if place.has_label("_acme-challenge") {
        kinds.push(StatementKind::CertificateControl {
            place: place.clone(),
        });
    }
    if place.is_wildcard() {
        kinds.push(StatementKind::Wildcard { place });
    }
    kinds
}

fn of_text(place: &TemplatePlace, data: &Pattern) -> StatementKind {
    let place = place.clone();
    let text = data.to_string();
    let text = text.trim_start_matches('"');
    let value = TemplateValue::new(data);
    let begins = |start: &str| {
        text.get(..start.len())
            .is_some_and(|front| front.eq_ignore_ascii_case(start))
    };
    if is_spf(text.as_bytes()) {
        StatementKind::MailSenders {
            place,
            rules: value,
        }
    } else if begins("v=DMARC1") || place.has_label("_dmarc") {
        StatementKind::MailPolicy {
            place,
            policy: value,
        }
    } else if begins("v=DKIM1") || place.has_label("_domainkey") {
        StatementKind::MailKey { place, key: value }
    } else {
        StatementKind::Text { place, text: value }
    }
}

fn of_generic(
    place: &TemplatePlace,
    rtype: easement_zone::RecordType,
    data: &Pattern,
) -> StatementKind {
    let place = place.clone();
    let data = TemplateValue::new(data);
    if rtype == easement_zone::RecordType::CAA {
        return StatementKind::CertificateAuthorities { place, rules: data };
    }
    StatementKind::Other {
        place,
        rtype: rtype.to_string(),
        data,
    }
}

fn replaced_texts(place: &TemplatePlace, body: &RecordBody) -> Option<StatementKind> {
    let RecordBody::Txt { conflict, .. } = body else {
        return None;
    };
    let prefix = match conflict {
        TxtConflict::None => return None,
        TxtConflict::All => None,
        TxtConflict::Prefix(prefix) => Some(prefix.clone()),
    };
    Some(StatementKind::ReplacedTexts {
        place: place.clone(),
        prefix,
    })
}

fn of_template(template: &Template) -> Vec<StatementKind> {
    let mut kinds = vec![match template.public_key_domain() {
        Some(domain) => StatementKind::Signed {
            key_domain: domain.to_text(),
        },
        None => StatementKind::Unsigned,
    }];
    if template.requires_host() {
        kinds.push(StatementKind::HostRequired);
    }
    if template.is_multi_instance() {
        kinds.push(StatementKind::SeveralInstances);
    }
    if template.allows_provider_name() || template.allows_service_name() {
        kinds.push(StatementKind::SharedNames);
    }
    if template.blocks_synchronous_flow() {
        kinds.push(StatementKind::AsynchronousOnly);
    }
    if !template.redirect_domains().is_empty() {
        let domains = template.redirect_domains().iter();
        kinds.push(StatementKind::RedirectDomains {
            domains: domains.map(easement_zone::Name::to_text).collect(),
        });
    }
    kinds
}
