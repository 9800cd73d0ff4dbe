//! Values that travel through the browser and cannot be changed there.
//!
//! **What it is for.** The service keeps nothing about its visitors. What it must know again when somebody comes
//! back, it gives away: signed (HMAC-SHA256), for one purpose, for one browser, until a moment.
//!
//! **What it is not for.** Secrets: whoever holds a sealed value can read it.

use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use easement_core::{Random, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::visitor::VisitorId;

/// The longest sealed value that is looked at.
const MAX_OCTETS: usize = 2048;
const KEY_OCTETS: usize = 32;
/// What makes one sealed value differ from every other.
const SERIAL_OCTETS: usize = 12;

/// What a sealed value is for. One never passes for another.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Purpose {
    /// `state` of the synchronous flow.
    Synchronous,
    /// A form of one of our pages.
    Form,
    /// What became of a visit to the DNS provider.
    Outcome,
}

impl Purpose {
    fn label(self) -> &'static [u8] {
        match self {
            Self::Synchronous => b"synchronous",
            Self::Form => b"form",
            Self::Outcome => b"outcome",
        }
    }
}

/// Seals values, and opens them.
pub(crate) struct Seal {
    key: hmac::Key,
}

/// What is inside.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Sealed<T> {
    /// The value.
    #[serde(rename = "v")]
    pub(crate) value: T,
    /// Until when it counts, in seconds after 1970.
    #[serde(rename = "u")]
    until: i64,
    /// Which one it is.
    #[serde(rename = "s")]
    pub(crate) serial: String,
}

impl<T> Sealed<T> {
    /// Until when it counts.
    pub(crate) fn until(&self) -> Timestamp {
        Timestamp::from_micros(self.until.saturating_mul(1_000_000))
    }
}

impl Seal {
    /// A seal of its own for each start: what an earlier process sealed is worth nothing.
    pub(crate) fn new(random: &dyn Random) -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, &random.octets(KEY_OCTETS)),
        }
    }

    /// Seals a value for one visitor.
    pub(crate) fn close<T: Serialize>(
        &self,
        (purpose, visitor): (Purpose, &VisitorId),
        value: T,
        (now, lifetime): (Timestamp, Duration),
        random: &dyn Random,
    ) -> String {
        let sealed = Sealed {
            value,
            until: now.plus(lifetime).as_micros() / 1_000_000,
            serial: BASE64_URL_SAFE_NO_PAD.encode(random.octets(SERIAL_OCTETS)),
        };
        // Values of ours always have a form in JSON; an empty text opens nothing.
        let body = serde_json::to_vec(&sealed).unwrap_or_default();
        let tag = hmac::sign(&self.key, &signed_octets(purpose, visitor, &body));
        let (body, tag) = (
            BASE64_URL_SAFE_NO_PAD.encode(&body),
            BASE64_URL_SAFE_NO_PAD.encode(tag.as_ref()),
        );
        format!("{body}.{tag}")
    }

    /// Opens what was sealed for this purpose and this visitor.
    pub(crate) fn open<T: DeserializeOwned>(
        &self,
        (purpose, visitor): (Purpose, &VisitorId),
        text: &str,
        now: Timestamp,
    ) -> Result<Sealed<T>, SealError> {
        if text.len() > MAX_OCTETS {
            return Err(SealError::NotOurs);
        }
        let (body, tag) = text.split_once('.').ok_or(SealError::NotOurs)?;
        let decode = |part| BASE64_URL_SAFE_NO_PAD.decode(part);
        let body = decode(body).map_err(|_| SealError::NotOurs)?;
        let tag = decode(tag).map_err(|_| SealError::NotOurs)?;
        hmac::verify(&self.key, &signed_octets(purpose, visitor, &body), &tag)
            .map_err(|_| SealError::NotOurs)?;
        let sealed: Sealed<T> = serde_json::from_slice(&body).map_err(|_| SealError::NotOurs)?;
        if now >= sealed.until() {
            return Err(SealError::Expired);
        }
        Ok(sealed)
    }
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal(..)")
    }
}

/// The parts cannot run into each other: neither label nor visitor has a zero octet.
fn signed_octets(purpose: Purpose, visitor: &VisitorId, body: &[u8]) -> Vec<u8> {
    [
        purpose.label(),
        &[0],
        visitor.as_str().as_bytes(),
        &[0],
        body,
    ]
    .concat()
}

/// Why a sealed value does not count.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum SealError {
    /// It was changed, is for something else or for another browser, or was never sealed here.
    #[error("it was not made here for this browser")]
    NotOurs,
    /// It is too old.
    #[error("it has expired")]
    Expired,
}

#[cfg(test)]
mod tests {
    use super::*;
    use easement_outbound::SystemRandom;

    const NOW: Timestamp = Timestamp::from_micros(1_000_000_000);
    const HOUR: Duration = Duration::from_hours(1);

    #[test]
    fn only_what_was_sealed_for_the_purpose_and_the_browser_opens() {
        let seal = Seal::new(&SystemRandom);
        let (ours, other) = (VisitorId::new(&SystemRandom), VisitorId::new(&SystemRandom));
        let place = (Purpose::Synchronous, &ours);
        let text = seal.close(place, "journey", (NOW, HOUR), &SystemRandom);
        let open = |place, text: &str, now| {
            let opened = seal.open::<String>(place, text, now);
            opened.map(|sealed| sealed.value)
        };
        assert_eq!(open(place, &text, NOW), Ok("journey".to_owned()));

        let (body, tag) = text.split_once('.').unwrap();
        let forged = BASE64_URL_SAFE_NO_PAD.encode(r#"{"v":"x","u":99999999999,"s":"a"}"#);
        let another = Seal::new(&SystemRandom);
        let foreign = another.close(place, "journey", (NOW, HOUR), &SystemRandom);
        for (place, text) in [
            ((Purpose::Form, &ours), text.as_str()),
            ((Purpose::Outcome, &ours), &text),
            ((Purpose::Synchronous, &other), &text),
            (place, ""),
            (place, "."),
            (place, body),
            (place, &format!("{body}.")),
            (place, &format!("{forged}.{tag}")),
            (place, &foreign),
            (place, &format!("{text}A")),
            (place, &"A".repeat(100_000)),
        ] {
            assert_eq!(open(place, text, NOW), Err(SealError::NotOurs), "{text}");
        }
        assert_eq!(open(place, &text, NOW.plus(HOUR)), Err(SealError::Expired));
    }
}
