//! The one address in a text of somebody else.

use std::fmt;

use apertodns::address::{Address, DocumentationRanges, check_public};

/// The one public address of a family that stands in a text, be it plain, JSON or a sentence.
///
/// Pages are refused: what answers with one is a portal that wants a password first, or an error.
pub(super) fn address_in<A: Address>(text: &str) -> Result<A, NoAddress> {
    if text.trim_start().starts_with('<') {
        return Err(NoAddress::Page);
    }
    let is_part = |c: char| c.is_ascii_alphanumeric() || ".:%/".contains(c);
    let mut found: Option<A> = None;
    for word in text.split(|c: char| !is_part(c)) {
        // `IP:192.0.2.1` and the end of a sentence.
        let word = word.trim_end_matches(['.', ':']);
        let bare = word.rsplit_once(':').map_or(word, |(_, end)| end);
        let candidates = [word, bare];
        let Some(address) = candidates.iter().find_map(|word| A::parse(word).ok()) else {
            continue;
        };
        if found.is_some_and(|other| other != address) {
            return Err(NoAddress::Several);
        }
        found = Some(address);
    }
    let address = found.ok_or(NoAddress::Nothing)?;
    match check_public(address.into(), DocumentationRanges::Refuse) {
        Ok(()) => Ok(address),
        Err(reason) => Err(NoAddress::NotPublic(reason.to_string())),
    }
}

/// Why a text says no address.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum NoAddress {
    Page,
    Nothing,
    Several,
    NotPublic(String),
}

impl fmt::Display for NoAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Page => f.write_str("it answered with a page and not with an address"),
            Self::Nothing => f.write_str("there is no address of this family in its answer"),
            Self::Several => f.write_str("there are several addresses in its answer"),
            Self::NotPublic(reason) => write!(f, "{reason}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, Ipv6Addr};

    #[test]
    fn one_public_address_counts_wherever_it_stands() {
        for text in [
            "9.9.9.9",
            "9.9.9.9\r\n",
            "{\"ip\": \"9.9.9.9\", \"country\": \"CH\"}",
            "Current IP Address: 9.9.9.9.",
            "ip=9.9.9.9\nv=1.2",
            "IP:9.9.9.9",
            "9.9.9.9 9.9.9.9",
        ] {
            assert_eq!(address_in(text), Ok(Ipv4Addr::new(9, 9, 9, 9)), "{text}");
        }
        for text in [
            "2620:fe::fe\n",
            "{\"ip\":\"2620:fe::fe\"}",
            "you are 2620:fe::fe.",
        ] {
            let expected: Ipv6Addr = "2620:fe::fe".parse().unwrap();
            assert_eq!(address_in(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        let ipv4 = address_in::<Ipv4Addr>;
        for (text, refused) in [
            ("", NoAddress::Nothing),
            ("2620:fe::fe", NoAddress::Nothing),
            ("9.9.9", NoAddress::Nothing),
            ("9.9.9.9.9", NoAddress::Nothing),
            ("9.9.9.0/24", NoAddress::Nothing),
            ("version 1.02.3.4", NoAddress::Nothing),
            ("9.9.9.9 1.1.1.1", NoAddress::Several),
            ("<html>Current IP Address: 9.9.9.9</html>", NoAddress::Page),
            ("\n <!doctype html>9.9.9.9", NoAddress::Page),
        ] {
            assert_eq!(ipv4(text), Err(refused), "{text}");
        }
        for text in [
            "192.168.1.7",
            "127.0.0.1",
            "100.64.0.1",
            "0.0.0.0",
            "192.0.2.1",
        ] {
            assert!(matches!(ipv4(text), Err(NoAddress::NotPublic(_))), "{text}");
        }
        for text in ["::1", "fe80::1", "fd00::1", "::ffff:9.9.9.9", "2001:db8::1"] {
            let read = address_in::<Ipv6Addr>(text);
            assert!(
                matches!(read, Err(NoAddress::NotPublic(_))),
                "{text}: {read:?}"
            );
        }
    }
}
