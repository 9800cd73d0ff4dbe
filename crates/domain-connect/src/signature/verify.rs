//! Checking the signature of an apply URL (draft-05 section 8.3.4).

use aws_lc_rs::signature::{
    RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, RsaParameters,
    UnparsedPublicKey,
};
use base64::Engine as _;

use super::key::BASE64;
use super::{KeyError, KeyLabel, PublicKey};
use crate::RawQuery;
use crate::percent::{self, PercentError};

/// The longest signature that is looked at, in base64: that of a key of 8192 bits and some more.
const MAX_SIGNATURE_OCTETS: usize = 2048;

/// What a signed query says about its signature.
///
/// ```
/// use domain_connect::{RawQuery, SignatureError, SignatureParameters};
///
/// let signed = RawQuery::new("domain=example.com&sig=AAAA&key=_dck1");
/// let parameters = SignatureParameters::from_query(signed)?.unwrap();
/// assert_eq!(parameters.key.as_str(), "_dck1");
///
/// assert_eq!(SignatureParameters::from_query(RawQuery::new("domain=example.com"))?, None);
/// let half = SignatureParameters::from_query(RawQuery::new("domain=example.com&sig=AAAA"));
/// assert_eq!(half, Err(SignatureError::Missing { name: "key" }));
/// # Ok::<(), SignatureError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SignatureParameters {
    /// Which key was used.
    pub key: KeyLabel,
    signature: Vec<u8>,
}

impl SignatureParameters {
    pub(super) fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// Reads `sig` and `key`; a query that has neither is not signed.
    pub fn from_query(query: RawQuery<'_>) -> Result<Option<Self>, SignatureError> {
        let repeated = |repeated: crate::query::Repeated| SignatureError::Repeated {
            name: repeated.name,
        };
        let signature = query.only("sig").map_err(repeated)?;
        let key = query.only("key").map_err(repeated)?;
        match (signature, key) {
            (None, None) => Ok(None),
            // Nothing after the `=` is as good as nothing at all.
            (None | Some(""), Some(_)) => Err(SignatureError::Missing { name: "sig" }),
            (Some(_), None | Some("")) => Err(SignatureError::Missing { name: "key" }),
            (Some(signature), Some(key)) => Ok(Some(Self {
                key: KeyLabel::from_raw(key)?,
                signature: decode_signature(signature)?,
            })),
        }
    }
}

/// Decodes a signature. A `+` that became a space, the alphabet of base64url and missing padding are
/// forgiven, since none of them changes what was signed.
fn decode_signature(raw: &str) -> Result<Vec<u8>, SignatureError> {
    if raw.len() > MAX_SIGNATURE_OCTETS {
        return Err(SignatureError::TooLong);
    }
    let text: String = percent::decode(raw)?
        .chars()
        .map(|character| match character {
            ' ' | '-' => '+',
            '_' => '/',
            other => other,
        })
        .collect();
    match BASE64.decode(&text) {
        Ok(signature) if !signature.is_empty() => Ok(signature),
        _ => Err(SignatureError::NotBase64),
    }
}

/// Checks that the query was signed with the private half of this key.
///
/// ```
/// use domain_connect::{
///     PublicKey, RawQuery, SignatureError, SignatureParameters, WeakKeys, verify,
/// };
///
/// // The key and the signature that Domain Connect 2.3 prints.
/// let key = PublicKey::from_records([
///     "p=1,a=RS256,d=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA18SgvpmeasN4BHkkv0SBjAzIc4grYLjiAXRtNiBUiGUDMeTzQrKTsWvy9NuxU1dIHCZy9o1CrKNg5EzLIZLNyMfI6qiXnM+HMd4byp97zs/3D39Q8iR5poubQcRaGozWx8yQpG0OcVdmEVcTfy",
///     "p=2,a=RS256,d=R/XSEWC5u16EBNvRnNAOAvZYUdWqVyQvXsjnxQot8KcK0QP8iHpoL/1dbdRy2opRPQ2FdZpovUgknybq/6FkeDtW7uCQ6Mvu4QxcUa3+WP9nYHKtgWip/eFxpeb+qLvcLHf1h0JXtxLVdyy6OLk3f2JRYUX2ZZVDvG3biTpeJz6iRzjGg6MfGxXZHjI8",
///     "p=3,a=RS256,d=weDjXrJwIDAQAB",
/// ], WeakKeys::Refuse)?;
/// let query = RawQuery::new("a=1&b=2&ip=10.10.10.10&domain=example.net&key=_dcpubkeyv1&sig=V2te9zWMU7G3plxBTsmYSJTvn2vzMvNwAjWQ%2BwTe91DxuJhdVf4cVc4vZBYfEYV7u5d7PzTO7se7OrkhyiB7TpoJJW1yB5qHR7HKM5SZldUsdtg5%2B1SzEtIX0Uq8b2mCmQF%2FuJGXpqCyFrEajvpTM7fFKPk1kuctmtkjV7%2BATcvNPLWY7KyE4%2Bqc8jpfN61cP5l8iA4krAa3%2BfTro5cmWR8YUJ5yrnRs6KT4b5D71HFvOUk0sGEUddUUlsyRQKRHUFN6HjEya50YDHfZJlYHkHlK0xX6Yqeii9QZ2I35U9eJbSvZGQko5beqviWFXdsVDbvd3DYcbSHgJq9%2FXoMTTw%3D%3D");
/// let parameters = SignatureParameters::from_query(query)?.ok_or(SignatureError::Unsigned)?;
/// verify(query, &parameters, &key)?;
///
/// let changed = RawQuery::new("a=2&b=2&ip=10.10.10.10&domain=example.net");
/// let error = verify(changed, &parameters, &key).unwrap_err();
/// assert!(matches!(error, SignatureError::Mismatch { .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn verify(
    query: RawQuery<'_>,
    parameters: &SignatureParameters,
    key: &PublicKey,
) -> Result<(), SignatureError> {
    let algorithm: &'static RsaParameters = if key.bits() < 2048 {
        &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY
    } else {
        &RSA_PKCS1_2048_8192_SHA256
    };
    let data = query.signed_data();
    UnparsedPublicKey::new(algorithm, key.der())
        .verify(data.as_bytes(), &parameters.signature)
        .map_err(|_| SignatureError::Mismatch { data })
}

/// Why a request is not validly signed. Each message ends with what to do.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SignatureError {
    /// The template asks for a signature and there is none.
    #[error(
        "the template asks for signed requests, and this one is not signed: start again at the service provider's page"
    )]
    Unsigned,
    /// One of the two parameters is missing.
    #[error("the parameter `{name}` is missing or empty: a signed request has both sig and key")]
    Missing {
        /// The parameter.
        name: &'static str,
    },
    /// One of the two parameters is there more than once.
    #[error("the parameter `{name}` is there more than once: send it once")]
    Repeated {
        /// The parameter.
        name: &'static str,
    },
    /// The signature is too long.
    #[error(
        "the signature is longer than any RSA signature: send the base64 text of the signature alone"
    )]
    TooLong,
    /// The signature cannot be decoded.
    #[error("the parameter `sig` cannot be decoded: {0}")]
    Encoding(#[from] PercentError),
    /// The signature is not base64.
    #[error(
        "the signature is not base64: encode it with the standard alphabet and percent-encode the result"
    )]
    NotBase64,
    /// There is no key to check it with.
    #[error("the key of the signature cannot be used: {0}")]
    Key(#[from] KeyError),
    /// The signature is of something else, or by another key.
    #[error(
        "the signature does not fit: the request was changed after it was signed, or another key is published; the signed text must be `{data}`"
    )]
    Mismatch {
        /// What should have been signed.
        data: String,
    },
}
