//! The value of one parameter about addresses.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::wish::{FamilyWish, TargetFault};
use crate::address::{Address, AddressError, Family, Prefix, excerpt};

/// The most addresses of one family.
pub(crate) const MAX_ADDRESSES: usize = 8;

/// One value, read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Value {
    /// Nothing is there, or only commas.
    Empty,
    /// `preserve`: what is there stays.
    Preserve,
    /// `auto`: the address that the request came from.
    Auto,
    /// Addresses and prefixes.
    Listed(Listed),
}

/// What stands between commas.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Listed {
    ipv4: Items<Ipv4Addr>,
    ipv6: Items<Ipv6Addr>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct Items<A> {
    addresses: Vec<A>,
    prefixes: Vec<Prefix<A>>,
}

impl<A> Default for Items<A> {
    fn default() -> Self {
        Self {
            addresses: Vec::new(),
            prefixes: Vec::new(),
        }
    }
}

impl Value {
    pub(crate) fn parse(text: &str) -> Result<Self, TargetFault> {
        let items = text.split(',').map(str::trim);
        let items: Vec<&str> = items.filter(|item| !item.is_empty()).collect();
        match items.as_slice() {
            [] => return Ok(Self::Empty),
            [word] if word.eq_ignore_ascii_case("preserve") => return Ok(Self::Preserve),
            [word] if word.eq_ignore_ascii_case("auto") => return Ok(Self::Auto),
            _ => {}
        }
        let mut listed = Listed::default();
        for item in items {
            if item.contains(':') {
                listed.ipv6.push(item)?;
            } else {
                listed.ipv4.push(item)?;
            }
        }
        Ok(Self::Listed(listed))
    }
}

impl<A: Address> Items<A> {
    fn push(&mut self, item: &str) -> Result<(), TargetFault> {
        if item.contains('/') {
            self.prefixes.push(item.parse()?);
        } else {
            self.addresses.push(A::parse(item)?);
        }
        Ok(())
    }

    /// What is wanted for the family; nothing when there is no item of it.
    fn wish(&self) -> Result<Option<FamilyWish<A>>, TargetFault> {
        match (self.addresses.as_slice(), self.prefixes.as_slice()) {
            ([], []) => Ok(None),
            ([], [prefix]) => Ok(Some(FamilyWish::Rewrite(*prefix))),
            (addresses, []) if addresses.len() <= MAX_ADDRESSES => {
                Ok(Some(FamilyWish::Set(addresses.to_vec())))
            }
            (_, []) => Err(TargetFault::TooManyAddresses { family: A::FAMILY }),
            (_, [_, ..]) => Err(TargetFault::Mixed { family: A::FAMILY }),
        }
    }
}

/// A family whose items can be told from those of the other.
pub(crate) trait Listable: Address {
    fn wish(listed: &Listed) -> Result<Option<FamilyWish<Self>>, TargetFault>;
}

impl Listable for Ipv4Addr {
    fn wish(listed: &Listed) -> Result<Option<FamilyWish<Self>>, TargetFault> {
        listed.ipv4.wish()
    }
}

impl Listable for Ipv6Addr {
    fn wish(listed: &Listed) -> Result<Option<FamilyWish<Self>>, TargetFault> {
        listed.ipv6.wish()
    }
}

/// What a parameter for one family says. An empty one deletes, as at deSEC.
pub(crate) fn own<A: Listable>(text: &str) -> Result<FamilyWish<A>, TargetFault> {
    match Value::parse(text)? {
        Value::Empty => Ok(FamilyWish::Delete),
        Value::Preserve => Ok(FamilyWish::Keep),
        Value::Auto => Ok(FamilyWish::Source),
        Value::Listed(listed) => {
            let is_foreign = match A::FAMILY {
                Family::Ipv4 => listed.ipv6 != Items::default(),
                Family::Ipv6 => listed.ipv4 != Items::default(),
            };
            let wish = A::wish(&listed)?.filter(|_| !is_foreign);
            let error = || AddressError::NotAnAddress {
                text: excerpt(text),
                wanted: A::FAMILY,
            };
            wish.ok_or_else(|| error().into())
        }
    }
}

/// What a parameter for both families says about one of them; nothing when it is empty, which ddclient
/// 3.10 sends when it knows no address, or holds only the other family.
pub(crate) fn shared<A: Listable>(text: &str) -> Result<Option<FamilyWish<A>>, TargetFault> {
    match Value::parse(text)? {
        Value::Empty => Ok(None),
        Value::Preserve => Ok(Some(FamilyWish::Keep)),
        Value::Auto => Ok(Some(FamilyWish::Source)),
        Value::Listed(listed) => A::wish(&listed),
    }
}

/// What the prefix of a network at home says; nothing when it is empty.
pub(crate) fn lan_prefix(text: &str) -> Result<Option<FamilyWish<Ipv6Addr>>, TargetFault> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    Ok(Some(FamilyWish::Rewrite(text.parse()?)))
}
