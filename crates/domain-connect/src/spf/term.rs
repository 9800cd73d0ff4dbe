//! The terms of SPF records (RFC 7208 sections 4.6 and 5).

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use super::domain_spec::{is_domain_spec, is_macro_string, split_prefixes};

/// What a match means, from the least restrictive to the most (RFC 7208 section 4.6.2).
///
/// ```
/// use domain_connect::Qualifier;
///
/// assert!(Qualifier::Pass < Qualifier::Fail);
/// assert_eq!(Qualifier::SoftFail.mark(), "~");
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Qualifier {
    /// `+`: may send.
    Pass,
    /// `?`: nothing is said.
    Neutral,
    /// `~`: probably may not send.
    SoftFail,
    /// `-`: may not send.
    Fail,
}

impl Qualifier {
    /// Takes the qualifier off the front of a directive; none means pass.
    pub(super) fn split(text: &str) -> (Self, &str) {
        let split = |mark, qualifier| text.strip_prefix(mark).map(|rest| (qualifier, rest));
        split('+', Self::Pass)
            .or_else(|| split('?', Self::Neutral))
            .or_else(|| split('~', Self::SoftFail))
            .or_else(|| split('-', Self::Fail))
            .unwrap_or((Self::Pass, text))
    }

    /// How it is written; pass is written as nothing.
    pub fn mark(self) -> &'static str {
        match self {
            Self::Pass => "",
            Self::Neutral => "?",
            Self::SoftFail => "~",
            Self::Fail => "-",
        }
    }
}

/// One term other than `all`, `redirect=` and `exp=`.
///
/// ```
/// use domain_connect::{Qualifier, Term, TermError, TermFault, TermKey};
///
/// let term = Term::parse("~include:Mail.example")?;
/// assert_eq!(term.qualifier, Some(Qualifier::SoftFail));
/// assert_eq!(term.text, "include:Mail.example");
/// assert!(term.costs_a_lookup());
/// assert!(!Term::parse("ip4:192.0.2.1")?.costs_a_lookup());
///
/// let other: TermKey = Term::parse("include:mail.example")?.key();
/// assert_eq!(term.key(), other);
///
/// let error: TermError = Term::parse("-all").unwrap_err();
/// assert_eq!(error.fault, TermFault::All);
/// # Ok::<(), TermError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Term {
    /// What a match means; modifiers have none.
    pub qualifier: Option<Qualifier>,
    /// Mechanism and value as they were written, without the qualifier.
    pub text: String,
}

/// What makes two terms the same but for their qualifiers: mechanism and value without regard to case.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TermKey(String);

impl Term {
    /// Reads a mechanism, or a modifier that is not known to change the meaning of the record.
    pub fn parse(text: &str) -> Result<Self, TermError> {
        let error = |fault| TermError {
            text: text.chars().take(80).collect(),
            fault,
        };
        if !text.bytes().all(|octet| octet.is_ascii_graphic()) {
            return Err(error(TermFault::Character));
        }
        let (qualifier, rest) = Qualifier::split(text);
        let name_end = rest.find([':', '/', '=']).unwrap_or(rest.len());
        let (name, value) = rest.split_at_checked(name_end).unwrap_or((rest, ""));
        if let Some(value) = value.strip_prefix('=') {
            // A modifier has no qualifier.
            let name = if rest == text { name } else { "" };
            return modifier(text, name, value).map_err(error);
        }
        check_mechanism(&name.to_ascii_lowercase(), value).map_err(error)?;
        Ok(Self {
            qualifier: Some(qualifier),
            text: rest.to_owned(),
        })
    }

    /// What it is, without its qualifier.
    pub fn key(&self) -> TermKey {
        let lower = self.text.to_ascii_lowercase();
        let address = lower
            .strip_prefix("ip6:")
            .and_then(|value| value.parse::<Ipv6Addr>().ok());
        TermKey(match address {
            Some(address) => format!("ip6:{address}"),
            None => lower.strip_suffix('.').unwrap_or(&lower).to_owned(),
        })
    }

    /// Whether the other has the same key, found out without making either.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        let [one, two] =
            [self, other].map(|term| term.text.strip_suffix('.').unwrap_or(&term.text));
        let has_address = |text: &str| {
            let prefix = text.get(..4);
            prefix.is_some_and(|prefix| prefix.eq_ignore_ascii_case("ip6:"))
        };
        one.eq_ignore_ascii_case(two)
            || (has_address(one) && has_address(two) && self.key() == other.key())
    }

    /// Whether checking it asks DNS a question, of which an SPF record may cause ten in all
    /// (RFC 7208 section 4.6.4).
    pub fn costs_a_lookup(&self) -> bool {
        let name: String = self
            .text
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        self.qualifier.is_some()
            && ["include", "a", "mx", "ptr", "exists"].contains(&name.to_ascii_lowercase().as_str())
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = self.qualifier.map_or("", Qualifier::mark);
        write!(f, "{mark}{}", self.text)
    }
}

fn modifier(text: &str, name: &str, value: &str) -> Result<Term, TermFault> {
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name
            .bytes()
            .all(|octet| octet.is_ascii_alphanumeric() || b"-_.".contains(&octet));
    if !is_name {
        return Err(TermFault::Unknown);
    }
    if ["redirect", "exp"]
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
    {
        return Err(TermFault::WholeRecord);
    }
    if name.eq_ignore_ascii_case("v") {
        return Err(TermFault::Version);
    }
    check(is_macro_string(value))?;
    Ok(Term {
        qualifier: None,
        text: text.to_owned(),
    })
}

fn check_mechanism(name: &str, value: &str) -> Result<(), TermFault> {
    match name {
        "all" => Err(TermFault::All),
        "a" | "mx" => {
            let (name, prefixes) = split_prefixes(value);
            check((name.is_empty() || is_name(name)) && prefixes.is_none_or(is_dual_prefix))
        }
        "ptr" => check(value.is_empty() || is_name(value)),
        "include" | "exists" => check(is_name(value)),
        "ip4" => check(value.strip_prefix(':').is_some_and(is_ip4)),
        "ip6" => check(value.strip_prefix(':').is_some_and(is_ip6)),
        _ => Err(TermFault::Unknown),
    }
}

fn check(is_right: bool) -> Result<(), TermFault> {
    is_right.then_some(()).ok_or(TermFault::Value)
}

/// The colon, and the name after it.
fn is_name(value: &str) -> bool {
    value.strip_prefix(':').is_some_and(is_domain_spec)
}

/// What follows the first slash: `24`, `24//64` or `/64`.
fn is_dual_prefix(text: &str) -> bool {
    match text.split_once('/') {
        None => is_prefix(text, 32),
        Some((four, six)) => {
            let is_six = six.strip_prefix('/').is_some_and(|six| is_prefix(six, 128));
            // With no length for IPv4, one slash of the two is the one that was taken off.
            (four.is_empty() && is_prefix(six, 128)) || (is_prefix(four, 32) && is_six)
        }
    }
}

/// A number without a sign or leading zeros.
fn is_prefix(text: &str, most: u8) -> bool {
    let is_plain =
        text.bytes().all(|octet| octet.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    is_plain && text.parse::<u8>().is_ok_and(|length| length <= most)
}

fn is_ip4(text: &str) -> bool {
    let (address, prefix) = text.split_once('/').unwrap_or((text, "32"));
    address.parse::<Ipv4Addr>().is_ok() && is_prefix(prefix, 32)
}

fn is_ip6(text: &str) -> bool {
    let (address, prefix) = text.split_once('/').unwrap_or((text, "128"));
    address.parse::<Ipv6Addr>().is_ok() && is_prefix(prefix, 128)
}

/// A text that is no term of an SPF record, or none that can be merged.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{text}` {fault}")]
pub struct TermError {
    /// The text, cut after 80 characters.
    pub text: String,
    /// What is wrong with it.
    pub fault: TermFault,
}

/// What is wrong with a term.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TermFault {
    /// No mechanism has this name.
    #[error("is no term of an SPF record (RFC 7208 section 5)")]
    Unknown,
    /// Its value does not suit the mechanism.
    #[error("has a value that does not suit its mechanism (RFC 7208 section 5)")]
    Value,
    /// It has a character that no term has.
    #[error("has a character that SPF records do not have")]
    Character,
    /// It closes the record, which is not for a template to do.
    #[error("closes the record, which is for the owner of the domain to decide")]
    All,
    /// It speaks for the whole record, so it cannot stand beside others.
    #[error("speaks for the whole record and cannot be merged with others")]
    WholeRecord,
    /// It is the version.
    #[error("is the version, which belongs at the front of the record alone")]
    Version,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_those_of_rfc_7208() {
        for text in [
            "a",
            "mx",
            "ptr",
            "a/24",
            "a//64",
            "a/0//128",
            "MX:mail.example/24//64",
            "a:%{d/}.example/24",
            "include:_spf.mail.example",
            "?exists:%{i}._spf.%{d}",
            "ip4:192.0.2.0/24",
            "ip6:2001:db8::/32",
            "-ptr:mail.example",
            "x-later=%{c}.of/everything",
        ] {
            assert!(Term::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn one_mistake_would_break_the_whole_record() {
        for text in [
            "a/",
            "a/33",
            "a/024",
            "a/+24",
            "a/24/64",
            "a//129",
            "a///64",
            "a:",
            "mx:@",
            "include",
            "include:",
            "include:a.test/24",
            "include:a%zz.test",
            "include:a.test%",
            "include:%{z}.a.test",
            "include:\"x\".test",
            "include:foo",
            "include:192.0.2.1",
            "exists:a.123",
            "ip4:192.0.2.0/024",
            "ip4:192.0.2",
            "ip6:2001:db8::/129",
            "~x-later=1",
            "x-later=%",
            "",
        ] {
            assert!(Term::parse(text).is_err(), "{text}");
        }
    }
}
