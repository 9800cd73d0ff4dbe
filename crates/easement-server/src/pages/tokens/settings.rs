//! Which ready-made settings suit a token.

use apertodns::Hostname;
use apertodns::clients::{
    Account, ChallengeName, ClientSettings, Families, Server, address_clients, invitation_clients,
    reading_clients, text_clients,
};
use easement_core::{NameReach, Operation, SecretInUrl, TokenChain};
use easement_zone::{Name, RecordType};

/// What stands where the secret belongs, when it is not known.
const PLACEHOLDER: &str = "YOUR-TOKEN";
/// The most names in one file.
const MAX_NAMES: usize = 20;

/// Settings for each client that can use the token, with its secret right after it was made. Names that clients
/// cannot write are left out.
pub(super) fn settings_for(
    chain: &TokenChain,
    origin: &str,
    secret: Option<&str>,
) -> Vec<ClientSettings> {
    let Ok(server) = Server::new(origin) else {
        return Vec::new();
    };
    let Ok(account) = Account::new(&server, secret.unwrap_or(PLACEHOLDER)) else {
        return Vec::new();
    };
    let account = if may_stand_in_urls(chain) {
        account
    } else {
        account.never_in_urls()
    };
    let may = |operation| {
        chain
            .limits()
            .all(|limits| limits.operations.has(operation))
    };
    let writes = may(Operation::Create) || may(Operation::Update);
    let mut settings = Vec::new();
    if let Some(families) = families(chain).filter(|_| writes) {
        settings.extend(address_clients(&account, &hosts(chain), families));
    }
    if writes && chain.is_for(RecordType::TXT) {
        settings.extend(text_clients(&account, &challenges(chain)));
        if is_invitation(chain) {
            settings.extend(invitation_clients(&account));
        }
    }
    if settings.is_empty() && families(chain).is_some() && may(Operation::Read) {
        settings = reading_clients(&account);
    }
    settings
}

fn families(chain: &TokenChain) -> Option<Families> {
    match (chain.is_for(RecordType::A), chain.is_for(RecordType::AAAA)) {
        (true, true) => Some(Families::Both),
        (true, false) => Some(Families::Ipv4),
        (false, true) => Some(Families::Ipv6),
        (false, false) => None,
    }
}

/// Whether accounts of acme-dns can be made from it: it is for the names below one, and may stand in a URL.
fn is_invitation(chain: &TokenChain) -> bool {
    chain.token().limits.only_subtree().is_some() && may_stand_in_urls(chain)
}

fn may_stand_in_urls(chain: &TokenChain) -> bool {
    let mut limits = chain.limits();
    limits.all(|limits| limits.in_url == SecretInUrl::Allowed)
}

/// The names of the token that all tokens are for that it was made from.
fn covered<'a>(
    chain: &'a TokenChain,
    names: impl Iterator<Item = Name> + 'a,
) -> impl Iterator<Item = Name> + 'a {
    names.filter(|name| chain.limits().all(|limits| limits.covers(name)))
}

fn hosts(chain: &TokenChain) -> Vec<Hostname> {
    let names = chain.token().limits.names.iter();
    covered(chain, names.map(|limit| limit.name().clone()))
        .filter_map(|name| name.to_text().parse().ok())
        .take(MAX_NAMES)
        .collect()
}

fn challenges(chain: &TokenChain) -> Vec<ChallengeName> {
    let names = chain.token().limits.names.iter().flat_map(|limit| {
        let below = (limit.reach() == NameReach::BelowWithUnderscores)
            .then(|| limit.name().child("_acme-challenge").ok());
        [Some(limit.name().clone()), below.flatten()]
            .into_iter()
            .flatten()
    });
    covered(chain, names)
        .filter_map(|name| ChallengeName::new(&name).ok())
        .take(MAX_NAMES)
        .collect()
}

#[cfg(test)]
mod tests {
    use apertodns::clients::SettingsBody;
    use easement_core::{
        AccountId, ApiToken, ApiTokenId, Operations, Timestamp, TokenKind, TokenLimits,
    };

    use super::*;

    fn token(names: &[&str], types: &[RecordType], operations: &[Operation]) -> ApiToken {
        let names = names.iter().map(|name| name.parse().unwrap()).collect();
        let operations: Operations = operations.iter().copied().collect();
        ApiToken {
            id: ApiTokenId::new(1),
            public_id: "abcdefghijkl".parse().unwrap(),
            account: AccountId::new(1),
            parent: None,
            kind: TokenKind::Live,
            name: "x".parse().unwrap(),
            limits: TokenLimits::new(names, types.to_vec(), operations),
            created_at: Timestamp::from_micros(0),
            revoked_at: None,
            last_use: None,
        }
    }

    fn clients(chain: &TokenChain) -> Vec<&'static str> {
        settings_for(chain, "https://dns.example.net", None)
            .iter()
            .map(|one| one.client)
            .collect()
    }

    #[test]
    fn a_token_gets_the_settings_of_those_that_can_use_it() {
        use Operation::{Create, Delete, Read, Update};
        use RecordType as T;
        const HOME: &str = "home.example.test";
        const PROOF: &str = "_acme-challenge.home.example.test";
        for (names, types, operations, first, count) in [
            (
                &[HOME][..],
                &[T::A][..],
                &[Update][..],
                Some("Fritz!Box"),
                8,
            ),
            (
                &[HOME, PROOF],
                &[T::A, T::TXT],
                &[Create],
                Some("Fritz!Box"),
                12,
            ),
            (&[PROOF], &[T::TXT], &[Create, Delete], Some("certbot"), 4),
            (
                &["**.home.example.test"],
                &[T::TXT],
                &[Create],
                Some("certbot"),
                4,
            ),
            (&["*.home.example.test"], &[T::TXT], &[Create], None, 0),
            (&[HOME], &[T::A], &[Read], Some("curl"), 1),
            (&[HOME], &[T::MX], &[Create], None, 0),
            (&["=*.example.test"], &[T::A], &[Update], None, 0),
            (
                &["a\\036b.example.test", "a\\039b.example.test"],
                &[T::A],
                &[Update],
                None,
                0,
            ),
        ] {
            let chain = TokenChain::new(token(names, types, operations), Vec::new());
            let clients = clients(&chain);
            assert_eq!(
                (clients.first().copied(), clients.len()),
                (first, count),
                "{names:?}"
            );
        }
    }

    #[test]
    fn an_invitation_that_may_stand_in_a_url_gets_a_base_url() {
        let mut token = token(
            &["*.acme.example.test"],
            &[RecordType::TXT],
            &Operation::ALL,
        );
        let before = TokenChain::new(token.clone(), Vec::new());
        assert_eq!(clients(&before), [""; 0]);
        token.limits.in_url = SecretInUrl::Allowed;
        let chain = TokenChain::new(token, Vec::new());
        assert_eq!(clients(&chain).len(), 2);
    }

    #[test]
    fn what_a_token_was_made_from_counts_as_well() {
        let own = token(
            &["home.example.test", "nas.example.test"],
            &[RecordType::A, RecordType::AAAA],
            &Operation::ALL,
        );
        let outer = token(&["nas.example.test"], &[RecordType::A], &Operation::ALL);
        let chain = TokenChain::new(own, vec![outer]);
        let settings = settings_for(&chain, "https://dns.example.net", None);
        let ddclient = settings
            .iter()
            .find(|one| one.client == "ddclient")
            .unwrap();
        let SettingsBody::File { text, .. } = &ddclient.body else {
            panic!("{ddclient:?}");
        };
        assert!(
            text.contains("nas.example.test") && !text.contains("home."),
            "{text}"
        );
        assert!(text.contains("YOUR-TOKEN"), "{text}");
    }
}
