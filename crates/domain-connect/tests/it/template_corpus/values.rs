//! Values for the variables of a template, guessed from their names and from where they stand.

use domain_connect::{Number, Pattern, RecordBody, Template, Variable, VariableName, Variables};
use easement_zone::RecordType;

/// A value for every variable. Different variables get different values.
pub(crate) fn variables(template: &Template) -> Variables {
    let mut variables = Variables::new();
    for (index, name) in template.variables().into_iter().enumerate() {
        variables.insert(name.clone(), value(template, name, index));
    }
    variables
}

fn value(template: &Template, name: &VariableName, index: usize) -> String {
    let uses: Vec<Use> = template
        .records()
        .iter()
        .filter_map(|record| place(&record.host, &record.body, record.ttl.as_ref(), name))
        .collect();
    let lower = name.as_str().to_ascii_lowercase();
    let octet = index % 200 + 1;
    if uses.contains(&Use::Four) {
        return format!("192.0.2.{octet}");
    }
    if uses.contains(&Use::Six) {
        return format!("2001:db8::{octet:x}");
    }
    if uses.contains(&Use::Number) {
        return (octet + 299).to_string();
    }
    if uses.contains(&Use::Rules) {
        return format!("include:spf{index}.service.test");
    }
    if uses.contains(&Use::Url) {
        return format!("https://www{index}.service.test/path");
    }
    if uses.contains(&Use::Protocol) {
        return "_tcp".to_owned();
    }
    if uses.contains(&Use::Flags) {
        return match lower.as_str() {
            "flags" => "0".to_owned(),
            "tag" => "issue".to_owned(),
            _ => "ca.service.test".to_owned(),
        };
    }
    if uses.contains(&Use::PartOfSpf) && lower.contains("ip") {
        return format!("192.0.2.{octet}");
    }
    if uses.contains(&Use::Service) || uses.contains(&Use::Host) || uses.contains(&Use::PartOfName)
    {
        return format!("v{index}");
    }
    if uses.contains(&Use::Name) || uses.contains(&Use::PartOfSpf) {
        return format!("t{index}.service.test");
    }
    format!("value-{index}")
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Use {
    Host,
    Four,
    Six,
    Name,
    PartOfName,
    Number,
    Rules,
    PartOfSpf,
    Url,
    Protocol,
    Service,
    Flags,
    Text,
}

/// How a record uses a variable.
fn place(
    host: &Pattern,
    body: &RecordBody,
    ttl: Option<&Number>,
    name: &VariableName,
) -> Option<Use> {
    let has = |pattern: &Pattern| {
        pattern
            .variables()
            .any(|variable| *variable == Variable::Named(name.clone()))
    };
    let is = |number: &Number| *number == Number::Variable(Variable::Named(name.clone()));
    if ttl.is_some_and(is) {
        return Some(Use::Number);
    }
    if has(host) {
        return Some(Use::Host);
    }
    let target = |pattern: &Pattern| {
        has(pattern).then_some(if pattern.is_one_variable() {
            Use::Name
        } else {
            Use::PartOfName
        })
    };
    match body {
        RecordBody::Address { rtype, points_to } => {
            has(points_to).then_some(match (*rtype, points_to.is_one_variable()) {
                (RecordType::A, _) => Use::Four,
                _ => Use::Six,
            })
        }
        RecordBody::Cname { points_to }
        | RecordBody::Ns { points_to }
        | RecordBody::ApexAlias { points_to } => target(points_to),
        RecordBody::Mx {
            points_to,
            priority,
        } => {
            if is(priority) {
                return Some(Use::Number);
            }
            target(points_to)
        }
        RecordBody::Txt { data, .. } => has(data).then_some(Use::Text),
        RecordBody::Generic { data, .. } => has(data).then_some(Use::Flags),
        RecordBody::Srv {
            service,
            protocol,
            target: server,
            priority,
            weight,
            port,
        } => {
            if [priority, weight, port].into_iter().any(is) {
                return Some(Use::Number);
            }
            if has(service) {
                return Some(Use::Service);
            }
            if has(protocol) {
                return Some(Use::Protocol);
            }
            target(server)
        }
        RecordBody::Spf { rules } => has(rules).then_some(if rules.is_one_variable() {
            Use::Rules
        } else {
            Use::PartOfSpf
        }),
        RecordBody::Redirect { target, .. } => has(target).then_some(Use::Url),
    }
}
