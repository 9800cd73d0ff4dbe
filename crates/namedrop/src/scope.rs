//! What an app may ask for (NameDrop 0.4.0, "OAuth2 scopes").

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One thing that a permission opens. Which names and types that is stands in the table of
/// [`RecordKind`](crate::RecordKind).
///
/// ```
/// use namedrop::Scope;
///
/// let scope: Scope = "namedrop-acme".parse()?;
/// assert_eq!(scope, Scope::Acme);
/// assert!("namedrop-weird-handle".parse::<Scope>().is_err());
/// # Ok::<(), namedrop::ScopeError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Scope {
    /// Where names lead: addresses and aliases.
    Hosts,
    /// Where mail goes, and who may send it.
    Mail,
    /// Proofs for certificates.
    Acme,
    /// Handles of the AT Protocol, as Bluesky uses them.
    AtprotoHandle,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Hosts, Self::Mail, Self::Acme, Self::AtprotoHandle];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hosts => "namedrop-hosts",
            Self::Mail => "namedrop-mail",
            Self::Acme => "namedrop-acme",
            Self::AtprotoHandle => "namedrop-atproto-handle",
        }
    }

    /// What whoever has the scope can do, for the page that asks the owner.
    ///
    /// ```
    /// use namedrop::Scope;
    ///
    /// assert_eq!(Scope::Hosts.words(), "decide where names lead");
    /// ```
    pub fn words(self) -> &'static str {
        match self {
            Self::Hosts => "decide where names lead",
            Self::Mail => "decide where mail for names goes, and who may send mail in their name",
            Self::Acme => "get certificates for names",
            Self::AtprotoHandle => "decide which account has names as its handle (Bluesky)",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scope {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        let known = Self::ALL.into_iter().find(|scope| scope.as_str() == text);
        known.ok_or_else(|| ScopeError::Unknown {
            text: text.chars().take(80).collect(),
        })
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

//------------ RequestedScopes -------------------------------------------------------------------

/// The scopes that a request asks for; at least one.
///
/// The only scope of version 0.2.0, `subdomain`, stands for "complete control". It is read as
/// [`Scope::Hosts`] and [`Scope::Acme`], which is what its clients use, and is marked so that the owner
/// is told more loudly.
///
/// ```
/// use namedrop::{Generation, RequestedScopes, Scope};
///
/// let asked: RequestedScopes = "namedrop-hosts namedrop-acme".parse()?;
/// assert_eq!(asked.generation(), Generation::Scopes);
/// let old: RequestedScopes = "subdomain".parse()?;
/// assert_eq!(old.generation(), Generation::Subdomain);
/// assert!(old.iter().eq([Scope::Hosts, Scope::Acme]));
/// # Ok::<(), namedrop::ScopeError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RequestedScopes {
    scopes: BTreeSet<Scope>,
    generation: Generation,
}

/// In which words scopes were asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Generation {
    /// With `subdomain`, as in version 0.2.0.
    Subdomain,
    /// With scopes, as since version 0.3.0.
    Scopes,
}

impl RequestedScopes {
    /// What `subdomain` stands for.
    pub const OF_SUBDOMAIN: [Scope; 2] = [Scope::Hosts, Scope::Acme];
    const SUBDOMAIN: &'static str = "subdomain";

    /// The scopes in the order of [`Scope::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = Scope> + '_ {
        self.scopes.iter().copied()
    }

    /// Whether a scope is asked for.
    pub fn contains(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    /// In which words they were asked for.
    pub fn generation(&self) -> Generation {
        self.generation
    }
}

impl FromStr for RequestedScopes {
    type Err = ScopeError;

    /// Reads a list with spaces between (RFC 6749 section 3.3). One that is not known refuses the list:
    /// an app that got less than it asked for would fail later and elsewhere.
    fn from_str(text: &str) -> Result<Self, ScopeError> {
        let mut scopes = BTreeSet::new();
        let mut generation = Generation::Scopes;
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            if word == Self::SUBDOMAIN {
                scopes.extend(Self::OF_SUBDOMAIN);
                generation = Generation::Subdomain;
            } else {
                scopes.insert(word.parse()?);
            }
        }
        if scopes.is_empty() {
            return Err(ScopeError::None);
        }
        Ok(Self { scopes, generation })
    }
}

/// Why a text is no scope.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ScopeError {
    /// Not known here.
    #[error(
        "`{text}` is not a scope: ask for namedrop-hosts, namedrop-mail, namedrop-acme or \
         namedrop-atproto-handle"
    )]
    Unknown {
        /// The text, or its beginning.
        text: String,
    },
    /// No scope at all.
    #[error("the parameter `scope` is missing: it names the scopes, with spaces between them")]
    None,
}
