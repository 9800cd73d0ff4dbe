//! Changes that are made with permission.

use std::time::Duration;

use domain_connect::{
    ConflictingRecord, DisplayName, GroupId, InstanceId, ServiceId, Variables, canonical_query,
};
use easement_outbound::http::Answer;
use easement_zone::Host;
use http::StatusCode;
use serde::Deserialize as _;
use serde_json::Value;
use url::Url;

use super::Tokens;
use crate::apply::{common_parameters, one_line};
use crate::request::{authorized, post, retry_after};
use crate::{ApplyRequestError, Client, RequestError, TemplateId};

/// The most records of an answer that are taken.
const MAX_RECORDS: usize = 200;

/// A template that shall be applied at a host, or taken back there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TemplateChange {
    /// Which template.
    pub service: ServiceId,
    /// At which host.
    pub host: Host,
    /// Which instance, of a template that allows several.
    pub instance: Option<InstanceId>,
    /// The values of its variables. To take it back, none are needed, as is what follows.
    pub variables: Variables,
    /// The groups of records that are wanted; none means all.
    pub groups: Vec<GroupId>,
    /// What becomes of records that are in the way.
    pub conflicts: ConflictRule,
    /// A name to show beside the service provider's, where the template allows it.
    pub provider_name: Option<DisplayName>,
    /// A name to show beside the service's, where the template allows it.
    pub service_name: Option<DisplayName>,
}

/// What becomes of records that are in the way.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum ConflictRule {
    /// They stay, nothing is changed, and they are reported.
    #[default]
    Report,
    /// They are replaced.
    Replace,
}

impl TemplateChange {
    /// A change with nothing but what every change has.
    pub fn new(service: ServiceId, host: Host) -> Self {
        Self {
            service,
            host,
            instance: None,
            variables: Variables::new(),
            groups: Vec::new(),
            conflicts: ConflictRule::Report,
            provider_name: None,
            service_name: None,
        }
    }

    /// Domain Connect 2.3, "OAuth Flow: Apply Template to Domain". The parameters are in the query, which every
    /// provider reads.
    fn apply_url(&self, tokens: &Tokens) -> Result<Url, ApplyRequestError> {
        let mut parameters = common_parameters(&self.variables)?;
        parameters.extend(self.place(tokens));
        let groups: Vec<&str> = self.groups.iter().map(GroupId::as_str).collect();
        let is_forced = match self.conflicts {
            ConflictRule::Report => false,
            ConflictRule::Replace => true,
        };
        let display = |name: &Option<DisplayName>| name.as_ref().map(ToString::to_string);
        let optional = [
            ("groupId", (!groups.is_empty()).then(|| groups.join(","))),
            ("force", is_forced.then(|| "1".to_owned())),
            ("providerName", display(&self.provider_name)),
            ("serviceName", display(&self.service_name)),
        ];
        for (name, value) in optional {
            parameters.extend(value.map(|value| (name, value)));
        }
        Ok(self.url(tokens, "apply", &parameters))
    }

    /// Domain Connect 2.3, "OAuth Flow: Revert Template".
    fn revert_url(&self, tokens: &Tokens) -> Url {
        self.url(tokens, "revert", &self.place(tokens))
    }

    fn place(&self, tokens: &Tokens) -> Vec<(&'static str, String)> {
        let mut place = vec![("domain", tokens.domain.to_lowercase().to_text())];
        if !self.host.is_apex() {
            place.push(("host", self.host.to_string()));
        }
        place.extend(
            self.instance
                .iter()
                .map(|one| ("instanceId", one.to_string())),
        );
        place
    }

    fn url(&self, tokens: &Tokens, action: &str, parameters: &[(&str, String)]) -> Url {
        let template = TemplateId {
            provider: tokens.provider.clone(),
            service: self.service.clone(),
        };
        let mut url = tokens
            .url_api
            .join(&format!("{}/{action}", template.path()));
        let pairs = parameters
            .iter()
            .map(|(name, value)| (*name, value.as_str()));
        url.set_query(Some(&canonical_query(pairs)));
        url
    }
}

impl Client {
    /// Applies a template. The access token should not be due: see [`Client::refresh_if_due`].
    pub async fn apply(&self, tokens: &Tokens, change: &TemplateChange) -> Result<(), CallFailure> {
        let url = change.apply_url(tokens)?;
        self.call(tokens, &url).await
    }

    /// Takes a template back: one instance when one is named, or all.
    pub async fn revert(
        &self,
        tokens: &Tokens,
        change: &TemplateChange,
    ) -> Result<(), CallFailure> {
        self.call(tokens, &change.revert_url(tokens)).await
    }

    async fn call(&self, tokens: &Tokens, url: &Url) -> Result<(), CallFailure> {
        let bearer = format!("Bearer {}", tokens.access_token.reveal());
        let outgoing = authorized(post("application/json", "{}".to_owned()), &bearer);
        let outgoing = outgoing.ok_or(Unapplied::Unauthorized {
            message: "the access token cannot be sent".to_owned(),
        })?;
        Ok(read(&self.ask(url, outgoing).await?)?)
    }
}

fn read(answer: &Answer) -> Result<(), Unapplied> {
    if answer.status.is_success() {
        return Ok(());
    }
    let body: Option<Value> = serde_json::from_slice(&answer.body).ok();
    let member = |name| body.as_ref().and_then(|body| body.get(name)?.as_str());
    let message = member("message")
        .or_else(|| member("error_description"))
        .or_else(|| member("error"));
    let message = message.map(one_line).unwrap_or_default();
    Err(match answer.status {
        StatusCode::CONFLICT => Unapplied::Conflict {
            records: body.as_ref().map(records).unwrap_or_default(),
        },
        StatusCode::UNAUTHORIZED => Unapplied::Unauthorized { message },
        StatusCode::FORBIDDEN => Unapplied::Forbidden { message },
        StatusCode::GONE => Unapplied::Gone { message },
        StatusCode::NOT_IMPLEMENTED => Unapplied::NotOffered,
        status if status.is_client_error() => Unapplied::Refused {
            status: status.as_u16(),
            retry_after: retry_after(&answer.headers),
            message,
        },
        status => Unapplied::Broken {
            status: status.as_u16(),
            retry_after: retry_after(&answer.headers),
        },
    })
}

/// The records of an answer, those that can be read.
fn records(body: &Value) -> Vec<ConflictingRecord> {
    let records = body.get("records").and_then(Value::as_array);
    let records = records.into_iter().flatten().take(MAX_RECORDS);
    records
        .filter_map(|record| ConflictingRecord::deserialize(record).ok())
        .map(|record| ConflictingRecord {
            rtype: one_line(&record.rtype),
            host: one_line(&record.host),
            data: one_line(&record.data),
        })
        .collect()
}

/// Why a call changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum CallFailure {
    /// It cannot be made.
    #[error(transparent)]
    Values(#[from] ApplyRequestError),
    /// The provider does not answer. Whether something was changed is not known.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The provider says no.
    #[error(transparent)]
    Unapplied(#[from] Unapplied),
}

/// What a provider answers that changed nothing.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Unapplied {
    /// Records are in the way (status 409).
    #[error("{} records are in the way, and nothing was changed: replace them, or let the owner decide", records.len())]
    Conflict {
        /// Which, as far as the provider says.
        records: Vec<ConflictingRecord>,
    },
    /// The token is not believed (401): a new one is to be asked for, and when there is none, the owner took the
    /// permission back.
    #[error("the DNS provider does not accept the token: {message}")]
    Unauthorized {
        /// What the provider says, safe to show on one line.
        message: String,
    },
    /// The permission does not cover this (403).
    #[error("the permission does not cover this: {message}")]
    Forbidden {
        /// What the provider says, safe to show on one line.
        message: String,
    },
    /// What it is about is no more (410).
    #[error("it is not there any more: {message}")]
    Gone {
        /// What the provider says, safe to show on one line.
        message: String,
    },
    /// The provider does not do this (501).
    #[error("the DNS provider does not take templates back for others: its owner can do it")]
    NotOffered,
    /// Something is wrong with the call, or with the account of the owner (4xx).
    #[error("the DNS provider refuses (status {status}): {message}")]
    Refused {
        /// The status.
        status: u16,
        /// How long to wait before the next try, when the provider said.
        retry_after: Option<Duration>,
        /// What the provider says, safe to show on one line.
        message: String,
    },
    /// Something is wrong at the provider (5xx), or it sends elsewhere (3xx).
    #[error("the DNS provider cannot do it now (status {status}): try again later")]
    Broken {
        /// The status.
        status: u16,
        /// How long to wait before the next try, when the provider said.
        retry_after: Option<Duration>,
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
    fn each_status_is_its_own_answer() {
        let read = |status, body: &str| read(&answer(status, body));
        for status in [200, 202, 204] {
            assert_eq!(read(status, ""), Ok(()));
        }
        let conflict = r#"{"code":"409","records":[{"type":"CNAME","host":"www","data":"@"},{"type":7},null]}"#;
        let Err(Unapplied::Conflict { records }) = read(409, conflict) else {
            panic!("no conflict");
        };
        assert_eq!(records.len(), 1);
        assert_eq!(
            read(409, "<html>"),
            Err(Unapplied::Conflict { records: vec![] })
        );
        let message = |text: &str| text.to_owned();
        assert_eq!(
            read(401, ""),
            Err(Unapplied::Unauthorized {
                message: String::new()
            })
        );
        assert_eq!(
            read(403, r#"{"message":"no\nway"}"#),
            Err(Unapplied::Forbidden {
                message: message("no way")
            })
        );
        assert_eq!(
            read(410, r#"{"error_description":"gone"}"#),
            Err(Unapplied::Gone {
                message: message("gone")
            })
        );
        assert_eq!(read(501, ""), Err(Unapplied::NotOffered));
        assert_eq!(
            read(422, r#"{"error":"x"}"#),
            Err(Unapplied::Refused {
                status: 422,
                retry_after: None,
                message: message("x")
            })
        );
        for status in [302, 500] {
            let retry_after = None;
            let broken = Unapplied::Broken {
                status,
                retry_after,
            };
            assert_eq!(read(status, ""), Err(broken));
        }
    }

    #[test]
    fn a_time_to_wait_is_kept() {
        let mut busy = answer(503, "");
        let seconds = http::HeaderValue::from_static("90");
        busy.headers.insert(http::header::RETRY_AFTER, seconds);
        let retry_after = Some(Duration::from_secs(90));
        let broken = Unapplied::Broken {
            status: 503,
            retry_after,
        };
        assert_eq!(read(&busy), Err(broken));
    }
}
