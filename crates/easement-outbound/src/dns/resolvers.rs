//! Several resolvers, of which one may be away.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use easement_core::Random;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::time::{sleep, timeout};

use super::LookupError;
use super::answer::{Answer, Code};
use super::exchange;
use super::question::Question;

/// Where the resolvers of the machine are named (resolv.conf(5)).
const RESOLV_CONF: &str = "/etc/resolv.conf";
const DNS_PORT: u16 = 53;
/// As many are asked as the C library asks.
const MAX: usize = 3;
/// How long one is waited for before the next is asked as well.
const PATIENCE: Duration = Duration::from_millis(1200);

/// The resolvers that are asked, in their order: the next when one fails or says nothing, and then whichever is first.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Resolvers(Arc<[SocketAddr]>);

impl Resolvers {
    /// Those of the machine: the first three name servers in `/etc/resolv.conf`, as they are now. This machine itself
    /// when none is named there.
    pub fn of_system() -> Self {
        let text = std::fs::read_to_string(RESOLV_CONF).unwrap_or_default();
        let addresses = name_servers(&text);
        Self::new(addresses.map(|address| SocketAddr::new(address, DNS_PORT)))
    }

    /// These, up to three; this machine itself when there are none.
    pub fn new(servers: impl IntoIterator<Item = SocketAddr>) -> Self {
        let servers: Vec<SocketAddr> = servers.into_iter().take(MAX).collect();
        if servers.is_empty() {
            return SocketAddr::new(Ipv4Addr::LOCALHOST.into(), DNS_PORT).into();
        }
        Self(servers.into())
    }

    /// The one that is asked first.
    pub fn first(&self) -> SocketAddr {
        let own = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), DNS_PORT);
        self.0.first().copied().unwrap_or(own)
    }

    /// Asks until an answer comes, and gives it with every section; for so long.
    pub async fn ask(
        &self,
        asked: &Question,
        limit: Duration,
        random: &dyn Random,
    ) -> Result<Answer, LookupError> {
        let octets = timeout(limit, self.ask_without_limit(asked, random)).await;
        let server = self.first();
        Answer::read(&octets.unwrap_or(Err(LookupError::TimedOut { server }))?)
    }

    /// The same, as octets. The caller sets the limit in time.
    pub(super) async fn ask_without_limit(
        &self,
        asked: &Question,
        random: &dyn Random,
    ) -> Result<Vec<u8>, LookupError> {
        let mut rest = self.0.iter();
        let mut asking = FuturesUnordered::new();
        let mut failure = None;
        loop {
            if let Some(server) = rest.next() {
                asking.push(exchange::ask(*server, asked, random));
            }
            let said = tokio::select! {
                Some(said) = asking.next() => said,
                () = sleep(PATIENCE), if rest.len() > 0 => continue,
                else => break,
            };
            match said {
                Ok(octets) if is_answer(&octets) => return Ok(octets),
                said => failure = failure.or(Some(said)),
            }
        }
        // What the first one said counts, when none knew an answer.
        let server = self.first();
        failure.unwrap_or(Err(LookupError::TimedOut { server }))
    }
}

/// Whether a resolver did its work. Another one may, when it was not able to, or refused.
fn is_answer(octets: &[u8]) -> bool {
    match Answer::read(octets) {
        Ok(answer) => matches!(answer.code, Code::NoError | Code::NxDomain),
        Err(_) => false,
    }
}

impl From<SocketAddr> for Resolvers {
    fn from(server: SocketAddr) -> Self {
        Self([server].into())
    }
}

fn name_servers(text: &str) -> impl Iterator<Item = IpAddr> {
    text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let is_server = words.next() == Some("nameserver");
        words.next().filter(|_| is_server)?.parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRandom;
    use domain::base::iana::Rcode;
    use domain::base::{Message, MessageBuilder, Ttl};
    use domain::rdata::A;
    use easement_zone::RecordType;
    use tokio::net::UdpSocket;

    #[test]
    fn name_servers_are_read_in_their_order() {
        let text = "# local\nsearch example.net\nnameserver 192.0.2.53\nnameserver fe80::1%eth0\nnameserver ::1\n";
        let read: Vec<IpAddr> = name_servers(text).collect();
        let expected: [IpAddr; 2] = [[192, 0, 2, 53].into(), "::1".parse().unwrap()];
        assert_eq!(read, expected);
        assert_eq!(name_servers("").count(), 0);
    }

    #[test]
    fn at_most_three_are_asked_and_this_machine_when_there_are_none() {
        let server = |last: u8| SocketAddr::from(([192, 0, 2, last], 53));
        let four = Resolvers::new((1..=4).map(server));
        assert_eq!(*four.0, [server(1), server(2), server(3)]);
        assert_eq!(four.first(), server(1));
        let none = Resolvers::new([]);
        assert_eq!(none, SocketAddr::from(([127, 0, 0, 1], 53)).into());
    }

    /// What a resolver does with each question.
    #[derive(Clone, Copy)]
    enum Does {
        Answers,
        Says(Rcode),
        /// It says nothing.
        Listens,
        /// It is not there.
        Nothing,
        Mumbles,
    }

    async fn start(does: Does) -> SocketAddr {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let server = socket.local_addr().unwrap();
        if matches!(does, Does::Nothing) {
            return server;
        }
        tokio::spawn(async move {
            let mut octets = [0; 512];
            while let Ok((length, peer)) = socket.recv_from(&mut octets).await {
                let asked = Message::from_octets(octets[..length].to_vec()).unwrap();
                let code = match does {
                    Does::Says(code) => code,
                    Does::Answers | Does::Mumbles => Rcode::NOERROR,
                    Does::Listens | Does::Nothing => continue,
                };
                let answer = MessageBuilder::new_vec();
                let mut answer = answer.start_answer(&asked, code).unwrap();
                let name = asked.sole_question().unwrap().into_qname();
                let address = A::from_octets(9, 9, 9, 9);
                answer.push((name, Ttl::from_secs(1), address)).unwrap();
                let mut octets = answer.finish();
                if matches!(does, Does::Mumbles) {
                    octets.truncate(octets.len() - 1);
                }
                socket.send_to(&octets, peer).await.unwrap();
            }
        });
        server
    }

    async fn ask(does: &[Does]) -> Result<Answer, LookupError> {
        let mut servers = Vec::new();
        for one in does {
            servers.push(start(*one).await);
        }
        let question = Question::to_resolver("a.example".parse().unwrap(), RecordType::A);
        let limit = Duration::from_secs(10);
        let resolvers = Resolvers::new(servers);
        resolvers.ask(&question, limit, &SystemRandom).await
    }

    #[tokio::test]
    async fn the_next_is_asked_when_one_is_away_fails_or_says_nothing() {
        use Does::{Answers, Listens, Mumbles, Nothing, Says};
        for does in [
            &[Answers][..],
            &[Nothing, Answers],
            &[Listens, Answers],
            &[Says(Rcode::SERVFAIL), Answers],
            &[Says(Rcode::REFUSED), Nothing, Answers],
            &[Mumbles, Listens, Answers],
        ] {
            let answer = ask(does).await.unwrap();
            assert_eq!(answer.answers.len(), 1);
        }
    }

    #[tokio::test]
    async fn an_answer_that_there_is_none_counts_and_of_failures_the_first() {
        use Does::{Answers, Nothing, Says};
        let none = ask(&[Says(Rcode::NXDOMAIN), Answers]).await.unwrap();
        assert_eq!(none.code, Code::NxDomain);
        let failed = ask(&[Says(Rcode::SERVFAIL), Says(Rcode::REFUSED), Nothing]).await;
        assert_eq!(failed.unwrap().code, Code::Other("SERVFAIL".to_owned()));
        let away = ask(&[Nothing, Nothing]).await.unwrap_err();
        assert!(matches!(away, LookupError::Io(_)), "{away}");
    }
}
