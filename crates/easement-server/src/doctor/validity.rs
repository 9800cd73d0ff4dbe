//! From when to when a certificate is valid, which none of our libraries says.

use easement_core::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

const SEQUENCE: u8 = 0x30;
/// The version of an X.509 certificate, which the oldest ones leave out.
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// Beginning and end of a certificate in DER (RFC 5280 section 4.1); nothing when it is none.
pub(crate) fn validity(certificate: &[u8]) -> Option<(Timestamp, Timestamp)> {
    let (certificate, _) = take(certificate, SEQUENCE)?;
    let (mut fields, _) = take(certificate, SEQUENCE)?;
    if let Some((_, rest)) = take(fields, VERSION) {
        fields = rest;
    }
    // Serial number, algorithm of the signature, issuer.
    for _ in 0..3 {
        (_, _, fields) = element(fields)?;
    }
    let (validity, _) = take(fields, SEQUENCE)?;
    let (begins, rest) = time(validity)?;
    let (ends, _) = time(rest)?;
    Some((begins, ends))
}

/// The contents of an element with this tag, and what follows it.
fn take(octets: &[u8], wanted: u8) -> Option<(&[u8], &[u8])> {
    let (tag, contents, rest) = element(octets)?;
    (tag == wanted).then_some((contents, rest))
}

/// Tag, contents, and what follows (X.690 section 8.1).
fn element(octets: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, octets) = octets.split_first()?;
    let (first, octets) = octets.split_first()?;
    let (length, octets) = match first {
        0..=0x7f => (usize::from(*first), octets),
        0x81..=0x84 => {
            let (length, octets) = octets.split_at_checked(usize::from(first & 0x7f))?;
            let length = length
                .iter()
                .fold(0, |sum, octet| (sum << 8) | usize::from(*octet));
            (length, octets)
        }
        _ => return None,
    };
    let (contents, rest) = octets.split_at_checked(length)?;
    Some((*tag, contents, rest))
}

/// A time: with two digits of the year until 2049, with four from then on (RFC 5280 section 4.1.2.5).
fn time(octets: &[u8]) -> Option<(Timestamp, &[u8])> {
    let (tag, contents, rest) = element(octets)?;
    let text = std::str::from_utf8(contents).ok()?;
    let text = match tag {
        UTC_TIME => {
            let year: u8 = text.get(..2)?.parse().ok()?;
            format!("{}{text}", if year < 50 { "20" } else { "19" })
        }
        GENERALIZED_TIME => text.to_owned(),
        _ => return None,
    };
    let moment = DateTime::strptime("%Y%m%d%H%M%SZ", text).ok()?;
    let moment = moment.to_zoned(TimeZone::UTC).ok()?.timestamp();
    Some((Timestamp::from_micros(moment.as_microsecond()), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A certificate with nothing in it but what comes before and what is asked for.
    fn certificate(version: bool, times: &[&[u8]]) -> Vec<u8> {
        let wrap = |tag: u8, parts: &[&[u8]]| {
            let contents = parts.concat();
            let length = u8::try_from(contents.len()).unwrap();
            [&[tag, 0x81, length][..], &contents].concat()
        };
        let validity = wrap(SEQUENCE, times);
        let version: &[u8] = if version { &[VERSION, 3, 2, 1, 2] } else { &[] };
        let before = [&[2, 1, 9][..], &[SEQUENCE, 0], &[SEQUENCE, 0]];
        let fields = wrap(SEQUENCE, &[version, &before.concat(), &validity]);
        wrap(SEQUENCE, &[&fields])
    }

    #[test]
    fn both_forms_of_time_are_read() {
        let old = b"\x17\x0d991231235959Z";
        let short = b"\x17\x0d261126120000Z";
        let long = b"\x18\x0f20500101000000Z";
        for version in [true, false] {
            let (begins, ends) = validity(&certificate(version, &[old, short])).unwrap();
            assert_eq!(begins.to_string(), "1999-12-31T23:59:59Z");
            assert_eq!(ends.to_string(), "2026-11-26T12:00:00Z");
            let (_, ends) = validity(&certificate(version, &[short, long])).unwrap();
            assert_eq!(ends.to_string(), "2050-01-01T00:00:00Z");
        }
    }

    #[test]
    fn what_is_no_certificate_has_no_validity() {
        let good = certificate(true, &[b"\x17\x0d261126120000Z", b"\x17\x0d261126120000Z"]);
        for length in 0..good.len() {
            assert_eq!(validity(&good[..length]), None, "{length}");
        }
        for wrong in [
            &b"\x17\x0d261326120000Z"[..],
            b"\x17\x02\xff\xff",
            b"\x02\x01\x01",
        ] {
            assert_eq!(validity(&certificate(true, &[wrong, wrong])), None);
        }
        assert_eq!(validity(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]), None);
        assert_eq!(validity(&[0x30, 0x80]), None);
    }
}
