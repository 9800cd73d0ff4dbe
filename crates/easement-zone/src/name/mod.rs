//! Domain names: compared without regard to case by type, label by label; shown as they were written.

mod host;
#[cfg(test)]
mod tests;
mod text;

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use crate::octets::Octets;

pub use self::host::{Host, HostError};

/// The longest name in wire form, with its length octets and the root label (RFC 1035 section 2.3.4).
pub(crate) const MAX_NAME_OCTETS: usize = 255;
/// The longest label (RFC 1035 section 2.3.4).
pub(crate) const MAX_LABEL_OCTETS: usize = 63;
/// The most labels in a name: each takes at least two octets.
const MAX_LABELS: usize = MAX_NAME_OCTETS / 2;

/// An absolute domain name.
///
/// Two names are equal when they differ only in the case of ASCII letters (RFC 4343), and they are
/// ordered canonically (RFC 4034 section 6.1): by their labels from the right. The spelling that a
/// name was made with is kept and shown.
///
/// ```
/// use easement_zone::Name;
///
/// let name: Name = "WWW.Example.com".parse()?;
/// assert_eq!(name, "www.example.COM.".parse()?);
/// assert_eq!(name.to_string(), "WWW.Example.com.");
/// assert!(name.is_at_or_below(&"example.com".parse()?));
/// assert!(!name.is_at_or_below(&"ample.com".parse()?), "labels are compared whole");
/// # Ok::<(), easement_zone::NameError>(())
/// ```
#[derive(Clone)]
pub struct Name {
    /// Uncompressed wire form, ending in the root label.
    wire: Octets,
}

impl Name {
    // Construct

    /// The root of the name space.
    pub fn root() -> Self {
        Self::from_checked_wire(&[0])
    }

    /// Reads an uncompressed name that fills `wire` exactly.
    pub fn from_wire(wire: &[u8]) -> Result<Self, NameError> {
        let (name, rest) = Self::split_from_wire(wire)?;
        if rest.is_empty() {
            Ok(name)
        } else {
            Err(NameError::TrailingOctets)
        }
    }

    /// Reads the uncompressed name that `wire` begins with, and gives back what follows it.
    pub fn split_from_wire(wire: &[u8]) -> Result<(Self, &[u8]), NameError> {
        let length = wire_length(wire)?;
        let (name, rest) = wire.split_at_checked(length).ok_or(NameError::Truncated)?;
        Ok((Self::from_checked_wire(name), rest))
    }

    /// Builds a name from labels, the leftmost first.
    pub fn from_labels<'a>(labels: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, NameError> {
        let mut wire = [0; MAX_NAME_OCTETS];
        let mut end = 0;
        let mut octets = 1;
        for label in labels {
            if label.is_empty() {
                return Err(NameError::EmptyLabel);
            }
            let length = u8::try_from(label.len())
                .ok()
                .filter(|length| usize::from(*length) <= MAX_LABEL_OCTETS)
                .ok_or(NameError::LabelTooLong {
                    octets: label.len(),
                })?;
            octets += 1 + label.len();
            // A name that is too long may have a label that is wrong, which says more.
            let Some((first, rest)) = wire
                .get_mut(end..octets - 1)
                .and_then(<[u8]>::split_first_mut)
            else {
                continue;
            };
            *first = length;
            rest.copy_from_slice(label);
            end = octets - 1;
        }
        match wire.get(..octets) {
            Some(wire) => Ok(Self::from_checked_wire(wire)),
            None => Err(NameError::TooLong),
        }
    }

    /// From wire form that is known to be a name.
    pub(crate) fn from_checked_wire(wire: &[u8]) -> Self {
        Self { wire: wire.into() }
    }

    // Query

    /// The uncompressed wire form, in the spelling that the name was made with.
    pub fn as_wire(&self) -> &[u8] {
        &self.wire
    }

    /// Whether this is the root.
    pub fn is_root(&self) -> bool {
        self.wire.len() == 1
    }

    /// The labels from left to right, without the root label.
    pub fn labels(&self) -> Labels<'_> {
        Labels { rest: &self.wire }
    }

    /// How many labels the name has, without the root label.
    pub fn label_count(&self) -> usize {
        self.labels().count()
    }

    /// Whether the leftmost label is `*` (RFC 4592).
    pub fn is_wildcard(&self) -> bool {
        self.wire.starts_with(b"\x01*")
    }

    /// The name without its leftmost label; the root has none.
    pub fn parent(&self) -> Option<Self> {
        let length = usize::from(*self.wire.first()?);
        if length == 0 {
            return None;
        }
        self.wire.get(1 + length..).map(Self::from_checked_wire)
    }

    /// Whether this name is `other` or lies below it. Labels are compared whole.
    pub fn is_at_or_below(&self, other: &Self) -> bool {
        labels_below(&self.wire, other).is_some()
    }

    /// Whether this name lies strictly below `other`.
    pub fn is_below(&self, other: &Self) -> bool {
        self.wire.len() > other.wire.len() && self.is_at_or_below(other)
    }

    /// The part below `apex`, or nothing when this name is not at or below it.
    pub fn relative_to(&self, apex: &Self) -> Option<Host> {
        self.labels_below(apex).map(Host::from_checked_wire)
    }

    /// The labels below `apex` in wire form, or nothing when this name is not at or below it.
    pub(crate) fn labels_below(&self, apex: &Self) -> Option<&[u8]> {
        labels_below(&self.wire, apex)
    }

    // Convert

    /// The same name in lower case.
    #[must_use]
    pub fn to_lowercase(&self) -> Self {
        if self.wire.iter().any(u8::is_ascii_uppercase) {
            Self::from_checked_wire(&self.wire.to_ascii_lowercase())
        } else {
            self.clone()
        }
    }

    /// Puts one label in front.
    pub fn child(&self, label: &str) -> Result<Self, NameError> {
        Self::from_labels(std::iter::once(label.as_bytes()).chain(self.labels().map(Label::octets)))
    }

    /// A key whose plain octet order is the canonical order of names below `apex`.
    ///
    /// Labels from the right, in lower case, each ended by a zero octet; zero and one within a label
    /// are escaped so that the end of a label sorts before everything else.
    pub(crate) fn trie_key(&self, apex: &Self) -> Option<Vec<u8>> {
        self.labels_below(apex).map(trie_key_of)
    }
}

/// How many octets the uncompressed name takes that `wire` begins with.
pub(crate) fn wire_length(wire: &[u8]) -> Result<usize, NameError> {
    let mut at = 0;
    loop {
        let length = usize::from(*wire.get(at).ok_or(NameError::Truncated)?);
        if length > MAX_LABEL_OCTETS {
            return Err(NameError::LabelTooLong { octets: length });
        }
        at += 1 + length;
        if at > MAX_NAME_OCTETS {
            return Err(NameError::TooLong);
        }
        if length == 0 {
            return Ok(at);
        }
    }
}

/// The labels below `apex` of a name in wire form, or nothing when it is not at or below it.
pub(crate) fn labels_below<'a>(wire: &'a [u8], apex: &Name) -> Option<&'a [u8]> {
    let cut = wire.len().checked_sub(apex.wire.len())?;
    let (labels, rest) = wire.split_at_checked(cut)?;
    let mut at = 0;
    while at < cut {
        at += 1 + usize::from(*labels.get(at)?);
    }
    (at == cut && rest.eq_ignore_ascii_case(&apex.wire)).then_some(labels)
}

/// The trie key of labels in wire form, with or without the root label.
pub(crate) fn trie_key_of(labels: &[u8]) -> Vec<u8> {
    let mut key = Vec::with_capacity(labels.len() + 1);
    write_trie_key(labels, &mut key);
    key
}

/// Appends the key under which [`crate::HostedZones`] finds a name to `key`: the labels from the
/// right, in lower case, each ended by a zero octet. The key of a name in a zone is what follows the
/// key of the apex.
///
/// `labels` is the wire form of a name without compression, with or without the root label.
pub fn write_trie_key(labels: &[u8], key: &mut Vec<u8>) {
    for label in LabelsFromRight::new(labels) {
        if label.iter().any(|octet| *octet < 2) {
            for octet in label {
                match octet {
                    0 | 1 => key.extend_from_slice(&[1, octet + 1]),
                    _ => key.push(octet.to_ascii_lowercase()),
                }
            }
        } else {
            let start = key.len();
            key.extend_from_slice(label);
            if let Some(own) = key.get_mut(start..) {
                own.make_ascii_lowercase();
            }
        }
        key.push(0);
    }
}

/// The labels of a name in wire form, from right to left.
struct LabelsFromRight<'a> {
    wire: &'a [u8],
    /// Where each label begins; a name has at most 127.
    starts: [u8; MAX_LABELS],
    left: usize,
}

impl<'a> LabelsFromRight<'a> {
    fn new(wire: &'a [u8]) -> Self {
        let mut starts = [0; MAX_LABELS];
        let mut left = 0;
        let mut at = 0;
        while let Some(length) = wire.get(at).filter(|length| **length > 0) {
            let (Some(slot), Ok(start)) = (starts.get_mut(left), u8::try_from(at)) else {
                break;
            };
            *slot = start;
            left += 1;
            at += 1 + usize::from(*length);
        }
        Self { wire, starts, left }
    }
}

impl<'a> Iterator for LabelsFromRight<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        self.left = self.left.checked_sub(1)?;
        let start = usize::from(*self.starts.get(self.left)?);
        let (length, rest) = self.wire.get(start..)?.split_first()?;
        rest.get(..usize::from(*length))
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        // Length octets are at most 63 and letters begin at 65, so only letters are folded.
        self.wire.eq_ignore_ascii_case(&other.wire)
    }
}

impl Eq for Name {}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // In one piece: hashing octet by octet takes several times as long.
        let mut lower = [0; 256];
        let octets = lower.split_at_mut(self.wire.len().min(256)).0;
        octets.copy_from_slice(&self.wire);
        octets.make_ascii_lowercase();
        state.write(octets);
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        let mut others = LabelsFromRight::new(&other.wire);
        for label in LabelsFromRight::new(&self.wire) {
            let Some(other) = others.next() else {
                return Ordering::Greater;
            };
            // Most names that are compared end with the same labels.
            if label.eq_ignore_ascii_case(other) {
                continue;
            }
            return label
                .iter()
                .map(u8::to_ascii_lowercase)
                .cmp(other.iter().map(u8::to_ascii_lowercase));
        }
        match others.next() {
            Some(_) => Ordering::Less,
            None => Ordering::Equal,
        }
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({self})")
    }
}

//------------ Label -----------------------------------------------------------------------------

/// One label of a [`Name`] or [`Host`], compared without regard to ASCII case.
#[derive(Clone, Copy, Debug)]
pub struct Label<'a>(&'a [u8]);

impl<'a> Label<'a> {
    /// The octets as they were written.
    pub fn octets(self) -> &'a [u8] {
        self.0
    }

    /// Whether the label begins with an underscore, as the names of service records do (RFC 8552).
    pub fn is_underscored(self) -> bool {
        self.0.first() == Some(&b'_')
    }
}

impl PartialEq for Label<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(other.0)
    }
}

impl Eq for Label<'_> {}

/// The labels of a name, from left to right.
#[derive(Clone, Debug)]
pub struct Labels<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Labels<'a> {
    type Item = Label<'a>;

    fn next(&mut self) -> Option<Label<'a>> {
        let (length, rest) = self.rest.split_first()?;
        let (label, rest) = rest.split_at_checked(usize::from(*length))?;
        if label.is_empty() {
            return None;
        }
        self.rest = rest;
        Some(Label(label))
    }
}

//------------ NameError -------------------------------------------------------------------------

/// Why a text or a wire form is not a name.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NameError {
    /// Nothing at all.
    #[error("the name is empty: write `.` for the root")]
    Empty,
    /// Two dots in a row, or a dot at the front.
    #[error("a name must not have an empty label: look for two dots in a row")]
    EmptyLabel,
    /// A label is longer than 63 octets.
    #[error("a label has {octets} octets, and at most 63 are allowed (RFC 1035 section 2.3.4)")]
    LabelTooLong {
        /// How long it is.
        octets: usize,
    },
    /// The name is longer than 255 octets.
    #[error("the name is longer than 255 octets (RFC 1035 section 2.3.4)")]
    TooLong,
    /// A backslash is not followed by a character or three digits up to 255.
    #[error("a backslash must be followed by an ASCII character or by three digits up to 255")]
    BadEscape,
    /// A character that is neither ASCII nor part of a valid international name.
    #[error("`{text}` is not a valid international domain name (UTS 46)")]
    NotInternational {
        /// The label as it was written, or its beginning.
        text: String,
    },
    /// The wire form ends inside the name.
    #[error("the wire form ends inside the name")]
    Truncated,
    /// Something follows the name.
    #[error("something follows the root label")]
    TrailingOctets,
}
