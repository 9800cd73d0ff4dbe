//! ApertoDNS: `POST /.well-known/apertodns/v1/update`.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use apertodns::v1::{ErrorCode, paths};
use apertodns::{Hostname, Secret};
use easement_outbound::http::Answer;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::apply::one_line;
use crate::request::{authorized, post, retry_after};
use crate::{Client, RequestError, UrlPrefix};

/// Where updates are sent, and with which token.
#[derive(Clone, Debug)]
pub struct ApertoDnsService {
    /// The server.
    pub server: UrlPrefix,
    /// The token.
    pub token: Secret,
}

/// What shall become of the addresses of a host.
///
/// ```
/// use easement_client::{AddressUpdate, AddressWish};
///
/// let update = AddressUpdate {
///     hostname: "home.example.com".parse()?,
///     ipv4: AddressWish::Set("192.0.2.1".parse()?),
///     ipv6: AddressWish::Keep,
///     ttl: None,
/// };
/// assert_eq!(update.to_json(), r#"{"hostname":"home.example.com","ipv4":"192.0.2.1"}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AddressUpdate {
    /// Which host.
    pub hostname: Hostname,
    /// Its address of IPv4.
    pub ipv4: AddressWish<Ipv4Addr>,
    /// Its address of IPv6.
    pub ipv6: AddressWish<Ipv6Addr>,
    /// For how long others may remember them, in seconds; left as it is otherwise.
    pub ttl: Option<u32>,
}

/// What shall become of the addresses of one family.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AddressWish<A> {
    /// They stay as they are.
    Keep,
    /// They go.
    Delete,
    /// The one that the request comes from.
    Source,
    /// This one.
    Set(A),
}

impl AddressUpdate {
    /// The body of the request. A family that is kept is not mentioned, one that goes is null (ApertoDNS 1.4.0
    /// section 5.3).
    pub fn to_json(&self) -> String {
        let mut body = Map::new();
        let mut put = |name: &str, value: Value| body.insert(name.to_owned(), value);
        put("hostname", json!(self.hostname.to_string()));
        if let Some(value) = self.ipv4.to_json() {
            put("ipv4", value);
        }
        if let Some(value) = self.ipv6.to_json() {
            put("ipv6", value);
        }
        if let Some(ttl) = self.ttl {
            put("ttl", json!(ttl));
        }
        Value::Object(body).to_string()
    }
}

impl<A: std::fmt::Display> AddressWish<A> {
    fn to_json(&self) -> Option<Value> {
        match self {
            Self::Keep => None,
            Self::Delete => Some(Value::Null),
            Self::Source => Some(json!("auto")),
            Self::Set(address) => Some(json!(address.to_string())),
        }
    }
}

/// A host after an update.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
pub struct UpdatedHost {
    /// Its address of IPv4 now.
    #[serde(default)]
    pub ipv4: Option<Ipv4Addr>,
    /// Its address of IPv6 now.
    #[serde(default)]
    pub ipv6: Option<Ipv6Addr>,
    /// Whether an address is another than before; a server that does not say so is taken to have changed it.
    #[serde(default = "yes")]
    pub changed: bool,
    /// For how long others may remember them, in seconds.
    #[serde(default)]
    pub ttl: Option<u32>,
}

fn yes() -> bool {
    true
}

impl Client {
    /// Updates one host.
    pub async fn update_apertodns(
        &self,
        service: &ApertoDnsService,
        update: &AddressUpdate,
    ) -> Result<UpdatedHost, ApertoDnsError> {
        let outgoing = post("application/json", update.to_json());
        let outgoing = authorized(outgoing, &format!("Bearer {}", service.token.reveal()));
        let outgoing = outgoing.ok_or(ApertoDnsError::Token)?;
        let url = service.server.join(paths::UPDATE);
        read(&self.ask(&url, outgoing).await?)
    }
}

#[derive(Deserialize)]
struct Document {
    success: bool,
    data: Option<UpdatedHost>,
    error: Option<Refusal>,
}

#[derive(Deserialize)]
struct Refusal {
    code: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    retry_after_seconds: Option<u64>,
}

fn read(answer: &Answer) -> Result<UpdatedHost, ApertoDnsError> {
    let status = answer.status.as_u16();
    let retry_after = retry_after(&answer.headers);
    let document: Option<Document> = serde_json::from_slice(&answer.body).ok();
    match document {
        Some(Document {
            success: true,
            data: Some(data),
            error: _,
        }) if answer.status.is_success() => Ok(data),
        Some(Document {
            success: false,
            data: _,
            error: Some(refusal),
        }) => Err(ApertoDnsError::Refused {
            code: refusal.code.parse().ok(),
            message: one_line(&format!("{} ({})", refusal.message, refusal.code)),
            retry_after: refusal
                .retry_after_seconds
                .map(Duration::from_secs)
                .or(retry_after),
        }),
        Some(_) | None => Err(ApertoDnsError::NotApertoDns {
            status,
            retry_after,
        }),
    }
}

/// Why a host was not updated.
#[derive(Debug, thiserror::Error)]
pub enum ApertoDnsError {
    /// The server does not answer.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The token cannot be sent.
    #[error("the token has characters that no token has: copy it again")]
    Token,
    /// The server says no.
    #[error("the server refuses the update: {message}")]
    Refused {
        /// The code, when it is one of ApertoDNS.
        code: Option<ErrorCode>,
        /// What the server says, safe to show on one line.
        message: String,
        /// How long to wait before the next try.
        retry_after: Option<Duration>,
    },
    /// The answer is none of ApertoDNS.
    #[error("the server does not answer as ApertoDNS does (status {status}): check its address")]
    NotApertoDns {
        /// The status.
        status: u16,
        /// How long to wait before the next try.
        retry_after: Option<Duration>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderMap, StatusCode};

    fn answer(status: u16, body: &str) -> Answer {
        let mut headers = HeaderMap::new();
        headers.insert("retry-after", "30".parse().unwrap());
        Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers,
            body: body.as_bytes().to_vec().into(),
        }
    }

    #[test]
    fn each_wish_has_its_own_form() {
        let mut update = AddressUpdate {
            hostname: "h.example.com".parse().unwrap(),
            ipv4: AddressWish::Delete,
            ipv6: AddressWish::Source,
            ttl: Some(300),
        };
        assert_eq!(
            update.to_json(),
            r#"{"hostname":"h.example.com","ipv4":null,"ipv6":"auto","ttl":300}"#
        );
        update.ipv4 = AddressWish::Keep;
        update.ipv6 = AddressWish::Set("2001:db8::1".parse().unwrap());
        update.ttl = None;
        assert_eq!(
            update.to_json(),
            r#"{"hostname":"h.example.com","ipv6":"2001:db8::1"}"#
        );
    }

    #[test]
    fn answers_are_told_apart() {
        let good = r#"{"success":true,"data":{"hostname":"h","ipv4":"192.0.2.1","ipv6":null,"changed":false,"x":1}}"#;
        let host = read(&answer(200, good)).unwrap();
        assert_eq!(host.ipv4, Some([192, 0, 2, 1].into()));
        assert!(!host.changed);
        let refused = |status, body: &str| match read(&answer(status, body)).unwrap_err() {
            ApertoDnsError::Refused {
                code, retry_after, ..
            } => (code, retry_after.unwrap().as_secs()),
            ApertoDnsError::Request(_)
            | ApertoDnsError::Token
            | ApertoDnsError::NotApertoDns { .. } => panic!("{body}"),
        };
        let limited = r#"{"success":false,"error":{"code":"rate_limited","message":"m","retry_after_seconds":7}}"#;
        assert_eq!(refused(429, limited), (Some(ErrorCode::RateLimited), 7));
        let unknown = r#"{"success":false,"error":{"code":"new_code"}}"#;
        assert_eq!(refused(400, unknown), (None, 30));
        for (status, body) in [
            (200, "{}"),
            (200, "<html>"),
            (500, good),
            (204, ""),
            (200, r#"{"success":true}"#),
        ] {
            let error = read(&answer(status, body)).unwrap_err();
            assert!(
                matches!(error, ApertoDnsError::NotApertoDns { .. }),
                "{body}"
            );
        }
    }
}
