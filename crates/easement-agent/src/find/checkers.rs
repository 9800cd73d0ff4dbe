//! Addresses from servers that say from where they are asked.
//!
//! With one, it is believed, and so is each server that is updated. With more, two that say the same are: one that lies,
//! is broken or sits behind a portal changes nothing. They are asked one after the other, until it is decided.

use apertodns::address::Address;
use easement_outbound::http::{HttpClient, Outgoing, Reading, Target};
use http::header::{ACCEPT, HeaderMap, HeaderValue, USER_AGENT};
use url::Url;

use super::text::address_in;
use crate::decide::Finding;

/// A longer answer is no address.
const MAX_ANSWER: usize = 16 * 1024;

/// How many have to say the same.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Trust {
    /// Each is believed alone.
    Each,
    /// Two have to agree.
    Two,
}

impl Trust {
    /// In servers that a person named.
    pub(super) fn of(urls: &[Url]) -> Self {
        if urls.len() == 1 {
            Self::Each
        } else {
            Self::Two
        }
    }
}

pub(super) async fn ask<A: Address>(urls: &[Url], trust: Trust, http: &HttpClient) -> Finding<A> {
    let http = http.clone().over(A::FAMILY);
    let mut heard: Vec<A> = Vec::new();
    let mut failures = Vec::new();
    for url in urls {
        match ask_one::<A>(url, &http).await {
            Ok(address) => heard.push(address),
            Err(reason) => failures.push(format!("{url}: {reason}")),
        }
        if let Some(address) = agreed(&heard, trust) {
            return Finding::Found(vec![address]);
        }
    }
    let why = match heard.as_slice() {
        [] if failures.is_empty() => "no server is named that says an address".to_owned(),
        [] => failures.join("; "),
        [one] => format!(
            "only one of {} servers said an address ({one}), and two must agree: {}",
            urls.len(),
            failures.join("; ")
        ),
        several => {
            let said: Vec<String> = several.iter().map(ToString::to_string).collect();
            format!("no two servers say the same address: {}", said.join(", "))
        }
    };
    Finding::Unknown { why }
}

/// What enough of them say.
fn agreed<A: Address>(heard: &[A], trust: Trust) -> Option<A> {
    let needed = match trust {
        Trust::Each => 1,
        Trust::Two => 2,
    };
    let count = |address: &A| heard.iter().filter(|other| *other == address).count();
    heard
        .iter()
        .find(|address| count(address) >= needed)
        .copied()
}

async fn ask_one<A: Address>(url: &Url, http: &HttpClient) -> Result<A, String> {
    let target = Target::of(url).map_err(|error| error.to_string())?;
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("text/plain, */*;q=0.5"));
    headers.insert(USER_AGENT, crate::send::OWN_NAME);
    let outgoing = Outgoing {
        headers,
        ..Outgoing::default()
    };
    let reading = Reading::Whole { max: MAX_ANSWER };
    let answer = http.send(&target, outgoing, reading).await;
    let answer = answer.map_err(|error| error.to_string())?;
    if !answer.status.is_success() {
        return Err(format!("it answered {}", answer.status));
    }
    let text = std::str::from_utf8(&answer.body).map_err(|_| "it answered with no text")?;
    address_in(text).map_err(|reason| reason.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[test]
    fn one_that_lies_does_not_count() {
        let address = |last| Ipv4Addr::new(9, 9, 9, last);
        for (heard, trust, expected) in [
            (vec![], Trust::Each, None),
            (vec![1], Trust::Each, Some(1)),
            (vec![1], Trust::Two, None),
            (vec![1, 2], Trust::Two, None),
            (vec![1, 2, 2], Trust::Two, Some(2)),
            (vec![2, 2], Trust::Two, Some(2)),
        ] {
            let heard: Vec<_> = heard.into_iter().map(address).collect();
            assert_eq!(agreed(&heard, trust), expected.map(address), "{heard:?}");
        }
    }
}
