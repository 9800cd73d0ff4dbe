//! Names as text: master-file escapes (RFC 1035 section 5.1) and international names (UTS 46).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Label, Labels, MAX_LABELS, MAX_NAME_OCTETS, Name, NameError};
use crate::record::excerpt;

/// The labels of a name as it is written.
#[derive(Debug, Default)]
pub(super) struct NameText<'t> {
    /// Labels that stand for themselves, with dots between them.
    plain: &'t str,
    /// The octets of each label, when they had to be read one by one.
    read: Vec<Vec<u8>>,
    /// Whether a final dot says that nothing is to be added.
    pub(super) is_absolute: bool,
}

impl<'t> NameText<'t> {
    /// Splits text at unescaped dots. A lone dot is the root.
    pub(super) fn parse(text: &'t str) -> Result<Self, NameError> {
        if text == "." {
            return Ok(Self {
                is_absolute: true,
                ..Self::default()
            });
        }
        let is_plain = text.len() < MAX_NAME_OCTETS && text.is_ascii() && !text.contains('\\');
        if is_plain {
            Self::split(text)
        } else {
            Self::read(text)
        }
    }

    /// A text without escapes and international labels, which is no longer than a name can be.
    fn split(text: &'t str) -> Result<Self, NameError> {
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if text.starts_with('.') || text.contains("..") {
            return Err(NameError::EmptyLabel);
        }
        let absolute = text.strip_suffix('.');
        Ok(Self {
            plain: absolute.unwrap_or(text),
            read: Vec::new(),
            is_absolute: absolute.is_some(),
        })
    }

    fn read(text: &str) -> Result<Self, NameError> {
        let mut name = Self::default();
        let mut label = LabelText::default();
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            name.is_absolute = false;
            match character {
                '.' | '\u{3002}' | '\u{ff0e}' | '\u{ff61}' => {
                    name.read.push(std::mem::take(&mut label).finish()?);
                    name.is_absolute = true;
                    if name.read.len() > MAX_LABELS {
                        return Err(NameError::TooLong);
                    }
                }
                '\\' => label.octets.push(unescape(&mut characters)?),
                _ => label.push(character),
            }
        }
        if !label.octets.is_empty() {
            name.read.push(label.finish()?);
        }
        if name.read.is_empty() {
            return Err(NameError::Empty);
        }
        Ok(name)
    }

    /// The octets of each label.
    pub(super) fn labels(&self) -> impl Iterator<Item = &[u8]> {
        let plain = self.plain.split('.').filter(|label| !label.is_empty());
        plain
            .map(str::as_bytes)
            .chain(self.read.iter().map(Vec::as_slice))
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
        // Some characters are mapped to several labels, and a space that does not break to a space.
        let is_label = |ascii: &str| ascii.bytes().all(|c| c.is_ascii_graphic() && c != b'.');
        match idna::domain_to_ascii(&text) {
            Ok(ascii) if !ascii.is_empty() && is_label(&ascii) => Ok(ascii.into_bytes()),
            _ => Err(NameError::NotInternational {
                text: excerpt(&text),
            }),
        }
    }
}

impl FromStr for Name {
    type Err = NameError;

    /// Reads an absolute name; the final dot may be left out. International labels become A-labels.
    fn from_str(text: &str) -> Result<Self, NameError> {
        let text = NameText::parse(text)?;
        Self::from_labels(text.labels())
    }
}

impl fmt::Display for Label<'_> {
    /// Escapes everything but letters, digits and `-_*/`, by number where a character does not have to
    /// be: other servers refuse some punctuation, take `\[` for a bit label, `\#` for generic data, and a final `\\` for half an escape.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.octets();
        loop {
            let plain = rest.iter().take_while(|octet| is_plain(**octet)).count();
            let (plain, others) = rest.split_at_checked(plain).unwrap_or_default();
            f.write_str(str::from_utf8(plain).unwrap_or_default())?;
            let Some((octet, after)) = others.split_first() else {
                return Ok(());
            };
            match octet {
                b'.' | b'"' | b';' | b'(' | b')' | b'@' | b'$' => {
                    write!(f, "\\{}", char::from(*octet))?;
                }
                _ => write!(f, "\\{octet:03}")?,
            }
            rest = after;
        }
    }
}

/// Whether an octet of a label is written as it is.
fn is_plain(octet: u8) -> bool {
    matches!(octet, b'-' | b'_' | b'*' | b'/') || octet.is_ascii_alphanumeric()
}

/// Writes labels with dots between them.
pub(super) fn write_labels(labels: Labels<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (index, label) in labels.enumerate() {
        if index > 0 {
            f.write_str(".")?;
        }
        fmt::Display::fmt(&label, f)?;
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
        if text.is_absolute {
            Self::from_labels(text.labels())
        } else {
            Self::from_labels(text.labels().chain(origin.labels().map(Label::octets)))
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
    /// the final dot. Labels whose own script could mislead stay as they are: see
    /// [`Host::to_unicode`](crate::Host::to_unicode).
    pub fn to_unicode(&self) -> String {
        if self.is_root() {
            self.to_text()
        } else {
            unicode(self.labels())
        }
    }
}

/// Labels with dots between them, the international ones in their own script.
pub(super) fn unicode(labels: Labels<'_>) -> String {
    let shown: Vec<String> = labels
        .map(|label| u_label(label).unwrap_or_else(|| label.to_string()))
        .collect();
    shown.join(".")
}

/// The U-label of an A-label, when it is safe to show: reading it gives the same label again, and it
/// does not pass for another.
fn u_label(label: Label<'_>) -> Option<String> {
    let text = std::str::from_utf8(label.octets()).ok()?;
    text.get(..4)
        .filter(|prefix| prefix.eq_ignore_ascii_case("xn--"))?;
    let (shown, Ok(())) = idna::domain_to_unicode(text) else {
        return None;
    };
    let again = NameText::parse(&shown).ok()?;
    let is_same = again.labels().map(Label).eq([label]);
    (is_same && !is_misleading(&shown)).then_some(shown)
}

/// Whether a label holds invisible characters, punctuation or symbols that may pass for a dot or
/// slash, or mixes Latin letters with those of a script that looks like Latin (UTS 39 section 5.2,
/// "highly restrictive", in short: of the scripts that are written together with Latin letters, only
/// those of Chinese, Japanese and Korean are).
fn is_misleading(label: &str) -> bool {
    let is_symbol = |c: char| matches!(c, '\u{2000}'..='\u{2bff}');
    let is_latin = |c: char| {
        c.is_ascii_alphabetic() || matches!(c, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
    };
    let is_east_asian = |c: char| {
        matches!(c, '\u{3005}'..='\u{30ff}' | '\u{3100}'..='\u{312f}' | '\u{3400}'..='\u{9fff}')
            || matches!(c, '\u{ac00}'..='\u{d7a3}' | '\u{20000}'..='\u{3ffff}')
    };
    let is_foreign = |c: char| c.is_alphabetic() && !is_latin(c) && !is_east_asian(c);
    label.contains(is_symbol) || (label.contains(is_latin) && label.contains(is_foreign))
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
