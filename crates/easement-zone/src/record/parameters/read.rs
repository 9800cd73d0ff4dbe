//! From words to wire form.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{
    ALPN, ECH, IPV4HINT, IPV6HINT, MANDATORY, MAX_KEY, NAMES, NO_DEFAULT_ALPN, OHTTP, PORT,
    key_name, suits,
};
use crate::record::error::{FieldError, excerpt};
use crate::scan::unescape;

/// Parameters while they are read; the wire wants them in ascending order.
#[derive(Debug, Default)]
pub(in crate::record) struct Parameters {
    values: BTreeMap<u16, Vec<u8>>,
}

impl Parameters {
    /// Reads one `key=value`, `key="value"` or `key`. What stands in quotes is a word of its own.
    pub(in crate::record) fn read(
        &mut self,
        word: &str,
        quoted: Option<&str>,
    ) -> Result<(), FieldError> {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        let key = read_key(name)?;
        let octets = unescape(quoted.unwrap_or(value).as_bytes())?;
        let value = read_value(key, &octets)?;
        match self.values.insert(key, value) {
            None => Ok(()),
            Some(_) => Err(FieldError::RepeatedParameter { key: key_name(key) }),
        }
    }

    /// The wire form, when the parameters suit each other.
    pub(in crate::record) fn finish(self) -> Result<Vec<u8>, FieldError> {
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
        .ok_or_else(|| FieldError::UnknownParameter { key: excerpt(name) })
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
        PORT => text.and_then(read_port),
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

/// Digits and nothing else: the number type would take a sign.
fn read_port(text: &str) -> Option<Vec<u8>> {
    let all_digits = text.bytes().all(|digit| digit.is_ascii_digit());
    let port: u16 = text.parse().ok().filter(|_| all_digits)?;
    Some(port.to_be_bytes().to_vec())
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
