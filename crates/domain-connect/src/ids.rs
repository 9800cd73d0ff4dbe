//! The identifiers of Domain Connect, each its own type.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::plain::plain;

/// The longest identifier (draft-ietf-dconn-domainconnect-05 section 3, `dc-id`).
const MAX_ID_OCTETS: usize = 63;

/// Makes a type for one use of the `dc-id` rule.
macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(Box<str>);

        impl $name {
            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                check_id($what, text).map(|()| Self(text.into()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?
                    .parse()
                    .map_err(serde::de::Error::custom)
            }
        }
    };
}

identifier!(
    /// Which service provider. Compared exactly, like every identifier here.
    ///
    /// ```
    /// use domain_connect::ProviderId;
    ///
    /// let id: ProviderId = "exampleservice.example".parse()?;
    /// assert_eq!(id.to_string(), "exampleservice.example");
    /// assert!("../secret".parse::<ProviderId>().is_err());
    /// assert!("..".parse::<ProviderId>().is_err());
    /// # Ok::<(), domain_connect::IdError>(())
    /// ```
    ProviderId,
    "providerId"
);
identifier!(
    /// Which template of a service provider.
    ///
    /// ```
    /// use domain_connect::ServiceId;
    ///
    /// let id: ServiceId = "web".parse()?;
    /// assert_eq!(id.as_str(), "web");
    /// # Ok::<(), domain_connect::IdError>(())
    /// ```
    ServiceId,
    "serviceId"
);
identifier!(
    /// Which part of a template's records.
    ///
    /// ```
    /// use domain_connect::GroupId;
    ///
    /// assert_ne!("Mail".parse::<GroupId>()?, "mail".parse()?);
    /// # Ok::<(), domain_connect::IdError>(())
    /// ```
    GroupId,
    "groupId"
);
identifier!(
    /// Which of several applications of a template that may stand side by side on one host.
    ///
    /// ```
    /// use domain_connect::InstanceId;
    ///
    /// let id: InstanceId = "account-42".parse()?;
    /// assert!("account 42".parse::<InstanceId>().is_err());
    /// # Ok::<(), domain_connect::IdError>(())
    /// ```
    InstanceId,
    "instanceId"
);
fn check_id(what: &'static str, text: &str) -> Result<(), IdError> {
    let error = |reason| IdError {
        what,
        text: text.chars().take(80).collect(),
        reason,
    };
    if text.is_empty() {
        return Err(error(IdFault::Empty));
    }
    if text.len() > MAX_ID_OCTETS {
        return Err(error(IdFault::TooLong));
    }
    if !text
        .bytes()
        .all(|octet| octet.is_ascii_alphanumeric() || b"-_.".contains(&octet))
    {
        return Err(error(IdFault::Character));
    }
    // Stricter than the rule: identifiers become parts of URLs and file names.
    if text.bytes().all(|octet| octet == b'.') {
        return Err(error(IdFault::OnlyDots));
    }
    Ok(())
}

//------------ VariableName ----------------------------------------------------------------------

/// The name of a variable of a template: letters, digits, `-` and `_`; case counts
/// (draft-05 section 3, `variable-name`).
///
/// ```
/// use domain_connect::VariableName;
///
/// let name: VariableName = "IP".parse()?;
/// assert_eq!(name.as_str(), "IP");
/// assert_ne!(name, "ip".parse()?);
/// assert!(!name.is_reserved());
/// for reserved in ["domain", "instanceId", "force"] {
///     assert!(reserved.parse::<VariableName>()?.is_reserved());
/// }
/// assert!("a".repeat(VariableName::MAX_OCTETS + 1).parse::<VariableName>().is_err());
/// # Ok::<(), domain_connect::IdError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct VariableName(Box<str>);

impl VariableName {
    /// The longest name that is accepted; the draft sets no limit.
    pub const MAX_OCTETS: usize = 128;

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the name is that of a parameter with a meaning of its own, which no variable may have
    /// (draft-05 section 9.1.2; `force` is one of the asynchronous flow).
    pub fn is_reserved(&self) -> bool {
        const RESERVED: [&str; 17] = [
            "providerId",
            "serviceId",
            "domain",
            "host",
            "redirect_uri",
            "state",
            "providerName",
            "serviceName",
            "groupId",
            "instanceId",
            "force",
            "sig",
            "key",
            "crit",
            "client_id",
            "response_type",
            "scope",
        ];
        RESERVED.contains(&self.as_str())
    }
}

impl FromStr for VariableName {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let error = |reason| IdError {
            what: "variable name",
            text: text.chars().take(80).collect(),
            reason,
        };
        if text.is_empty() {
            return Err(error(IdFault::Empty));
        }
        if text.len() > Self::MAX_OCTETS {
            return Err(error(IdFault::TooLong));
        }
        if !text
            .bytes()
            .all(|octet| octet.is_ascii_alphanumeric() || b"-_".contains(&octet))
        {
            return Err(error(IdFault::Character));
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for VariableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for VariableName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

//------------ DisplayName -----------------------------------------------------------------------

/// A name that is shown to people: at most 255 characters, none of which changes how the text around
/// it is laid out (draft-05 section 3, `dc-display-name`).
///
/// ```
/// use domain_connect::DisplayName;
///
/// let name: DisplayName = " Bäckerei Müller ".parse()?;
/// assert_eq!(name.as_str(), "Bäckerei Müller");
/// assert!("Ex\u{202e}elpma".parse::<DisplayName>().is_err());
/// assert!("a".repeat(DisplayName::MAX_CHARACTERS + 1).parse::<DisplayName>().is_err());
/// # Ok::<(), domain_connect::IdError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct DisplayName(Box<str>);

impl DisplayName {
    /// The most characters.
    pub const MAX_CHARACTERS: usize = 255;

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DisplayName {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let text = text.trim();
        let error = |reason| IdError {
            what: "display name",
            text: text.chars().take(80).collect(),
            reason,
        };
        if text.is_empty() {
            return Err(error(IdFault::Empty));
        }
        if text.chars().count() > Self::MAX_CHARACTERS {
            return Err(error(IdFault::TooLong));
        }
        // Direction marks could make a page show another name than the one that is stored.
        let is_layout = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if text.chars().any(|c| c.is_control() || is_layout(c)) {
            return Err(error(IdFault::Character));
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for DisplayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for DisplayName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

//------------ IdError ---------------------------------------------------------------------------

/// Why a text is not an identifier.
///
/// ```
/// use domain_connect::{IdError, IdFault, ServiceId};
///
/// let error: IdError = "web site".parse::<ServiceId>().unwrap_err();
/// assert_eq!(error.reason, IdFault::Character);
/// assert_eq!(
///     error.to_string(),
///     "`web site` is not a valid serviceId: it has a character that is not allowed"
/// );
/// let hostile: IdError = "\u{1b}c\u{9b}2J\u{202e}".parse::<ServiceId>().unwrap_err();
/// assert!(hostile.to_string().starts_with(r"`\u{1b}c\u{9b}2J\u{202e}` is"));
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{}` is not a valid {what}: {reason}", plain(.text))]
pub struct IdError {
    /// Which identifier was expected.
    pub what: &'static str,
    /// The text, cut after 80 characters.
    pub text: String,
    /// What is wrong with it.
    pub reason: IdFault,
}

/// What is wrong with an identifier.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum IdFault {
    /// Nothing is there.
    #[error("it is empty")]
    Empty,
    /// There is too much.
    #[error("it is too long")]
    TooLong,
    /// A character is not allowed.
    #[error("it has a character that is not allowed")]
    Character,
    /// It would be a step in a path.
    #[error("it is made of dots only")]
    OnlyDots,
}
