//! From text to wire form.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::mnemonics::{ALGORITHMS, CERTIFICATE_TYPES};
use crate::record::check::GATEWAY_IS_NAME;
use crate::record::error::{FieldError, excerpt};
use crate::record::layout::{Field, Single, Tail};
use crate::record::parameters::Parameters;
use crate::record::ttl::parse_seconds;
use crate::record::{DataError, RecordType, location};
use crate::scan::Word;
use crate::{Name, UnknownRecordType};

/// The longest character string (RFC 1035 section 3.3).
const MAX_STRING_OCTETS: usize = 255;

/// A [`DataError`], and the offset of the word that it is about.
#[derive(Clone, Debug)]
pub(crate) struct Misread {
    pub(crate) at: Option<usize>,
    pub(crate) error: DataError,
}

impl Misread {
    /// An error that is not about one word.
    pub(super) fn somewhere(error: DataError) -> Self {
        Self { at: None, error }
    }
}

/// Reads the fields of a type.
pub(super) fn fields(
    rtype: RecordType,
    fields: &[Field],
    words: &[Word<'_>],
    origin: &Name,
) -> Result<Vec<u8>, Misread> {
    let mut wire = Vec::with_capacity(64);
    let mut rest = words;
    for field in fields {
        let count = words_of(*field, rest).ok_or_else(|| {
            Misread::somewhere(DataError::Missing {
                rtype,
                field: field.name(),
                form: form(fields),
            })
        })?;
        let (own, after) = rest.split_at_checked(count).unwrap_or((rest, &[]));
        let read = match field {
            Field::One(_, single) => each(own, |word| one_word(*single, word, origin, &mut wire)),
            Field::Rest(_, tail) => last_words(*tail, own, &mut wire),
        };
        read.map_err(|(word, problem)| Misread {
            at: word.map(|word| word.at),
            error: DataError::Field {
                rtype,
                field: field.name(),
                text: word.map_or_else(String::new, |word| excerpt(word.raw)),
                problem,
            },
        })?;
        rest = after;
    }
    match rest.first() {
        None => Ok(wire),
        Some(word) => Err(Misread {
            at: Some(word.at),
            error: DataError::Extra {
                rtype,
                text: excerpt(word.raw),
                form: form(fields),
            },
        }),
    }
}

/// The names of the fields in their order, for a message.
fn form(fields: &[Field]) -> String {
    let names: Vec<&str> = fields.iter().map(|field| field.name()).collect();
    names.join(" ")
}

/// How many of the words belong to the field; nothing when it needs one and none is left.
fn words_of(field: Field, rest: &[Word<'_>]) -> Option<usize> {
    match field {
        Field::One(..) => (!rest.is_empty()).then_some(1),
        Field::Rest(
            _,
            Tail::Strings | Tail::Hex | Tail::Digest | Tail::Base64 | Tail::Location,
        ) => (!rest.is_empty()).then_some(rest.len()),
        Field::Rest(_, Tail::OptionalBase64 | Tail::Types | Tail::Parameters) => Some(rest.len()),
    }
}

/// A problem and the word that has it.
type FieldProblem<'w, 't> = (Option<&'w Word<'t>>, FieldError);

/// Reads the last field, which may be written as several words.
fn last_words<'w, 't>(
    tail: Tail,
    words: &'w [Word<'t>],
    wire: &mut Vec<u8>,
) -> Result<(), FieldProblem<'w, 't>> {
    let whole = |problem| (words.first(), problem);
    match tail {
        Tail::Strings => each(words, |word| text_strings(word, wire))?,
        Tail::Types => types(words, wire)?,
        Tail::Location => {
            let raw: Vec<&str> = words.iter().map(|word| word.raw).collect();
            push(wire, location::read(&raw).map_err(whole)?);
        }
        Tail::Parameters => {
            push(wire, parameters(words)?.finish().map_err(whole)?);
        }
        Tail::Hex | Tail::Digest => push(
            wire,
            hex(&joined(words)).ok_or_else(|| whole(FieldError::Hex))?,
        ),
        Tail::Base64 | Tail::OptionalBase64 => {
            let octets = STANDARD.decode(joined(words));
            push(wire, octets.map_err(|_| whole(FieldError::Base64))?);
        }
    }
    Ok(())
}

/// Reads the parameters of `SVCB`. A value in quotes stands right behind its `key=` (RFC 9460 section 2.1).
fn parameters<'w, 't>(words: &'w [Word<'t>]) -> Result<Parameters, FieldProblem<'w, 't>> {
    let mut parameters = Parameters::default();
    let mut rest = words;
    while let Some((word, after)) = rest.split_first() {
        let value = after.first().filter(|value| {
            let begins_value = !word.is_quoted && word.raw.find('=') == Some(word.raw.len() - 1);
            begins_value && value.is_quoted && value.at == word.span().end
        });
        let read = parameters.read(word.raw, value.map(|value| value.raw));
        read.map_err(|problem| (Some(word), problem))?;
        rest = after
            .get(usize::from(value.is_some())..)
            .unwrap_or_default();
    }
    Ok(parameters)
}

fn each<'w, 't>(
    words: &'w [Word<'t>],
    mut read: impl FnMut(&Word<'t>) -> Result<(), FieldError>,
) -> Result<(), FieldProblem<'w, 't>> {
    words
        .iter()
        .try_for_each(|word| read(word).map_err(|problem| (Some(word), problem)))
}

/// Reads a field that is written as one word.
fn one_word(
    single: Single,
    word: &Word<'_>,
    origin: &Name,
    wire: &mut Vec<u8>,
) -> Result<(), FieldError> {
    match single {
        Single::U8 => push(wire, number::<u8>(word, u8::MAX.into())?.to_be_bytes()),
        Single::U16 => push(wire, number::<u16>(word, u16::MAX.into())?.to_be_bytes()),
        Single::Algorithm => wire.push(known(word, &ALGORITHMS, u8::MAX.into())?),
        Single::CertificateType => {
            let number: u16 = known(word, &CERTIFICATE_TYPES, u16::MAX.into())?;
            push(wire, number.to_be_bytes());
        }
        Single::U32 => push(wire, number::<u32>(word, u32::MAX)?.to_be_bytes()),
        Single::Seconds => {
            let seconds = parse_seconds(word.raw).ok_or(FieldError::Seconds)?;
            push(wire, seconds.to_be_bytes());
        }
        Single::Ipv4 => push(wire, ipv4(word)?.octets()),
        Single::Ipv6 => push(wire, ipv6(word)?.octets()),
        Single::Name => push(wire, Name::from_text_below(word.raw, origin)?.as_wire()),
        Single::String => string(&word.octets()?, wire)?,
        Single::Tag => {
            let tag = word.octets()?;
            if tag.is_empty() || !tag.iter().all(u8::is_ascii_alphanumeric) {
                return Err(FieldError::Tag);
            }
            string(&tag, wire)?;
        }
        Single::Text => push(wire, word.octets()?),
        Single::FilledText => {
            let octets = word.octets()?;
            if octets.is_empty() {
                return Err(FieldError::Empty);
            }
            push(wire, octets);
        }
        Single::Salt if word.raw == "-" => wire.push(0),
        Single::Salt => string(&hex(word.raw).ok_or(FieldError::Hex)?, wire)?,
        Single::Eui(octets) => push(wire, eui(word, octets)?),
        Single::Gateway => gateway(word, origin, wire)?,
    }
    Ok(())
}

fn push(wire: &mut Vec<u8>, octets: impl AsRef<[u8]>) {
    wire.extend_from_slice(octets.as_ref());
}

pub(super) fn number<T: FromStr>(word: &Word<'_>, max: u32) -> Result<T, FieldError> {
    let digits = word.raw;
    let all_digits = digits.bytes().all(|digit| digit.is_ascii_digit());
    digits
        .parse()
        .ok()
        .filter(|_| all_digits)
        .ok_or(FieldError::Number { max })
}

/// A number, or a mnemonic that stands for one.
fn known<T: FromStr + Copy>(
    word: &Word<'_>,
    mnemonics: &[(&str, T)],
    max: u32,
) -> Result<T, FieldError> {
    mnemonics
        .iter()
        .find(|(mnemonic, _)| mnemonic.eq_ignore_ascii_case(word.raw))
        .map_or_else(|| number(word, max), |(_, number)| Ok(*number))
}

fn ipv4(word: &Word<'_>) -> Result<Ipv4Addr, FieldError> {
    word.raw.parse().map_err(|_| FieldError::Ipv4)
}

fn ipv6(word: &Word<'_>) -> Result<Ipv6Addr, FieldError> {
    word.raw.parse().map_err(|_| FieldError::Ipv6)
}

fn string(octets: &[u8], wire: &mut Vec<u8>) -> Result<(), FieldError> {
    let length = u8::try_from(octets.len()).map_err(|_| FieldError::StringTooLong {
        octets: octets.len(),
    })?;
    wire.push(length);
    wire.extend_from_slice(octets);
    Ok(())
}

/// The strings of a text: one, or as many as it takes when it is longer than a string can be.
fn text_strings(word: &Word<'_>, wire: &mut Vec<u8>) -> Result<(), FieldError> {
    let octets = word.octets()?;
    if octets.is_empty() {
        wire.push(0);
    }
    octets
        .chunks(MAX_STRING_OCTETS)
        .try_for_each(|part| string(part, wire))
}

/// The bitmap of record types (RFC 4034 section 4.1.2).
fn types<'w, 't>(words: &'w [Word<'t>], wire: &mut Vec<u8>) -> Result<(), FieldProblem<'w, 't>> {
    let mut numbers = Vec::with_capacity(words.len());
    each(words, |word| {
        let rtype: Result<RecordType, UnknownRecordType> = word.raw.parse();
        numbers.push(rtype?.number());
        Ok(())
    })?;
    numbers.sort_unstable();
    for window in numbers.chunk_by(|a, b| a >> 8 == b >> 8) {
        let mut bits: Vec<u8> = Vec::with_capacity(32);
        for number in window {
            let [high, low] = number.to_be_bytes();
            if bits.is_empty() {
                wire.push(high);
            }
            bits.resize(bits.len().max(usize::from(low / 8) + 1), 0);
            if let Some(octet) = bits.get_mut(usize::from(low / 8)) {
                *octet |= 0x80 >> (low % 8);
            }
        }
        wire.push(u8::try_from(bits.len()).unwrap_or(u8::MAX));
        wire.extend_from_slice(&bits);
    }
    Ok(())
}

fn eui(word: &Word<'_>, octets: u8) -> Result<Vec<u8>, FieldError> {
    let problem = FieldError::Eui { octets };
    let pairs: Vec<&str> = word.raw.split('-').collect();
    if pairs.len() != usize::from(octets) || pairs.iter().any(|pair| pair.len() != 2) {
        return Err(problem);
    }
    hex(&pairs.concat()).ok_or(problem)
}

/// The gateway in the form that the second octet says (RFC 4025 section 2.5).
fn gateway(word: &Word<'_>, origin: &Name, wire: &mut Vec<u8>) -> Result<(), FieldError> {
    match wire.get(1).copied() {
        Some(0) if word.raw == "." => {}
        Some(1) => push(wire, ipv4(word)?.octets()),
        Some(2) => push(wire, ipv6(word)?.octets()),
        Some(GATEWAY_IS_NAME) => push(wire, Name::from_text_below(word.raw, origin)?.as_wire()),
        _ => return Err(FieldError::Gateway),
    }
    Ok(())
}

/// Words without the white space between them.
pub(super) fn joined(words: &[Word<'_>]) -> String {
    words.iter().map(|word| word.raw).collect()
}

/// Pairs of hexadecimal digits.
pub(super) fn hex(digits: &str) -> Option<Vec<u8>> {
    let (pairs, odd) = digits.as_bytes().as_chunks::<2>();
    if !odd.is_empty() {
        return None;
    }
    let digit = |octet: u8| char::from(octet).to_digit(16);
    pairs
        .iter()
        .map(|[high, low]| u8::try_from(digit(*high)? * 16 + digit(*low)?).ok())
        .collect()
}
