//! The parameters of `SVCB` and `HTTPS` records (RFC 9460 section 2): the keys, and what is allowed on
//! the wire.

mod read;
mod write;

use super::check::WireError;

pub(super) use self::read::Parameters;
pub(super) use self::write::write;

const MANDATORY: u16 = 0;
const ALPN: u16 = 1;
const NO_DEFAULT_ALPN: u16 = 2;
const PORT: u16 = 3;
const IPV4HINT: u16 = 4;
const ECH: u16 = 5;
const IPV6HINT: u16 = 6;
const DOHPATH: u16 = 7;
const OHTTP: u16 = 8;

/// The keys with a name, from the IANA registry. Those after the seven of RFC 9460 are read by name but
/// written by number, since not every server knows their names.
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

/// The last key whose name is written.
const LAST_WRITTEN: u16 = IPV6HINT;

/// The greatest key that may be used (RFC 9460 section 14.3.2).
const MAX_KEY: u16 = 65_534;

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
    // They are in order by now.
    let find = |key: u16| parameters.binary_search_by_key(&key, |(key, _)| *key).ok();
    let has = |key: u16| find(key).is_some();
    let (mandatory, _) = find(MANDATORY)
        .and_then(|index| parameters.get(index))
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

/// The name that a key is written by.
fn key_name(key: u16) -> String {
    NAMES
        .iter()
        .find(|(_, number)| *number == key && key <= LAST_WRITTEN)
        .map_or_else(|| format!("key{key}"), |(name, _)| (*name).to_owned())
}
