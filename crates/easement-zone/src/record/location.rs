//! The data of `LOC` records (RFC 1876): a place on the earth, and how exactly it is known.

use crate::record::error::FieldError;

/// The only version whose form is known (RFC 1876 section 2).
const VERSION: u8 = 0;
/// The octets of data of that version.
const OCTETS: usize = 16;
/// The equator, or the prime meridian, in thousandths of a second of arc.
const MIDDLE: u32 = 1 << 31;
/// How far below the ellipsoid altitudes begin, in centimetres.
const BASE: i64 = 10_000_000;
/// Thousandths of a second of arc in a degree.
const DEGREE: u32 = 3_600_000;
/// One metre, ten kilometres and ten metres: what is meant when nothing is written (RFC 1876 section 3).
const USUAL: [u8; 3] = [0x12, 0x16, 0x13];

/// Whether these octets are data of a version that is not known, which may be anything, or well-formed.
pub(super) fn suits(wire: &[u8]) -> bool {
    match wire {
        [] => false,
        [VERSION, sizes @ ..] => {
            let is_number = |size: &u8| size >> 4 <= 9 && size & 15 <= 9;
            let sizes_suit = sizes.iter().take(3).all(is_number);
            let within = |octets: Option<u32>, degrees: u32| {
                octets.is_some_and(|angle| angle.abs_diff(MIDDLE) <= degrees * DEGREE)
            };
            wire.len() == OCTETS
                && sizes_suit
                && within(number(wire, 4), 90)
                && within(number(wire, 8), 180)
        }
        _ => true,
    }
}

fn number(wire: &[u8], at: usize) -> Option<u32> {
    let octets = wire.get(at..at + 4)?.first_chunk()?;
    Some(u32::from_be_bytes(*octets))
}

//------------ Read ------------------------------------------------------------------------------

/// Reads `d1 [m1 [s1]] N|S d2 [m2 [s2]] E|W altitude [size [horizontal [vertical]]]`.
pub(in crate::record) fn read(words: &[&str]) -> Result<[u8; OCTETS], FieldError> {
    try_read(words).ok_or(FieldError::Location)
}

fn try_read(words: &[&str]) -> Option<[u8; OCTETS]> {
    let (latitude, rest) = read_angle(words, ["N", "S"], 90)?;
    let (longitude, rest) = read_angle(rest, ["E", "W"], 180)?;
    let (altitude, rest) = rest.split_first()?;
    let altitude = u32::try_from(centimetres(altitude)? + BASE).ok()?;
    let mut sizes = USUAL;
    if rest.len() > sizes.len() {
        return None;
    }
    for (size, word) in sizes.iter_mut().zip(rest) {
        *size = read_size(word)?;
    }
    let mut wire = [VERSION; OCTETS];
    let numbers = [latitude, longitude, altitude].map(u32::to_be_bytes);
    let octets = sizes.into_iter().chain(numbers.into_iter().flatten());
    for (place, octet) in wire.iter_mut().skip(1).zip(octets) {
        *place = octet;
    }
    Some(wire)
}

/// One to three words, and the side of the middle, of which the second is below it.
fn read_angle<'w, 't>(
    words: &'w [&'t str],
    sides: [&str; 2],
    most: u32,
) -> Option<(u32, &'w [&'t str])> {
    let is_side = |word: &&str| sides.iter().any(|side| side.eq_ignore_ascii_case(word));
    let at = words.iter().position(is_side)?;
    let (parts, rest) = words.split_at_checked(at)?;
    let (side, rest) = rest.split_first()?;
    let [degrees, smaller @ ..] = parts else {
        return None;
    };
    let (minutes, seconds) = match smaller {
        [] => ("0", "0"),
        [minutes] => (*minutes, "0"),
        [minutes, seconds] => (*minutes, *seconds),
        _ => return None,
    };
    let minutes = decimal(minutes, 0).filter(|minutes| *minutes < 60)?;
    let thousandths = decimal(seconds, 3).filter(|thousandths| *thousandths < 60_000)?;
    let degrees = decimal(degrees, 0).filter(|degrees| *degrees <= most.into())?;
    let angle = degrees * i64::from(DEGREE) + minutes * 60_000 + thousandths;
    let angle = u32::try_from(angle)
        .ok()
        .filter(|angle| *angle <= most * DEGREE)?;
    let is_above = sides
        .first()
        .is_some_and(|above| above.eq_ignore_ascii_case(side));
    let angle = if is_above {
        MIDDLE + angle
    } else {
        MIDDLE - angle
    };
    Some((angle, rest))
}

/// Metres with or without their unit, in centimetres.
fn centimetres(word: &str) -> Option<i64> {
    let metres = word.strip_suffix(['m', 'M']).unwrap_or(word);
    match metres.strip_prefix('-') {
        Some(below) => Some(-decimal(below, 2)?),
        None => decimal(metres, 2),
    }
}

/// A size as its first digit and a power of ten. Digits after the first have no room, and are left out as
/// RFC 1876 appendix A leaves them out.
fn read_size(word: &str) -> Option<u8> {
    let mut digit = centimetres(word).filter(|size| (0..=9_000_000_000).contains(size))?;
    let mut power = 0_u8;
    while digit > 9 {
        digit /= 10;
        power += 1;
    }
    Some(u8::try_from(digit).ok()? << 4 | power)
}

/// A number with up to so many digits after the point, in units of the last of them.
fn decimal(text: &str, places: usize) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let all_digits = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
    let is_number = !whole.is_empty() && all_digits(whole) && all_digits(part);
    if !is_number || part.len() > places || whole.len() > 9 {
        return None;
    }
    format!("{whole}{part:0<places$}").parse().ok()
}

//------------ Write -----------------------------------------------------------------------------

/// The words of well-formed data; nothing when it is of a version that is not known, or has a size of nothing with a
/// power of ten, which words cannot say.
pub(in crate::record) fn write(wire: &[u8]) -> Option<Vec<String>> {
    wire.first().filter(|version| **version == VERSION)?;
    let (latitude, longitude) = (number(wire, 4)?, number(wire, 8)?);
    let altitude = i64::from(number(wire, 12)?) - BASE;
    let sizes = wire.get(1..4)?;
    if sizes.iter().any(|size| size >> 4 == 0 && size & 15 != 0) {
        return None;
    }
    let mut words = write_angle(latitude, ["N", "S"]);
    words.extend(write_angle(longitude, ["E", "W"]));
    words.push(metres(altitude));
    for size in sizes {
        words.push(metres(
            i64::from(size >> 4) * 10_i64.pow((size & 15).into()),
        ));
    }
    Some(words)
}

fn write_angle(angle: u32, [above, below]: [&str; 2]) -> Vec<String> {
    let side = if angle < MIDDLE { below } else { above };
    let angle = angle.abs_diff(MIDDLE);
    let (seconds, thousandths) = (angle / 1000, angle % 1000);
    vec![
        (seconds / 3600).to_string(),
        (seconds / 60 % 60).to_string(),
        format!("{}.{thousandths:03}", seconds % 60),
        side.to_owned(),
    ]
}

fn metres(centimetres: i64) -> String {
    let sign = if centimetres < 0 { "-" } else { "" };
    let size = centimetres.unsigned_abs();
    format!("{sign}{}.{:02}m", size / 100, size % 100)
}

#[cfg(test)]
mod tests {
    use crate::{RecordData, RecordType};

    /// The examples of RFC 1876 section 4, and the ends of what can be written.
    #[test]
    fn places_are_read_and_written() {
        for (text, wire, written) in [
            (
                "42 21 54 N 71 06 18 W -24m 30m",
                "0033161389172dd070be15f000988d20",
                "42 21 54.000 N 71 6 18.000 W -24.00m 30.00m 10000.00m 10.00m",
            ),
            (
                "42 21 43.952 N 71 5 6.344 W -24m 1m 200m",
                "001224138917069070bf2dd800988d20",
                "42 21 43.952 N 71 5 6.344 W -24.00m 1.00m 200.00m 10.00m",
            ),
            (
                "32 7 19 s 116 2 25 e 10",
                "00121613791b7d2898e6486800989a68",
                "32 7 19.000 S 116 2 25.000 E 10.00m 1.00m 10000.00m 10.00m",
            ),
            (
                "90 N 180 W -100000.00m 0 0.09m 90000000m",
                "00009099934fd90059604e0000000000",
                "90 0 0.000 N 180 0 0.000 W -100000.00m 0.00m 0.09m 90000000.00m",
            ),
            (
                "0 0 0.001 N 0 59 59.999 E 42849672.95m 1.99m",
                "00121613800000018036ee7fffffffff",
                "0 0 0.001 N 0 59 59.999 E 42849672.95m 1.00m 10000.00m 10.00m",
            ),
        ] {
            let data = RecordData::from_text(RecordType::LOC, text).unwrap();
            let octets = data.as_wire().iter().map(|octet| format!("{octet:02x}"));
            assert_eq!(octets.collect::<String>(), wire, "{text}");
            assert_eq!(data.to_string(), written);
            let again = RecordData::from_text(RecordType::LOC, written).unwrap();
            assert_eq!(again, data, "{written}");
        }
    }

    /// Found by fuzzing: written as 0.00m it would be read as another octet.
    #[test]
    fn a_size_that_has_no_words_is_kept_as_it_is() {
        let text = r"\# 16 0012160389f3a26c87256671646ea680";
        let data = RecordData::from_text(RecordType::LOC, text).unwrap();
        assert_eq!(data.to_string(), text);
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for text in [
            "",
            "42 N 71 W",
            "N 71 W 0m",
            "42 71 W 0m",
            "42 N 71 0m",
            "91 N 0 E 0m",
            "90 0 0.001 N 0 E 0m",
            "0 N 181 E 0m",
            "0 60 N 0 E 0m",
            "0 0 60 N 0 E 0m",
            "0 0 0.0001 N 0 E 0m",
            "1.5 N 0 E 0m",
            "-1 N 0 E 0m",
            "1 2 3 4 N 0 E 0m",
            "0 N 0 E -100000.01m",
            "0 N 0 E 42849672.96m",
            "0 N 0 E 0.001m",
            "0 N 0 E 0km",
            "0 N 0 E 0m -1m",
            "0 N 0 E 0m 90000000.01m",
            "0 N 0 E 0m 1m 1m 1m 1m",
            "0 N 0 E +1m",
            "0 N 0 E .5m",
            "999999999999 N 0 E 0m",
        ] {
            assert!(
                RecordData::from_text(RecordType::LOC, text).is_err(),
                "{text}"
            );
        }
    }

    #[test]
    fn data_of_another_version_is_kept_as_it_is() {
        for (text, is_good) in [
            (r"\# 3 01abcd", true),
            (r"\# 1 ff", true),
            (r"\# 0", false),
            (r"\# 1 00", false),
            // A size of ten, an exponent of ten, and beyond the pole.
            (r"\# 16 00a21613800000008000000000989680", false),
            (r"\# 16 001a1613800000008000000000989680", false),
            (r"\# 16 00121613934fd9018000000000989680", false),
        ] {
            let data = RecordData::from_text(RecordType::LOC, text);
            assert_eq!(data.is_ok(), is_good, "{text}");
            if let Ok(data) = data {
                assert_eq!(data.to_string(), text);
            }
        }
    }
}
