//! Names as text: master-file escapes (RFC 1035 section 5.1) and international names (UTS 46).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Label, Labels, Name, NameError};

/// The labels of a name as it is written.
#[derive(Debug, Default)]
pub(super) struct NameText {
    /// The octets of each label.
    pub(super) labels: Vec<Vec<u8>>,
    /// Whether a final dot says that nothing is to be added.
    pub(super) is_absolute: bool,
}

impl NameText {
    /// Splits text at unescaped dots. A lone dot is the root.
    pub(super) fn parse(text: &str) -> Result<Self, NameError> {
        if text == "." {
            return Ok(Self {
                labels: Vec::new(),
                is_absolute: true,
            });
        }
        let mut name = Self::default();
        let mut label = LabelText::default();
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            name.is_absolute = false;
            match character {
                '.' | '\u{3002}' | '\u{ff0e}' | '\u{ff61}' => {
                    name.labels.push(std::mem::take(&mut label).finish()?);
                    name.is_absolute = true;
                }
                '\\' => label.octets.push(unescape(&mut characters)?),
                _ => label.push(character),
            }
        }
        if !label.octets.is_empty() {
            name.labels.push(label.finish()?);
        }
        if name.labels.is_empty() {
            return Err(NameError::Empty);
        }
        Ok(name)
    }
}

/// Reads what follows a backslash: three digits, or one character that stands for itself.
fn unescape(characters: &mut std::str::Chars<'_>) -> Result<u8, NameError> {
    let first = characters.next().ok_or(NameError::BadEscape)?;
    let Some(hundreds) = first.to_digit(10) else {
        let octet = u8::try_from(first).ok().filter(u8::is_ascii);
        return octet.ok_or(NameError::BadEscape);
    };
    let mut digit = || characters.next().and_then(|digit| digit.to_digit(10));
    let tens = digit().ok_or(NameError::BadEscape)?;
    let ones = digit().ok_or(NameError::BadEscape)?;
    u8::try_from(hundreds * 100 + tens * 10 + ones).map_err(|_| NameError::BadEscape)
}

/// A label while it is read.
#[derive(Default)]
struct LabelText {
    octets: Vec<u8>,
    is_international: bool,
}

impl LabelText {
    fn push(&mut self, character: char) {
        self.is_international |= !character.is_ascii();
        let mut buffer = [0; 4];
        self.octets
            .extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
    }

    fn finish(self) -> Result<Vec<u8>, NameError> {
        if self.octets.is_empty() {
            return Err(NameError::EmptyLabel);
        }
        if !self.is_international {
            return Ok(self.octets);
        }
        let text = String::from_utf8_lossy(&self.octets).into_owned();
        match idna::domain_to_ascii(&text) {
            Ok(ascii) if !ascii.is_empty() && !ascii.contains('.') => Ok(ascii.into_bytes()),
            _ => Err(NameError::NotInternational { text }),
        }
    }
}

impl FromStr for Name {
    type Err = NameError;

    /// Reads an absolute name; the final dot may be left out. International labels become A-labels.
    fn from_str(text: &str) -> Result<Self, NameError> {
        let text = NameText::parse(text)?;
        Self::from_labels(text.labels.iter().map(Vec::as_slice))
    }
}

impl fmt::Display for Label<'_> {
    /// Escapes everything but letters, digits and `-_*/`, by number where a character does not have to
    /// be: other servers refuse some punctuation, take `\[` for a bit label, `\#` for generic data, and a final `\\` for half an escape.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        for octet in self.octets() {
            match octet {
                b'-' | b'_' | b'*' | b'/' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => {
                    f.write_char(char::from(*octet))?;
                }
                b'.' | b'"' | b';' | b'(' | b')' | b'@' | b'$' => {
                    write!(f, "\\{}", char::from(*octet))?;
                }
                _ => write!(f, "\\{octet:03}")?,
            }
        }
        Ok(())
    }
}

/// Writes labels with dots between them.
pub(super) fn write_labels(labels: Labels<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (index, label) in labels.enumerate() {
        if index > 0 {
            f.write_str(".")?;
        }
        write!(f, "{label}")?;
    }
    Ok(())
}

impl fmt::Display for Name {
    /// Writes the name with its final dot.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_labels(self.labels(), f)?;
        f.write_str(".")
    }
}

impl Name {
    /// Reads a name as a zone file writes it (RFC 1035 section 5.1): without a final dot it is below
    /// `origin`, and `@` is `origin` itself.
    ///
    /// ```
    /// use easement_zone::Name;
    ///
    /// let origin: Name = "example.com".parse()?;
    /// assert_eq!(Name::from_text_below("www", &origin)?, "www.example.com".parse()?);
    /// assert_eq!(Name::from_text_below("www.", &origin)?, "www".parse()?);
    /// assert_eq!(Name::from_text_below("@", &origin)?, origin);
    /// # Ok::<(), easement_zone::NameError>(())
    /// ```
    pub fn from_text_below(text: &str, origin: &Self) -> Result<Self, NameError> {
        if text == "@" {
            return Ok(origin.clone());
        }
        let text = NameText::parse(text)?;
        let labels = text.labels.iter().map(Vec::as_slice);
        if text.is_absolute {
            Self::from_labels(labels)
        } else {
            Self::from_labels(labels.chain(origin.labels().map(Label::octets)))
        }
    }

    /// The name without its final dot, for people and for protocols that leave it out.
    pub fn to_text(&self) -> String {
        let mut text = self.to_string();
        if text.len() > 1 {
            text.pop();
        }
        text
    }

    /// The name as its owner would write it, with international labels in their own script; without
    /// the final dot. Labels that are not valid international labels stay as they are.
    pub fn to_unicode(&self) -> String {
        unicode(&self.to_text())
    }
}

/// The text with its A-labels turned into U-labels, where they are valid.
pub(super) fn unicode(text: &str) -> String {
    let labels: Vec<String> = text
        .split('.')
        .map(|label| match idna::domain_to_unicode(label) {
            (shown, Ok(())) => shown,
            (_, Err(_)) => label.to_owned(),
        })
        .collect();
    labels.join(".")
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        text.parse()
            .unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn a_name_keeps_its_spelling_and_ignores_case() {
        assert_eq!(name("Www.Example.COM").to_string(), "Www.Example.COM.");
        assert_eq!(name("www.example.com."), name("WWW.EXAMPLE.COM"));
    }

    #[test]
    fn escapes_survive_the_round_trip() {
        for text in [
            r"a\.b.example.",
            r"a\032b.example.",
            r"\001\000x.example.",
            r"\@\$\;.x.",
            r"\035.a\043b\058.",
        ] {
            assert_eq!(name(text).to_string(), text);
        }
        assert_eq!(name(r"a\.b.example").label_count(), 2);
    }

    #[test]
    fn an_international_name_has_both_forms() {
        let name = name("bücher.example");
        assert_eq!(name.to_string(), "xn--bcher-kva.example.");
        assert_eq!(name.to_unicode(), "bücher.example");
    }

    #[test]
    fn what_is_not_a_name_says_why() {
        for (text, error) in [
            ("", NameError::Empty),
            ("a..b", NameError::EmptyLabel),
            (".a", NameError::EmptyLabel),
            (r"a\25", NameError::BadEscape),
            (r"a\256", NameError::BadEscape),
            (r"a\", NameError::BadEscape),
            (r"a\é", NameError::BadEscape),
        ] {
            assert_eq!(text.parse::<Name>(), Err(error), "{text}");
        }
        assert_eq!(
            "x".repeat(64).parse::<Name>(),
            Err(NameError::LabelTooLong { octets: 64 })
        );
        assert_eq!(
            ["a"; 128].join(".").parse::<Name>(),
            Err(NameError::TooLong)
        );
    }

    #[test]
    fn the_order_is_that_of_rfc_4034_section_6_1() {
        let sorted = [
            "example.",
            "a.example.",
            "yljkjljk.a.example.",
            "Z.a.example.",
            "zABC.a.EXAMPLE.",
            "z.example.",
            r"\001.z.example.",
            "*.z.example.",
            r"\200.z.example.",
        ];
        for pair in sorted.windows(2) {
            assert!(name(pair[0]) < name(pair[1]), "{} < {}", pair[0], pair[1]);
        }
    }
}
