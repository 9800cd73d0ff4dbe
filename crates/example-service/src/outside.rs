//! What the service asks of the world, behind one trait, so that its pages can be tried without one.

use std::fmt::Debug;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use easement_client::{
    AuthorizationCode, CallFailure, Client, Discovery, Expectation, PendingConsent,
    ProviderCredentials, ProviderSettings, ServerReport, TemplateChange, TemplateId,
    TemplateSupport, Tokens, VerifyPolicy, VerifyReport,
};
use easement_core::Random;
use easement_outbound::dns::{Answer, Code, Question, Resolvers};
use easement_zone::{Name, RecordType};
use tokio::time::timeout;

use crate::pages::Action;

/// The most aliases that are followed.
const MAX_ALIASES: usize = 8;

/// How long a look-up for a site may take.
const LOOKUP_LIMIT: Duration = Duration::from_secs(4);

/// How long a discovery may take: it asks several servers, one after the other.
const DISCOVERY_LIMIT: Duration = Duration::from_secs(20);
/// How long finding the servers of a zone may take.
const SERVERS_LIMIT: Duration = Duration::from_secs(5);

/// One look: the page that shows it looks again by itself.
const ONE_ROUND: VerifyPolicy = VerifyPolicy {
    limit: Duration::from_secs(5),
    first_wait: Duration::from_secs(5),
    longest_wait: Duration::from_secs(5),
};

/// What is on its way.
pub(crate) type Answering<'a, T> = Pin<Box<dyn Future<Output = Result<T, Trouble>> + Send + 'a>>;

/// A call that is on its way.
pub(crate) type Calling<'a> = Pin<Box<dyn Future<Output = Result<(), CallFailure>> + Send + 'a>>;

/// The world.
pub(crate) trait Outside: Debug + Send + Sync {
    /// Finds the DNS provider of a name.
    fn discover<'a>(&'a self, name: &'a Name) -> Answering<'a, Discovery>;
    /// Asks a DNS provider about a template.
    fn support<'a>(
        &'a self,
        settings: &'a ProviderSettings,
        template: &'a TemplateId,
    ) -> Answering<'a, TemplateSupport>;
    /// Makes tokens of a code.
    fn exchange<'a>(
        &'a self,
        consent: PendingConsent,
        code: AuthorizationCode,
        credentials: &'a ProviderCredentials,
    ) -> Answering<'a, Tokens>;
    /// Makes new tokens of old ones.
    fn refresh<'a>(
        &'a self,
        tokens: &'a Tokens,
        credentials: &'a ProviderCredentials,
    ) -> Answering<'a, Tokens>;
    /// Gives tokens back.
    fn revoke<'a>(
        &'a self,
        tokens: &'a Tokens,
        credentials: &'a ProviderCredentials,
    ) -> Answering<'a, ()>;
    /// Applies a template, or takes it back.
    fn call<'a>(
        &'a self,
        tokens: &'a Tokens,
        change: &'a TemplateChange,
        action: Action,
    ) -> Calling<'a>;
    /// Asks the servers of a zone once whether they show some records.
    fn verify<'a>(
        &'a self,
        zone: &'a Name,
        expected: &'a [Expectation],
    ) -> Answering<'a, VerifyReport>;
    /// The TXT records of a name, as the resolver has them.
    fn texts<'a>(&'a self, name: &'a Name) -> Answering<'a, Vec<Vec<u8>>>;
}

/// Why the world gave no answer, in words for people.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Trouble(pub(crate) String);

impl Trouble {
    /// An error of the library: it names the value and the next step.
    #[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
    pub(crate) fn of(error: impl ToString) -> Self {
        Self(error.to_string())
    }
}

/// Whether visitors are told addresses: which resolver is asked, and where names lead that strangers made up.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Addresses {
    /// They are, where all visitors are on this machine.
    Told,
    /// They are not.
    Hidden,
}

impl Addresses {
    #[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
    fn trouble(self, error: impl ToString) -> Trouble {
        let words = error.to_string();
        match self {
            Self::Told => Trouble(words),
            Self::Hidden => {
                tracing::debug!(%words, "a visitor is told less");
                Trouble(without_addresses(&words))
            }
        }
    }
}

/// The words with every address in them replaced.
fn without_addresses(words: &str) -> String {
    let is_address = |text: &&str| {
        let bare = text.trim_matches(['[', ']']);
        text.parse::<SocketAddr>().is_ok() || bare.parse::<IpAddr>().is_ok()
    };
    let hide = |word: &str| {
        let bare = word.trim_matches(|c: char| c.is_whitespace() || "(),.;\"'`".contains(c));
        let readings = [bare, bare.trim_end_matches(':')];
        match readings.iter().find(|text| is_address(text)) {
            Some(address) => word.replace(*address, "(an address)"),
            None => word.to_owned(),
        }
    };
    words.split_inclusive(' ').map(hide).collect()
}

/// The world as it is.
pub(crate) struct Real {
    pub(crate) client: Client,
    pub(crate) resolvers: Resolvers,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) addresses: Addresses,
    /// The servers to ask about every zone; none means those that zones are delegated to.
    pub(crate) name_servers: Vec<SocketAddr>,
}

impl Debug for Real {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Real")
            .field("resolvers", &self.resolvers)
            .field("name_servers", &self.name_servers)
            .finish_non_exhaustive()
    }
}

impl Outside for Real {
    fn discover<'a>(&'a self, name: &'a Name) -> Answering<'a, Discovery> {
        Box::pin(async move {
            let discovery = self.client.discover_name(name);
            let found = timeout(DISCOVERY_LIMIT, discovery).await;
            let slow = || Trouble("DNS, or the DNS provider, did not answer in time.".to_owned());
            found
                .map_err(|_| slow())?
                .map_err(|error| self.addresses.trouble(error))
        })
    }

    fn support<'a>(
        &'a self,
        settings: &'a ProviderSettings,
        template: &'a TemplateId,
    ) -> Answering<'a, TemplateSupport> {
        Box::pin(async move {
            let asked = self.client.template_support(settings, template).await;
            asked.map_err(|error| self.addresses.trouble(error))
        })
    }

    fn exchange<'a>(
        &'a self,
        consent: PendingConsent,
        code: AuthorizationCode,
        credentials: &'a ProviderCredentials,
    ) -> Answering<'a, Tokens> {
        Box::pin(async move {
            let exchanged = self.client.exchange_code(consent, code, credentials).await;
            exchanged.map_err(|error| self.addresses.trouble(error))
        })
    }

    fn refresh<'a>(
        &'a self,
        tokens: &'a Tokens,
        credentials: &'a ProviderCredentials,
    ) -> Answering<'a, Tokens> {
        Box::pin(async move {
            // They are kept in memory by whoever asks, before anything is done with them.
            let refreshed = self.client.refresh(tokens, credentials, |_| Ok(()));
            refreshed
                .await
                .map_err(|error| self.addresses.trouble(error))
        })
    }

    fn revoke<'a>(
        &'a self,
        tokens: &'a Tokens,
        credentials: &'a ProviderCredentials,
    ) -> Answering<'a, ()> {
        Box::pin(async move {
            self.client
                .revoke(tokens, credentials)
                .await
                .map_err(|error| self.addresses.trouble(error))
        })
    }

    fn call<'a>(
        &'a self,
        tokens: &'a Tokens,
        change: &'a TemplateChange,
        action: Action,
    ) -> Calling<'a> {
        Box::pin(async move {
            match action {
                Action::Apply => self.client.apply(tokens, change).await,
                Action::Revert => self.client.revert(tokens, change).await,
            }
        })
    }

    fn verify<'a>(
        &'a self,
        zone: &'a Name,
        expected: &'a [Expectation],
    ) -> Answering<'a, VerifyReport> {
        Box::pin(async move {
            let servers = if self.name_servers.is_empty() {
                let found = timeout(SERVERS_LIMIT, self.client.name_servers(zone)).await;
                let slow = || Trouble("The servers of the zone are not found in time.".to_owned());
                found
                    .map_err(|_| slow())?
                    .map_err(|error| self.addresses.trouble(error))?
            } else {
                let named = self.name_servers.iter().copied();
                named.map(ServerReport::named).collect()
            };
            let verified = self.client.verify_at(servers, expected, ONE_ROUND, |_| {});
            verified
                .await
                .map_err(|error| self.addresses.trouble(error))
        })
    }

    fn texts<'a>(&'a self, name: &'a Name) -> Answering<'a, Vec<Vec<u8>>> {
        Box::pin(async move {
            let question = Question::to_resolver(name.clone(), RecordType::TXT);
            let random = self.random.as_ref();
            let asking = self.resolvers.ask(&question, LOOKUP_LIMIT, random);
            let answer = asking
                .await
                .map_err(|error| self.addresses.trouble(error))?;
            texts_in(&answer, name)
        })
    }
}

/// The texts at a name, or at what it is an alias of. Whoever has many is a customer like everybody else.
fn texts_in(answer: &Answer, name: &Name) -> Result<Vec<Vec<u8>>, Trouble> {
    if let Code::Other(code) = &answer.code {
        return Err(Trouble(format!("DNS answers {code}.")));
    }
    let mut owner = name.clone();
    for _ in 0..=MAX_ALIASES {
        let found = answer.data_at(&owner, RecordType::TXT);
        if !found.is_empty() {
            return Ok(found.iter().filter_map(|data| data.text()).collect());
        }
        let alias = answer.data_at(&owner, RecordType::CNAME);
        match alias.first().and_then(|data| data.target()) {
            Some(target) => owner = target,
            None => return Ok(Vec::new()),
        }
    }
    Err(Trouble("The name has too many aliases.".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_left_out_and_nothing_else() {
        for (words, told) in [
            (
                "the resolver 10.0.0.2:53 did not answer in time",
                "the resolver (an address) did not answer in time",
            ),
            (
                "it leads to 10.1.2.3, which is not public",
                "it leads to (an address), which is not public",
            ),
            (
                "at [2001:db8::1]:53 and [::1]",
                "at (an address) and (an address)",
            ),
            ("see fe80::1.", "see (an address)."),
            ("::1: refused", "(an address): refused"),
            (
                "status 500 at dns.example (x)",
                "status 500 at dns.example (x)",
            ),
            ("", ""),
        ] {
            assert_eq!(without_addresses(words), told, "{words}");
        }
    }
}
