//! The parameters of `SVCB` and `HTTPS` records (RFC 9460 section 2).

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::check::WireError;
use super::error::FieldError;
use crate::scan::{quote, unescape};

const MANDATORY: u16 = 0;
const ALPN: u16 = 1;
const NO_DEFAULT_ALPN: u16 = 2;
const PORT: u16 = 3;
const IPV4HINT: u16 = 4;
const ECH: u16 = 5;
const IPV6HINT: u16 = 6;
const DOHPATH: u16 = 7;
const OHTTP: u16 = 8;

/// The keys with a name, from the IANA registry.
const NAMES: [(&str, u16); 9] = [
    ("mandatory", MANDATORY),
    ("alpn", ALPN),
    ("no-default-alpn", NO_DEFAULT_ALPN),
    ("port", PORT),
    ("ipv4hint", IPV4HINT),
    ("ech", ECH),
    ("ipv6hint", IPV6HINT),
    ("dohpath", DOHPATH),
    ("ohttp", OHTTP),
];

/// The greatest key that may be used (RFC 9460 section 14.3.2).
const MAX_KEY: u16 = 65_534;

//------------ Wire ------------------------------------------------------------------------------

/// Refuses parameters that RFC 9460 section 2.2 calls malformed.
pub(super) fn check(wire: &[u8]) -> Result<(), WireError> {
    let parameters = split(wire)?;
    let mut least = 0;
    for (key, value) in &parameters {
        if *key < least || *key > MAX_KEY || !suits(*key, value) {
            return Err(WireError::Malformed);
        }
        least = key + 1;
    }
    let has = |key: u16| parameters.iter().any(|(other, _)| *other == key);
    let (mandatory, _) = parameters
        .iter()
        .find(|(key, _)| *key == MANDATORY)
        .map_or(&[] as &[u8], |(_, value)| *value)
        .as_chunks::<2>();
    let all_there = mandatory.iter().all(|key| has(u16::from_be_bytes(*key)));
    if all_there && (has(ALPN) || !has(NO_DEFAULT_ALPN)) {
        Ok(())
    } else {
        Err(WireError::Malformed)
    }
}

/// Each key with its value, in the order of the wire.
fn split(wire: &[u8]) -> Result<Vec<(u16, &[u8])>, WireError> {
    let mut parameters = Vec::new();
    let mut rest = wire;
    while !rest.is_empty() {
        let [a, b, c, d, after @ ..] = rest else {
            return Err(WireError::Truncated);
        };
        let length = usize::from(u16::from_be_bytes([*c, *d]));
        let (value, after) = after.split_at_checked(length).ok_or(WireError::Truncated)?;
        parameters.push((u16::from_be_bytes([*a, *b]), value));
        rest = after;
    }
    Ok(parameters)
}

/// Whether a value has the form that its key asks for (RFC 9460 sections 7 and 8).
fn suits(key: u16, value: &[u8]) -> bool {
    match key {
        MANDATORY => {
            let (keys, odd) = value.as_chunks::<2>();
            let ascends = keys.windows(2).all(|pair| pair.first() < pair.last());
            odd.is_empty() && ascends && keys.first().is_some_and(|first| *first != [0, 0])
        }
        ALPN => !value.is_empty() && alpn_ids(value).is_some(),
        NO_DEFAULT_ALPN | OHTTP => value.is_empty(),
        PORT => value.len() == 2,
        IPV4HINT => !value.is_empty() && value.len().is_multiple_of(4),
        IPV6HINT => !value.is_empty() && value.len().is_multiple_of(16),
        ECH => !value.is_empty(),
        DOHPATH => std::str::from_utf8(value).is_ok(),
        _ => true,
    }
}

/// The protocol identifiers, each of 1 to 255 octets.
fn alpn_ids(value: &[u8]) -> Option<Vec<&[u8]>> {
    let mut ids = Vec::new();
    let mut rest = value;
    while let Some((length, after)) = rest.split_first() {
        let (id, after) = after.split_at_checked(usize::from(*length))?;
        if id.is_empty() {
            return None;
        }
        ids.push(id);
        rest = after;
    }
    Some(ids)
}

//------------ Write -----------------------------------------------------------------------------

/// The parameters as words; the wire form has been checked.
pub(super) fn write(wire: &[u8]) -> Vec<String> {
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

fn key_name(key: u16) -> String {
    NAMES
        .iter()
        .find(|(_, number)| *number == key)
        .map_or_else(|| format!("key{key}"), |(name, _)| (*name).to_owned())
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

//------------ Read ------------------------------------------------------------------------------

/// Parameters while they are read; the wire wants them in ascending order.
#[derive(Debug, Default)]
pub(super) struct Parameters {
    values: BTreeMap<u16, Vec<u8>>,
}

impl Parameters {
    /// Reads one `key=value`, `key="value"` or `key`.
    pub(super) fn read(&mut self, word: &str) -> Result<(), FieldError> {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        let key = read_key(name)?;
        let inner = value
            .strip_prefix('"')
            .and_then(|value| value.strip_suffix('"'));
        let octets = unescape(inner.unwrap_or(value).as_bytes())?;
        let value = read_value(key, &octets)?;
        match self.values.insert(key, value) {
            None => Ok(()),
            Some(_) => Err(FieldError::RepeatedParameter { key: key_name(key) }),
        }
    }

    /// The wire form, when the parameters suit each other.
    pub(super) fn finish(self) -> Result<Vec<u8>, FieldError> {
        self.check_together()?;
        let mut wire = Vec::new();
        for (key, value) in self.values {
            let length = u16::try_from(value.len()).map_err(|_| FieldError::ParameterValue {
                key: key_name(key),
                expected: "a value of at most 65535 octets",
            })?;
            wire.extend_from_slice(&key.to_be_bytes());
            wire.extend_from_slice(&length.to_be_bytes());
            wire.extend_from_slice(&value);
        }
        Ok(wire)
    }

    fn check_together(&self) -> Result<(), FieldError> {
        let refuse = |key, expected| {
            let key = key_name(key);
            Err(FieldError::ParameterValue { key, expected })
        };
        let listed = self
            .values
            .get(&MANDATORY)
            .map_or(&[] as &[u8], Vec::as_slice);
        let (keys, _) = listed.as_chunks::<2>();
        let is_there = |key: &[u8; 2]| self.values.contains_key(&u16::from_be_bytes(*key));
        if !keys.iter().all(is_there) {
            return refuse(MANDATORY, "every parameter that it names to be there");
        }
        let without_default = self.values.contains_key(&NO_DEFAULT_ALPN);
        if without_default && !self.values.contains_key(&ALPN) {
            return refuse(NO_DEFAULT_ALPN, "alpn beside it");
        }
        Ok(())
    }
}

fn read_key(name: &str) -> Result<u16, FieldError> {
    let known = NAMES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name));
    if let Some((_, key)) = known {
        return Ok(*key);
    }
    name.split_at_checked(3)
        .filter(|(word, _)| word.eq_ignore_ascii_case("key"))
        .filter(|(_, digits)| digits.bytes().all(|digit| digit.is_ascii_digit()))
        .and_then(|(_, digits)| digits.parse().ok())
        .filter(|key| *key <= MAX_KEY)
        .ok_or_else(|| FieldError::UnknownParameter {
            key: super::error::excerpt(name),
        })
}

fn read_value(key: u16, octets: &[u8]) -> Result<Vec<u8>, FieldError> {
    let expected = match key {
        MANDATORY => "names of other parameters with commas between them, none of them twice",
        ALPN => "protocol identifiers with commas between them",
        NO_DEFAULT_ALPN | OHTTP => "no value",
        PORT => "a whole number from 0 to 65535",
        IPV4HINT => "IPv4 addresses with commas between them",
        ECH => "base64",
        IPV6HINT => "IPv6 addresses with commas between them",
        _ => "text in UTF-8",
    };
    let text = std::str::from_utf8(octets).ok();
    let value = match key {
        MANDATORY => text.and_then(read_mandatory),
        ALPN => read_alpn(octets),
        PORT => text.and_then(|text| read_list(text, u16::to_be_bytes)),
        IPV4HINT => text.and_then(|text| read_list(text, |address: Ipv4Addr| address.octets())),
        IPV6HINT => text.and_then(|text| read_list(text, |address: Ipv6Addr| address.octets())),
        ECH => STANDARD.decode(octets).ok(),
        _ => Some(octets.to_vec()),
    };
    value
        .filter(|value| suits(key, value))
        .ok_or_else(|| FieldError::ParameterValue {
            key: key_name(key),
            expected,
        })
}

fn read_list<T: std::str::FromStr, const N: usize>(
    text: &str,
    wire: impl Fn(T) -> [u8; N],
) -> Option<Vec<u8>> {
    let mut value = Vec::new();
    for item in text.split(',') {
        value.extend_from_slice(&wire(item.parse().ok()?));
    }
    Some(value)
}

fn read_mandatory(text: &str) -> Option<Vec<u8>> {
    let mut keys = Vec::new();
    for name in text.split(',') {
        keys.push(read_key(name).ok()?);
    }
    keys.sort_unstable();
    Some(keys.iter().flat_map(|key| key.to_be_bytes()).collect())
}

/// Splits at commas that no backslash stands before (RFC 9460 appendix A.1).
fn read_alpn(octets: &[u8]) -> Option<Vec<u8>> {
    let mut ids = vec![Vec::new()];
    let mut rest = octets.iter();
    while let Some(octet) = rest.next() {
        match octet {
            b',' => ids.push(Vec::new()),
            b'\\' => ids.last_mut()?.push(*rest.next()?),
            other => ids.last_mut()?.push(*other),
        }
    }
    let mut value = Vec::new();
    for id in ids {
        value.push(u8::try_from(id.len()).ok().filter(|length| *length > 0)?);
        value.extend_from_slice(&id);
    }
    Some(value)
}
