//! Public keys as service providers publish them (draft-05 section 6.4).

use std::str::FromStr;

use aws_lc_rs::rsa;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use easement_zone::NameError;

use crate::Checksum;
use crate::percent::PercentError;

/// The most records that a key may be split into; a provider may set such a limit.
const MAX_FRAGMENTS: usize = 16;
/// The most octets that all records of a key may have together.
const MAX_OCTETS: usize = 8192;
/// The fewest bits of a key that are safe today.
const MIN_BITS: usize = 2048;
/// The most base64 characters in one part of a published key, so that a part with its marks fits one
/// character string.
const FRAGMENT_OCTETS: usize = 200;

/// Base64 that forgives missing padding.
pub(super) const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A public key that checks signatures.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PublicKey {
    /// `SubjectPublicKeyInfo`, in DER.
    der: Vec<u8>,
    bits: usize,
}

/// Whether keys that are too short for today are accepted.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum WeakKeys {
    /// No: fewer than 2048 bits are refused.
    #[default]
    Refuse,
    /// Yes, from 1024 bits on.
    Accept,
}

impl PublicKey {
    /// Puts a key together from the texts of the `TXT` records at its name, in any order; the
    /// character strings of each record must be joined already.
    ///
    /// ```
    /// use domain_connect::{KeyError, PublicKey, WeakKeys};
    ///
    /// // In any order, as DNS gives them; this is the key that Domain Connect 2.3 prints.
    /// let key = PublicKey::from_records([
    ///     "p=2,a=RS256,d=R/XSEWC5u16EBNvRnNAOAvZYUdWqVyQvXsjnxQot8KcK0QP8iHpoL/1dbdRy2opRPQ2FdZpovUgknybq/6FkeDtW7uCQ6Mvu4QxcUa3+WP9nYHKtgWip/eFxpeb+qLvcLHf1h0JXtxLVdyy6OLk3f2JRYUX2ZZVDvG3biTpeJz6iRzjGg6MfGxXZHjI8",
    ///     "p=1,a=RS256,d=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA18SgvpmeasN4BHkkv0SBjAzIc4grYLjiAXRtNiBUiGUDMeTzQrKTsWvy9NuxU1dIHCZy9o1CrKNg5EzLIZLNyMfI6qiXnM+HMd4byp97zs/3D39Q8iR5poubQcRaGozWx8yQpG0OcVdmEVcTfy",
    ///     "p=3,a=RS256,d=weDjXrJwIDAQAB",
    /// ], WeakKeys::Refuse)?;
    /// assert_eq!(key.bits(), 2048);
    ///
    /// assert_eq!(PublicKey::from_records([], WeakKeys::Refuse), Err(KeyError::NoRecords));
    /// let error = PublicKey::from_records(["p=1,a=RS256,d=-----BEGIN PUBLIC KEY-----"], WeakKeys::Refuse);
    /// assert_eq!(error, Err(KeyError::Pem));
    /// # Ok::<(), KeyError>(())
    /// ```
    pub fn from_records<'a>(
        texts: impl IntoIterator<Item = &'a str>,
        weak: WeakKeys,
    ) -> Result<Self, KeyError> {
        let texts: Vec<&str> = texts.into_iter().collect();
        if texts.is_empty() {
            return Err(KeyError::NoRecords);
        }
        let octets = texts.iter().map(|text| text.len()).sum();
        if texts.len() > MAX_FRAGMENTS || octets > MAX_OCTETS {
            return Err(KeyError::TooLarge {
                records: texts.len(),
                octets,
            });
        }
        let mut fragments = texts
            .iter()
            .map(|text| text.parse())
            .collect::<Result<Vec<KeyRecord>, _>>()?;
        fragments.sort_by_key(|fragment| fragment.position);
        if let Some(twice) = fragments.windows(2).find_map(|pair| match pair {
            [one, two] if one.position == two.position => Some(one.position),
            _ => None,
        }) {
            return Err(KeyError::SamePosition { position: twice });
        }
        for fragment in &fragments {
            fragment.check_kind()?;
        }
        let data: String = fragments
            .iter()
            .map(|fragment| fragment.data.as_str())
            .collect();
        Self::from_base64(&data, weak).map_err(|error| {
            let is_unreadable = matches!(error, KeyError::NotBase64 | KeyError::NotAnRsaKey);
            match missing_part(&fragments).filter(|_| is_unreadable) {
                Some(position) => KeyError::MissingPart { position },
                None => error,
            }
        })
    }

    /// The key's size.
    pub fn bits(&self) -> usize {
        self.bits
    }

    pub(super) fn der(&self) -> &[u8] {
        &self.der
    }

    /// SHA-256 of the key in DER, in hexadecimal digits: tells keys apart.
    pub fn fingerprint(&self) -> String {
        Checksum::of(&self.der).to_string()
    }

    /// The texts of the `TXT` records to publish, each short enough for one character string.
    ///
    /// ```
    /// use domain_connect::{PublicKey, WeakKeys};
    /// # let pem = "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA18SgvpmeasN4BHkkv0SBjAzIc4grYLjiAXRtNiBUiGUDMeTzQrKTsWvy9NuxU1dIHCZy9o1CrKNg5EzLIZLNyMfI6qiXnM+HMd4byp97zs/3D39Q8iR5poubQcRaGozWx8yQpG0OcVdmEVcTfyR/XSEWC5u16EBNvRnNAOAvZYUdWqVyQvXsjnxQot8KcK0QP8iHpoL/1dbdRy2opRPQ2FdZpovUgknybq/6FkeDtW7uCQ6Mvu4QxcUa3+WP9nYHKtgWip/eFxpeb+qLvcLHf1h0JXtxLVdyy6OLk3f2JRYUX2ZZVDvG3biTpeJz6iRzjGg6MfGxXZHjI8weDjXrJwIDAQAB\n-----END PUBLIC KEY-----\n";
    /// let key = PublicKey::from_pem(pem, WeakKeys::Refuse)?;
    /// let records = key.records();
    /// assert!(records[0].starts_with("p=1,a=RS256,d=MIIB"));
    /// let again = PublicKey::from_records(records.iter().map(String::as_str), WeakKeys::Refuse)?;
    /// assert_eq!(again, key);
    /// # Ok::<(), domain_connect::KeyError>(())
    /// ```
    pub fn records(&self) -> Vec<String> {
        let base64 = STANDARD.encode(&self.der);
        let parts = base64.as_bytes().chunks(FRAGMENT_OCTETS);
        parts
            .enumerate()
            .map(|(index, part)| {
                let part = String::from_utf8_lossy(part);
                format!("p={},a=RS256,d={part}", index + 1)
            })
            .collect()
    }

    /// Reads a public key from PEM (`BEGIN PUBLIC KEY`).
    ///
    /// ```
    /// use domain_connect::{PublicKey, WeakKeys};
    ///
    /// let pem = "\
    /// -----BEGIN PUBLIC KEY-----
    /// MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA18SgvpmeasN4BHkkv0SB
    /// jAzIc4grYLjiAXRtNiBUiGUDMeTzQrKTsWvy9NuxU1dIHCZy9o1CrKNg5EzLIZLN
    /// yMfI6qiXnM+HMd4byp97zs/3D39Q8iR5poubQcRaGozWx8yQpG0OcVdmEVcTfyR/
    /// XSEWC5u16EBNvRnNAOAvZYUdWqVyQvXsjnxQot8KcK0QP8iHpoL/1dbdRy2opRPQ
    /// 2FdZpovUgknybq/6FkeDtW7uCQ6Mvu4QxcUa3+WP9nYHKtgWip/eFxpeb+qLvcLH
    /// f1h0JXtxLVdyy6OLk3f2JRYUX2ZZVDvG3biTpeJz6iRzjGg6MfGxXZHjI8weDjXr
    /// JwIDAQAB
    /// -----END PUBLIC KEY-----
    /// ";
    /// let key = PublicKey::from_pem(pem, WeakKeys::Refuse)?;
    /// assert_eq!(key.bits(), 2048);
    /// assert_eq!(key.fingerprint().len(), 64);
    /// # Ok::<(), domain_connect::KeyError>(())
    /// ```
    pub fn from_pem(pem: &str, weak: WeakKeys) -> Result<Self, KeyError> {
        let is_mark = |line: &&str| !line.starts_with("-----");
        let base64: String = pem.lines().map(str::trim).filter(is_mark).collect();
        Self::from_base64(&base64, weak)
    }

    fn from_base64(data: &str, weak: WeakKeys) -> Result<Self, KeyError> {
        let der = BASE64.decode(data).map_err(|_| KeyError::NotBase64)?;
        Self::from_der(&der, weak)
    }

    pub(super) fn from_der(der: &[u8], weak: WeakKeys) -> Result<Self, KeyError> {
        if rsa::KeyPair::from_pkcs8(der).is_ok() || rsa::KeyPair::from_der(der).is_ok() {
            return Err(KeyError::PrivateKey);
        }
        // The library reads a key and leaves what stands behind it.
        if !is_one_element(der) {
            return Err(KeyError::NotAnRsaKey);
        }
        let parsed = rsa::PublicKey::from_der(der).map_err(|_| KeyError::NotAnRsaKey)?;
        let pkcs1: &[u8] = parsed.as_ref();
        if pkcs1 == der {
            return Err(KeyError::BareKey);
        }
        let bits = modulus_bits(pkcs1).ok_or(KeyError::NotAnRsaKey)?;
        let least = match weak {
            WeakKeys::Refuse => MIN_BITS,
            WeakKeys::Accept => 1024,
        };
        if bits < least {
            return Err(KeyError::TooShort { bits, least });
        }
        Ok(Self {
            der: der.to_vec(),
            bits,
        })
    }
}

/// The first number that is not there when parts are numbered from one, and others follow. Parts may be
/// numbered in other ways too, so this is only asked about a key that cannot be read.
fn missing_part(fragments: &[KeyRecord]) -> Option<u32> {
    (1..)
        .zip(fragments)
        .find(|(expected, fragment)| *expected < fragment.position)
        .map(|(expected, _)| expected)
}

/// The size of the modulus of an `RSAPublicKey` (RFC 8017 appendix A.1.1): a sequence whose first
/// element is the modulus.
fn modulus_bits(der: &[u8]) -> Option<usize> {
    let sequence = der_contents(der, 0x30)?;
    let modulus = der_contents(sequence, 0x02)?;
    let first = modulus.iter().position(|octet| *octet != 0)?;
    let significant = modulus.get(first..)?;
    let top = usize::try_from(significant.first()?.leading_zeros()).ok()?;
    Some(significant.len() * 8 - top)
}

/// Whether `der` is one element and nothing behind it.
fn is_one_element(der: &[u8]) -> bool {
    let contents = der.first().and_then(|tag| der_contents(der, *tag));
    contents
        .is_some_and(|contents| std::ptr::eq(contents.as_ptr_range().end, der.as_ptr_range().end))
}

/// The contents of the DER element that `der` begins with, when it has this tag.
fn der_contents(der: &[u8], tag: u8) -> Option<&[u8]> {
    let (found, rest) = der.split_first()?;
    let (length, rest) = rest.split_first()?;
    if *found != tag {
        return None;
    }
    if *length < 0x80 {
        return rest.get(..usize::from(*length));
    }
    let (octets, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
    let length = octets.iter().try_fold(0usize, |sum, octet| {
        sum.checked_mul(256)?.checked_add(usize::from(*octet))
    })?;
    rest.get(..length)
}

//------------ KeyRecord -------------------------------------------------------------------------

/// One record of a key.
pub(super) struct KeyRecord {
    position: u32,
    algorithm: Option<String>,
    kind: Option<String>,
    data: String,
}

impl KeyRecord {
    pub(super) fn check_kind(&self) -> Result<(), KeyError> {
        if let Some(algorithm) = &self.algorithm
            && algorithm != "RS256"
        {
            return Err(KeyError::Algorithm {
                algorithm: algorithm.clone(),
            });
        }
        if let Some(kind) = &self.kind
            && !kind.eq_ignore_ascii_case("x509")
        {
            return Err(KeyError::Kind { kind: kind.clone() });
        }
        Ok(())
    }
}

impl FromStr for KeyRecord {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let shown = || text.chars().take(80).collect::<String>();
        if text.contains("PRIVATE KEY-----") {
            return Err(KeyError::PrivateKey);
        }
        if text.contains("-----BEGIN") || text.contains("-----END") {
            return Err(KeyError::Pem);
        }
        if text.contains(['\n', '\r']) || text.contains("\\n") {
            return Err(KeyError::LineEnds);
        }
        let mut fields: [Option<&str>; 4] = [None; 4];
        for field in text
            .split(',')
            .map(str::trim)
            .filter(|field| !field.is_empty())
        {
            let (name, value) = field
                .split_once('=')
                .ok_or_else(|| KeyError::NotAKeyRecord { text: shown() })?;
            let slot = ["p", "a", "t", "d"]
                .iter()
                .position(|known| *known == name.trim());
            let Some(slot) = slot.and_then(|slot| fields.get_mut(slot)) else {
                return Err(KeyError::NotAKeyRecord { text: shown() });
            };
            // `d=p=1,a=...` is a record that was pasted into a form which writes the front itself.
            let value = value.trim();
            // No base64 has more than padding after its first `=`.
            let is_pasted = value.len() > 4
                && ["p=", "a=", "t=", "d="]
                    .iter()
                    .any(|name| value.starts_with(name));
            if is_pasted || slot.replace(value).is_some() {
                return Err(KeyError::FieldTwice { text: shown() });
            }
        }
        if fields
            .iter()
            .flatten()
            .any(|value| value.contains([' ', '\t']))
        {
            return Err(KeyError::Spaces { text: shown() });
        }
        let [position, algorithm, kind, data] = fields;
        let position = position.ok_or_else(|| KeyError::NoPosition { text: shown() })?;
        Ok(Self {
            position: position
                .parse()
                .map_err(|_| KeyError::NoPosition { text: shown() })?,
            algorithm: algorithm.map(str::to_owned),
            kind: kind.map(str::to_owned),
            data: data
                .ok_or_else(|| KeyError::NotAKeyRecord { text: shown() })?
                .to_owned(),
        })
    }
}

//------------ KeyError --------------------------------------------------------------------------

/// Why there is no key to check a signature with. Each message ends with what to do.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum KeyError {
    /// The label is not one.
    #[error(
        "`{text}` is not one DNS label: the parameter `key` must be the label below syncPubKeyDomain, such as _dck1"
    )]
    Label {
        /// The text.
        text: String,
    },
    /// The label cannot be decoded.
    #[error("the parameter `key` cannot be decoded: {0}")]
    Encoding(#[from] PercentError),
    /// Label and domain together are no name.
    #[error("the name of the key is not valid: {0}")]
    Name(#[from] NameError),
    /// Nothing is published.
    #[error(
        "there is no TXT record at the name of the key: publish it there, and look for a domain that was added twice, or for syncPubKeyDomain beginning with the label already"
    )]
    NoRecords,
    /// There is too much.
    #[error(
        "the key has {records} TXT records of {octets} octets together, and at most {MAX_FRAGMENTS} of {MAX_OCTETS} are read: publish it in fewer records, and nothing else at its name"
    )]
    TooLarge {
        /// How many records.
        records: usize,
        /// Their size.
        octets: usize,
    },
    /// A record is not part of a key.
    #[error("`{text}` is not part of a key: write p=1,a=RS256,d=... and nothing else at that name")]
    NotAKeyRecord {
        /// The record, cut after 80 characters.
        text: String,
    },
    /// A field of a record is there twice.
    #[error("`{text}` has a field twice: write p=1,a=RS256,d=... once")]
    FieldTwice {
        /// The record, cut after 80 characters.
        text: String,
    },
    /// A value of a record has a space in it.
    #[error("`{text}` has a space inside a value: publish the base64 text without spaces")]
    Spaces {
        /// The record, cut after 80 characters.
        text: String,
    },
    /// A part is not there.
    #[error(
        "the part of the key with p={position} is missing: publish every part at the same name"
    )]
    MissingPart {
        /// The number.
        position: u32,
    },
    /// A record does not say its place.
    #[error("`{text}` has no number in p=: number the parts of the key from 1")]
    NoPosition {
        /// The record, cut after 80 characters.
        text: String,
    },
    /// Two records have the same place.
    #[error(
        "two TXT records of the key have p={position}: number the parts differently, and publish one key at a name"
    )]
    SamePosition {
        /// The number.
        position: u32,
    },
    /// The algorithm is not supported.
    #[error(
        "the key is for the algorithm {algorithm}, and only RS256 is supported: publish an RSA key with a=RS256"
    )]
    Algorithm {
        /// The algorithm.
        algorithm: String,
    },
    /// The format is not supported.
    #[error(
        "the key has the format {kind}, and only x509 is supported: publish SubjectPublicKeyInfo"
    )]
    Kind {
        /// The format.
        kind: String,
    },
    /// The text form of a key file was published.
    #[error(
        "the record holds the BEGIN and END lines of a PEM file: publish only the base64 text between them"
    )]
    Pem,
    /// There are line ends in the record.
    #[error("the record has line ends in it: publish the base64 text in one line")]
    LineEnds,
    /// The text is not base64.
    #[error(
        "the parts of the key, put together in the order of p, are not base64: look for a part that is missing or cut off"
    )]
    NotBase64,
    /// It is a private key.
    #[error(
        "the published key is a PRIVATE key: everybody can read it, so withdraw it and make another"
    )]
    PrivateKey,
    /// It is no RSA key.
    #[error(
        "the parts of the key, put together in the order of p, are not an RSA public key: look for a part that is missing"
    )]
    NotAnRsaKey,
    /// It is in another format.
    #[error(
        "the key is in the PKCS#1 format: publish it as SubjectPublicKeyInfo (openssl rsa -RSAPublicKey_in -pubout)"
    )]
    BareKey,
    /// It is too short.
    #[error("the key has {bits} bits, and at least {least} are needed: make a longer one")]
    TooShort {
        /// Its size.
        bits: usize,
        /// The size that is needed.
        least: usize,
    },
}
