//! Clients that many servers know, by what is public about them.

use super::{
    ClientAuthentication, ClientRegistration, ClientSecret, ClientTemplates, RedirectUri,
    RefreshRule, TokenLifetimes,
};

/// A client that an operator need not describe.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KnownClient {
    /// The dynamic DNS programs of the Domain Connect project. Each copy has the same secret, which stands in
    /// their source, so it proves nothing. Their users copy their settings from machine to machine, with the
    /// refresh token in them, so that one stays as it is.
    DomainConnectOrg,
}

impl KnownClient {
    /// The client with this client id.
    pub fn from_word(word: &str) -> Option<Self> {
        (word == Self::DomainConnectOrg.client_id()).then_some(Self::DomainConnectOrg)
    }

    /// Its client id, which is the id of its provider too.
    pub fn client_id(self) -> &'static str {
        match self {
            Self::DomainConnectOrg => "domainconnect.org",
        }
    }

    /// What an operator would say about it; nothing when a fact below is wrong, which a test rules out.
    pub fn registration(self) -> Option<ClientRegistration> {
        let secret: ClientSecret = "inconceivable".parse().ok()?;
        let redirect: RedirectUri = "https://dynamicdns.domainconnect.org/ddnscode"
            .parse()
            .ok()?;
        Some(ClientRegistration {
            client: self.client_id().parse().ok()?,
            name: "Domain Connect Dynamic DNS".parse().ok()?,
            provider: self.client_id().parse().ok()?,
            templates: ClientTemplates::Listed(vec![
                "dynamicdns".parse().ok()?,
                "dynamicdns-v2".parse().ok()?,
            ]),
            redirects: vec![redirect],
            authentication: ClientAuthentication::PublishedSecret {
                secret: secret.hash(),
            },
            lifetimes: TokenLifetimes::default(),
            refresh: RefreshRule::Keep,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_client_is_known_whole() {
        let known = KnownClient::from_word("domainconnect.org").unwrap();
        let registration = known.registration().unwrap();
        assert_eq!(registration.check(), Ok(()));
        assert!(!registration.authentication.needs_challenge());
        assert_eq!(KnownClient::from_word("other.example"), None);
    }
}
