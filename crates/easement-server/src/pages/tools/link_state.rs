//! What stands in a shared link of the playground.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;
use serde::{Deserialize, Serialize};

/// The version of the form of links, and a dot.
const VERSION: &str = "1.";
/// The longest state in a link: browsers and proxies agree on addresses of about 8000 characters.
const MAX_TOKEN_OCTETS: usize = 7000;
/// The largest state after decompression: a template of 256 KiB with its escapes, and a zone.
const MAX_STATE_OCTETS: usize = 768 * 1024;
/// How hard to compress, of 10.
const LEVEL: u8 = 9;

/// Everything that makes the playground show what it shows.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct LinkState {
    /// The template.
    #[serde(rename = "t")]
    pub(super) template: LinkTemplate,
    /// The host.
    #[serde(rename = "h", skip_serializing_if = "String::is_empty")]
    pub(super) host: String,
    /// The groups.
    #[serde(rename = "g", skip_serializing_if = "Vec::is_empty")]
    pub(super) groups: Vec<String>,
    /// The variables.
    #[serde(rename = "v", skip_serializing_if = "Vec::is_empty")]
    pub(super) variables: Vec<(String, String)>,
    /// The zone, unless it is the usual one.
    #[serde(rename = "z", skip_serializing_if = "Option::is_none")]
    pub(super) zone: Option<String>,
}

/// The template of a link.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) enum LinkTemplate {
    /// Its text.
    #[serde(rename = "j")]
    Text(String),
    /// One of this server, and the checksum that its text had.
    #[serde(rename = "i")]
    Imported(String, String),
}

impl Default for LinkTemplate {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

/// A state that cannot be read.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(super) enum LinkStateError {
    /// It was made by another version.
    #[error("The link was made by another version of this server.")]
    Version,
    /// It was cut or changed.
    #[error("The link is damaged: it may have been cut where it was copied.")]
    Damaged,
}

impl LinkState {
    /// The state as a part of an address, when it is short enough for one.
    pub(super) fn write(&self) -> Option<String> {
        let json = serde_json::to_vec(self).ok()?;
        let packed = compress_to_vec(&json, LEVEL);
        let token = format!("{VERSION}{}", BASE64_URL_SAFE_NO_PAD.encode(packed));
        (token.len() <= MAX_TOKEN_OCTETS).then_some(token)
    }

    /// Reads what [`write`](Self::write) wrote, and never more than that can be.
    pub(super) fn read(token: &str) -> Result<Self, LinkStateError> {
        let body = token.strip_prefix(VERSION).ok_or(LinkStateError::Version)?;
        if token.len() > MAX_TOKEN_OCTETS {
            return Err(LinkStateError::Damaged);
        }
        let damaged = |_| LinkStateError::Damaged;
        let packed = BASE64_URL_SAFE_NO_PAD.decode(body);
        let packed = packed.map_err(|_| LinkStateError::Damaged)?;
        let json = decompress_to_vec_with_limit(&packed, MAX_STATE_OCTETS).map_err(damaged)?;
        serde_json::from_slice(&json).map_err(|_| LinkStateError::Damaged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_survives_its_way_through_an_address() {
        let state = LinkState {
            template: LinkTemplate::Imported("p.example/web".to_owned(), "ab12".to_owned()),
            host: "shop".to_owned(),
            groups: vec!["web".to_owned()],
            variables: vec![("ip".to_owned(), "192.0.2.1 <ü>".to_owned())],
            zone: Some("$ORIGIN example.com.\n".to_owned()),
        };
        let token = state.write().unwrap();
        assert!(
            token
                .bytes()
                .all(|one| one.is_ascii_alphanumeric() || b"-_.".contains(&one))
        );
        assert_eq!(LinkState::read(&token), Ok(state));
    }

    #[test]
    fn what_is_damaged_or_swells_up_is_refused() {
        let bomb = compress_to_vec(&vec![b' '; 4 * MAX_STATE_OCTETS], LEVEL);
        let bomb = format!("{VERSION}{}", BASE64_URL_SAFE_NO_PAD.encode(bomb));
        assert!(
            bomb.len() < MAX_TOKEN_OCTETS,
            "only its contents are too large"
        );
        let token = LinkState::default().write().unwrap();
        for (token, error) in [
            (bomb.as_str(), LinkStateError::Damaged),
            (&token[..token.len() - 3], LinkStateError::Damaged),
            ("1.", LinkStateError::Damaged),
            ("1.%%%", LinkStateError::Damaged),
            ("2.AAAA", LinkStateError::Version),
            ("", LinkStateError::Version),
        ] {
            assert_eq!(LinkState::read(token), Err(error), "{token}");
        }
    }

    #[test]
    fn what_does_not_fit_an_address_has_no_link() {
        let mut text = String::new();
        for number in 0..20_000u64 {
            text.push_str(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_string());
        }
        let template = LinkTemplate::Text(text);
        let state = LinkState {
            template,
            ..LinkState::default()
        };
        assert_eq!(state.write(), None);
    }
}
