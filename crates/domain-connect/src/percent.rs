//! Percent-encoding of query strings, both directions.

use std::fmt::Write as _;

/// Decodes one name or value of a query string: `+` and `%20` are a space.
pub(crate) fn decode(text: &str) -> Result<String, PercentError> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(octet) = rest.next() {
        match octet {
            b'+' => octets.push(b' '),
            b'%' => {
                let high = rest.next().and_then(hex_digit);
                let low = rest.next().and_then(hex_digit);
                let (Some(high), Some(low)) = (high, low) else {
                    return Err(PercentError::NotHex);
                };
                octets.push(high * 16 + low);
            }
            _ => octets.push(octet),
        }
    }
    String::from_utf8(octets).map_err(|_| PercentError::NotUtf8)
}

/// Encodes everything but the unreserved characters of RFC 3986 section 2.3.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for octet in text.bytes() {
        if octet.is_ascii_alphanumeric() || b"-._~".contains(&octet) {
            encoded.push(char::from(octet));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{octet:02X}");
        }
    }
    encoded
}

fn hex_digit(octet: u8) -> Option<u8> {
    char::from(octet)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

/// Why a text cannot be decoded.
///
/// ```
/// use domain_connect::{CallParameters, ParametersError, PercentError};
///
/// let error = CallParameters::new().add_query("domain=example.com&name=100%").unwrap_err();
/// assert!(matches!(error, ParametersError::Encoding { source: PercentError::NotHex, .. }));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PercentError {
    /// A percent sign without two hexadecimal digits.
    #[error("a percent sign must be followed by two hexadecimal digits")]
    NotHex,
    /// The octets are not UTF-8.
    #[error("the decoded octets are not UTF-8")]
    NotUtf8,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plus_and_percent_twenty_are_a_space() {
        assert_eq!(decode("a+b%20c%2B"), Ok("a b c+".to_owned()));
    }

    #[test]
    fn broken_encodings_are_refused() {
        for text in ["%", "%4", "%zz", "a%2", "%+1"] {
            assert_eq!(decode(text), Err(PercentError::NotHex), "{text}");
        }
        assert_eq!(decode("%ff"), Err(PercentError::NotUtf8));
    }

    #[test]
    fn what_was_encoded_is_decoded() {
        let text = "a b+c%/?&=#ü\u{1f600}~-._";
        assert_eq!(decode(&encode(text)).as_deref(), Ok(text));
    }
}
