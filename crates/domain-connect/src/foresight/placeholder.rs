//! Stand-ins for values that are not known yet.

use easement_zone::RecordType;

use crate::{
    Number, Pattern, RecordBody, Template, TemplateRecord, Variable, VariableName, Variables,
};

/// Part of another text: a label, a digit of an address.
const PART: &str = "1";
const NAME: &str = "value-to-come.invalid";

/// The values that are given, and stand-ins for all others; gives the names of those.
///
/// What is in the way of a record does not depend on what the record says, so a stand-in of the right kind is enough
/// to see it.
pub(super) fn complete(template: &Template, given: &Variables) -> (Variables, Vec<VariableName>) {
    let mut complete = given.clone();
    let mut made_up = Vec::new();
    for record in template.records() {
        for (variable, value) in stand_ins(record) {
            if complete.get(variable).is_none() {
                complete.insert(variable.clone(), value);
                made_up.push(variable.clone());
            }
        }
    }
    (complete, made_up)
}

fn stand_ins(record: &TemplateRecord) -> Vec<(&VariableName, &'static str)> {
    let whole = whole(&record.body);
    let patterns = record.body.patterns().into_iter();
    let mut found: Vec<_> = patterns
        .flat_map(|pattern| in_pattern(pattern, whole))
        .collect();
    let ttl = record.ttl.iter().filter_map(|ttl| in_number(ttl, "3600"));
    let numbers = record.body.numbers().into_iter();
    found.extend(ttl.chain(numbers.filter_map(|number| in_number(number, "10"))));
    found
}

/// What stands for all that a record says.
fn whole(body: &RecordBody) -> &'static str {
    match body {
        RecordBody::Address { rtype, .. } if *rtype == RecordType::AAAA => "2001:db8::1",
        RecordBody::Address { .. } => "192.0.2.1",
        RecordBody::Cname { .. }
        | RecordBody::Ns { .. }
        | RecordBody::Mx { .. }
        | RecordBody::Srv { .. }
        | RecordBody::ApexAlias { .. } => NAME,
        RecordBody::Spf { .. } => "include:value-to-come.invalid",
        RecordBody::Redirect { .. } => "https://value-to-come.invalid/",
        RecordBody::Txt { .. } | RecordBody::Generic { .. } => PART,
    }
}

fn in_pattern<'a>(
    pattern: &'a Pattern,
    whole: &'static str,
) -> impl Iterator<Item = (&'a VariableName, &'static str)> {
    let value = if pattern.is_one_variable() {
        whole
    } else {
        PART
    };
    pattern
        .variables()
        .filter_map(named)
        .map(move |variable| (variable, value))
}

fn in_number<'a>(
    number: &'a Number,
    value: &'static str,
) -> Option<(&'a VariableName, &'static str)> {
    match number {
        Number::Variable(variable) => named(variable).map(|variable| (variable, value)),
        Number::Fixed(_) => None,
    }
}

fn named(variable: &Variable) -> Option<&VariableName> {
    match variable {
        Variable::Named(name) => Some(name),
        Variable::Host | Variable::Domain | Variable::Fqdn => None,
    }
}
