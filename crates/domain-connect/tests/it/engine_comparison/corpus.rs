//! Every public template, at the apex and at hosts of a zone like those that people have.

use std::collections::BTreeSet;
use std::path::PathBuf;

use domain_connect::{GroupId, Template};
use easement_zone::Zone;

use super::job::Job;
use crate::support;
use crate::template_corpus::values;

/// The apex, a host with something of each kind, one with a CNAME record, and one that is delegated.
const HOSTS: [&str; 4] = ["@", "app", "shop", "www.lab"];

/// What a request might give as the value of any variable.
const HOSTILE: [&str; 14] = [
    "",
    "@",
    ".",
    "*",
    "a..b",
    "a_b.test",
    "b\u{fc}cher.test",
    "x.example.com.",
    "_domainconnect",
    "%host%",
    "%",
    "\"",
    "0",
    "include:x.test",
];

/// Each template as a whole and group by group, with values that suit; nothing when there are none.
pub(super) fn jobs() -> Option<Vec<Job>> {
    let zone = support::live_zone();
    let templates = templates()?;
    let jobs = templates
        .iter()
        .flat_map(|(name, template)| jobs_of_template(name, template, &zone));
    Some(jobs.collect())
}

/// Each template as a whole at one host, with a hostile value for all its variables; nothing when
/// there are none.
pub(super) fn hostile_jobs() -> Option<Vec<Job>> {
    let zone = support::live_zone();
    let templates = templates()?;
    let with_variables = templates
        .iter()
        .filter(|(_, template)| !template.variables().is_empty());
    let jobs = with_variables.flat_map(|(name, template)| {
        HOSTILE.map(|value| Job {
            label: format!("{name} with {value:?}"),
            values: template
                .variables()
                .into_iter()
                .map(|variable| (variable.clone(), value.to_owned()))
                .collect(),
            template: template.clone(),
            zone: zone.clone(),
            host: "app".parse().unwrap(),
            groups: BTreeSet::new(),
        })
    });
    Some(jobs.collect())
}

fn templates() -> Option<Vec<(String, Template)>> {
    let folder = support::folder("TEMPLATE_CORPUS_DIR", "shared/corpus/templates")?;
    let files = support::files(&folder, "json");
    assert!(!files.is_empty(), "no template in {}", folder.display());
    let read = |file: &PathBuf| {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(file).unwrap();
        (name, Template::from_json(&text).unwrap().0)
    };
    Some(files.iter().map(read).collect())
}

fn jobs_of_template(name: &str, template: &Template, zone: &Zone) -> Vec<Job> {
    let groups = template.groups().into_iter();
    let mut choices = vec![BTreeSet::new()];
    choices.extend(groups.map(|group| BTreeSet::from([group.clone()])));
    let mut jobs = Vec::new();
    for host in HOSTS {
        for groups in &choices {
            let ids: Vec<&str> = groups.iter().map(GroupId::as_str).collect();
            jobs.push(Job {
                label: format!("{name} at {host} [{}]", ids.join(",")),
                values: values::variables(template),
                template: template.clone(),
                zone: zone.clone(),
                host: host.parse().unwrap(),
                groups: groups.clone(),
            });
        }
    }
    jobs
}
