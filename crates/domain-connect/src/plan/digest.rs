//! What a person agreed to, as a checksum.

use serde::Serialize;

use super::{Plan, PlanKind, RowChange, Warning};
use crate::{AppliedGroups, Checksum, GroupId, ServiceKey};

/// What is agreed to: the service, the records and the services that end, having been warned. Not the version of the
/// zone, the order in which services are kept, or how the plan is put into words.
#[derive(Serialize)]
struct Agreement<'a> {
    action: &'static str,
    service: &'a ServiceKey,
    template: &'a Checksum,
    groups: &'a AppliedGroups,
    records: Vec<AgreedRecord>,
    ended: Vec<&'a ServiceKey>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ended_groups: Vec<&'a GroupId>,
    warnings: &'a [Warning],
}

#[derive(Eq, Ord, PartialEq, PartialOrd, Serialize)]
struct AgreedRecord {
    owner: String,
    rtype: String,
    change: RowChange,
    before: Option<(String, Option<u32>)>,
    after: Option<(String, Option<u32>)>,
}

impl Plan {
    /// The checksum of what a person agrees to. Two plans with the same digest change the same records
    /// in the same way, end the same services and warn of the same things, whatever else has happened to the zone.
    ///
    /// ```
    /// use domain_connect::{Plan, PlanError};
    /// # use domain_connect::{Application, Authenticity, Policy, Template, plan_application};
    /// # use easement_zone::zonefile::{self, ReadOptions};
    /// # fn plan(line: &str, ip: &str) -> Result<Plan, PlanError> {
    /// #     let (template, _notes) = Template::from_json(r#"{
    /// #         "providerId": "exampleservice.example", "providerName": "Example Service",
    /// #         "serviceId": "web", "serviceName": "Websites",
    /// #         "records": [{"type": "A", "host": "www", "pointsTo": "%ip%", "ttl": 600}]
    /// #     }"#).unwrap();
    /// #     let head = "$ORIGIN example.com.\n@ SOA ns1.dns.example. host 1 2h 15m 2w 5m\n@ NS ns1.dns.example.\n";
    /// #     let zone = zonefile::read(&format!("{head}{line}\n"), &ReadOptions::default()).unwrap().zone;
    /// #     plan_application(&Application {
    /// #         zone: &zone,
    /// #         services: &[],
    /// #         special: &[],
    /// #         template: &template,
    /// #         host: &"@".parse().unwrap(),
    /// #         groups: &Default::default(),
    /// #         instance: None,
    /// #         variables: &[("ip".parse().unwrap(), ip.to_owned())].into_iter().collect(),
    /// #         authenticity: Authenticity::Signed,
    /// #         policy: &Policy::default(),
    /// #     })
    /// # }
    ///
    /// // `plan` plans for a zone with one more line: `www` gets an address.
    /// let shown = plan("", "192.0.2.1")?.digest();
    /// assert_eq!(plan("mail A 192.0.2.9", "192.0.2.1")?.digest(), shown);
    ///
    /// // Another address, or one that would go, must be looked at again.
    /// assert_ne!(plan("", "192.0.2.2")?.digest(), shown);
    /// assert_ne!(plan("www A 192.0.2.9", "192.0.2.1")?.digest(), shown);
    /// # Ok::<(), PlanError>(())
    /// ```
    pub fn digest(&self) -> Checksum {
        let service = self.service();
        let text = |text: &super::RowText| (text.data.clone(), text.ttl.map(Into::into));
        let mut records: Vec<AgreedRecord> = self
            .rows
            .iter()
            .map(|row| AgreedRecord {
                owner: row.owner.to_lowercase().to_string(),
                rtype: row.rtype.to_string(),
                change: row.change,
                before: row.before.as_ref().map(text),
                after: row.after.as_ref().map(text),
            })
            .collect();
        records.sort();
        let mut ended: Vec<&ServiceKey> = self.ended.iter().map(|ended| &ended.key).collect();
        ended.sort();
        let ended_groups = self.ended_groups.iter().map(|ended| &ended.group);
        let agreement = Agreement {
            action: match self.kind {
                PlanKind::Application { .. } => "apply",
                PlanKind::Removal { .. } => "remove",
            },
            service: &service.key,
            template: &service.template_checksum,
            groups: &service.groups,
            records,
            ended,
            ended_groups: ended_groups.collect(),
            warnings: &self.warnings,
        };
        // Only maps with keys that are not strings cannot be written, and there is none.
        Checksum::of(&serde_json::to_vec(&agreement).unwrap_or_default())
    }
}
