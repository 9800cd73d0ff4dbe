//! What an app was given (NameDrop 0.4.0, "OAuth2 scopes" and "Token").

use std::fmt;
use std::str::FromStr;

use easement_zone::{Host, HostError, Name, NameError, RecordData};
use serde::{Deserialize, Serialize};

use crate::kind::is_host_label;
use crate::{RecordKind, Scope, Selector};

/// One scope at one host of one domain, and below it.
///
/// ```
/// use namedrop::{Permission, Scope};
///
/// let given: Permission = serde_json::from_str(
///     r#"{"scope": "namedrop-hosts", "domain": "example.com", "host": "sub"}"#,
/// )?;
/// let covers = |name: &str| -> Result<bool, easement_zone::NameError> {
///     Ok(given.covers(Scope::Hosts, given.domain(), &name.parse()?))
/// };
/// assert!(covers("a.sub.example.com")?);
/// assert!(!covers("evilsub.example.com")?, "labels are compared whole");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "PermissionParts", into = "PermissionParts")]
pub struct Permission {
    scope: Scope,
    domain: Name,
    host: PermittedHost,
    /// The host as a full name, without its wildcard.
    name: Name,
}

impl Permission {
    /// A scope at a host of the zone with this apex.
    pub fn new(scope: Scope, domain: &Name, host: PermittedHost) -> Result<Self, PermissionError> {
        if domain.is_root() {
            return Err(PermissionError::NoDomain);
        }
        let name = host.host.below(domain)?;
        Ok(Self {
            scope,
            domain: domain.to_lowercase(),
            host,
            name: name.to_lowercase(),
        })
    }

    // Query

    /// The scope.
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// The apex of the zone.
    pub fn domain(&self) -> &Name {
        &self.domain
    }

    /// The host.
    pub fn host(&self) -> &PermittedHost {
        &self.host
    }

    /// The host as a full name, without its wildcard.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// Whether it opens what a scope opens at this host, which is given as a full name and stands in the
    /// zone with the apex `domain`. A zone of its own below the domain is another domain.
    pub fn covers(&self, scope: Scope, domain: &Name, subject: &Name) -> bool {
        self.scope == scope
            && self.domain == *domain
            && match self.host.reach {
                HostReach::AtAndBelow => subject.is_at_or_below(&self.name),
                HostReach::Below => subject.is_below(&self.name),
            }
    }

    /// Whether all that another permission opens is opened by this one.
    pub fn covers_all_of(&self, other: &Self) -> bool {
        match other.host.reach {
            HostReach::AtAndBelow => self.covers(other.scope, &other.domain, &other.name),
            HostReach::Below => {
                self.scope == other.scope
                    && self.domain == other.domain
                    && other.name.is_at_or_below(&self.name)
            }
        }
    }

    /// Whether some of what it is for is at this name or below it, or above it.
    pub(crate) fn overlaps(&self, name: &Name) -> bool {
        let is_within = match self.host.reach {
            HostReach::AtAndBelow => name.is_at_or_below(&self.name),
            HostReach::Below => name.is_below(&self.name),
        };
        is_within || self.name.is_at_or_below(name)
    }

    // Words

    /// Exactly what it opens, kind by kind, for the page that asks the owner.
    ///
    /// ```
    /// use namedrop::{Permission, Scope};
    ///
    /// let acme = Permission::new(Scope::Acme, &"example.com".parse()?, "shop".parse()?)?;
    /// let opened = acme.opened();
    /// assert_eq!(opened[0].types, "TXT");
    /// assert_eq!(
    ///     opened[0].names,
    ///     "_acme-challenge.shop.example.com, and the same for every name below shop.example.com"
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn opened(&self) -> Vec<Opened> {
        let kinds = RecordKind::ALL.into_iter();
        let kinds = kinds.filter(|kind| kind.scope() == self.scope);
        kinds.map(|kind| self.opened_of(kind)).collect()
    }

    fn opened_of(&self, kind: RecordKind) -> Opened {
        let name = self.name.to_unicode();
        let front = match kind.label() {
            None => String::new(),
            Some((label, Selector::Without)) => format!("{label}."),
            Some((label, Selector::With)) => format!("*.{label}."),
        };
        let names = match (self.host.reach, front.is_empty()) {
            (HostReach::AtAndBelow, true) => {
                format!("{name}, and every name below it but for those with an underscore in front")
            }
            (HostReach::AtAndBelow, false) => {
                format!("{front}{name}, and the same for every name below {name}")
            }
            (HostReach::Below, true) => format!(
                "every name below {name} but for those with an underscore in front, and not {name} itself"
            ),
            (HostReach::Below, false) => {
                format!("{front}NAME for every NAME below {name}, and not for {name} itself")
            }
        };
        let types: Vec<String> = kind.types().iter().map(ToString::to_string).collect();
        Opened {
            kind,
            names,
            types: types.join(", "),
        }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wildcard = match self.host.reach {
            HostReach::AtAndBelow => "",
            HostReach::Below => "*.",
        };
        write!(f, "{} at {wildcard}{}", self.scope, self.name.to_text())
    }
}

/// Names and types that a permission opens.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Opened {
    /// The kind of record.
    pub kind: RecordKind,
    /// The names, in words.
    pub names: String,
    /// The types, with commas between them.
    pub types: String,
}

/// What a permission is on the wire.
#[derive(Deserialize, Serialize)]
struct PermissionParts {
    scope: Scope,
    domain: String,
    host: PermittedHost,
}

impl TryFrom<PermissionParts> for Permission {
    type Error = PermissionError;

    fn try_from(parts: PermissionParts) -> Result<Self, PermissionError> {
        Self::new(parts.scope, &parts.domain.parse()?, parts.host)
    }
}

impl From<Permission> for PermissionParts {
    fn from(permission: Permission) -> Self {
        Self {
            scope: permission.scope,
            domain: permission.domain.to_text(),
            host: permission.host,
        }
    }
}

//------------ PermittedHost ---------------------------------------------------------------------

/// The host of a permission. Empty at the apex; `*.sub` is what lies below `sub` without `sub` itself
/// (NameDrop 0.2.0, "GET /token-data").
///
/// No label of it begins with an underscore: such names belong to the scopes that name them.
///
/// ```
/// use namedrop::{HostReach, PermittedHost};
///
/// let host: PermittedHost = "*.sub".parse()?;
/// assert_eq!(host.reach(), HostReach::Below);
/// assert_eq!(host.to_string(), "*.sub");
/// assert_eq!("@".parse::<PermittedHost>()?.to_string(), "");
/// assert!("_acme-challenge".parse::<PermittedHost>().is_err());
/// # Ok::<(), namedrop::PermissionError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct PermittedHost {
    host: Host,
    reach: HostReach,
}

/// How far a permission reaches from its host.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum HostReach {
    /// To the host and what is below it.
    AtAndBelow,
    /// Only to what is below it.
    Below,
}

impl PermittedHost {
    /// A host that can be permitted.
    pub fn new(host: Host, reach: HostReach) -> Result<Self, PermissionError> {
        if host.labels().all(is_host_label) {
            Ok(Self { host, reach })
        } else {
            Err(PermissionError::Host {
                host: host.to_string(),
            })
        }
    }

    /// The host, without its wildcard.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// How far it reaches.
    pub fn reach(&self) -> HostReach {
        self.reach
    }
}

impl FromStr for PermittedHost {
    type Err = PermissionError;

    fn from_str(text: &str) -> Result<Self, PermissionError> {
        let (host, reach) = match text.strip_prefix("*.") {
            Some(host) if !host.is_empty() => (host, HostReach::Below),
            None if text == "*" => ("", HostReach::Below),
            Some(_) | None => (text, HostReach::AtAndBelow),
        };
        // In lower case, as it is shown and compared.
        Self::new(host.to_lowercase().parse()?, reach)
    }
}

impl TryFrom<String> for PermittedHost {
    type Error = PermissionError;

    fn try_from(text: String) -> Result<Self, PermissionError> {
        text.parse()
    }
}

impl From<PermittedHost> for String {
    fn from(host: PermittedHost) -> Self {
        host.to_string()
    }
}

impl fmt::Display for PermittedHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_apex = self.host.is_apex();
        match (self.reach, is_apex) {
            (HostReach::AtAndBelow, true) => Ok(()),
            (HostReach::AtAndBelow, false) => write!(f, "{}", self.host),
            (HostReach::Below, true) => f.write_str("*"),
            (HostReach::Below, false) => write!(f, "*.{}", self.host),
        }
    }
}

/// Why something cannot be permitted.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PermissionError {
    /// The domain is the root.
    #[error("a permission needs a domain")]
    NoDomain,
    /// A label that no host has.
    #[error(
        "`{host}` cannot be the host of a permission: its labels are letters, digits and hyphens, and \
         names with an underscore in front belong to the scopes that name them"
    )]
    Host {
        /// The host.
        host: String,
    },
    /// The host is none.
    #[error(transparent)]
    NoHost(#[from] HostError),
    /// The domain is no name, or too long with its host.
    #[error(transparent)]
    Name(#[from] NameError),
    /// Too many permissions.
    #[error(
        "{count} permissions are too many: at most {} may be given at once",
        Permissions::MAX
    )]
    TooMany {
        /// How many.
        count: usize,
    },
}

//------------ Permissions -----------------------------------------------------------------------

/// All permissions of one token.
///
/// ```
/// use namedrop::Permissions;
///
/// let wire = r#"[{"scope":"namedrop-acme","domain":"example.com","host":""}]"#;
/// let given: Permissions = serde_json::from_str(wire)?;
/// assert_eq!(serde_json::to_string(&given)?, wire);
///
/// let narrower: Permissions = serde_json::from_str(
///     r#"[{"scope":"namedrop-acme","domain":"example.com","host":"shop"}]"#,
/// )?;
/// assert!(given.narrowed_to(&narrower).is_ok());
/// let excess = narrower.narrowed_to(&given).unwrap_err();
/// assert_eq!(excess.to_string(), "namedrop-acme at example.com was not given");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "Vec<Permission>", into = "Vec<Permission>")]
pub struct Permissions {
    list: Vec<Permission>,
}

impl Permissions {
    /// The most of them.
    pub const MAX: usize = 64;

    /// These permissions, each once.
    pub fn new(permissions: impl IntoIterator<Item = Permission>) -> Result<Self, PermissionError> {
        let mut list = Vec::new();
        for permission in permissions {
            if !list.contains(&permission) {
                list.push(permission);
            }
        }
        if list.len() > Self::MAX {
            return Err(PermissionError::TooMany { count: list.len() });
        }
        Ok(Self { list })
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Permission> {
        self.list.iter()
    }

    /// Whether nothing is permitted.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether one of them opens what a scope opens at this host of a domain.
    pub fn cover(&self, scope: Scope, domain: &Name, subject: &Name) -> bool {
        let mut all = self.list.iter();
        all.any(|permission| permission.covers(scope, domain, subject))
    }

    /// Whether one of them opens a record in the zone with this apex.
    ///
    /// ```
    /// use easement_zone::{RecordData, RecordType};
    /// use namedrop::Permissions;
    ///
    /// let given: Permissions = serde_json::from_str(
    ///     r#"[{"scope": "namedrop-hosts", "domain": "example.com", "host": "sub"}]"#,
    /// )?;
    /// let data = RecordData::from_text(RecordType::A, "192.0.2.1")?;
    /// let apex = "example.com".parse()?;
    /// assert!(given.open(&"sub.example.com".parse()?, &apex, &data));
    /// assert!(!given.open(&"evilsub.example.com".parse()?, &apex, &data));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(&self, owner: &Name, apex: &Name, data: &RecordData) -> bool {
        RecordKind::of(owner, apex, data)
            .is_some_and(|placed| self.cover(placed.kind.scope(), apex, &placed.subject))
    }

    /// Only these, when each is within one that is there.
    pub fn narrowed_to(&self, narrower: &Self) -> Result<Self, NotGiven> {
        let is_within = |one: &&Permission| self.list.iter().any(|own| own.covers_all_of(one));
        match narrower.list.iter().find(|one| !is_within(one)) {
            None => Ok(narrower.clone()),
            Some(excess) => Err(NotGiven {
                permission: Box::new(excess.clone()),
            }),
        }
    }

    /// The domain of all of them, when it is one.
    pub fn only_domain(&self) -> Option<&Name> {
        let first = self.list.first()?.domain();
        let mut all = self.list.iter();
        all.all(|one| one.domain() == first).then_some(first)
    }

    /// The host of all of them in a domain, when it is one and no wildcard.
    pub fn only_host(&self, domain: &Name) -> Option<&Host> {
        let mut all = self.list.iter().filter(|one| one.domain() == domain);
        let first = all.next()?.host();
        (first.reach == HostReach::AtAndBelow && all.all(|one| one.host() == first))
            .then_some(&first.host)
    }
}

impl TryFrom<Vec<Permission>> for Permissions {
    type Error = PermissionError;

    fn try_from(list: Vec<Permission>) -> Result<Self, PermissionError> {
        Self::new(list)
    }
}

impl From<Permissions> for Vec<Permission> {
    fn from(permissions: Permissions) -> Self {
        permissions.list
    }
}

/// A permission that is not within those that are there.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{permission} was not given")]
pub struct NotGiven {
    /// The permission.
    pub permission: Box<Permission>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permission(scope: Scope, domain: &str, host: &str) -> Permission {
        Permission::new(scope, &domain.parse().unwrap(), host.parse().unwrap()).unwrap()
    }

    #[test]
    fn hosts_are_compared_label_by_label() {
        for (host, name, covered) in [
            ("", "example.com", true),
            ("", "a.b.Example.COM", true),
            ("", "evilexample.com", false),
            ("sub", "sub.example.com", true),
            ("SUB", "a.sub.example.com", true),
            ("sub", "evilsub.example.com", false),
            ("sub", "example.com", false),
            ("sub", "sub.example.com.evil", false),
            ("a.sub", "sub.example.com", false),
            ("*.sub", "sub.example.com", false),
            ("*.sub", "a.sub.example.com", true),
            ("*.sub", "*.sub.example.com", true),
            ("*.sub", "a.evilsub.example.com", false),
            ("*", "example.com", false),
            ("*", "a.example.com", true),
            ("bücher", "a.xn--bcher-kva.example.com", true),
            ("xn--bcher-kva", "Bücher.example.com", true),
            ("BÜCHER", "bücher.example.com", true),
            ("bucher", "bücher.example.com", false),
        ] {
            let given = permission(Scope::Hosts, "example.com", host);
            let name: Name = name.parse().unwrap();
            let domain = "EXAMPLE.com".parse().unwrap();
            assert_eq!(
                given.covers(Scope::Hosts, &domain, &name),
                covered,
                "{host} {name}"
            );
            assert!(!given.covers(Scope::Mail, &domain, &name));
            let other = "com".parse().unwrap();
            assert!(!given.covers(Scope::Hosts, &other, &name), "another zone");
        }
    }

    #[test]
    fn permissions_are_within_others_or_not() {
        for (outer, inner, within) in [
            ("", "sub", true),
            ("", "*", true),
            ("*", "", false),
            ("*", "sub", true),
            ("*.sub", "sub", false),
            ("*.sub", "*.sub", true),
            ("*.sub", "a.sub", true),
            ("sub", "*.sub", true),
            ("sub", "SUB", true),
            ("sub", "evilsub", false),
            ("sub", "", false),
        ] {
            let outer = permission(Scope::Mail, "example.com", outer);
            let other_scope = permission(Scope::Hosts, "example.com", inner);
            let other_domain = permission(Scope::Mail, "example.net", inner);
            let inner = permission(Scope::Mail, "example.com", inner);
            assert_eq!(outer.covers_all_of(&inner), within, "{outer} {inner}");
            assert!(!outer.covers_all_of(&other_scope));
            assert!(!outer.covers_all_of(&other_domain));
        }
    }

    #[test]
    fn what_is_no_host_cannot_be_permitted() {
        for host in [
            "_acme-challenge",
            "a._x",
            "a.*",
            "*.*",
            "a.*.b",
            "**",
            "*a",
            "a b",
            "a..b",
            "a.",
            "*.",
            "a\\.b",
            "a/b",
            "a@b",
            "\u{202e}a",
        ] {
            assert!(host.parse::<PermittedHost>().is_err(), "{host}");
        }
        for domain in [".", "", "a..b"] {
            let wire = format!(r#"{{"scope":"namedrop-hosts","domain":"{domain}","host":""}}"#);
            assert!(
                serde_json::from_str::<Permission>(&wire).is_err(),
                "{domain}"
            );
        }
    }

    #[test]
    fn the_one_domain_and_host_are_found() {
        let all = |list: &[(&str, &str)]| {
            let list = list
                .iter()
                .enumerate()
                .map(|(index, (domain, host))| permission(Scope::ALL[index % 4], domain, host));
            Permissions::new(list).unwrap()
        };
        let domain: Name = "example.com".parse().unwrap();
        let host =
            |permissions: &Permissions| permissions.only_host(&domain).map(ToString::to_string);
        let one = all(&[("example.com", "a"), ("EXAMPLE.com", "A")]);
        assert_eq!(one.only_domain(), Some(&domain));
        assert_eq!(host(&one).as_deref(), Some("a"));
        let two_hosts = all(&[("example.com", "a"), ("example.com", "b")]);
        assert_eq!(two_hosts.only_domain(), Some(&domain));
        assert_eq!(host(&two_hosts), None);
        let two_domains = all(&[("example.com", "a"), ("example.net", "b")]);
        assert_eq!(two_domains.only_domain(), None);
        assert_eq!(host(&two_domains).as_deref(), Some("a"));
        assert_eq!(host(&all(&[("example.com", "*.a")])), None);
        assert_eq!(host(&Permissions::default()), None);
    }
}
