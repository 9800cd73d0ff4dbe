//! Values in place of variables, and text in presentation format.

use crate::template::{Part, Pattern, Variable};
use crate::{VariableName, Variables};

use super::Scope;

/// The longest text that replacing variables may give.
const MAX_RENDERED_OCTETS: usize = 16_384;

/// Replaces variables, each once: values are not looked at again (draft-05 section 9.2.2).
pub(crate) fn substitute(
    pattern: &Pattern,
    scope: &Scope,
    variables: &Variables,
) -> Result<String, TextFault> {
    let mut text = String::new();
    for part in pattern.parts() {
        match part {
            Part::Text(part) => text.push_str(part),
            Part::Variable(variable) => text.push_str(value(variable, scope, variables)?),
        }
        if text.len() > MAX_RENDERED_OCTETS {
            return Err(TextFault::TooLong);
        }
    }
    Ok(text)
}

/// The value of one variable.
pub(crate) fn value<'a>(
    variable: &Variable,
    scope: &'a Scope,
    variables: &'a Variables,
) -> Result<&'a str, TextFault> {
    match variable {
        Variable::Host => Ok(scope.host_text()),
        Variable::Domain => Ok(scope.domain_text()),
        Variable::Fqdn => Ok(scope.fqdn_text()),
        Variable::Named(name) => variables
            .get(name)
            .ok_or_else(|| TextFault::MissingVariable { name: name.clone() }),
    }
}

/// The octets of `TXT` data in presentation format (draft-05 section 6.2, `data`): one string that
/// may go without its quotation marks, or several with them, which belong together.
pub(crate) fn txt_octets(text: &str) -> Result<Vec<u8>, TextFault> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.trim_start();
    if !rest.starts_with('"') {
        let end = unescape(text, &mut octets, None)?;
        debug_assert!(end.is_empty(), "an unquoted text is read to its end");
        return Ok(octets);
    }
    while let Some(inside) = rest.strip_prefix('"') {
        rest = unescape(inside, &mut octets, Some('"'))?.trim_start();
    }
    if rest.is_empty() {
        Ok(octets)
    } else {
        Err(TextFault::Quotation)
    }
}

/// Reads up to the closing mark, or to the end when there is none to wait for, and gives back what
/// follows. `\DDD` is an octet, a backslash before anything else stands for that alone
/// (RFC 1035 section 5.1).
fn unescape<'a>(
    text: &'a str,
    octets: &mut Vec<u8>,
    closing: Option<char>,
) -> Result<&'a str, TextFault> {
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if Some(character) == closing {
            return Ok(characters.as_str());
        }
        if character != '\\' {
            octets.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        let escaped = characters.next().ok_or(TextFault::Escape)?;
        let Some(hundreds) = escaped.to_digit(10) else {
            octets.extend_from_slice(escaped.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        };
        let mut digit = || characters.next().and_then(|digit| digit.to_digit(10));
        let (Some(tens), Some(ones)) = (digit(), digit()) else {
            return Err(TextFault::Escape);
        };
        let octet = hundreds * 100 + tens * 10 + ones;
        octets.push(u8::try_from(octet).map_err(|_| TextFault::Escape)?);
    }
    match closing {
        Some(_) => Err(TextFault::Quotation),
        None => Ok(""),
    }
}

/// Why a text cannot be rendered.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TextFault {
    /// The request gives no value for a variable.
    #[error("the request gives no value for the variable %{name}%")]
    MissingVariable {
        /// The variable.
        name: VariableName,
    },
    /// The text becomes too long.
    #[error("the text becomes longer than {MAX_RENDERED_OCTETS} octets")]
    TooLong,
    /// Quotation marks do not match.
    #[error("the quotation marks of the text do not match")]
    Quotation,
    /// A backslash is not followed by what it needs.
    #[error("a backslash must be followed by a character, or by three digits up to 255")]
    Escape,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn txt_data_is_read_with_and_without_quotation_marks() {
        for (text, octets) in [
            ("", ""),
            ("v=DMARC1; p=none", "v=DMARC1; p=none"),
            (r"v=DMARC1\; p=none", "v=DMARC1; p=none"),
            (r#""Hello World""#, "Hello World"),
            (r#""one" "two""#, "onetwo"),
            (r#""a\"b\\c""#, r#"a"b\c"#),
            (r"a\065b", "aAb"),
            (r#"a"b"#, r#"a"b"#),
        ] {
            assert_eq!(txt_octets(text).as_deref(), Ok(octets.as_bytes()), "{text}");
        }
        for text in [r#""open"#, r#""a" b"#, "a\\", r"a\25", r"\999"] {
            assert!(txt_octets(text).is_err(), "{text}");
        }
    }
}
