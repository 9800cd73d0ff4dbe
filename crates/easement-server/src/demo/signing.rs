//! Secrets of the demo: the key of its service provider, and passwords that can be typed.

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use domain_connect::SignError;
use easement_core::Random;

/// How many groups of four characters a password has: 60 bits.
const GROUPS: usize = 3;
/// Letters and digits that nobody mistakes for each other.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// A new RSA key of 2048 bits, PKCS#8 in DER.
pub(super) fn new_key() -> Result<Vec<u8>, SignError> {
    let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| SignError::Failed)?;
    let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| SignError::Failed)?;
    Ok(der.as_ref().to_vec())
}

/// A password such as `k7dm-w2xn-e5ra`.
pub(super) fn new_password(random: &dyn Random) -> String {
    let octets = random.octets(4 * GROUPS);
    let groups: Vec<String> = octets
        .chunks(4)
        .map(|group| group.iter().copied().map(character).collect())
        .collect();
    groups.join("-")
}

/// 256 is a multiple of 32, so every character is equally likely.
fn character(octet: u8) -> char {
    let index = usize::from(octet) % ALPHABET.len();
    ALPHABET.get(index).copied().map_or('a', char::from)
}
