//! The shape of a template's JSON text, before anything is checked.
//!
//! Unknown properties are ignored (draft-05 section 6.1.1), so new ones do not stop old readers.

use std::fmt;

use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "it mirrors the properties of the document"
)]
pub(super) struct RawTemplate {
    pub(super) provider_id: String,
    pub(super) provider_name: String,
    pub(super) service_id: String,
    pub(super) service_name: String,
    pub(super) version: Option<Scalar>,
    pub(super) template_spec_version: Option<Scalar>,
    pub(super) logo_url: Option<String>,
    pub(super) description: Option<String>,
    pub(super) variable_description: Option<String>,
    #[serde(default)]
    pub(super) sync_block: bool,
    /// What `sharedProviderName` was called before version 2.2.
    #[serde(default)]
    pub(super) shared: bool,
    #[serde(default)]
    pub(super) shared_provider_name: bool,
    #[serde(default)]
    pub(super) shared_service_name: bool,
    pub(super) sync_pub_key_domain: Option<String>,
    pub(super) sync_redirect_domain: Option<String>,
    #[serde(default)]
    pub(super) multi_instance: bool,
    #[serde(default)]
    pub(super) warn_phishing: bool,
    #[serde(default)]
    pub(super) host_required: bool,
    pub(super) crit: Option<Vec<String>>,
    pub(super) records: Vec<RawRecord>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawRecord {
    #[serde(rename = "type")]
    pub(super) rtype: String,
    pub(super) group_id: Option<String>,
    pub(super) essential: Option<String>,
    pub(super) host: Option<String>,
    pub(super) name: Option<String>,
    pub(super) points_to: Option<String>,
    pub(super) ttl: Option<Scalar>,
    pub(super) data: Option<String>,
    pub(super) txt_conflict_matching_mode: Option<String>,
    pub(super) txt_conflict_matching_prefix: Option<String>,
    pub(super) priority: Option<Scalar>,
    pub(super) weight: Option<Scalar>,
    pub(super) port: Option<Scalar>,
    pub(super) protocol: Option<String>,
    pub(super) service: Option<String>,
    pub(super) target: Option<String>,
    pub(super) spf_rules: Option<String>,
    pub(super) crit: Option<Vec<String>>,
}

/// The properties of a template that this library understands.
pub(crate) const TEMPLATE_PROPERTIES: [&str; 20] = [
    "providerId",
    "providerName",
    "serviceId",
    "serviceName",
    "version",
    "templateSpecVersion",
    "logoUrl",
    "description",
    "variableDescription",
    "syncBlock",
    "shared",
    "sharedProviderName",
    "sharedServiceName",
    "syncPubKeyDomain",
    "syncRedirectDomain",
    "multiInstance",
    "warnPhishing",
    "hostRequired",
    "crit",
    "records",
];

/// The fields of a record that this library understands.
pub(crate) const RECORD_FIELDS: [&str; 18] = [
    "type",
    "groupId",
    "essential",
    "host",
    "name",
    "pointsTo",
    "ttl",
    "data",
    "txtConflictMatchingMode",
    "txtConflictMatchingPrefix",
    "priority",
    "weight",
    "port",
    "protocol",
    "service",
    "target",
    "spfRules",
    "crit",
];

/// A number, which many templates write as a string.
pub(super) struct Scalar(pub(super) String);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ScalarVisitor;

        impl Visitor<'_> for ScalarVisitor {
            type Value = Scalar;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, or a string with a number or a variable")
            }

            fn visit_u64<E>(self, number: u64) -> Result<Scalar, E> {
                Ok(Scalar(number.to_string()))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Scalar, E> {
                Ok(Scalar(number.to_string()))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Scalar, E> {
                Ok(Scalar(number.to_string()))
            }

            fn visit_str<E>(self, text: &str) -> Result<Scalar, E> {
                Ok(Scalar(text.to_owned()))
            }
        }

        deserializer.deserialize_any(ScalarVisitor)
    }
}

/// JSON in which a property may be repeated when it says the same each time. Two different values
/// could be read differently by two readers, and are refused.
pub(super) struct Repeating(pub(super) Value);

impl<'de> Deserialize<'de> for Repeating {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RepeatingVisitor).map(Self)
    }
}

struct RepeatingVisitor;

impl<'de> Visitor<'de> for RepeatingVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(flag.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Repeating(value)) = items.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((name, Repeating(value))) = entries.next_entry::<String, _>()? {
            if object.get(&name).is_some_and(|earlier| *earlier != value) {
                let message = format!("`{name}` is there twice with different values");
                return Err(A::Error::custom(message));
            }
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}
