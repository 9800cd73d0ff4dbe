//! `classes.yaml`: what is said about each class, with its example.

use std::collections::{BTreeMap, BTreeSet};

use domain_connect::Template;
use serde::Deserialize;
use serde_json::json;

use super::class::Class;
use super::job::Job;
use crate::support;

const CLASSES: &str = include_str!("classes.yaml");

/// What is said about a class.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    pub(super) class: Class,
    engine: String,
    we: String,
    rule: String,
    example: Example,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    #[serde(default)]
    zone: Vec<String>,
    records: serde_json::Value,
    #[serde(default)]
    host: String,
    #[serde(default)]
    groups: Vec<String>,
    #[serde(default)]
    values: BTreeMap<String, String>,
}

pub(super) fn all() -> Vec<Entry> {
    serde_yaml_ng::from_str(CLASSES).unwrap()
}

impl Entry {
    /// The row of the document, up to the number.
    pub(super) fn row(&self) -> String {
        let Self {
            class,
            engine,
            we,
            rule,
            ..
        } = self;
        format!("| `{}` | {engine} | {we} | {rule} |", class.name())
    }

    pub(super) fn job(&self) -> Job {
        let example = &self.example;
        let json = json!({
            "providerId": "service.test", "providerName": "Service",
            "serviceId": "example", "serviceName": "Example",
            "records": example.records,
        });
        let lines: Vec<&str> = example.zone.iter().map(String::as_str).collect();
        let groups: BTreeSet<_> = example
            .groups
            .iter()
            .map(|id| id.parse().unwrap())
            .collect();
        let values = example.values.iter();
        Job {
            label: format!("the example of {}", self.class.name()),
            template: Template::from_json(&json.to_string()).unwrap().0,
            zone: support::zone("example.com", &lines),
            host: example.host.parse().unwrap(),
            groups,
            values: values
                .map(|(name, value)| (name.parse().unwrap(), value.clone()))
                .collect(),
        }
    }
}
