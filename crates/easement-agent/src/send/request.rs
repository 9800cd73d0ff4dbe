//! What the protocols share: one request, and what an answer says whatever its protocol.

use std::time::Duration;

use easement_outbound::http::{Answer, HttpClient, Outgoing, Reading, Target};
use http::header::{HeaderValue, RETRY_AFTER, USER_AGENT};
use http::{HeaderMap, StatusCode};
use url::Url;

use super::OWN_NAME;
use crate::fault::Fault;

/// A longer answer is none of these protocols.
const MAX_ANSWER: usize = 64 * 1024;
/// So much of the words of a server is shown to people.
const MAX_EXCERPT: usize = 200;

/// Sends, and gives the answer whatever its status.
pub(super) async fn ask(
    url: &Url,
    mut outgoing: Outgoing,
    http: &HttpClient,
) -> Result<Answer, Fault> {
    let target = Target::of(url).map_err(|error| Fault::last(error.to_string()))?;
    outgoing.headers.insert(USER_AGENT, OWN_NAME);
    let reading = Reading::Whole { max: MAX_ANSWER };
    let answer = http.send(&target, outgoing, reading).await;
    answer.map_err(|error| Fault::network(format!("{}: {error}", target.authority())))
}

/// The value of `Authorization`, which no log shows.
pub(super) fn authorization(text: &str) -> Result<HeaderValue, Fault> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|_| Fault::last("the secret cannot stand in a request: it is not plain ASCII"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// A fault that the status alone tells; none when the body counts.
pub(super) fn fault_of_status(answer: &Answer) -> Option<Fault> {
    let status = answer.status;
    let said = || format!("the server answered {status}");
    if status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::SERVICE_UNAVAILABLE {
        return Some(Fault::busy(retry_after(&answer.headers), said()));
    }
    if status.is_server_error() {
        return Some(Fault::server(said()));
    }
    if status.is_redirection() {
        let to = answer.headers.get(http::header::LOCATION);
        let to = to
            .and_then(|to| to.to_str().ok())
            .map(excerpt)
            .unwrap_or_default();
        return Some(Fault::last(format!(
            "{} elsewhere ({to}), and secrets do not follow: write the server as it is to be asked",
            said()
        )));
    }
    None
}

/// In seconds; the other form, a date, is not seen in these protocols (RFC 9110 section 10.2.3).
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse().ok().map(Duration::from_secs)
}

/// The beginning of the words of a server, in one line that a terminal obeys nothing of.
pub(super) fn excerpt(text: &str) -> String {
    let shown = text.trim().chars().take(MAX_EXCERPT);
    let shown = shown.map(|c| if c.is_control() { ' ' } else { c });
    shown.collect()
}
