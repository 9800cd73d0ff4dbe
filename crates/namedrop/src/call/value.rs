//! Values of records, in the forms that clients send them in.

use std::net::{Ipv4Addr, Ipv6Addr};

use easement_zone::{Host, Name, RecordData, RecordType};

use super::place::{ValueForm, excerpt, expand_value, is_sendable};
use super::{RecordFault, RequestedRecord};

/// The value of a record of a type that some scope opens; `None` for other types, which nobody may write.
pub(super) fn read_value(
    record: &RequestedRecord,
    rtype: RecordType,
    host: Option<&Host>,
) -> Result<Option<RecordData>, RecordFault> {
    let text = record
        .value
        .as_deref()
        .filter(|text| !text.trim().is_empty());
    let text = text.ok_or(RecordFault::NoValue)?;
    if text.chars().any(char::is_control) {
        return Err(RecordFault::ControlCharacter);
    }
    let form = if rtype == RecordType::TXT {
        ValueForm::Text
    } else {
        ValueForm::Name
    };
    let text = expand_value(text, form, host)?;
    let data = match rtype {
        RecordType::A => RecordData::a(address::<Ipv4Addr>(rtype, &text)?),
        RecordType::AAAA => RecordData::aaaa(address::<Ipv6Addr>(rtype, &text)?),
        RecordType::CNAME => RecordData::name(rtype, &target(&text)?),
        RecordType::MX => exchange(&text, record.priority)?,
        RecordType::TXT => read_text(&text)?,
        _ => return Ok(None),
    };
    Ok(Some(data))
}

fn address<A: std::str::FromStr>(rtype: RecordType, text: &str) -> Result<A, RecordFault> {
    text.trim().parse().map_err(|_| RecordFault::Address {
        rtype,
        text: excerpt(text),
    })
}

/// A name, always a full one, with or without its final dot.
fn target(text: &str) -> Result<Name, RecordFault> {
    let name = text.trim().parse::<Name>().ok();
    let is_usual = |name: &Name| {
        !name.is_root() && name.labels().all(is_sendable) && !text.contains(['\\', '*'])
    };
    name.filter(is_usual).ok_or_else(|| RecordFault::Target {
        text: excerpt(text),
    })
}

/// A mail server: with its priority beside it, or in front of it as in a zone file. A single dot is no
/// server at all (RFC 7505).
fn exchange(text: &str, priority: Option<u32>) -> Result<RecordData, RecordFault> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let (in_value, server) = match words.as_slice() {
        [server] => (None, *server),
        [number, server] => {
            let is_number = number.bytes().all(|octet| octet.is_ascii_digit());
            let number = is_number.then(|| number.parse().ok()).flatten();
            (Some(number.ok_or(RecordFault::Priority)?), *server)
        }
        _ => {
            return Err(RecordFault::Target {
                text: excerpt(text),
            });
        }
    };
    let priority = match (in_value, priority) {
        (Some(in_value), Some(priority)) if in_value != priority && priority != 0 => {
            return Err(RecordFault::TwoPriorities { priority, in_value });
        }
        // Programs that have no word for "not said" say 0.
        (Some(in_value), _) => in_value,
        (None, priority) => priority.ok_or(RecordFault::Priority)?,
    };
    let priority = u16::try_from(priority).map_err(|_| RecordFault::Priority)?;
    let server = if server == "." {
        Name::root()
    } else {
        target(server)?
    };
    Ok(RecordData::mx(priority, &server))
}

/// A text: as it is, or in quotation marks as in a zone file when it begins and ends with one.
fn read_text(text: &str) -> Result<RecordData, RecordFault> {
    let is_quoted = text.len() > 1 && text.starts_with('"') && text.ends_with('"');
    if !is_quoted {
        return Ok(RecordData::txt(text.as_bytes())?);
    }
    let read = RecordData::from_text(RecordType::TXT, text)?;
    let joined = read.text().unwrap_or_default();
    if joined.is_empty() {
        return Err(RecordFault::NoValue);
    }
    Ok(RecordData::txt(&joined)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(rtype: RecordType, value: &str, priority: Option<u32>) -> Result<String, RecordFault> {
        let record = RequestedRecord {
            value: Some(value.to_owned()),
            priority,
            ..RequestedRecord::default()
        };
        let host: Host = "sub".parse().unwrap();
        let data = read_value(&record, rtype, Some(&host))?;
        Ok(data.unwrap().to_string())
    }

    #[test]
    fn values_are_read_in_the_forms_that_clients_send() {
        let long = "a".repeat(300);
        let cut = format!("\"{}\" \"{}\"", "a".repeat(255), "a".repeat(45));
        for (rtype, value, priority, expected) in [
            (RecordType::A, " 192.0.2.1 ", Some(0), "192.0.2.1"),
            (RecordType::AAAA, "2001:DB8::1", None, "2001:db8::1"),
            (RecordType::CNAME, "x.example", None, "x.example."),
            (RecordType::CNAME, "x.example.", None, "x.example."),
            (
                RecordType::CNAME,
                "bücher.example",
                None,
                "xn--bcher-kva.example.",
            ),
            (
                RecordType::CNAME,
                "{{host}}.x.example",
                None,
                "sub.x.example.",
            ),
            (
                RecordType::CNAME,
                "s1._domainkey.x.example",
                None,
                "s1._domainkey.x.example.",
            ),
            (RecordType::MX, "m.example", Some(10), "10 m.example."),
            (RecordType::MX, "m.example", Some(0), "0 m.example."),
            (RecordType::MX, "10 m.example.", None, "10 m.example."),
            (RecordType::MX, "10 m.example", Some(10), "10 m.example."),
            (RecordType::MX, "10 m.example", Some(0), "10 m.example."),
            (RecordType::MX, ".", Some(0), "0 ."),
            (
                RecordType::TXT,
                "v=spf1 mx -all",
                None,
                "\"v=spf1 mx -all\"",
            ),
            (
                RecordType::TXT,
                "\"v=spf1 mx\" \" -all\"",
                None,
                "\"v=spf1 mx -all\"",
            ),
            (RecordType::TXT, "\"a\\\"b\"", None, "\"a\\\"b\""),
            (RecordType::TXT, "a \"b\"", None, "\"a \\\"b\\\"\""),
            (RecordType::TXT, "a; b\\", None, "\"a; b\\\\\""),
            (RecordType::TXT, "\"", None, "\"\\\"\""),
            (RecordType::TXT, "for {{host}}", None, "\"for sub\""),
            (RecordType::TXT, &long, None, &cut),
            (RecordType::TXT, &cut, None, &cut),
        ] {
            assert_eq!(
                read(rtype, value, priority).as_deref(),
                Ok(expected),
                "{value}"
            );
        }
    }

    #[test]
    fn what_is_no_value_is_refused() {
        for (rtype, value, priority) in [
            (RecordType::A, "2001:db8::1", None),
            (RecordType::A, "192.0.2.256", None),
            (RecordType::A, "192.0.2.1 192.0.2.2", None),
            (RecordType::A, "192.0.2.1\n", None),
            (RecordType::A, "", None),
            (RecordType::A, "  ", None),
            (RecordType::A, "\\# 4 c0000201", None),
            (RecordType::AAAA, "192.0.2.1", None),
            (RecordType::AAAA, "fe80::1%eth0", None),
            (RecordType::CNAME, "@", None),
            (RecordType::CNAME, ".", None),
            (RecordType::CNAME, "x y.example", None),
            (RecordType::CNAME, "x\\.y.example", None),
            (RecordType::CNAME, "x..example", None),
            (RecordType::CNAME, "*.example", None),
            (RecordType::CNAME, "https://x.example", None),
            (RecordType::MX, "m.example", None),
            (RecordType::MX, "m.example", Some(65_536)),
            (RecordType::MX, "65536 m.example", None),
            (RecordType::MX, "-1 m.example", None),
            (RecordType::MX, "10 m.example", Some(20)),
            (RecordType::MX, "10 m.example x", None),
            (RecordType::MX, "10", None),
            (RecordType::TXT, "\"a\" b\"", None),
            (RecordType::TXT, "\"a\\\"", None),
            (RecordType::TXT, "\"\"", None),
            (RecordType::TXT, "a\tb", None),
        ] {
            assert!(read(rtype, value, priority).is_err(), "{rtype} {value}");
        }
    }
}
