//! The body of `POST /api/tokens`. What is not said is as it is for the token that it is made from, but for webhooks:
//! that right is there only when it is said.

use std::collections::HashSet;
use std::fmt;

use apertodns::v1::{ErrorCode, FieldError, FieldFault, RequestError};
use easement_core::{ApiToken, SecretInUrl, Timestamp, TokenName, WebhookRight, WrittenLimits};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;

use super::failed::Failed;
use crate::api_tokens::Wanted;

/// The most faults that an answer names.
const MAX_FAULTS: usize = 50;

/// What is wanted.
#[derive(Debug, Default)]
pub(crate) struct MintRequest {
    name: String,
    limits: WrittenLimits,
}

impl MintRequest {
    /// Reads a body; or says everything that is wrong with its fields.
    pub(super) fn parse(body: &[u8]) -> Result<Self, RequestError> {
        let members = match serde_json::from_slice(body) {
            Ok(Members(members)) => members,
            Err(error) if error.is_data() => return Err(RequestError::NotAnObject),
            Err(error) => {
                return Err(RequestError::Json {
                    message: error.to_string(),
                });
            }
        };
        let mut request = Self::default();
        let (mut faults, mut seen) = (Vec::new(), HashSet::new());
        for (name, value) in &members {
            let outcome = if seen.insert(name) {
                request.take(name, value)
            } else {
                Err(FieldFault::Repeated)
            };
            if let Err(fault) = outcome
                && faults.len() < MAX_FAULTS
            {
                faults.push(FieldError {
                    // What is no name of a field is somebody else's text.
                    field: name.chars().take(80).collect(),
                    fault,
                    provided: provided(value),
                });
            }
        }
        if faults.is_empty() {
            Ok(request)
        } else {
            Err(RequestError::Fields(faults))
        }
    }

    fn take(&mut self, name: &str, value: &Value) -> Result<(), FieldFault> {
        let limits = &mut self.limits;
        match name {
            "name" => self.name = text(value)?,
            "names" => limits.names = texts(value)?,
            "types" => limits.types = texts(value)?,
            "operations" => limits.operations = texts(value)?,
            "values" => limits.values = texts(value)?,
            "networks" => limits.networks = texts(value)?,
            "ttl" => limits.ttl = text(value)?,
            "records" => limits.records = number(value)?,
            "expires" => limits.expires = text(value)?,
            "idle" => limits.idle = text(value)?,
            "rate" => limits.rate = text(value)?,
            "in_url" => {
                limits.in_url = yes_or_no(value)?.map(|is_allowed| {
                    if is_allowed {
                        SecretInUrl::Allowed
                    } else {
                        SecretInUrl::Refused
                    }
                });
            }
            "webhooks" => {
                let may = yes_or_no(value)?.unwrap_or_default();
                limits.webhooks = may.then_some(WebhookRight::Manage);
            }
            _ => return Err(FieldFault::Unknown),
        }
        Ok(())
    }

    /// The token that is wanted; or everything that is wrong.
    pub(super) fn wanted(self, parent: &ApiToken, now: Timestamp) -> Result<Wanted, Failed> {
        let mut faults = Vec::new();
        let mut note = |field: &str, reason: String, provided: Option<Value>| {
            faults.push(FieldError {
                field: field.to_owned(),
                fault: FieldFault::Value { reason },
                provided,
            });
        };
        let name = self.name.parse::<TokenName>();
        if let Err(error) = &name {
            note("name", error.to_string(), provided(&self.name.into()));
        }
        let limits = self.limits.read(&parent.limits, now);
        for problem in limits.as_ref().err().into_iter().flatten() {
            note(problem.field.as_str(), problem.fault.to_string(), None);
        }
        match (name, limits) {
            (Ok(name), Ok(limits)) => Ok(Wanted {
                kind: parent.kind,
                name,
                limits,
            }),
            _ if faults.is_empty() => Err(ErrorCode::ServerError.into()),
            _ => Err(RequestError::Fields(faults).into()),
        }
    }
}

fn text(value: &Value) -> Result<String, FieldFault> {
    let wanted = "a text";
    let text = value.as_str().ok_or(FieldFault::Type { wanted })?;
    Ok(text.to_owned())
}

fn texts(value: &Value) -> Result<Vec<String>, FieldFault> {
    let fault = || FieldFault::Type {
        wanted: "a list of texts",
    };
    let list = value.as_array().ok_or_else(fault)?;
    let texts = list.iter().map(|one| one.as_str().map(str::to_owned));
    texts.collect::<Option<_>>().ok_or_else(fault)
}

/// As a text, which is read with the other limits.
fn number(value: &Value) -> Result<String, FieldFault> {
    match value {
        Value::Null => Ok(String::new()),
        Value::Number(number) if number.is_u64() => Ok(number.to_string()),
        Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_)
        | Value::Object(_) => Err(FieldFault::Type {
            wanted: "a whole number",
        }),
    }
}

fn yes_or_no(value: &Value) -> Result<Option<bool>, FieldFault> {
    if value.is_null() {
        return Ok(None);
    }
    let wanted = "true or false";
    value.as_bool().map(Some).ok_or(FieldFault::Type { wanted })
}

/// What was sent, when it is no list and no object, cut after 80 characters.
fn provided(value: &Value) -> Option<Value> {
    match value {
        Value::String(text) => Some(text.chars().take(80).collect::<String>().into()),
        Value::Null | Value::Bool(_) | Value::Number(_) => Some(value.clone()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// The members of an object, those of one name all of them.
struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_wrong_is_named_by_its_field() {
        for (body, expected) in [
            ("{", "invalid_json"),
            ("[]", "invalid_request"),
            ("7", "invalid_request"),
            ("{} {}", "invalid_json"),
            ("{}", "fine"),
            (
                r#"{"name": "x", "records": 5, "in_url": null, "webhooks": false, "names": []}"#,
                "fine",
            ),
            (r#"{"name": 7}"#, "name invalid_type"),
            (
                r#"{"records": "5", "names": ["a", 1], "no": 1}"#,
                "records invalid_type, names invalid_type, no unknown",
            ),
            (r#"{"records": -1}"#, "records invalid_type"),
            (r#"{"records": 1.5}"#, "records invalid_type"),
            (r#"{"in_url": "yes"}"#, "in_url invalid_type"),
            (r#"{"name": "a", "name": "b"}"#, "name repeated"),
        ] {
            let found = match MintRequest::parse(body.as_bytes()) {
                Ok(_) => "fine".to_owned(),
                Err(RequestError::Fields(fields)) => {
                    let fields = fields.iter();
                    let texts: Vec<String> = fields
                        .map(|one| format!("{} {}", one.field, one.fault.code()))
                        .collect();
                    texts.join(", ")
                }
                Err(error) => error.code().to_string(),
            };
            assert_eq!(found, expected, "{body}");
        }
    }

    #[test]
    fn an_answer_names_so_many_faults_and_no_more() {
        let members: Vec<String> = (0..9_000)
            .map(|number| format!("\"f{number}\": 1"))
            .collect();
        let body = format!("{{{}, \"name\": 7}}", members.join(", "));
        let RequestError::Fields(faults) = MintRequest::parse(body.as_bytes()).unwrap_err() else {
            panic!("they are faults of fields");
        };
        assert_eq!(faults.len(), MAX_FAULTS);
    }
}
