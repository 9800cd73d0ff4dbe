//! Asking, with the limits that all looks share.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use easement_core::Random;
use easement_zone::{Name, RecordType};

use easement_outbound::dns::{Answer, Question, Transport, ask_once};

/// How long one question may take.
const LIMIT: Duration = Duration::from_secs(4);

/// Somebody who asks the resolver and name servers.
#[derive(Clone)]
pub(in crate::doctor) struct Asker {
    pub(in crate::doctor) resolver: SocketAddr,
    pub(in crate::doctor) random: Arc<dyn Random>,
}

impl Asker {
    /// Asks the resolver. Says why when there is no answer.
    pub(in crate::doctor) async fn resolve(
        &self,
        name: &Name,
        rtype: RecordType,
    ) -> Result<Answer, String> {
        let question = Question::to_resolver(name.clone(), rtype);
        let answer = self.ask(self.resolver, &question, Transport::Udp).await;
        answer.map_err(|error| format!("resolver {}: {error}", self.resolver))
    }

    /// Asks a server about what it has itself.
    pub(in crate::doctor) async fn ask_server(
        &self,
        server: SocketAddr,
        (name, rtype): (&Name, RecordType),
        transport: Transport,
    ) -> Result<Answer, String> {
        let question = Question::to_name_server(name.clone(), rtype);
        self.ask(server, &question, transport).await
    }

    async fn ask(
        &self,
        server: SocketAddr,
        question: &Question,
        transport: Transport,
    ) -> Result<Answer, String> {
        let answer = ask_once(server, question, transport, LIMIT, self.random.as_ref()).await;
        answer.map_err(|error| error.to_string())
    }

    /// The addresses of a name: IPv4, and IPv6 when there is none.
    pub(in crate::doctor) async fn addresses(&self, name: &Name) -> Vec<IpAddr> {
        for rtype in [RecordType::A, RecordType::AAAA] {
            let Ok(answer) = self.resolve(name, rtype).await else {
                continue;
            };
            // Resolvers add the end of a chain of aliases: its owner is another name.
            let data = answer.answers.iter().map(|record| &record.data);
            let found: Vec<IpAddr> = data
                .filter_map(|data| {
                    let four = data.ipv4().map(IpAddr::from);
                    four.or_else(|| data.ipv6().map(IpAddr::from))
                })
                .collect();
            if !found.is_empty() {
                return found;
            }
        }
        Vec::new()
    }
}
