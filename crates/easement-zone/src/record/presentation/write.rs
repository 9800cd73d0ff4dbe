//! From wire form to text.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::generic;
use crate::Name;
use crate::record::check::field_length;
use crate::record::layout::{Field, Single, Tail};
use crate::record::{RecordType, location, parameters};
use crate::scan::quote;

/// The words of data that suits its type.
pub(super) fn fields(fields: &[Field], data: &[u8], origin: Option<&Name>) -> Vec<String> {
    let mut words = Vec::with_capacity(fields.len());
    let mut rest = data;
    for field in fields {
        let length = field_length(*field, data, rest).unwrap_or(rest.len());
        let (octets, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        match field {
            Field::One(_, Single::Gateway) => words.push(gateway(data, octets, origin)),
            Field::One(_, single) => words.push(one_word(*single, octets, origin)),
            Field::Rest(_, tail) => words.extend(last_words(*tail, octets)),
        }
        rest = after;
    }
    words
}

fn one_word(single: Single, octets: &[u8], origin: Option<&Name>) -> String {
    match single {
        Single::U8
        | Single::U16
        | Single::U32
        | Single::Seconds
        | Single::Algorithm
        | Single::CertificateType => number(octets).to_string(),
        Single::Ipv4 => ipv4(octets),
        Single::Ipv6 => ipv6(octets),
        Single::Name | Single::Gateway => name(octets, origin),
        Single::String => quote(octets.get(1..).unwrap_or_default()),
        Single::Text | Single::FilledText => quote(octets),
        Single::Tag => String::from_utf8_lossy(octets.get(1..).unwrap_or_default()).into_owned(),
        Single::Salt => match octets.get(1..) {
            None | Some([]) => "-".to_owned(),
            Some(salt) => hex(salt, ""),
        },
        Single::Eui(_) => hex(octets, "-"),
    }
}

fn last_words(tail: Tail, octets: &[u8]) -> Vec<String> {
    match tail {
        Tail::Strings => strings(octets),
        Tail::Hex | Tail::Digest => vec![hex(octets, "")],
        Tail::OptionalBase64 if octets.is_empty() => Vec::new(),
        Tail::Base64 | Tail::OptionalBase64 => vec![STANDARD.encode(octets)],
        Tail::Types => types(octets),
        Tail::Parameters => parameters::write(octets),
        Tail::Location => location::write(octets).unwrap_or_else(|| generic::write(octets)),
    }
}

fn number(octets: &[u8]) -> u32 {
    octets
        .iter()
        .fold(0, |value, octet| (value << 8) | u32::from(*octet))
}

fn ipv4(octets: &[u8]) -> String {
    <[u8; 4]>::try_from(octets).map_or_else(|_| String::new(), |ip| Ipv4Addr::from(ip).to_string())
}

fn ipv6(octets: &[u8]) -> String {
    <[u8; 16]>::try_from(octets).map_or_else(|_| String::new(), |ip| Ipv6Addr::from(ip).to_string())
}

fn name(octets: &[u8], origin: Option<&Name>) -> String {
    let Ok(name) = Name::from_wire(octets) else {
        return String::new();
    };
    let mut text = String::with_capacity(octets.len());
    // Writing to a text cannot fail.
    let _ = match origin.and_then(|origin| name.relative_to(origin)) {
        Some(host) => write!(text, "{host}"),
        None => write!(text, "{name}"),
    };
    text
}

fn gateway(data: &[u8], octets: &[u8], origin: Option<&Name>) -> String {
    match data.get(1) {
        Some(1) => ipv4(octets),
        Some(2) => ipv6(octets),
        Some(3) => name(octets, origin),
        _ => ".".to_owned(),
    }
}

fn strings(octets: &[u8]) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = octets;
    while let Some((length, after)) = rest.split_first() {
        let (string, after) = after
            .split_at_checked(usize::from(*length))
            .unwrap_or((after, &[]));
        words.push(quote(string));
        rest = after;
    }
    words
}

fn types(octets: &[u8]) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = octets;
    while let [window, length, after @ ..] = rest {
        let (bits, after) = after
            .split_at_checked(usize::from(*length))
            .unwrap_or((after, &[]));
        for (index, octet) in (0_u16..).zip(bits) {
            for bit in (0..8).filter(|bit| octet & (0x80 >> bit) != 0) {
                let number = (u16::from(*window) << 8) | (index << 3) | bit;
                words.push(RecordType::from_number(number).to_string());
            }
        }
        rest = after;
    }
    words
}

/// Pairs of hexadecimal digits with something between them.
pub(super) fn hex(octets: &[u8], between: &str) -> String {
    let pairs: Vec<String> = octets.iter().map(|octet| format!("{octet:02x}")).collect();
    pairs.join(between)
}
