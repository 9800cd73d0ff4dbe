//! Calls for records.

use std::time::Duration;

use easement_outbound::http::Answer;
use easement_zone::{Name, RecordType};
use http::StatusCode;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::{NameDrop, NamesAccess};
use crate::apply::one_line;
use crate::request::{post, retry_after};
use crate::{Client, CredentialsError, RequestError};

/// The most records and errors of an answer that are taken.
const MAX_ITEMS: usize = 5000;
/// The largest answer about records: so many with long names and long texts.
const MAX_ANSWER: usize = 4 * 1024 * 1024;

/// A record, as it is sent and as it is told.
///
/// ```
/// use easement_client::NameRecord;
///
/// let challenge = NameRecord::new("TXT".parse()?, "proof").at("_acme-challenge.{{host}}");
/// assert_eq!(
///     serde_json::to_string(&challenge)?,
///     r#"{"host":"_acme-challenge.{{host}}","type":"TXT","value":"proof"}"#
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct NameRecord {
    /// The apex of the zone; that of the call, or of the access, when it is not said.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "as_text"
    )]
    pub domain: Option<Name>,
    /// The host below it; `{{host}}` in it is that of the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The type.
    #[serde(rename = "type")]
    pub rtype: RecordType,
    /// The value: an address, a name, or a text without quotation marks. None stands for every value, to delete; an
    /// empty one stands for itself, and servers refuse it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// For how many seconds others may remember it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u32>,
    /// The preference of a mail server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<u16>,
}

impl NameRecord {
    /// A record at the host of the call.
    pub fn new(rtype: RecordType, value: impl Into<String>) -> Self {
        let value = Some(value.into());
        Self {
            value,
            ..Self::every(rtype)
        }
    }

    /// All of a type at the host of the call, to delete them.
    pub fn every(rtype: RecordType) -> Self {
        Self {
            domain: None,
            host: None,
            rtype,
            value: None,
            ttl: None,
            priority: None,
        }
    }

    /// The same at another host.
    #[must_use]
    pub fn at(mut self, host: impl Into<String>) -> Self {
        self.host = Some(host.into());
        self
    }
}

#[expect(clippy::ref_option, reason = "serde passes the field by reference")]
fn as_text<S: Serializer>(name: &Option<Name>, serializer: S) -> Result<S::Ok, S::Error> {
    name.as_ref().map(Name::to_text).serialize(serializer)
}

/// Where a call is about. What is not said is that of the access, when it has one alone.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RecordPlace {
    /// The apex of the zone.
    pub domain: Option<Name>,
    /// The host below it; empty for the apex.
    pub host: Option<String>,
}

impl NameDrop {
    /// The records that the access opens, at and below the host.
    pub async fn get_records(
        &self,
        access: &NamesAccess,
        place: &RecordPlace,
    ) -> Result<Vec<NameRecord>, RecordsError> {
        self.call("/get-records", access, place, None).await
    }

    /// Adds records, all or none: an error when one is there already.
    pub async fn create_records(
        &self,
        access: &NamesAccess,
        place: &RecordPlace,
        records: &[NameRecord],
    ) -> Result<Vec<NameRecord>, RecordsError> {
        self.call("/create-records", access, place, Some(records))
            .await
    }

    /// Puts records in the place of those of the same name and type that the access opens, all or none.
    pub async fn set_records(
        &self,
        access: &NamesAccess,
        place: &RecordPlace,
        records: &[NameRecord],
    ) -> Result<Vec<NameRecord>, RecordsError> {
        self.call("/set-records", access, place, Some(records))
            .await
    }

    /// Takes records away; those that are not there are ignored.
    pub async fn delete_records(
        &self,
        access: &NamesAccess,
        place: &RecordPlace,
        records: &[NameRecord],
    ) -> Result<Vec<NameRecord>, RecordsError> {
        self.call("/delete-records", access, place, Some(records))
            .await
    }

    async fn call(
        &self,
        path: &str,
        access: &NamesAccess,
        place: &RecordPlace,
        records: Option<&[NameRecord]>,
    ) -> Result<Vec<NameRecord>, RecordsError> {
        self.check(&access.api)?;
        let members = [
            ("token", Some(json!(access.access_token.reveal()))),
            (
                "domain",
                place.domain.as_ref().map(|name| json!(name.to_text())),
            ),
            ("host", place.host.as_ref().map(|host| json!(host))),
            ("records", records.map(|records| json!(records))),
        ];
        let members = members.into_iter();
        let body: Map<String, Value> = members
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect();
        let outgoing = post("application/json", Value::Object(body).to_string());
        let client: &Client = &self.client;
        let url = self.api.join(path);
        read(&client.ask_for(&url, outgoing, MAX_ANSWER).await?)
    }
}

fn read(answer: &Answer) -> Result<Vec<NameRecord>, RecordsError> {
    let status = answer.status.as_u16();
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    if answer.status.is_success() {
        let records = body.get("records").and_then(Value::as_array);
        let is_success = body.get("type").and_then(Value::as_str) == Some("success");
        let records = records.filter(|records| is_success && records.len() <= MAX_ITEMS);
        let records = records.ok_or(RecordsError::Unclear { status })?;
        let read = |record: &Value| NameRecord::deserialize(record);
        let records: Result<Vec<NameRecord>, _> = records.iter().map(read).collect();
        return records.map_err(|_| RecordsError::Unclear { status });
    }
    let errors = items(&body);
    let message = errors.first().map(|item| item.message.clone());
    let message = message.unwrap_or_else(|| format!("status {status}"));
    Err(match answer.status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => RecordsError::Busy {
            message,
            wait: retry_after(&answer.headers),
        },
        // Also a portal or a filter on the way, whose 401 and 403 say nothing about the permission.
        _ if errors.is_empty() => RecordsError::Unclear { status },
        StatusCode::UNAUTHORIZED => RecordsError::Unauthorized { message },
        StatusCode::FORBIDDEN => RecordsError::Forbidden { message },
        _ => RecordsError::Refused { errors },
    })
}

/// The errors of an answer, harmless on a terminal.
fn items(body: &Value) -> Vec<RefusedItem> {
    let errors = body.get("errors").and_then(Value::as_array);
    let errors = errors.into_iter().flatten().take(MAX_ITEMS);
    errors
        .filter_map(|error| {
            let conflicting = error.get("conflicting_records").and_then(Value::as_array);
            let conflicting = conflicting.into_iter().flatten().take(MAX_ITEMS);
            Some(RefusedItem {
                message: one_line(error.get("message")?.as_str()?),
                conflicting: conflicting
                    .filter_map(|record| NameRecord::deserialize(record).ok())
                    .collect(),
            })
        })
        .collect()
}

/// Why one record of a call was refused.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RefusedItem {
    /// What the server says, safe to show on one line.
    pub message: String,
    /// What is in the way, as far as the server says.
    pub conflicting: Vec<NameRecord>,
}

/// Why a call did nothing.
#[derive(Debug, thiserror::Error)]
pub enum RecordsError {
    /// The access is from another server.
    #[error(transparent)]
    OtherServer(#[from] CredentialsError),
    /// The server does not answer. Whether something was changed is not known.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The token is not believed (401): a new one is to be asked for, and when there is none, the owner took the
    /// permission back.
    #[error("the server does not accept the token: {message}")]
    Unauthorized {
        /// What the server says, safe to show on one line.
        message: String,
    },
    /// The permission does not cover this (403).
    #[error("the permission does not cover this: {message}")]
    Forbidden {
        /// What the server says, safe to show on one line.
        message: String,
    },
    /// The records cannot be as they are asked for. Nothing was changed.
    #[error("{}", errors.iter().map(|one| one.message.as_str()).collect::<Vec<_>>().join("; "))]
    Refused {
        /// Why, at least one.
        errors: Vec<RefusedItem>,
    },
    /// The server cannot do it now (429, 503). Nothing was changed.
    #[error("the server cannot do it now: {message}")]
    Busy {
        /// What the server says, safe to show on one line.
        message: String,
        /// After how long to try again, when it says so.
        wait: Option<Duration>,
    },
    /// The answer cannot be read.
    #[error(
        "the server answered (status {status}) what no server of NameDrop would: is the URL right?"
    )]
    Unclear {
        /// The status.
        status: u16,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: http::HeaderMap::new(),
            body: body.as_bytes().to_vec().into(),
        }
    }

    #[test]
    fn each_answer_is_told_apart() {
        let success = r#"{"type":"success","records":[{"domain":"example.com","host":"","type":"MX","value":"m.example","ttl":60,"priority":10}]}"#;
        let records = read(&answer(200, success)).unwrap();
        assert_eq!(records[0].priority, Some(10));
        assert_eq!(records[0].host.as_deref(), Some(""));
        let error = r#"{"type":"error","errors":[{"message":"a\u001bb","requested_record":{},"conflicting_records":[{"type":"A","value":"192.0.2.1"},7]}]}"#;
        for (status, body, words) in [
            (400, error, "a\\u{1b}b"),
            (401, error, "does not accept the token"),
            (403, error, "does not cover"),
            (413, error, "a\\u{1b}b"),
            (429, error, "cannot do it now"),
            (503, "", "cannot do it now: status 503"),
            (200, "<html>", "is the URL right"),
            (200, r#"{"records":[]}"#, "is the URL right"),
            (
                200,
                r#"{"type":"success","records":[{"type":7}]}"#,
                "is the URL right",
            ),
            (400, "<html>", "is the URL right"),
            (401, "<html>", "is the URL right"),
            (403, "<html>", "is the URL right"),
            (401, r#"{"error":"invalid_token"}"#, "is the URL right"),
            (403, r#"{"type":"error","errors":[]}"#, "is the URL right"),
            (302, "", "is the URL right"),
            (500, r#"{"errors":"x"}"#, "status 500"),
        ] {
            let error = read(&answer(status, body)).unwrap_err().to_string();
            assert!(error.contains(words), "{status} {body}: {error}");
        }
        let Err(RecordsError::Refused { errors }) = read(&answer(409, error)) else {
            panic!("it is refused");
        };
        assert_eq!(errors[0].conflicting.len(), 1);
    }
}
