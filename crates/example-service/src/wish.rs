//! What a visitor wants, read from a form.

use domain_connect::is_hidden;
use easement_zone::{Host, Name};

/// The longest name that is looked at, before it is read.
const MAX_NAME_OCTETS: usize = 255;
/// The most characters of a message.
pub(crate) const MAX_MESSAGE_CHARACTERS: usize = 80;
/// Characters that mean something in the text form of records, or of templates.
const SPECIAL: [char; 3] = ['"', '\\', '%'];

/// What a visitor wants: a message at a name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Wish {
    /// The domain and the host below it.
    pub(crate) name: Name,
    /// Another name that a lasting permission is asked for, too.
    pub(crate) second: Option<Name>,
    /// What the site says.
    pub(crate) message: String,
}

impl Wish {
    /// Reads the fields of the form.
    pub(crate) fn read(
        domain: &str,
        (host, second): (&str, &str),
        message: &str,
    ) -> Result<Self, WishError> {
        Ok(Self {
            name: read_name(domain, host)?,
            second: match second.trim() {
                "" => None,
                second => Some(read_name(domain, second).map_err(|_| WishError::Second)?),
            },
            message: read_message(message)?,
        })
    }
}

fn read_name(domain: &str, host: &str) -> Result<Name, WishError> {
    let (domain, host) = (domain.trim().trim_end_matches('.'), host.trim());
    if domain.is_empty() {
        return Err(WishError::NoDomain);
    }
    if domain.len() > MAX_NAME_OCTETS || host.len() > MAX_NAME_OCTETS {
        return Err(WishError::TooLong);
    }
    let apex: Name = domain.parse().map_err(|_| WishError::Domain)?;
    if !is_usual(&apex) {
        return Err(WishError::Domain);
    }
    if apex.label_count() < 2 {
        return Err(WishError::OneLabel);
    }
    let host: Host = host.parse().map_err(|_| WishError::Host)?;
    let name = host.below(&apex).map_err(|_| WishError::TooLong)?;
    is_usual(&name).then_some(name).ok_or(WishError::Host)
}

/// Whether a name is made of letters, digits, hyphens and underscores: DNS has more, and nobody has a website there.
pub(crate) fn is_usual(name: &Name) -> bool {
    let is_usual = |octet: &u8| octet.is_ascii_alphanumeric() || b"-_".contains(octet);
    name.labels()
        .all(|label| label.octets().iter().all(is_usual))
}

/// One line that every DNS provider can store.
pub(crate) fn read_message(text: &str) -> Result<String, WishError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(WishError::NoMessage);
    }
    if text.chars().count() > MAX_MESSAGE_CHARACTERS {
        return Err(WishError::LongMessage);
    }
    let bad = |character: char| is_hidden(character) || SPECIAL.contains(&character);
    match text.chars().find(|character| bad(*character)) {
        Some(character) => Err(WishError::Character { character }),
        None => Ok(text.to_owned()),
    }
}

/// What is wrong with the form.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum WishError {
    #[error("Which domain is it? For example example.com.")]
    NoDomain,
    #[error(
        "This is not a domain name. Write it like example.com, without https:// and without a path."
    )]
    Domain,
    #[error("A domain has at least two parts, like example.com.")]
    OneLabel,
    #[error(
        "This is not a part of a name. Write it like www, or leave it empty for the domain itself."
    )]
    Host,
    #[error("The second host is not a part of a name. Write it like blog, or leave it empty.")]
    Second,
    #[error("This name is longer than names in DNS can be.")]
    TooLong,
    #[error("What should your site say?")]
    NoMessage,
    #[error("That is more than {MAX_MESSAGE_CHARACTERS} characters. Make it shorter.")]
    LongMessage,
    #[error(
        "The character U+{:04X} cannot be used here: leave out quotation marks, backslashes, percent signs, \
         and what cannot be seen.",
        u32::from(*character)
    )]
    Character {
        /// The first one.
        character: char,
    },
}

impl WishError {
    /// The field of the form that it is about.
    pub(crate) fn field(&self) -> &'static str {
        match self {
            Self::NoDomain | Self::Domain | Self::OneLabel | Self::TooLong => "domain",
            Self::Host => "host",
            Self::Second => "second",
            Self::NoMessage | Self::LongMessage | Self::Character { .. } => "message",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_messages_are_read() {
        for (domain, host, message, name) in [
            ("example.com", "", "Hello, world!", "example.com"),
            (" Example.COM. ", "www", "ünïcode ☺", "www.Example.COM"),
            ("example.com", "@", "it's 1 < 2 & 3", "example.com"),
            ("bücher.example", "a.b", "x", "a.b.xn--bcher-kva.example"),
        ] {
            let wish = Wish::read(domain, (host, ""), message).unwrap();
            assert_eq!(
                (wish.name.to_text(), wish.message.as_str()),
                (name.to_owned(), message)
            );
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused_at_its_field() {
        let long = "x".repeat(MAX_MESSAGE_CHARACTERS + 1);
        let huge = "a.".repeat(100_000);
        for (domain, host, message, field) in [
            ("", "", "x", "domain"),
            ("com", "", "x", "domain"),
            ("https://example.com/", "", "x", "domain"),
            ("exa mple.com", "", "x", "domain"),
            ("a..b", "", "x", "domain"),
            (&huge, "", "x", "domain"),
            ("example.com", &huge, "x", "domain"),
            ("example.com", "a..b", "x", "host"),
            ("example.com", "", "  ", "message"),
            ("example.com", "", &long, "message"),
            ("example.com", "", "a\nb", "message"),
            ("example.com", "", "a\u{202e}b", "message"),
            ("example.com", "", "%IP%", "message"),
            ("example.com", "", "say \"x\"", "message"),
            ("example.com", "", "a\\b", "message"),
        ] {
            let error = Wish::read(domain, (host, ""), message).unwrap_err();
            assert_eq!(
                error.field(),
                field,
                "{domain:.40} {host:.40} {message:.40}: {error}"
            );
        }
    }

    #[test]
    fn a_second_host_is_in_the_same_domain() {
        let second = |text| Wish::read("example.com", ("www", text), "x").map(|wish| wish.second);
        assert_eq!(
            second("blog"),
            Ok(Some("blog.example.com".parse().unwrap()))
        );
        assert_eq!(second("@"), Ok(Some("example.com".parse().unwrap())));
        assert_eq!(second(" "), Ok(None));
        assert_eq!(second("a..b"), Err(WishError::Second));
    }
}
