//! The addresses of a name.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use easement_core::Random;
use easement_zone::{Name, RecordData, RecordType};

use super::{Answer, Code, LookupError, Question, Resolvers};

/// The most aliases that are followed.
const MAX_ALIASES: usize = 8;
/// The most addresses that a name may have.
const MAX_ADDRESSES: usize = 32;

/// All addresses of a name, of both families in turn. What one family cannot be asked for does not matter when the other
/// has some: nobody connects to an address that is not known. `localhost` and what is below it is this machine, and
/// nobody is asked about it (RFC 6761 section 6.3).
pub async fn addresses_of(
    name: &Name,
    (resolvers, limit): (&Resolvers, Duration),
    random: &dyn Random,
) -> Result<Vec<IpAddr>, AddressesError> {
    if is_this_machine(name) {
        return Ok(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]);
    }
    let ask = async |rtype| {
        let question = Question::to_resolver(name.clone(), rtype);
        let asking = resolvers.ask(&question, limit, random);
        read(&asking.await.map_err(AddressesError::of)?, name, rtype)
    };
    let (ipv4, ipv6) = tokio::join!(ask(RecordType::A), ask(RecordType::AAAA));
    let (found, failures): (Vec<_>, Vec<_>) = [ipv4, ipv6].into_iter().partition(Result::is_ok);
    let addresses = in_turn(&found.into_iter().flatten().collect::<Vec<_>>());
    let failure = failures.into_iter().find_map(Result::err);
    match (addresses.len(), failure) {
        (0, Some(failure)) => Err(failure),
        (0, None) => Err(AddressesError::NoAddress),
        (MAX_ADDRESSES.., _) => Err(AddressesError::TooMany),
        (_, _) => Ok(addresses),
    }
}

/// One of each family, and again: whoever takes only the first few has some of both, since a machine may have a way to
/// one family alone.
fn in_turn(families: &[Vec<IpAddr>]) -> Vec<IpAddr> {
    let longest = families.iter().map(Vec::len).max().unwrap_or_default();
    let rounds = (0..longest).flat_map(|round| families.iter().filter_map(move |of| of.get(round)));
    rounds.copied().collect()
}

fn is_this_machine(name: &Name) -> bool {
    let text = name.to_lowercase().to_text();
    let text = text.trim_end_matches('.');
    text == "localhost" || text.ends_with(".localhost")
}

fn read(answer: &Answer, name: &Name, rtype: RecordType) -> Result<Vec<IpAddr>, AddressesError> {
    match &answer.code {
        Code::NoError | Code::NxDomain => {}
        Code::Other(code) => {
            let code = code.clone();
            return Err(AddressesError::Resolver(LookupError::Refused { code }));
        }
    }
    let mut owner = name.clone();
    for _ in 0..=MAX_ALIASES {
        let found = answer.data_at(&owner, rtype);
        if !found.is_empty() {
            return Ok(found.into_iter().filter_map(address).collect());
        }
        let alias = answer.data_at(&owner, RecordType::CNAME);
        match alias.first().and_then(|data| data.target()) {
            Some(target) => owner = target,
            None => return Ok(Vec::new()),
        }
    }
    Err(AddressesError::Resolver(LookupError::TooManyAliases))
}

fn address(data: &RecordData) -> Option<IpAddr> {
    let ipv4 = data.ipv4().map(IpAddr::V4);
    ipv4.or_else(|| data.ipv6().map(IpAddr::V6))
}

impl AddressesError {
    /// Whoever a webhook belongs to is not told which resolver the server asks.
    fn of(error: LookupError) -> Self {
        match error {
            LookupError::TimedOut { .. } => Self::NoAnswer,
            other @ (LookupError::Refused { .. }
            | LookupError::Malformed
            | LookupError::TooLarge
            | LookupError::TooManyAliases
            | LookupError::NoRoute { .. }
            | LookupError::Io(_)) => Self::Resolver(other),
        }
    }
}

/// Why no address is known.
#[derive(Debug, thiserror::Error)]
pub enum AddressesError {
    /// The resolver does not say.
    #[error(transparent)]
    Resolver(LookupError),
    /// The resolver says nothing.
    #[error("the name could not be looked up in time")]
    NoAnswer,
    /// There is none.
    #[error("the name has no address")]
    NoAddress,
    /// There are too many.
    #[error("the name has {MAX_ADDRESSES} addresses or more")]
    TooMany,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_few_addresses_are_of_both_families() {
        let of = |texts: &[&str]| -> Vec<IpAddr> {
            texts.iter().map(|text| text.parse().unwrap()).collect()
        };
        let ipv4 = of(&["192.0.2.1", "192.0.2.2", "192.0.2.3"]);
        let ipv6 = of(&["2001:db8::1"]);
        assert_eq!(
            in_turn(&[ipv4.clone(), ipv6.clone()]),
            of(&["192.0.2.1", "2001:db8::1", "192.0.2.2", "192.0.2.3"])
        );
        assert_eq!(in_turn(&[Vec::new(), ipv6.clone()]), ipv6);
        assert_eq!(in_turn(std::slice::from_ref(&ipv4)), ipv4);
        assert_eq!(in_turn(&[]), Vec::<IpAddr>::new());
    }
}
