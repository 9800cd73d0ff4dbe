//! Trying a template out on a sample zone: pure.

use std::collections::BTreeSet;

use domain_connect::{
    Application, Authenticity, GroupId, Plan, Policy, Template, VariableName, Variables,
    plan_application,
};
use easement_zone::zonefile::{self, ReadOptions};
use easement_zone::{Host, Zone};

use crate::pages::views::{PlanView, Problem, old_answers};

/// The largest sample zone.
const MAX_ZONE_OCTETS: usize = 64 * 1024;
/// The most lines that it may have.
const MAX_ZONE_LINES: usize = 1000;
/// The longest value of a variable.
const MAX_VALUE_CHARACTERS: usize = 4096;

/// The zone that a template is tried on when nobody says otherwise: a website, mail and its policies, so
/// that most templates meet something.
pub(super) const SAMPLE_ZONE: &str = "\
$ORIGIN example.com.
$TTL 1h
@       SOA   ns1.dns.example. hostmaster 1 2h 15m 2w 5m
@       NS    ns1.dns.example.
@       NS    ns2.dns.example.
@       A     192.0.2.10
@       AAAA  2001:db8::10
@       MX    10 mail
@       TXT   \"v=spf1 mx ~all\"
_dmarc  TXT   \"v=DMARC1; p=none\"
mail    A     192.0.2.25
www     CNAME @
";

/// What somebody wants to try.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    pub(super) template: String,
    /// The template of this server that the text came from.
    pub(super) from: String,
    pub(super) host: String,
    pub(super) groups: Vec<String>,
    pub(super) variables: Vec<(String, String)>,
    pub(super) zone: String,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Trial {
    /// What the template asks for, when it can be read.
    pub(super) template: Option<Template>,
    pub(super) problems: Vec<Problem>,
    pub(super) outcome: Option<Outcome>,
}

/// What would change.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) plan: PlanView,
    pub(super) conflicts: Vec<String>,
    pub(super) old_answers: Option<String>,
}

impl Trial {
    /// Reads the template only.
    pub(super) fn begin(draft: &Draft) -> Self {
        let mut trial = Self::default();
        if draft.template.trim().is_empty() {
            return trial;
        }
        match Template::from_json(&draft.template) {
            Ok((template, _notes)) => trial.template = Some(template),
            Err(error) => {
                trial.problem("template", format!("The template cannot be used: {error}."));
            }
        }
        trial
    }

    /// Applies the template to the zone, under the limits of this server.
    pub(super) fn run(draft: &Draft, policy: &Policy) -> Self {
        let mut trial = Self::begin(draft);
        if draft.template.trim().is_empty() {
            trial.problem("template", "Paste a template.".to_owned());
        }
        let zone = trial.keep("zone", read_zone(&draft.zone));
        let host = trial.keep("host", read_host(&draft.host));
        let groups = trial.keep("template", read_groups(&draft.groups));
        let variables = trial.keep("template", read_variables(&draft.variables));
        if let (Some(template), Some(zone), Some(host), Some(groups), Some(variables)) =
            (&trial.template, zone, host, groups, variables)
        {
            let planned = plan_application(&Application {
                zone: &zone,
                services: &[],
                special: &[],
                template,
                host: &host,
                groups: &groups,
                instance: None,
                variables: &variables,
                authenticity: if template.public_key_domain().is_some() {
                    Authenticity::Signed
                } else {
                    Authenticity::Unsigned
                },
                policy,
            });
            match planned {
                Ok(plan) => trial.outcome = Some(Outcome::new(&zone, &plan)),
                Err(error) => trial.problem("template", format!("It cannot be applied: {error}.")),
            }
        }
        trial
    }

    fn problem(&mut self, field: &'static str, message: String) {
        self.problems.push(Problem { field, message });
    }

    fn keep<T>(&mut self, field: &'static str, read: Result<T, String>) -> Option<T> {
        read.map_err(|message| self.problem(field, message)).ok()
    }
}

impl Outcome {
    fn new(zone: &Zone, plan: &Plan) -> Self {
        let conflicts = plan.conflicts.iter().map(|conflict| {
            let (number, rule) = (conflict.template_record, &conflict.rule);
            format!("Record {number} of the template takes something away: {rule}.")
        });
        // One line for each record and rule, however many records are in the way.
        let mut conflicts: Vec<String> = conflicts.collect();
        conflicts.dedup();
        Self {
            plan: PlanView::of(zone, plan),
            conflicts,
            old_answers: old_answers(&plan.changes),
        }
    }
}

fn read_zone(text: &str) -> Result<Zone, String> {
    if text.lines().count() > MAX_ZONE_LINES {
        return Err(format!("The zone has more than {MAX_ZONE_LINES} lines."));
    }
    let options = ReadOptions {
        max_octets: MAX_ZONE_OCTETS,
        ..ReadOptions::default()
    };
    match zonefile::read(text, &options) {
        Ok(file) => Ok(file.zone),
        Err(errors) => {
            let first = errors.errors.first();
            let words = first.map(|error| {
                let line = error.position.line;
                format!("The zone cannot be read: line {line}: {}.", error.problem)
            });
            Err(words.unwrap_or_else(|| "The zone cannot be read.".to_owned()))
        }
    }
}

fn read_host(text: &str) -> Result<Host, String> {
    let host = match text.trim() {
        "" => "@",
        host => host,
    };
    host.parse()
        .map_err(|error| format!("This is no host: {error}."))
}

fn read_groups(groups: &[String]) -> Result<BTreeSet<GroupId>, String> {
    let read = groups.iter().map(|group| group.parse::<GroupId>());
    read.collect::<Result<_, _>>()
        .map_err(|error| format!("A group cannot be read: {error}."))
}

fn read_variables(given: &[(String, String)]) -> Result<Variables, String> {
    let mut variables = Variables::new();
    for (name, value) in given.iter().filter(|(_, value)| !value.is_empty()) {
        let known: VariableName = name
            .parse()
            .map_err(|error| format!("A variable cannot be read: {error}."))?;
        if value.chars().count() > MAX_VALUE_CHARACTERS {
            return Err(format!(
                "The value of {name} has more than {MAX_VALUE_CHARACTERS} characters."
            ));
        }
        variables.insert(known, value.as_str());
    }
    Ok(variables)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = r#"{"providerId": "p.example", "providerName": "P", "serviceId": "s",
        "serviceName": "S", "records": [
        {"type": "A", "host": "@", "pointsTo": "%ip%", "ttl": 600}]}"#;

    fn draft() -> Draft {
        Draft {
            template: TEMPLATE.to_owned(),
            variables: vec![("ip".to_owned(), "192.0.2.99".to_owned())],
            zone: SAMPLE_ZONE.to_owned(),
            ..Draft::default()
        }
    }

    fn problem(draft: &Draft) -> String {
        let trial = Trial::run(draft, &Policy::default());
        assert!(trial.outcome.is_none());
        trial.problems.first().unwrap().message.clone()
    }

    #[test]
    fn a_template_changes_the_sample_zone() {
        let trial = Trial::run(&draft(), &Policy::default());
        assert!(trial.problems.is_empty(), "{:?}", trial.problems);
        let outcome = trial.outcome.unwrap();
        assert!(outcome.plan.changed() >= 1);
        assert_eq!(outcome.conflicts.len(), 1, "{:?}", outcome.conflicts);
    }

    #[test]
    fn every_wrong_input_is_a_problem_in_words() {
        let with = |change: &dyn Fn(&mut Draft)| {
            let mut draft = draft();
            change(&mut draft);
            problem(&draft)
        };
        let many = format!("{SAMPLE_ZONE}{}", "x TXT y\n".repeat(MAX_ZONE_LINES));
        let long = "x".repeat(MAX_VALUE_CHARACTERS + 1);
        for (found, words) in [
            (
                with(&|draft| draft.variables.clear()),
                "no value for the variable %ip%",
            ),
            (
                with(&|draft| draft.template = "{".to_owned()),
                "cannot be used",
            ),
            (with(&|draft| draft.template.clear()), "Paste a template"),
            (
                with(&|draft| draft.zone = "nonsense".to_owned()),
                "cannot be read: line 1",
            ),
            (
                with(&|draft| draft.zone.clone_from(&many)),
                "more than 1000 lines",
            ),
            (with(&|draft| draft.host = "a..b".to_owned()), "no host"),
            (
                with(&|draft| draft.groups = vec!["nope".to_owned()]),
                "nope",
            ),
            (
                with(&|draft| draft.variables = vec![("ip".to_owned(), long.clone())]),
                "more than 4096",
            ),
        ] {
            assert!(found.contains(words), "{words:?} is not in {found:?}");
        }
    }

    #[test]
    fn a_name_of_sixty_four_labels_is_tried_like_any_other() {
        let host = vec!["a"; 64].join(".");
        let trial = Trial::run(&Draft { host, ..draft() }, &Policy::default());
        assert!(trial.outcome.is_some(), "{:?}", trial.problems);
    }
}
