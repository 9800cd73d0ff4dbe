//! ApertoDNS v1: `POST /update`, one request a host, with both families in it.

use std::time::Duration;

use ::apertodns::v1::{ErrorCode, paths};
use easement_outbound::http::{Answer, HttpClient, Outgoing};
use http::Method;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::{Map, Value};
use url::Url;

use super::Said;
use super::request::{ask, authorization, excerpt, fault_of_status, retry_after};
use crate::decide::{FamilyWish, HostWish};
use crate::fault::Fault;
use crate::files::SecretText;

pub(super) async fn send(
    server: &Url,
    token: &SecretText,
    ttl: Option<u32>,
    wishes: &[HostWish],
    http: &HttpClient,
) -> Vec<Result<Said, Fault>> {
    let mut said = Vec::new();
    for wish in wishes {
        let one = send_one(server, token, ttl, wish, http).await;
        let is_about_all =
            matches!(&one, Err(fault) if !matches!(fault.kind, crate::FaultKind::Final));
        said.push(one);
        if is_about_all {
            break;
        }
    }
    // A server that is away or busy is not asked for the rest.
    let last = said.last().cloned();
    said.resize(wishes.len(), last.unwrap_or(Ok(Said::Same)));
    said
}

async fn send_one(
    server: &Url,
    token: &SecretText,
    ttl: Option<u32>,
    wish: &HostWish,
    http: &HttpClient,
) -> Result<Said, Fault> {
    let url = server
        .join(paths::UPDATE)
        .map_err(|error| Fault::last(format!("{server}: {error}")))?;
    let json = HeaderValue::from_static("application/json");
    let mut headers = HeaderMap::new();
    headers.insert(
        AUTHORIZATION,
        authorization(&format!("Bearer {}", token.reveal()))?,
    );
    headers.insert(CONTENT_TYPE, json.clone());
    headers.insert(ACCEPT, json);
    let outgoing = Outgoing {
        method: Method::POST,
        headers,
        body: body(wish, ttl).into(),
    };
    read(&ask(&url, outgoing, http).await?)
}

/// A family that is not spoken of stays as it is; `null` takes it out (draft-03 section "Record Deletion via Null
/// Values").
fn body(wish: &HostWish, ttl: Option<u32>) -> String {
    let mut members = Map::new();
    members.insert("hostname".to_owned(), wish.host.to_string().into());
    let ipv4 = value(wish.ipv4).map(|value| ("ipv4".to_owned(), value));
    let ipv6 = value(wish.ipv6).map(|value| ("ipv6".to_owned(), value));
    let ttl = ttl.map(|ttl| ("ttl".to_owned(), ttl.into()));
    members.extend([ipv4, ipv6, ttl].into_iter().flatten());
    Value::Object(members).to_string()
}

fn value<A: ToString>(wish: FamilyWish<A>) -> Option<Value> {
    match wish {
        FamilyWish::Keep => None,
        FamilyWish::Set(address) => Some(Value::String(address.to_string())),
        FamilyWish::Remove => Some(Value::Null),
    }
}

fn read(answer: &Answer) -> Result<Said, Fault> {
    let json: Option<Value> = serde_json::from_slice(&answer.body).ok();
    let Some(json @ Value::Object(_)) = json else {
        return Err(not_apertodns(answer));
    };
    if json.get("success").and_then(Value::as_bool) == Some(true) && answer.status.is_success() {
        let changed = json.pointer("/data/changed").and_then(Value::as_bool);
        return Ok(if changed == Some(false) {
            Said::Same
        } else {
            Said::Changed
        });
    }
    let error = json.get("error");
    let text = |name| {
        error
            .and_then(|error| error.get(name))
            .and_then(Value::as_str)
    };
    let Some(code) = text("code") else {
        return Err(not_apertodns(answer));
    };
    let message = match text("message") {
        Some(message) => format!("{} ({})", excerpt(message), excerpt(code)),
        None => excerpt(code),
    };
    let seconds = error
        .and_then(|error| error.get("retry_after_seconds"))
        .and_then(Value::as_u64);
    let wait = retry_after(&answer.headers).or(seconds.map(Duration::from_secs));
    Err(fault_of_code(code, answer.status.as_u16(), wait, message))
}

/// What will be the same next time is final; what depends on the address, or on others, may pass.
fn fault_of_code(code: &str, status: u16, wait: Option<Duration>, message: String) -> Fault {
    let is = |known: ErrorCode| code == known.as_str();
    let may_pass = is(ErrorCode::IpForbidden) || is(ErrorCode::InvalidIp);
    match status {
        401 | 403 | 404 if !may_pass => Fault::last(message),
        500..=599 if wait.is_some() => Fault::busy(wait, message),
        500..=599 => Fault::server(message),
        _ => Fault::busy(wait, message),
    }
}

fn not_apertodns(answer: &Answer) -> Fault {
    if let Some(fault) = fault_of_status(answer) {
        return fault;
    }
    let message = format!(
        "what answered {} does not speak ApertoDNS: is this the right server?",
        answer.status
    );
    // A portal of the network in between answers so, and goes away.
    Fault::server(message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FaultKind;

    fn wish(ipv4: FamilyWish<&str>, ipv6: FamilyWish<&str>) -> HostWish {
        let parsed = |wish: FamilyWish<&str>| match wish {
            FamilyWish::Keep => None,
            FamilyWish::Set(text) => Some(text.to_owned()),
            FamilyWish::Remove => Some(String::new()),
        };
        let (ipv4, ipv6) = (parsed(ipv4), parsed(ipv6));
        HostWish {
            host: "home.example.com".parse().unwrap(),
            ipv4: match ipv4.as_deref() {
                None => FamilyWish::Keep,
                Some("") => FamilyWish::Remove,
                Some(text) => FamilyWish::Set(text.parse().unwrap()),
            },
            ipv6: match ipv6.as_deref() {
                None => FamilyWish::Keep,
                Some("") => FamilyWish::Remove,
                Some(text) => FamilyWish::Set(text.parse().unwrap()),
            },
        }
    }

    #[test]
    fn a_family_that_stays_is_not_in_the_request() {
        use FamilyWish::{Keep, Remove, Set};
        for (ipv4, ipv6, ttl, expected) in [
            (
                Set("9.9.9.9"),
                Keep,
                None,
                r#"{"hostname":"home.example.com","ipv4":"9.9.9.9"}"#,
            ),
            (
                Set("9.9.9.9"),
                Set("2620:fe::fe"),
                Some(60),
                r#"{"hostname":"home.example.com","ipv4":"9.9.9.9","ipv6":"2620:fe::fe","ttl":60}"#,
            ),
            (
                Keep,
                Remove,
                None,
                r#"{"hostname":"home.example.com","ipv6":null}"#,
            ),
        ] {
            let body: Value = serde_json::from_str(&body(&wish(ipv4, ipv6), ttl)).unwrap();
            assert_eq!(body, serde_json::from_str::<Value>(expected).unwrap());
        }
    }

    #[test]
    fn answers_are_read_for_what_follows() {
        let error = |code: &str| {
            format!(
                r#"{{"success":false,"error":{{"code":"{code}","message":"words","retry_after_seconds":7}}}}"#
            )
        };
        let busy = FaultKind::Busy {
            retry_after: Some(Duration::from_secs(7)),
        };
        for (status, body, expected) in [
            (
                200,
                r#"{"success":true,"data":{"changed":true}}"#.to_owned(),
                Ok(Said::Changed),
            ),
            (
                200,
                r#"{"success":true,"data":{"changed":false}}"#.to_owned(),
                Ok(Said::Same),
            ),
            (401, error("token_revoked"), Err(FaultKind::Final)),
            (403, error("hostname_forbidden"), Err(FaultKind::Final)),
            (403, error("ip_forbidden"), Err(busy)),
            (404, error("not_found"), Err(FaultKind::Final)),
            (429, error("rate_limited"), Err(busy)),
            (500, "oops".to_owned(), Err(FaultKind::Server)),
            (
                200,
                "<html>log in first</html>".to_owned(),
                Err(FaultKind::Server),
            ),
            (302, String::new(), Err(FaultKind::Final)),
            (
                503,
                String::new(),
                Err(FaultKind::Busy { retry_after: None }),
            ),
            (
                400,
                r#"{"success":true}"#.to_owned(),
                Err(FaultKind::Server),
            ),
        ] {
            let answer = Answer {
                status: status.try_into().unwrap(),
                headers: HeaderMap::new(),
                body: body.clone().into(),
            };
            let read = read(&answer).map_err(|fault| fault.kind);
            assert_eq!(read, expected, "{status} {body}");
        }
    }
}
