//! Which records a template may write.

use easement_zone::{Host, Name};

use crate::render::{Scope, owner_of};
use crate::vetting::TemplateValue;
use crate::{
    GroupId, Pattern, PlanError, RecordBody, Template, TemplateRecord, TxtConflict, Variable,
    VariableName, Variables,
};

/// A record that a template may write at a host.
///
/// ```
/// use domain_connect::foresight::{GrantedRecord, fixed_variables, granted_records};
/// use domain_connect::{Template, Variables};
///
/// let (template, _notes) = Template::from_json(r#"{
///     "providerId": "p.example", "providerName": "P", "serviceId": "s", "serviceName": "S",
///     "records": [
///         {"type": "A", "host": "@", "pointsTo": "%IP%", "ttl": 600},
///         {"type": "CNAME", "host": "%selector%._domainkey", "pointsTo": "%selector%.keys.p.example", "ttl": 600}
///     ]
/// }"#)?;
/// let mut variables = Variables::new();
/// assert!(fixed_variables(&template, &variables).is_err(), "the name of the key is not known");
/// variables.insert("selector".parse()?, "s1");
/// variables.insert("IP".parse()?, "192.0.2.1");
/// let fixed = fixed_variables(&template, &variables)?;
/// assert_eq!(fixed.len(), 1, "an address is no part of a name");
///
/// let apex = "example.com".parse()?;
/// let granted: Vec<GrantedRecord> = granted_records(&template, &apex, &"home".parse()?, &fixed)?;
/// let lines: Vec<String> = granted.iter().map(|one| format!("{} {} {}", one.owner.to_text(), one.rtype, one.values[0])).collect();
/// assert_eq!(lines[0], "home.example.com A whatever the request gives as %IP%");
/// assert_eq!(lines[1], "s1._domainkey.home.example.com CNAME %selector%.keys.p.example");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GrantedRecord {
    /// The name.
    pub owner: Name,
    /// The type, as templates spell it.
    pub rtype: String,
    /// The part of the template that it belongs to.
    pub group: Option<GroupId>,
    /// What it says, as far as the template fixes it.
    pub values: Vec<TemplateValue>,
    /// Which other texts at that name it takes the place of, when it is one.
    pub takes: TxtConflict,
}

/// The values of the variables that are parts of names: they are fixed when somebody agrees, since what is agreed to
/// are names. Other values may be others each time.
pub fn fixed_variables(template: &Template, given: &Variables) -> Result<Variables, NameNotGiven> {
    let mut fixed = Variables::new();
    for variable in template.records().iter().flat_map(name_variables) {
        let value = given.get(variable).ok_or_else(|| NameNotGiven {
            variable: variable.clone(),
        })?;
        fixed.insert(variable.clone(), value);
    }
    Ok(fixed)
}

/// The values of a call together with those that were fixed when somebody agreed, for a template: a variable that is
/// part of a name has the value that was agreed to, whether the call repeats it or leaves it out.
///
/// ```
/// use domain_connect::foresight::{NameNotAgreed, with_fixed};
/// use domain_connect::{Template, Variables};
///
/// let (template, _notes) = Template::from_json(r#"{
///     "providerId": "p.example", "providerName": "P", "serviceId": "s", "serviceName": "S",
///     "records": [{"type": "A", "host": "%name%", "pointsTo": "%IP%", "ttl": 600}]
/// }"#)?;
/// let variables = |values: &[(&str, &str)]| -> Variables {
///     values.iter().map(|(name, value)| (name.parse().unwrap(), (*value).to_owned())).collect()
/// };
/// let fixed = variables(&[("name", "home")]);
/// let all = with_fixed(&template, &fixed, &variables(&[("IP", "192.0.2.1")]))?;
/// assert_eq!(all.get(&"name".parse()?), Some("home"));
/// let refused: Result<_, NameNotAgreed> = with_fixed(&template, &fixed, &variables(&[("name", "office")]));
/// assert!(refused.is_err());
/// // A template that has one more such variable by now was not agreed to.
/// assert!(with_fixed(&template, &Variables::new(), &fixed).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn with_fixed(
    template: &Template,
    fixed: &Variables,
    given: &Variables,
) -> Result<Variables, NameNotAgreed> {
    let mut all = given.clone();
    for variable in template.records().iter().flat_map(name_variables) {
        let agreed = fixed.get(variable);
        let asked = given.get(variable).or(agreed);
        match (agreed, asked) {
            (Some(agreed), Some(asked)) if agreed == asked => {
                all.insert(variable.clone(), agreed);
            }
            (_, _) => {
                return Err(NameNotAgreed {
                    variable: variable.clone(),
                    agreed: agreed.map(str::to_owned),
                });
            }
        }
    }
    Ok(all)
}

/// A call is for another name than somebody agreed to.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "the variable `{variable}` is part of a name, and {}: ask the owner again for another",
    agreed.as_ref().map_or_else(
        || "no value of it was agreed to".to_owned(),
        |agreed| format!("`{agreed}` is what was agreed to"),
    )
)]
pub struct NameNotAgreed {
    /// Which variable.
    pub variable: VariableName,
    /// The value that was agreed to, when one was.
    pub agreed: Option<String>,
}

/// The variables that the name of a record depends on.
fn name_variables(record: &TemplateRecord) -> impl Iterator<Item = &VariableName> {
    let patterns = std::iter::once(&record.host).chain(prefix_patterns(&record.body));
    patterns
        .flat_map(Pattern::variables)
        .filter_map(|variable| match variable {
            Variable::Named(name) => Some(name),
            Variable::Host | Variable::Domain | Variable::Fqdn => None,
        })
}

/// What stands in front of the host in the name: service and protocol of an `SRV` record.
fn prefix_patterns(body: &RecordBody) -> Vec<&Pattern> {
    match body {
        RecordBody::Srv {
            service, protocol, ..
        } => vec![service, protocol],
        RecordBody::Address { .. }
        | RecordBody::Cname { .. }
        | RecordBody::Ns { .. }
        | RecordBody::Mx { .. }
        | RecordBody::Txt { .. }
        | RecordBody::Spf { .. }
        | RecordBody::ApexAlias { .. }
        | RecordBody::Redirect { .. }
        | RecordBody::Generic { .. } => Vec::new(),
    }
}

/// The records that a template may write at a host of a zone, with the values that are fixed
/// ([`fixed_variables`]).
pub fn granted_records(
    template: &Template,
    apex: &Name,
    host: &Host,
    fixed: &Variables,
) -> Result<Vec<GrantedRecord>, PlanError> {
    let scope = Scope::new(apex, host)?;
    let records = template.records().iter().enumerate();
    records
        .map(|(index, record)| {
            let owner = owner_of(record, &scope, fixed);
            Ok(GrantedRecord {
                owner: owner.map_err(|fault| PlanError::Record {
                    number: index + 1,
                    rtype: record.body.type_name(),
                    fault,
                })?,
                rtype: record.body.type_name(),
                group: record.group.clone(),
                values: values_of(&record.body),
                takes: takes_of(&record.body),
            })
        })
        .collect()
}

fn takes_of(body: &RecordBody) -> TxtConflict {
    match body {
        RecordBody::Txt { conflict, .. } => conflict.clone(),
        RecordBody::Address { .. }
        | RecordBody::Cname { .. }
        | RecordBody::Ns { .. }
        | RecordBody::Mx { .. }
        | RecordBody::Srv { .. }
        | RecordBody::Spf { .. }
        | RecordBody::ApexAlias { .. }
        | RecordBody::Redirect { .. }
        | RecordBody::Generic { .. } => TxtConflict::None,
    }
}

fn values_of(body: &RecordBody) -> Vec<TemplateValue> {
    let value = TemplateValue::new;
    match body {
        RecordBody::Srv { target, .. } => vec![value(target)],
        RecordBody::Address { .. }
        | RecordBody::Cname { .. }
        | RecordBody::Ns { .. }
        | RecordBody::Mx { .. }
        | RecordBody::Txt { .. }
        | RecordBody::Spf { .. }
        | RecordBody::ApexAlias { .. }
        | RecordBody::Redirect { .. }
        | RecordBody::Generic { .. } => body.patterns().into_iter().map(value).collect(),
    }
}

/// A variable that is part of a name has no value.
///
/// ```
/// use domain_connect::foresight::NameNotGiven;
///
/// let missing = NameNotGiven { variable: "selector".parse()? };
/// assert!(missing.to_string().starts_with("the variable `selector` is part of a name"));
/// # Ok::<(), domain_connect::IdError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "the variable `{variable}` is part of a name in the template: give its value, so that whoever decides can \
     see which names are meant"
)]
pub struct NameNotGiven {
    /// Which one.
    pub variable: VariableName,
}
