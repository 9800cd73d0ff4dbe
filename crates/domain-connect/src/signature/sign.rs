//! Signing apply URLs, as a service provider does (draft-05 section 8.3.2.1).

use std::fmt;

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{KeyLabel, PublicKey, WeakKeys};
use crate::{Pair, RawQuery, percent};

/// A private key that signs requests.
///
/// ```
/// use aws_lc_rs::encoding::AsDer as _;
/// use domain_connect::{
///     RawQuery, SignError, SignatureParameters, SigningKey, canonical_query, verify,
/// };
///
/// # let pair = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
/// # let der: aws_lc_rs::encoding::Pkcs8V1Der<'_> = pair.as_der().unwrap();
/// # let der = der.as_ref();
/// let key = SigningKey::from_pkcs8_der(der)?;
/// let query = canonical_query([("domain", "example.com"), ("IP", "192.0.2.1")]);
/// let signed = key.sign(&query, &"_dck1".parse()?)?;
/// assert!(signed.starts_with("IP=192.0.2.1&domain=example.com&sig="));
/// assert_eq!(key.sign(&signed, &"_dck1".parse()?), Err(SignError::AlreadySigned));
///
/// // What whoever receives the link does with it, once the key is published.
/// assert!(key.public_records()?[0].starts_with("p=1,a=RS256,d="));
/// let received = RawQuery::new(&signed);
/// let parameters = SignatureParameters::from_query(received)?.unwrap();
/// verify(received, &parameters, &key.public_key()?)?;
///
/// assert_eq!(SigningKey::from_pem("not a key").unwrap_err(), SignError::NotAPrivateKey);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SigningKey {
    pair: KeyPair,
}

impl SigningKey {
    /// Reads a private key from PKCS#8 in DER.
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, SignError> {
        let pair = KeyPair::from_pkcs8(der).map_err(|_| SignError::NotAPrivateKey)?;
        Ok(Self { pair })
    }

    /// Reads a private key from a PEM file with PKCS#8 (`BEGIN PRIVATE KEY`).
    pub fn from_pem(pem: &str) -> Result<Self, SignError> {
        let base64: String = pem
            .lines()
            .map(str::trim)
            .filter(|line| !line.starts_with("-----"))
            .collect();
        let der = STANDARD
            .decode(base64)
            .map_err(|_| SignError::NotAPrivateKey)?;
        Self::from_pkcs8_der(&der)
    }

    /// Signs a query that has neither `sig` nor `key`, and gives it back with both.
    pub fn sign(&self, query: &str, label: &KeyLabel) -> Result<String, SignError> {
        let raw = RawQuery::new(query);
        if raw.pairs().any(Pair::is_signature) {
            return Err(SignError::AlreadySigned);
        }
        let mut signature = vec![0; self.pair.public_modulus_len()];
        // PKCS#1 v1.5 takes nothing from the random source; the call wants one all the same.
        self.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                query.as_bytes(),
                &mut signature,
            )
            .map_err(|_| SignError::Failed)?;
        let signature = percent::encode(&STANDARD.encode(&signature));
        Ok(format!("{query}&sig={signature}&key={label}"))
    }

    /// The public half of the key.
    pub fn public_key(&self) -> Result<PublicKey, SignError> {
        let der: PublicKeyX509Der<'_> = self
            .pair
            .public_key()
            .as_der()
            .map_err(|_| SignError::Failed)?;
        PublicKey::from_der(der.as_ref(), WeakKeys::Accept).map_err(|_| SignError::Failed)
    }

    /// The texts of the `TXT` records to publish for this key.
    pub fn public_records(&self) -> Result<Vec<String>, SignError> {
        self.public_key().map(|key| key.records())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(..)")
    }
}

/// Puts parameters into the form that is signed: encoded, and sorted by their encoded names.
///
/// ```
/// use domain_connect::canonical_query;
///
/// let query = canonical_query([("domain", "example.com"), ("IP", "192.0.2.1"), ("name", "a b")]);
/// assert_eq!(query, "IP=192.0.2.1&domain=example.com&name=a%20b");
/// ```
pub fn canonical_query<'a>(parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut pairs: Vec<(String, String)> = parameters
        .into_iter()
        .map(|(name, value)| (percent::encode(name), percent::encode(value)))
        .collect();
    pairs.sort();
    pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect::<Vec<_>>()
        .join("&")
}

/// Why a request cannot be signed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SignError {
    /// The key is not an RSA private key.
    #[error(
        "this is not an RSA private key in PKCS#8: convert it with openssl pkcs8 -topk8 -nocrypt"
    )]
    NotAPrivateKey,
    /// There is a signature already.
    #[error("the query has sig or key already: sign it without them")]
    AlreadySigned,
    /// The signature could not be made.
    #[error("the signature could not be made with this key")]
    Failed,
}
