//! What the service asks of the world, behind one trait, so that its pages can be tried without one.

use std::fmt::Debug;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use easement_client::{
    AuthorizationCode, CallFailure, Client, Discovery, Expectation, PendingConsent,
    ProviderCredentials, ProviderSettings, ServerReport, TemplateChange, TemplateId,
    TemplateSupport, Tokens, VerifyPolicy, VerifyReport,
};
use easement_outbound::dns::Resolver;
use easement_zone::Name;

use crate::pages::Action;

/// How long a look-up for a site may take.
pub(crate) const LOOKUP_LIMIT: Duration = Duration::from_secs(4);

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

/// The world as it is.
#[derive(Debug)]
pub(crate) struct Real {
    pub(crate) client: Client,
    pub(crate) resolver: Resolver,
    /// The servers to ask about every zone; none means those that zones are delegated to.
    pub(crate) name_servers: Vec<SocketAddr>,
}

impl Outside for Real {
    fn discover<'a>(&'a self, name: &'a Name) -> Answering<'a, Discovery> {
        Box::pin(async move { self.client.discover_name(name).await.map_err(Trouble::of) })
    }

    fn support<'a>(
        &'a self,
        settings: &'a ProviderSettings,
        template: &'a TemplateId,
    ) -> Answering<'a, TemplateSupport> {
        Box::pin(async move {
            let asked = self.client.template_support(settings, template).await;
            asked.map_err(Trouble::of)
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
            exchanged.map_err(Trouble::of)
        })
    }

    fn refresh<'a>(
        &'a self,
        tokens: &'a Tokens,
        credentials: &'a ProviderCredentials,
    ) -> Answering<'a, Tokens> {
        Box::pin(async move {
            // They are kept in memory by whoever asks, before anything is done with them.
            let refreshed = self.client.refresh(tokens.clone(), credentials, |_| Ok(()));
            refreshed.await.map_err(Trouble::of)
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
                .map_err(Trouble::of)
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
                self.client.name_servers(zone).await.map_err(Trouble::of)?
            } else {
                let named = self.name_servers.iter().copied();
                named.map(ServerReport::named).collect()
            };
            let verified = self.client.verify_at(servers, expected, ONE_ROUND, |_| {});
            verified.await.map_err(Trouble::of)
        })
    }

    fn texts<'a>(&'a self, name: &'a Name) -> Answering<'a, Vec<Vec<u8>>> {
        Box::pin(async move {
            let answer = self.resolver.texts(name).await.map_err(Trouble::of)?;
            Ok(answer.texts)
        })
    }
}
