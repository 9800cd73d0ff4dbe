//! A query string as it came, in pairs.

use crate::percent::{self, PercentError};

/// A query string taken apart at `&` and the first `=` of each part, with nothing decoded: what is
/// signed is the text as it was sent (draft-05 section 8.3.4, step 6).
///
/// ```
/// use domain_connect::{Pair, RawQuery};
///
/// let query = RawQuery::new("name=a+b&sig=AAAA&key=_dck1&IP=%3A%3a");
/// let names: Vec<&str> = query.pairs().map(Pair::raw_name).collect();
/// assert_eq!(names, ["name", "sig", "key", "IP"]);
/// assert_eq!(query.pairs().next().map(Pair::raw_value), Some("a+b"));
/// assert_eq!(query.signed_data(), "name=a+b&IP=%3A%3a");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct RawQuery<'a> {
    text: &'a str,
}

impl<'a> RawQuery<'a> {
    /// The query without its `?`.
    pub fn new(text: &'a str) -> Self {
        Self { text }
    }

    /// The pairs in order, empty ones included.
    pub fn pairs(self) -> impl Iterator<Item = Pair<'a>> {
        self.text.split('&').map(Pair)
    }

    /// The text that a signature is made over: everything but the pairs named `sig` and `key`, in
    /// the order and spelling in which it was sent.
    pub fn signed_data(self) -> String {
        let kept: Vec<&str> = self
            .pairs()
            .filter(|pair| !pair.is_signature())
            .map(Pair::raw)
            .collect();
        kept.join("&")
    }

    /// The value of the one pair with this name, still encoded.
    pub(crate) fn only(self, name: &'static str) -> Result<Option<&'a str>, Repeated> {
        let mut values = self
            .pairs()
            .filter(|pair| pair.raw_name() == name)
            .map(Pair::raw_value);
        match (values.next(), values.next()) {
            (value, None) => Ok(value),
            (_, Some(_)) => Err(Repeated { name }),
        }
    }
}

/// One pair of a query string, still encoded.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'a>(&'a str);

impl<'a> Pair<'a> {
    /// What stands before the first `=`.
    pub fn raw_name(self) -> &'a str {
        self.0.split_once('=').map_or(self.0, |(name, _)| name)
    }

    /// What stands after it.
    pub fn raw_value(self) -> &'a str {
        self.0.split_once('=').map_or("", |(_, value)| value)
    }

    /// The pair as it was sent, with or without its `=`.
    pub(crate) fn raw(self) -> &'a str {
        self.0
    }

    /// Whether this is the signature or names its key.
    pub(crate) fn is_signature(self) -> bool {
        ["sig", "key"].contains(&self.raw_name())
    }

    /// Whether nothing is there, as after a final `&`.
    pub(crate) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// Name and value, decoded.
    pub(crate) fn decode(self) -> Result<(String, String), PercentError> {
        Ok((
            percent::decode(self.raw_name())?,
            percent::decode(self.raw_value())?,
        ))
    }
}

/// A parameter that may be there once is there twice.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Repeated {
    pub(crate) name: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_pairs_sig_and_key_are_left_out_of_the_signed_data() {
        for (query, signed) in [
            ("a=1&sig=x&key=y", "a=1"),
            ("sig=x&a=1&key=y&b=2", "a=1&b=2"),
            ("key=y&sig=x", ""),
            ("xsig=1&key2=2&sig=x", "xsig=1&key2=2"),
            ("a=&b&sig=x&c=%2b&d=%2B&e=+", "a=&b&c=%2b&d=%2B&e=+"),
            ("groupId=a&groupId=b&sig=x", "groupId=a&groupId=b"),
            ("a=1&sig=x&", "a=1&"),
            ("b=2&a=1&sig=a=b", "b=2&a=1"),
            ("%73ig=1&sig=x", "%73ig=1"),
        ] {
            assert_eq!(RawQuery::new(query).signed_data(), signed, "{query}");
        }
    }
}
