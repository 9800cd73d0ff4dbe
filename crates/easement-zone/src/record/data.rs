//! Record data in wire form.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::net::{Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::check::check;
use super::layout::{self, Run};
use super::{DataError, RecordType};
use crate::Name;
use crate::octets::Octets;

/// The most octets that the data of one record may have (RFC 1035 section 3.2.1).
const MAX_DATA_OCTETS: usize = 65_535;

/// The data of one record, with its type.
///
/// It is kept in wire form without compression. Two values are equal when they differ only in the
/// case of domain names within the data, and they are ordered as RFC 4034 section 6.3 orders them, with
/// the names of every type in lower case. (To sign records, only those of the types that RFC 4034
/// section 6.2 lists may be put in lower case.)
#[derive(Clone)]
pub struct RecordData {
    rtype: RecordType,
    wire: Octets,
}

impl RecordData {
    // Construct

    /// Takes data from the wire when it suits the type; names in it must not be compressed.
    ///
    /// Data of a type that is not known here may be anything.
    pub fn from_wire(rtype: RecordType, wire: &[u8]) -> Result<Self, DataError> {
        Self::check_wire(rtype, wire)?;
        Ok(Self::from_wire_unchecked(rtype, wire))
    }

    /// Refuses what [`Self::from_wire`] refuses.
    pub(crate) fn check_wire(rtype: RecordType, wire: &[u8]) -> Result<(), DataError> {
        if wire.len() > MAX_DATA_OCTETS {
            return Err(DataError::TooLong { octets: wire.len() });
        }
        check(rtype, wire)
    }

    /// Takes data that was checked before, as when it comes back from storage or out of a zone.
    ///
    /// Data that does not suit its type breaks nothing here, but it would be sent as it is.
    pub fn from_wire_unchecked(rtype: RecordType, wire: &[u8]) -> Self {
        Self {
            rtype,
            wire: wire.into(),
        }
    }

    /// An IPv4 address.
    pub fn a(address: Ipv4Addr) -> Self {
        Self::from_wire_unchecked(RecordType::A, &address.octets())
    }

    /// An IPv6 address.
    pub fn aaaa(address: Ipv6Addr) -> Self {
        Self::from_wire_unchecked(RecordType::AAAA, &address.octets())
    }

    /// A type whose data is one name: `CNAME`, `NS`, `PTR`, `DNAME`.
    pub fn name(rtype: RecordType, target: &Name) -> Self {
        Self::from_wire_unchecked(rtype, target.as_wire())
    }

    /// A mail exchange.
    pub fn mx(preference: u16, exchange: &Name) -> Self {
        let wire = [&preference.to_be_bytes(), exchange.as_wire()].concat();
        Self::from_wire_unchecked(RecordType::MX, &wire)
    }

    /// The location of a service (RFC 2782).
    pub fn srv(priority: u16, weight: u16, port: u16, target: &Name) -> Self {
        let numbers = [
            priority.to_be_bytes(),
            weight.to_be_bytes(),
            port.to_be_bytes(),
        ]
        .concat();
        let wire = [numbers.as_slice(), target.as_wire()].concat();
        Self::from_wire_unchecked(RecordType::SRV, &wire)
    }

    /// Text of any length, split into character strings of at most 255 octets
    /// (RFC 1035 section 3.3.14; joined again without a space by those who read it, RFC 7208
    /// section 3.3).
    pub fn txt(text: &[u8]) -> Result<Self, DataError> {
        let mut wire = Vec::with_capacity(text.len() + text.len() / 255 + 1);
        if text.is_empty() {
            wire.push(0);
        }
        for part in text.chunks(255) {
            wire.push(u8::try_from(part.len()).unwrap_or(u8::MAX));
            wire.extend_from_slice(part);
        }
        Self::from_wire(RecordType::TXT, &wire)
    }

    // Query

    /// The type.
    pub fn rtype(&self) -> RecordType {
        self.rtype
    }

    /// The wire form, without compression.
    pub fn as_wire(&self) -> &[u8] {
        &self.wire
    }

    /// The address of an `A` record.
    pub fn ipv4(&self) -> Option<Ipv4Addr> {
        let octets: [u8; 4] = (*self.wire).try_into().ok()?;
        (self.rtype == RecordType::A).then(|| octets.into())
    }

    /// The address of an `AAAA` record.
    pub fn ipv6(&self) -> Option<Ipv6Addr> {
        let octets: [u8; 16] = (*self.wire).try_into().ok()?;
        (self.rtype == RecordType::AAAA).then(|| octets.into())
    }

    /// The joined character strings of a `TXT` record.
    pub fn text(&self) -> Option<Vec<u8>> {
        self.text_octets().map(Cow::into_owned)
    }

    /// The same to look at: a single string is not copied.
    pub fn text_octets(&self) -> Option<Cow<'_, [u8]>> {
        if self.rtype != RecordType::TXT && self.rtype != RecordType::SPF {
            return None;
        }
        let (length, first) = self.wire.split_first().unwrap_or((&0, &[]));
        if first.len() == usize::from(*length) {
            return Some(first.into());
        }
        let mut text = Vec::with_capacity(self.wire.len());
        let mut rest = &*self.wire;
        while let Some((length, after)) = rest.split_first() {
            let (part, after) = after.split_at_checked(usize::from(*length))?;
            text.extend_from_slice(part);
            rest = after;
        }
        Some(text.into())
    }

    /// The first domain name in the data: what a `CNAME`, `NS`, `MX` or `SRV` record points to.
    pub fn target(&self) -> Option<Name> {
        let mut target = None;
        layout::walk(self.rtype, &self.wire, |octets, run| {
            if run == Run::Name && target.is_none() {
                target = Name::from_wire(octets).ok();
            }
        });
        target
    }

    /// The data with names in lower case, which is what equality and order look at.
    fn canonical(&self) -> Cow<'_, [u8]> {
        if !self.wire.iter().any(u8::is_ascii_uppercase) || !layout::has_names(self.rtype) {
            return Cow::Borrowed(&self.wire);
        }
        let mut canonical = Vec::with_capacity(self.wire.len());
        layout::walk(self.rtype, &self.wire, |octets, run| match run {
            Run::Plain => canonical.extend_from_slice(octets),
            Run::Name => canonical.extend(octets.iter().map(u8::to_ascii_lowercase)),
        });
        canonical.into()
    }
}

impl PartialEq for RecordData {
    fn eq(&self, other: &Self) -> bool {
        self.rtype == other.rtype
            && self.wire.len() == other.wire.len()
            && (*self.wire == *other.wire || self.canonical() == other.canonical())
    }
}

impl Eq for RecordData {}

impl Ord for RecordData {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_type = self.rtype.cmp(&other.rtype);
        by_type.then_with(|| self.canonical().cmp(&other.canonical()))
    }
}

impl PartialOrd for RecordData {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for RecordData {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.rtype.hash(state);
        self.canonical().hash(state);
    }
}

impl Serialize for RecordData {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{} {self}", self.rtype))
    }
}

impl<'de> Deserialize<'de> for RecordData {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let (rtype, data) = text.split_once(' ').unwrap_or((&text, ""));
        let rtype = rtype.parse().map_err(serde::de::Error::custom)?;
        Self::from_own_text(rtype, data).map_err(serde::de::Error::custom)
    }
}

impl fmt::Debug for RecordData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:02x?}", self.rtype, &*self.wire)
    }
}

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};

    use proptest::prelude::*;

    use super::*;
    use crate::zone::generated::any_data;

    fn hash_of(data: &RecordData) -> u64 {
        BuildHasherDefault::<DefaultHasher>::default().hash_one(data)
    }

    #[test]
    fn only_the_case_of_names_is_ignored() {
        let read = |rtype, text| RecordData::from_text(rtype, text).unwrap();
        for (rtype, one, other, are_equal) in [
            (RecordType::MX, "1 a.B.", "1 A.b.", true),
            (RecordType::HTTPS, "1 a. alpn=h2", "1 A. alpn=h2", true),
            (RecordType::HTTPS, "1 a. alpn=h2", "1 a. alpn=H2", false),
            (RecordType::TXT, "a", "A", false),
            (RecordType::CAA, "0 issue a", "0 issue A", false),
            (RecordType::TXT, "ab", "a b", false),
        ] {
            let (one, other) = (read(rtype, one), read(rtype, other));
            assert_eq!(one == other, are_equal, "{one} {other}");
            assert_eq!(one.cmp(&other).is_eq(), are_equal, "{one} {other}");
        }
    }

    proptest! {
        #[test]
        fn equality_order_and_hash_agree(one in any_data(), other in any_data()) {
            prop_assert_eq!(one == other, one.cmp(&other).is_eq());
            prop_assert_eq!(one.cmp(&other), other.cmp(&one).reverse());
            let lower = RecordData::from_wire(one.rtype(), &one.canonical()).unwrap();
            prop_assert_eq!(&lower, &one);
            prop_assert!(lower.cmp(&one).is_eq());
            prop_assert_eq!(hash_of(&lower), hash_of(&one));
        }

        #[test]
        fn data_survives_json(data in any_data()) {
            let json = serde_json::to_string(&data).unwrap();
            let again: RecordData = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(again.as_wire(), data.as_wire());
        }
    }
}
