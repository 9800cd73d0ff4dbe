//! The well-known ways to sign a request wrongly, and which of them made a signature.
//!
//! Nothing here makes a request valid: it only tells the sender what to mend.

use std::collections::BTreeSet;
use std::fmt;

use aws_lc_rs::signature::{
    RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters, UnparsedPublicKey,
};
use base64::Engine as _;
use serde::Serialize;
use url::Url;

use super::PublicKey;
use super::key::BASE64;
use crate::{Pair, RawQuery, percent};

/// How many parameters are left out one by one, to find one that was added after signing.
const MAX_LEFT_OUT: usize = 40;

/// What a sender did other than sign the query as it is sent (draft-05 section 8.3.2.1).
///
/// ```
/// use domain_connect::Mistake;
///
/// let mistake = Mistake::Added { names: vec!["state".to_owned()] };
/// assert_eq!(
///     mistake.to_string(),
///     "state was added to the query after it was signed: sign it complete."
/// );
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "mistake")]
pub enum Mistake {
    /// The parameters were signed in another order than they are sent.
    Sorted,
    /// The values were signed before they were percent-encoded.
    Decoded,
    /// Both of these.
    DecodedAndSorted,
    /// A space was signed as `+` and sent as `%20`, or the other way round.
    Spaces,
    /// Hexadecimal digits of percent-encoding were signed in other letters than they are sent.
    HexCase,
    /// Values were encoded anew between signing and sending.
    EncodedAnew,
    /// The parameter `key` was signed too.
    KeyIncluded,
    /// The question mark was signed too.
    QuestionMark,
    /// The whole address was signed.
    WholeUrl,
    /// Path and query were signed.
    PathAndQuery,
    /// Something stood after the text, such as a line end.
    Trailing {
        /// What.
        text: String,
    },
    /// Only some of the parameters were signed, sorted and not encoded, as one library does.
    OnlyVariables,
    /// Parameters were added after signing.
    Added {
        /// Their names.
        names: Vec<String>,
    },
    /// The text of a digest was signed in the place of the text itself.
    DigestSigned,
    /// Another algorithm was used.
    Algorithm {
        /// Its name.
        name: String,
    },
    /// The signature was encoded twice, or as hexadecimal digits.
    EncodedTwice,
}

/// The link as it came.
#[derive(Clone, Copy)]
pub(super) struct Link<'a> {
    pub(super) url: Option<&'a Url>,
    pub(super) query: RawQuery<'a>,
}

/// The mistake that explains a signature which does not fit.
pub(super) fn find(link: Link<'_>, signature: &[u8], key: &PublicKey) -> Option<Mistake> {
    let fits = |algorithm: &'static RsaParameters, data: &str, signature: &[u8]| {
        UnparsedPublicKey::new(algorithm, key.der())
            .verify(data.as_bytes(), signature)
            .is_ok()
    };
    let usual = &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY;
    let data = link.query.signed_data();
    let texts = candidates(link, &data);
    let by_text = texts
        .into_iter()
        .find(|(_, text)| fits(usual, text, signature))
        .map(|(mistake, _)| mistake);
    by_text
        .or_else(|| {
            other_algorithms()
                .into_iter()
                .find(|(_, algorithm)| fits(algorithm, &data, signature))
                .map(|(name, _)| Mistake::Algorithm {
                    name: name.to_owned(),
                })
        })
        .or_else(|| {
            let inner = decoded_again(signature)?;
            fits(usual, &data, &inner).then_some(Mistake::EncodedTwice)
        })
}

fn other_algorithms() -> [(&'static str, &'static RsaParameters); 6] {
    [
        ("SHA-1", &RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY),
        ("SHA-384", &RSA_PKCS1_2048_8192_SHA384),
        ("SHA-512", &RSA_PKCS1_2048_8192_SHA512),
        ("RSA-PSS with SHA-256", &RSA_PSS_2048_8192_SHA256),
        ("RSA-PSS with SHA-384", &RSA_PSS_2048_8192_SHA384),
        ("RSA-PSS with SHA-512", &RSA_PSS_2048_8192_SHA512),
    ]
}

/// A signature that is itself base64 or hexadecimal digits.
fn decoded_again(signature: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(signature).ok()?.trim();
    let is_hex = text.len() % 2 == 0 && text.bytes().all(|octet| octet.is_ascii_hexdigit());
    if !is_hex {
        return BASE64.decode(text).ok();
    }
    let digit = |octet: u8| char::from(octet).to_digit(16);
    let pairs = text.as_bytes().chunks_exact(2);
    pairs
        .map(|pair| match pair {
            [high, low] => u8::try_from(digit(*high)? * 16 + digit(*low)?).ok(),
            _ => None,
        })
        .collect()
}

//------------ Texts -----------------------------------------------------------------------------

fn candidates(link: Link<'_>, data: &str) -> Vec<(Mistake, String)> {
    let pairs: Vec<Pair<'_>> = link
        .query
        .pairs()
        .filter(|pair| !pair.is_signature())
        .collect();
    let decoded: Vec<(String, String)> =
        pairs.iter().filter_map(|pair| pair.decode().ok()).collect();
    // What is right but for one thing comes before what was made anew.
    let mut texts = spelled(data);
    texts.extend(rearranged(&pairs, &decoded));
    texts.extend(surrounded(link, data));
    texts.extend(left_out(&pairs));
    texts.push((Mistake::OnlyVariables, only_variables(&decoded)));
    texts.push((Mistake::DigestSigned, hex_digest(data)));
    // What was sent is what should have been signed.
    texts.retain(|(_, text)| text != data);
    texts
}

fn rearranged(pairs: &[Pair<'_>], decoded: &[(String, String)]) -> Vec<(Mistake, String)> {
    let mut raw: Vec<&str> = pairs.iter().map(|pair| pair.raw()).collect();
    raw.sort_unstable();
    let plain: Vec<String> = decoded.iter().map(joined).collect();
    let mut plain_sorted = plain.clone();
    plain_sorted.sort();
    let anew: Vec<String> = decoded
        .iter()
        .map(|(name, value)| format!("{}={}", percent::encode(name), percent::encode(value)))
        .collect();
    let mut anew_sorted = anew.clone();
    anew_sorted.sort();
    vec![
        (Mistake::Sorted, raw.join("&")),
        (Mistake::EncodedAnew, anew.join("&")),
        (Mistake::EncodedAnew, anew_sorted.join("&")),
        (Mistake::Decoded, plain.join("&")),
        (Mistake::DecodedAndSorted, plain_sorted.join("&")),
    ]
}

fn joined((name, value): &(String, String)) -> String {
    format!("{name}={value}")
}

fn spelled(data: &str) -> Vec<(Mistake, String)> {
    vec![
        (Mistake::Spaces, data.replace("%20", "+")),
        (Mistake::Spaces, data.replace('+', "%20")),
        (Mistake::HexCase, with_hex(data, str::to_ascii_lowercase)),
        (Mistake::HexCase, with_hex(data, str::to_ascii_uppercase)),
    ]
}

/// The text with the two digits after each percent sign changed.
fn with_hex(data: &str, change: impl Fn(&str) -> String) -> String {
    let mut parts = data.split('%');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        text.push('%');
        text.push_str(&change(digits));
        text.push_str(rest);
    }
    text
}

fn surrounded(link: Link<'_>, data: &str) -> Vec<(Mistake, String)> {
    let trailing = |end: &str| {
        let mistake = Mistake::Trailing {
            text: end.escape_default().to_string(),
        };
        (mistake, format!("{data}{end}"))
    };
    let with_key = link.query.pairs().filter(|pair| pair.raw_name() != "sig");
    let with_key: Vec<&str> = with_key.map(Pair::raw).collect();
    let mut texts = vec![
        trailing("\n"),
        trailing("\r\n"),
        trailing("&"),
        (Mistake::QuestionMark, format!("?{data}")),
        (Mistake::KeyIncluded, with_key.join("&")),
    ];
    if let Some(url) = link.url {
        let path = url.path();
        let origin = url.origin().ascii_serialization();
        texts.push((Mistake::PathAndQuery, format!("{path}?{data}")));
        texts.push((Mistake::WholeUrl, format!("{origin}{path}?{data}")));
    }
    texts
}

/// The text without parameters that may have been added after signing: each by itself, and those that
/// libraries add late together.
fn left_out(pairs: &[Pair<'_>]) -> Vec<(Mistake, String)> {
    let without = |names: &[&str]| {
        let kept: Vec<&str> = pairs
            .iter()
            .filter(|pair| !names.contains(&pair.raw_name()))
            .map(|pair| pair.raw())
            .collect();
        let there = names
            .iter()
            .filter(|name| pairs.iter().any(|pair| pair.raw_name() == **name));
        let names: Vec<String> = there.map(|name| (*name).to_owned()).collect();
        (Mistake::Added { names }, kept.join("&"))
    };
    let names: BTreeSet<&str> = pairs.iter().map(|pair| pair.raw_name()).collect();
    let single = names.into_iter().take(MAX_LEFT_OUT);
    let mut texts: Vec<_> = single.map(|name| without(&[name])).collect();
    texts.push(without(&["state", "redirect_uri"]));
    texts.push(without(&["state", "redirect_uri", "groupId"]));
    texts.push(without(&["providerName", "serviceName"]));
    texts
}

/// What one library signs: everything but the parameters of the flow, decoded and sorted.
fn only_variables(decoded: &[(String, String)]) -> String {
    let mut kept: Vec<String> = decoded
        .iter()
        .filter(|(name, _)| {
            ![
                "redirect_uri",
                "state",
                "groupId",
                "sigts",
                "providerName",
                "serviceName",
            ]
            .contains(&name.as_str())
        })
        .map(joined)
        .collect();
    kept.sort();
    kept.join("&")
}

fn hex_digest(data: &str) -> String {
    crate::Checksum::of(data.as_bytes()).to_string()
}

//------------ In words --------------------------------------------------------------------------

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const AS_SENT: &str = "sign the query exactly as it is sent, without sig and key";
        match self {
            Self::Sorted => write!(
                f,
                "The parameters were signed in sorted order and sent in another: send them in the \
                 order in which they were signed."
            ),
            Self::Decoded => write!(
                f,
                "The values were signed before they were percent-encoded: {AS_SENT}."
            ),
            Self::DecodedAndSorted => write!(
                f,
                "The values were signed in sorted order and before they were percent-encoded: {AS_SENT}."
            ),
            Self::Spaces => write!(
                f,
                "A space was signed as + and sent as %20, or the other way round: {AS_SENT}."
            ),
            Self::HexCase => write!(
                f,
                "Percent-encoded octets were signed with other letters than they are sent (%2f and \
                 %2F): {AS_SENT}."
            ),
            Self::EncodedAnew => write!(
                f,
                "The values were encoded in another way, or sorted, when they were signed: {AS_SENT}."
            ),
            Self::KeyIncluded => write!(
                f,
                "The parameter key was signed too: sign first, and add sig and key after that."
            ),
            Self::QuestionMark => {
                write!(
                    f,
                    "The question mark was signed too: sign what stands after it."
                )
            }
            Self::WholeUrl => write!(
                f,
                "The whole address was signed: sign only what stands after the question mark."
            ),
            Self::PathAndQuery => write!(
                f,
                "The path was signed too: sign only what stands after the question mark."
            ),
            Self::Trailing { text } => write!(
                f,
                "The signed text ended in {text:?}, which is not sent: sign without it."
            ),
            Self::OnlyVariables => write!(
                f,
                "Only domain, host and variables were signed, sorted and not encoded, as the library \
                 domainconnect-go does: {AS_SENT}, with redirect_uri, state and groupId in it."
            ),
            Self::Added { names } => write!(
                f,
                "{} added to the query after it was signed: sign it complete.",
                was_or_were(names)
            ),
            Self::DigestSigned => write!(
                f,
                "The hexadecimal digest was signed: give the signing function the text itself, it \
                 makes the digest."
            ),
            Self::Algorithm { name } => write!(
                f,
                "It was made with {name}: use RSASSA-PKCS1-v1_5 with SHA-256, which is RS256."
            ),
            Self::EncodedTwice => write!(
                f,
                "The signature was encoded twice: encode its octets as base64 once, and \
                 percent-encode that."
            ),
        }
    }
}

fn was_or_were(names: &[String]) -> String {
    let list = names.join(", ");
    match names {
        [_] => format!("{list} was"),
        _ => format!("{list} were"),
    }
}
