//! Trying the template out: with any values, on a zone that has nothing else.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use easement_zone::{
    Host, Name, RecordData, RecordSet, RecordType, Serial, Soa, Ttl, Zone, ZoneBuilder,
};

use crate::lint::Code;
use crate::lint::document::Document;
use crate::lint::report::Findings;
use crate::plan::check_application;
use crate::{
    ApexAliases, Application, Authenticity, Capabilities, Delegation, DelegationSigner, GroupId,
    Number, Pattern, PlanError, Policy, RecordBody, Template, TemplateRecord, Variable, Variables,
    WebRedirects,
};

pub(super) fn check(document: &Document<'_>, template: &Template, findings: &mut Findings) {
    let Some(zone) = &*EMPTY_ZONE else { return };
    let trial = Trial {
        zone,
        policy: open_policy(),
        variables: any_values(template),
    };
    let whole = trial.outcome(template, &BTreeSet::new());
    // What stands side by side stands in parts, too; texts only become SPF rules beside others.
    let has_spf = |record: &TemplateRecord| matches!(record.body, RecordBody::Spf { .. });
    if whole.is_ok() && !template.records().iter().any(has_spf) {
        return;
    }
    let groups: Vec<GroupId> = template.groups().into_iter().cloned().collect();
    for group in &groups {
        let wanted = BTreeSet::from([group.clone()]);
        if let Some(error) = trial.outcome(template, &wanted).err().filter(is_fault) {
            let message = format!("the group {group} cannot be applied alone: {error}");
            findings.add(Code::GroupConflict, place(document, &error), message);
        }
    }
    if let Some(error) = whole.err().filter(is_fault) {
        let message = format!("all records together cannot be applied: {error}");
        let finding = findings.add(Code::SelfConflict, place(document, &error), message);
        if groups.len() > 1 {
            // Alternatives: a request has to name one.
            finding.severity = crate::lint::Severity::Warning;
        }
    }
}

/// Whether an error is the template's: values that are made up prove nothing, and other rules name the rest.
fn is_fault(error: &PlanError) -> bool {
    matches!(error, PlanError::SelfConflict { .. } | PlanError::Zone(_))
}

/// The zone that every template is tried on.
static EMPTY_ZONE: LazyLock<Option<Zone>> = LazyLock::new(empty_zone);

struct Trial {
    zone: &'static Zone,
    policy: Policy,
    variables: Variables,
}

impl Trial {
    /// Whether the groups can be applied, at the apex or, when that is not allowed, at a host.
    fn outcome(&self, template: &Template, groups: &BTreeSet<GroupId>) -> Result<(), PlanError> {
        let host = if template.requires_host() {
            "host"
        } else {
            "@"
        };
        let host = host.parse().unwrap_or_else(|_| Host::apex());
        check_application(&Application {
            zone: self.zone,
            services: &[],
            special: &[],
            template,
            host: &host,
            groups,
            instance: None,
            variables: &self.variables,
            authenticity: Authenticity::Signed,
            policy: &self.policy,
        })
    }
}

fn place(document: &Document<'_>, error: &PlanError) -> crate::Place {
    if let PlanError::SelfConflict { first, .. } = error
        && let Some(record) = document.records.get(first - 1)
    {
        return record.whole();
    }
    document.place("records")
}

fn empty_zone() -> Option<Zone> {
    let apex: Name = "example.com".parse().ok()?;
    let server: Name = "ns1.example.net".parse().ok()?;
    let soa = Soa::new(
        server.clone(),
        "hostmaster.example.com".parse().ok()?,
        Serial::new(1),
    );
    let mut builder = ZoneBuilder::new(apex.clone());
    let ns = RecordData::name(RecordType::NS, &server);
    for data in [soa.to_data(), ns] {
        let set = RecordSet::single(apex.clone(), Ttl::HOUR, data);
        builder.insert(set).ok()?;
    }
    builder.finish().ok()
}

fn open_policy() -> Policy {
    Policy {
        delegation: Delegation::BelowApex,
        delegation_signer: DelegationSigner::BelowApex,
        capabilities: Capabilities {
            apex_alias: ApexAliases::Supported,
            redirects: WebRedirects::Supported {
                addresses: vec![std::net::Ipv4Addr::new(192, 0, 2, 1).into()],
                ttl: Ttl::HOUR,
            },
        },
        ..Policy::default()
    }
}

/// A value for each variable that suits the first place where it stands. Each has its own, so that two
/// names which differ stay different.
fn any_values(template: &Template) -> Variables {
    let names = template.variables().into_iter().enumerate();
    names
        .map(|(number, name)| {
            let variable = Variable::Named(name.clone());
            let mut records = template.records().iter();
            let record = records.find(|record| record.variables().any(|one| *one == variable));
            let value = record.map_or_else(String::new, |record| value(record, &variable, number));
            (name.clone(), value)
        })
        .collect()
}

fn value(record: &TemplateRecord, variable: &Variable, number: usize) -> String {
    let is_number = |one: &Number| matches!(one, Number::Variable(known) if known == variable);
    let is_alone = |pattern: &Pattern| {
        pattern.is_one_variable() && pattern.variables().any(|one| one == variable)
    };
    let numbers = record.ttl.iter().chain(record.body.numbers());
    if numbers.into_iter().any(is_number) {
        return "60".to_owned();
    }
    if record.host.variables().any(|one| one == variable) {
        return format!("v{number}");
    }
    match &record.body {
        RecordBody::Address { rtype, .. } if *rtype == RecordType::A => "192.0.2.1".to_owned(),
        RecordBody::Address { .. } => "2001:db8::1".to_owned(),
        RecordBody::Spf { rules } if is_alone(rules) => "include:spf.example.net".to_owned(),
        RecordBody::Redirect { target, .. } if is_alone(target) => {
            "https://www.example.net/".to_owned()
        }
        RecordBody::Srv { protocol, .. } if is_alone(protocol) => "_tcp".to_owned(),
        RecordBody::Cname { points_to }
        | RecordBody::Ns { points_to }
        | RecordBody::Mx { points_to, .. }
        | RecordBody::ApexAlias { points_to }
            if is_alone(points_to) =>
        {
            format!("v{number}.example.net")
        }
        RecordBody::Cname { .. }
        | RecordBody::Ns { .. }
        | RecordBody::Mx { .. }
        | RecordBody::ApexAlias { .. }
        | RecordBody::Txt { .. }
        | RecordBody::Srv { .. }
        | RecordBody::Spf { .. }
        | RecordBody::Redirect { .. }
        | RecordBody::Generic { .. } => format!("v{number}"),
    }
}
