//! What a server never writes, whatever the zone and the values.

use std::collections::BTreeSet;
use std::fmt;

use crate::{Policy, RenderFault, Template};

/// A record that a server never writes. Its `Display` is a sentence without its full stop.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UnsupportedRecord {
    /// Its place in the template, counted from one.
    pub record: usize,
    /// Its type, as templates spell it.
    pub rtype: String,
    /// Why.
    pub fault: RenderFault,
}

impl fmt::Display for UnsupportedRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "record {} ({}): {}", self.record, self.rtype, self.fault)
    }
}

/// The records that a server with this policy never writes.
///
/// ```
/// use domain_connect::vetting::{UnsupportedRecord, is_applicable, unsupported_records};
/// use domain_connect::{Policy, Template};
///
/// let (template, _notes) = Template::from_json(r#"{
///     "providerId": "p.example", "providerName": "P", "serviceId": "s", "serviceName": "S",
///     "records": [
///         {"groupId": "web", "type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": 600},
///         {"groupId": "redirect", "type": "REDIR301", "host": "@", "target": "https://p.example/"}
///     ]
/// }"#)?;
/// let found: Vec<UnsupportedRecord> = unsupported_records(&template, &Policy::default());
/// assert_eq!(
///     found[0].to_string(),
///     "record 2 (REDIR301): this server does not support REDIR301 and REDIR302 records"
/// );
/// // The group `web` can be applied.
/// assert!(is_applicable(&template, &Policy::default()));
/// # Ok::<(), domain_connect::TemplateError>(())
/// ```
pub fn unsupported_records(template: &Template, policy: &Policy) -> Vec<UnsupportedRecord> {
    let records = (1..).zip(template.records());
    let unsupported = records.filter_map(|(number, record)| {
        Some(UnsupportedRecord {
            record: number,
            rtype: record.body.type_name(),
            fault: policy.refusal(&record.body)?,
        })
    });
    unsupported.collect()
}

/// Whether a request can name groups so that none of those records is among what it asks for. It cannot when
/// one of them belongs to no group, since such records are written with every group
/// (draft-05 section 10.3).
pub fn is_applicable(template: &Template, policy: &Policy) -> bool {
    let records = template.records().iter();
    let refused: Vec<_> = records
        .filter(|record| policy.refusal(&record.body).is_some())
        .map(|record| record.group.as_ref())
        .collect();
    let refused_groups: Option<BTreeSet<_>> = refused.iter().copied().collect();
    match refused_groups {
        Some(groups) if groups.is_empty() => true,
        Some(groups) => template
            .groups()
            .iter()
            .any(|group| !groups.contains(group)),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ApexAliases, Capabilities, Delegation, DelegationSigner};

    fn template(records: &[(&str, Option<&str>)]) -> Template {
        let record = |(rtype, group): &(&str, Option<&str>)| {
            let group = group.map_or_else(String::new, |group| format!(r#""groupId": "{group}","#));
            format!(
                r#"{{{group} "type": "{rtype}", "host": "a", "pointsTo": "192.0.2.1", "target": "https://a.test/",
                    "data": "1 8 2 00", "ttl": 600}}"#
            )
        };
        let records: Vec<String> = records.iter().map(record).collect();
        let json = format!(
            r#"{{"providerId": "p", "providerName": "P", "serviceId": "s", "serviceName": "S",
                "records": [{}]}}"#,
            records.join(",")
        );
        Template::from_json(&json).unwrap().0
    }

    #[test]
    fn what_can_never_be_applied_is_known_beforehand() {
        let (one, two) = (Some("one"), Some("two"));
        for (records, applicable) in [
            (&[("A", None)][..], true),
            (&[], true),
            (&[("REDIR301", None)], false),
            (&[("REDIR302", None), ("A", one)], false),
            (&[("APEXCNAME", None)], false),
            (&[("DS", None)], false),
            (&[("NS", None)], true),
            (&[("A", None), ("DS", one)], false),
            (&[("A", one), ("DS", one)], false),
            (&[("A", one), ("DS", two)], true),
            (&[("REDIR301", one), ("DS", two)], false),
        ] {
            let template = template(records);
            assert_eq!(
                is_applicable(&template, &Policy::default()),
                applicable,
                "{records:?}"
            );
        }
    }

    #[test]
    fn what_is_supported_is_for_the_policy_to_say() {
        let template = template(&[("APEXCNAME", None), ("DS", None), ("NS", None)]);
        let all = Policy {
            delegation_signer: DelegationSigner::BelowApex,
            capabilities: Capabilities {
                apex_alias: ApexAliases::Supported,
                ..Capabilities::default()
            },
            ..Policy::default()
        };
        assert!(unsupported_records(&template, &all).is_empty());
        let no_delegation = Policy {
            delegation: Delegation::Refuse,
            ..all
        };
        let found = unsupported_records(&template, &no_delegation);
        let numbers: Vec<usize> = found.iter().map(|one| one.record).collect();
        assert_eq!(numbers, [3]);
    }
}
