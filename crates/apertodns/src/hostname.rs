//! Names that requests are about.

use std::fmt;
use std::str::FromStr;

use easement_zone::{Label, Name};
use serde::{Serialize, Serializer};

use crate::address::excerpt;

/// The name of a host: at least two labels of letters, digits and inner hyphens (ApertoDNS 1.4.0
/// section 13.2). Shown in lower case and without a final dot, always the same way.
///
/// ```
/// use apertodns::{Hostname, HostnameFault};
///
/// let hostname: Hostname = "Home.Example.com.".parse()?;
/// assert_eq!(hostname.to_string(), "home.example.com");
/// let fault = |text: &str| text.parse::<Hostname>().unwrap_err().fault;
/// assert_eq!(fault("home"), HostnameFault::OneLabel);
/// assert_eq!(fault("_dmarc.example.com"), HostnameFault::Character);
/// assert_eq!(fault("192.0.2.1"), HostnameFault::Address);
/// assert_eq!(fault("bäcker.example"), HostnameFault::NotAscii);
/// # Ok::<(), apertodns::HostnameError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Hostname(Name);

impl Hostname {
    /// Reads a name as people give it to the old protocols: with international labels in their own
    /// script, and with `*` as its first label.
    ///
    /// ```
    /// use apertodns::Hostname;
    ///
    /// assert_eq!(Hostname::from_form("bücher.example")?.to_string(), "xn--bcher-kva.example");
    /// assert_eq!(Hostname::from_form("*.home.example")?.to_string(), "*.home.example");
    /// assert!("*.home.example".parse::<Hostname>().is_err());
    /// # Ok::<(), apertodns::HostnameError>(())
    /// ```
    pub fn from_form(text: &str) -> Result<Self, HostnameError> {
        let host = text.strip_prefix("*.");
        let host_text = host.unwrap_or(text);
        let fail = |fault| error(text, fault);
        if host_text.contains('\\') {
            return Err(fail(HostnameFault::Character));
        }
        let name: Name = host_text.parse().map_err(|_| fail(HostnameFault::Form))?;
        let name = check(&name).map_err(fail)?;
        match host {
            None => Ok(Self(name)),
            Some(_) => name
                .child("*")
                .map(Self)
                .map_err(|_| fail(HostnameFault::Form)),
        }
    }

    /// The name.
    pub fn as_name(&self) -> &Name {
        &self.0
    }

    /// Whether it stands for all names below another.
    pub fn is_wildcard(&self) -> bool {
        self.0.is_wildcard()
    }
}

impl FromStr for Hostname {
    type Err = HostnameError;

    /// Reads a name of ASCII characters. International labels must come as A-labels: whoever takes
    /// others has to check them as RFC 5891 says (draft-03 section "Internationalized Domain Names").
    fn from_str(text: &str) -> Result<Self, HostnameError> {
        if !text.is_ascii() {
            return Err(error(text, HostnameFault::NotAscii));
        }
        if text.starts_with("*.") {
            return Err(error(text, HostnameFault::Character));
        }
        Self::from_form(text)
    }
}

impl From<Hostname> for Name {
    fn from(hostname: Hostname) -> Self {
        hostname.0
    }
}

impl fmt::Display for Hostname {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_text())
    }
}

impl Serialize for Hostname {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The name in lower case, when it is one of a host.
fn check(name: &Name) -> Result<Name, HostnameFault> {
    if name.label_count() < 2 {
        return Err(HostnameFault::OneLabel);
    }
    if !name.labels().all(|label| is_host_label(label.octets())) {
        return Err(HostnameFault::Character);
    }
    let last = name.labels().last().map(Label::octets).unwrap_or_default();
    if last.iter().all(u8::is_ascii_digit) {
        return Err(HostnameFault::Address);
    }
    Ok(name.to_lowercase())
}

/// Letters, digits and hyphens, none of them at an end.
pub(crate) fn is_host_label(label: &[u8]) -> bool {
    let is_inner = |octet: &u8| octet.is_ascii_alphanumeric() || *octet == b'-';
    label.iter().all(is_inner) && !label.starts_with(b"-") && !label.ends_with(b"-")
}

fn error(text: &str, fault: HostnameFault) -> HostnameError {
    HostnameError {
        text: excerpt(text),
        fault,
    }
}

//------------ HostnameError ---------------------------------------------------------------------

/// Why a text is not the name of a host.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{text}` is not a full hostname: {fault}")]
pub struct HostnameError {
    /// The text, cut after 80 characters.
    pub text: String,
    /// What is wrong with it.
    pub fault: HostnameFault,
}

/// What is wrong with the name of a host.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum HostnameFault {
    /// It is no name: empty, an empty label, one that is too long.
    #[error("write labels of 1 to 63 characters with dots between them, 253 characters in all")]
    Form,
    /// It has one label.
    #[error("write it with its domain, as in home.example.com")]
    OneLabel,
    /// A character has no place in it.
    #[error("labels are made of letters, digits and inner hyphens")]
    Character,
    /// It is an address.
    #[error("it is an address, and not a name")]
    Address,
    /// It has international labels in their own script.
    #[error("write international labels as A-labels, which begin with xn--")]
    NotAscii,
}
