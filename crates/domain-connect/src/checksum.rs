//! SHA-256 checksums.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::digest;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A SHA-256 checksum, shown as 64 hexadecimal digits.
///
/// ```
/// use domain_connect::{Checksum, ChecksumError};
///
/// let sum = Checksum::of(b"abc");
/// assert_eq!(sum.as_octets()[..2], [0xba, 0x78]);
/// assert_eq!(sum.to_string().parse(), Ok(sum));
/// assert_eq!("ba78".parse::<Checksum>(), Err(ChecksumError));
/// ```
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Checksum([u8; 32]);

impl Checksum {
    /// The checksum of these octets.
    pub fn of(octets: &[u8]) -> Self {
        let digest = digest::digest(&digest::SHA256, octets);
        let mut sum = [0; 32];
        for (slot, octet) in sum.iter_mut().zip(digest.as_ref()) {
            *slot = *octet;
        }
        Self(sum)
    }

    /// The octets.
    pub fn as_octets(&self) -> &[u8; 32] {
        &self.0
    }
}

impl FromStr for Checksum {
    type Err = ChecksumError;

    fn from_str(text: &str) -> Result<Self, ChecksumError> {
        let mut sum = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return Err(ChecksumError);
        }
        for (index, slot) in sum.iter_mut().enumerate() {
            let digits = text.get(index * 2..index * 2 + 2).ok_or(ChecksumError)?;
            *slot = u8::from_str_radix(digits, 16).map_err(|_| ChecksumError)?;
        }
        Ok(Self(sum))
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

impl fmt::Debug for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Checksum({self})")
    }
}

impl Serialize for Checksum {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Checksum {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// The text is not 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a SHA-256 checksum has 64 hexadecimal digits")]
pub struct ChecksumError;
