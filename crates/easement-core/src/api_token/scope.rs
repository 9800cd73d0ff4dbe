//! Scopes of the protocols, and what they mean for a token.

use std::fmt;
use std::str::FromStr;

use easement_zone::RecordType;

use super::{Operation, Operations, TokenLimits};

/// A scope of ApertoDNS (specification 1.4.0, section 5.3). Tokens do not hold scopes: a token has one when
/// its limits allow what the scope is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TokenScope {
    /// `dns:update`: set addresses.
    DnsUpdate,
    /// `domains:read`: see names and their addresses.
    DomainsRead,
    /// `txt:read`: see texts.
    TxtRead,
    /// `txt:write`: set texts.
    TxtWrite,
    /// `txt:delete`: delete texts.
    TxtDelete,
}

/// The types that hold addresses.
const ADDRESSES: [RecordType; 2] = [RecordType::A, RecordType::AAAA];

impl TokenScope {
    /// All of them, in the order of the specification.
    pub const ALL: [Self; 5] = [
        Self::DnsUpdate,
        Self::DomainsRead,
        Self::TxtRead,
        Self::TxtWrite,
        Self::TxtDelete,
    ];

    /// The word for it in the protocol.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DnsUpdate => "dns:update",
            Self::DomainsRead => "domains:read",
            Self::TxtRead => "txt:read",
            Self::TxtWrite => "txt:write",
            Self::TxtDelete => "txt:delete",
        }
    }

    /// Whether a token with these limits has it, for some name.
    pub fn is_within(self, limits: &TokenLimits) -> bool {
        let (types, operations) = self.meaning();
        types.iter().any(|rtype| limits.types.contains(rtype))
            && operations.iter().any(|one| limits.operations.has(one))
    }

    /// Records of which types, and what is done with them: any of those is enough to have the scope.
    pub fn meaning(self) -> (&'static [RecordType], Operations) {
        use Operation::{Create, Delete, Read, Update};
        const TEXTS: &[RecordType] = &[RecordType::TXT];
        let (types, operations): (_, &[Operation]) = match self {
            Self::DnsUpdate => (&ADDRESSES[..], &[Update, Create, Delete]),
            Self::DomainsRead => (&ADDRESSES[..], &[Read]),
            Self::TxtRead => (TEXTS, &[Read]),
            Self::TxtWrite => (TEXTS, &[Update, Create]),
            Self::TxtDelete => (TEXTS, &[Delete]),
        };
        (types, operations.iter().copied().collect())
    }

    /// What a token with these scopes is for: records of which types, and what is done with them. Limits
    /// hold for all of the types, so together some scopes would give one that nobody asked for.
    pub fn together(scopes: &[Self]) -> Result<(Vec<RecordType>, Operations), ScopesTooWide> {
        let mut types: Vec<RecordType> = Vec::new();
        let mut all = Vec::new();
        for (more, operations) in scopes.iter().map(|scope| scope.meaning()) {
            types.extend(
                more.iter()
                    .filter(|rtype| !types.contains(rtype))
                    .copied()
                    .collect::<Vec<_>>(),
            );
            all.extend(operations.iter());
        }
        let limits = TokenLimits::new(Vec::new(), types, all.into_iter().collect());
        let extra = Self::ALL
            .into_iter()
            .find(|scope| !scopes.contains(scope) && scope.is_within(&limits));
        match extra {
            Some(extra) => Err(ScopesTooWide { extra }),
            None => Ok((limits.types, limits.operations)),
        }
    }
}

/// Scopes that give another one when one token has them all.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("one token with these scopes would have {extra} as well: name it too, or make two tokens")]
pub struct ScopesTooWide {
    /// The other one.
    pub extra: TokenScope,
}

impl fmt::Display for TokenScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for TokenScope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        Self::ALL
            .into_iter()
            .find(|scope| scope.as_str() == text)
            .ok_or_else(|| UnknownScope {
                text: text.to_owned(),
            })
    }
}

/// A text that names no scope.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{text}` is not a scope: use dns:update, domains:read, txt:read, txt:write or txt:delete")]
pub struct UnknownScope {
    /// The text.
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_together_give_what_they_mean_and_no_other() {
        use TokenScope::{DnsUpdate, DomainsRead, TxtDelete, TxtRead, TxtWrite};
        let (types, operations) = TokenScope::together(&[DnsUpdate, DomainsRead]).unwrap();
        assert_eq!(types, ADDRESSES);
        assert_eq!(operations, Operations::all());
        for (scopes, extra) in [
            (&[DnsUpdate][..], None),
            (&[TxtWrite, TxtDelete], None),
            (&[DnsUpdate, TxtRead], Some(DomainsRead)),
            (&[DnsUpdate, TxtWrite], Some(TxtDelete)),
            (&TokenScope::ALL, None),
        ] {
            let refused = TokenScope::together(scopes).err();
            assert_eq!(refused.map(|refused| refused.extra), extra, "{scopes:?}");
        }
    }

    #[test]
    fn a_token_has_the_scopes_that_its_limits_allow() {
        use RecordType as T;
        for (types, operations, scopes) in [
            (&[T::A][..], &[Operation::Update][..], "dns:update"),
            (&[T::AAAA], &[Operation::Read], "domains:read"),
            (&[T::TXT], &[Operation::Update], "txt:write"),
            (
                &[T::TXT],
                &[Operation::Read, Operation::Delete],
                "txt:read txt:delete",
            ),
            (&[T::MX], &Operation::ALL, ""),
            (
                &[T::A, T::TXT],
                &Operation::ALL,
                "dns:update domains:read txt:read txt:write txt:delete",
            ),
        ] {
            let names = vec!["home.example.test".parse().unwrap()];
            let limits =
                TokenLimits::new(names, types.to_vec(), operations.iter().copied().collect());
            let has = TokenScope::ALL
                .into_iter()
                .filter(|scope| scope.is_within(&limits));
            let has: Vec<&str> = has.map(TokenScope::as_str).collect();
            assert_eq!(has.join(" "), scopes);
        }
        for scope in TokenScope::ALL {
            assert_eq!(scope.to_string().parse(), Ok(scope));
        }
    }
}
