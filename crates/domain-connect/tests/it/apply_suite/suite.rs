//! The format of the suites.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_yaml_ng::Value;

#[derive(Deserialize)]
pub(super) struct Suite {
    pub(super) tests: Vec<Case>,
}

#[derive(Deserialize)]
pub(super) struct Case {
    pub(super) id: String,
    pub(super) input: Input,
    pub(super) expect: Expect,
}

#[derive(Deserialize)]
pub(super) struct Input {
    pub(super) zone_records: Option<Vec<SuiteRecord>>,
    pub(super) template_records: Option<Vec<BTreeMap<String, Value>>>,
    pub(super) provider_id: Option<String>,
    pub(super) service_id: Option<String>,
    pub(super) domain: String,
    pub(super) host: Option<String>,
    #[serde(default)]
    pub(super) params: BTreeMap<String, Value>,
    pub(super) group_ids: Option<Vec<Value>>,
    #[serde(default)]
    pub(super) multi_aware: bool,
    #[serde(default)]
    pub(super) multi_instance: bool,
    pub(super) unique_id: Option<String>,
    pub(super) redirect_records: Option<Vec<RedirectRecord>>,
}

#[derive(Deserialize)]
pub(super) struct Expect {
    pub(super) exception: Option<String>,
    #[serde(default)]
    pub(super) new_count: usize,
    #[serde(default)]
    pub(super) delete_count: usize,
    #[serde(default)]
    pub(super) records: Vec<SuiteRecord>,
}

/// A record of a zone, which need not be one that DNS knows.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct SuiteRecord {
    #[serde(rename = "type")]
    pub(super) rtype: String,
    pub(super) name: String,
    #[serde(default)]
    pub(super) data: String,
    pub(super) ttl: Option<u32>,
    #[serde(default)]
    pub(super) priority: u16,
    #[serde(default)]
    pub(super) weight: u16,
    #[serde(default)]
    pub(super) port: u16,
    #[serde(default)]
    pub(super) protocol: String,
    #[serde(default)]
    pub(super) service: String,
    #[serde(rename = "_dc")]
    pub(super) owner: Option<SuiteOwner>,
}

/// The service that a record belongs to.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(super) struct SuiteOwner {
    pub(super) id: String,
    pub(super) provider_id: String,
    pub(super) service_id: String,
    #[serde(default)]
    pub(super) host: String,
    pub(super) essential: Option<String>,
}

/// An address of the server that redirects.
#[derive(Deserialize)]
pub(super) struct RedirectRecord {
    #[serde(rename = "pointsTo")]
    pub(super) points_to: String,
    pub(super) ttl: u32,
}

/// A scalar as text.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Null | Value::Sequence(_) | Value::Mapping(_) | Value::Tagged(_) => String::new(),
    }
}
