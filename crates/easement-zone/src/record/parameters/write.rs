//! From wire form to words.

use std::net::{Ipv4Addr, Ipv6Addr};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{ALPN, ECH, IPV4HINT, IPV6HINT, MANDATORY, PORT, alpn_ids, key_name, split};
use crate::scan::quote;

/// The parameters as words; the wire form has been checked.
pub(in crate::record) fn write(wire: &[u8]) -> Vec<String> {
    let parameters = split(wire).unwrap_or_default();
    parameters
        .into_iter()
        .map(|(key, value)| {
            let name = key_name(key);
            match value_text(key, value) {
                Some(text) => format!("{name}={text}"),
                None => name,
            }
        })
        .collect()
}

fn value_text(key: u16, value: &[u8]) -> Option<String> {
    if value.is_empty() {
        return None;
    }
    Some(match key {
        MANDATORY => chunks_text(value, |key| key_name(u16::from_be_bytes(key))),
        ALPN => quote(&alpn_list(value)),
        PORT => chunks_text(value, |port| u16::from_be_bytes(port).to_string()),
        IPV4HINT => chunks_text(value, |octets: [u8; 4]| Ipv4Addr::from(octets).to_string()),
        IPV6HINT => chunks_text(value, |octets: [u8; 16]| Ipv6Addr::from(octets).to_string()),
        ECH => STANDARD.encode(value),
        _ => quote(value),
    })
}

fn chunks_text<const N: usize>(value: &[u8], text: impl Fn([u8; N]) -> String) -> String {
    let (chunks, _) = value.as_chunks::<N>();
    let texts: Vec<String> = chunks.iter().map(|chunk| text(*chunk)).collect();
    texts.join(",")
}

/// Identifiers with commas between; a comma or backslash within one is escaped
/// (RFC 9460 appendix A.1).
fn alpn_list(value: &[u8]) -> Vec<u8> {
    let mut list = Vec::with_capacity(value.len());
    for id in alpn_ids(value).unwrap_or_default() {
        if !list.is_empty() {
            list.push(b',');
        }
        for octet in id {
            if matches!(octet, b',' | b'\\') {
                list.push(b'\\');
            }
            list.push(*octet);
        }
    }
    list
}
