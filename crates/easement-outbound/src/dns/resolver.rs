//! The resolver that is asked for texts, with limits.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use easement_core::Random;
use easement_zone::{Name, RecordType};
use tokio::time::timeout;

use super::message::{self, Said};
use super::question::Question;
use super::resolvers::Resolvers;

/// How many questions one look-up may take: the first, and one for each alias that the resolver did
/// not follow itself.
const MAX_QUESTIONS: usize = 4;

/// A resolver that is asked for TXT records.
#[derive(Clone)]
pub struct Resolver {
    servers: Resolvers,
    time_limit: Duration,
    random: Arc<dyn Random>,
}

impl Resolver {
    /// Asks these servers, or one, for so long.
    pub fn new(
        servers: impl Into<Resolvers>,
        time_limit: Duration,
        random: Arc<dyn Random>,
    ) -> Self {
        Self {
            servers: servers.into(),
            time_limit,
            random,
        }
    }

    /// The TXT records of a name, each with its character strings joined. A name without any, and a
    /// name that does not exist, have none.
    pub async fn texts(&self, name: &Name) -> Result<TextAnswer, LookupError> {
        timeout(self.time_limit, self.follow(name))
            .await
            .unwrap_or(Err(LookupError::TimedOut {
                server: self.servers.first(),
            }))
    }

    async fn follow(&self, name: &Name) -> Result<TextAnswer, LookupError> {
        let mut name = name.clone();
        for _ in 0..MAX_QUESTIONS {
            let question = Question::to_resolver(name.clone(), RecordType::TXT);
            let answer = self
                .servers
                .ask_without_limit(&question, self.random.as_ref())
                .await?;
            let (texts, ttl) = match message::read(&answer, &name)? {
                Said::Texts(texts, ttl) => (texts, ttl),
                Said::Nothing(ttl) => (Vec::new(), ttl),
                Said::Alias(target) => {
                    name = target;
                    continue;
                }
            };
            let ttl = Duration::from_secs(ttl.into());
            return Ok(TextAnswer { texts, ttl });
        }
        Err(LookupError::TooManyAliases)
    }
}

impl std::fmt::Debug for Resolver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Resolver")
            .field("servers", &self.servers)
            .finish_non_exhaustive()
    }
}

/// The TXT records of a name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TextAnswer {
    /// Each record, its character strings joined.
    pub texts: Vec<Vec<u8>>,
    /// For how long the answer holds.
    pub ttl: Duration,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum LookupError {
    /// Nothing came in time.
    #[error("the resolver {server} did not answer in time")]
    TimedOut {
        /// Who was asked.
        server: SocketAddr,
    },
    /// The resolver answered with an error.
    #[error("the resolver answered {code}")]
    Refused {
        /// The response code.
        code: String,
    },
    /// The answer is not a valid message.
    #[error("the resolver sent an answer that cannot be read")]
    Malformed,
    /// More records, or longer ones, than anybody asks for.
    #[error("the answer has more records, or longer ones, than are read")]
    TooLarge,
    /// One alias after another.
    #[error("the name is an alias of an alias, too many times")]
    TooManyAliases,
    /// The machine has no route to the server, such as to an IPv6 address where there is no IPv6.
    #[error("this machine has no route to {}: {source}", server.ip())]
    NoRoute {
        /// Who was to be asked.
        server: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// The server cannot be reached.
    #[error("the DNS server cannot be reached: {0}")]
    Io(#[from] std::io::Error),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRandom;
    use domain::base::iana::Rcode;
    use domain::base::{Message, MessageBuilder, Name as WireName, Ttl};
    use domain::rdata::{Cname, Txt};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, UdpSocket};

    type Owner = WireName<Vec<u8>>;

    fn wire(text: &str) -> Owner {
        text.parse().unwrap()
    }

    /// The answer of a resolver that knows a few names.
    fn answer(question: &[u8], over_udp: bool) -> Vec<u8> {
        let question = Message::from_octets(question.to_vec()).unwrap();
        let name = question
            .sole_question()
            .unwrap()
            .qname()
            .to_string()
            .to_lowercase();
        let code = match name.as_str() {
            "broken.example" => Rcode::SERVFAIL,
            "gone.example" => Rcode::NXDOMAIN,
            _ => Rcode::NOERROR,
        };
        let mut builder = MessageBuilder::new_vec()
            .start_answer(&question, code)
            .unwrap();
        let txt = |text: &[u8]| Txt::<Vec<u8>>::build_from_slice(text).unwrap();
        let ttl = Ttl::from_secs(300);
        match name.as_str() {
            "key.example" => builder
                .push((wire("key.example"), ttl, txt(b"p=1")))
                .unwrap(),
            "long.example" if over_udp => builder.header_mut().set_tc(true),
            "long.example" => builder
                .push((wire("long.example"), ttl, txt(&[b'x'; 4000])))
                .unwrap(),
            "alias.example" => {
                let target = Cname::new(wire("key.example"));
                builder.push((wire("alias.example"), ttl, target)).unwrap();
            }
            "many.example" => {
                for number in 0..17 {
                    let record = txt(format!("p={number}").as_bytes());
                    builder.push((wire("many.example"), ttl, record)).unwrap();
                }
            }
            "loop.example" => {
                let target = Cname::new(wire("loop.example"));
                builder.push((wire("loop.example"), ttl, target)).unwrap();
            }
            _ => {}
        }
        builder.finish()
    }

    async fn start_resolver() -> Resolver {
        let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let server = udp.local_addr().unwrap();
        let tcp = TcpListener::bind(server).await.unwrap();
        tokio::spawn(async move {
            let mut buffer = [0; 512];
            while let Ok((length, peer)) = udp.recv_from(&mut buffer).await {
                let mut forged = answer(&buffer[..length], true);
                forged[1] ^= 1;
                udp.send_to(&forged, peer).await.unwrap();
                udp.send_to(&answer(&buffer[..length], true), peer)
                    .await
                    .unwrap();
            }
        });
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = tcp.accept().await {
                let length = stream.read_u16().await.unwrap();
                let mut question = vec![0; length.into()];
                stream.read_exact(&mut question).await.unwrap();
                let answer = answer(&question, false);
                stream
                    .write_u16(u16::try_from(answer.len()).unwrap())
                    .await
                    .unwrap();
                stream.write_all(&answer).await.unwrap();
            }
        });
        Resolver::new(server, Duration::from_secs(5), Arc::new(SystemRandom))
    }

    #[tokio::test]
    async fn text_is_found_directly_over_tcp_and_behind_an_alias() {
        let resolver = start_resolver().await;
        for (name, texts) in [
            ("key.example", vec![b"p=1".to_vec()]),
            ("KEY.example", vec![b"p=1".to_vec()]),
            ("alias.example", vec![b"p=1".to_vec()]),
            ("long.example", vec![vec![b'x'; 4000]]),
            ("gone.example", vec![]),
            ("nothing.example", vec![]),
        ] {
            let answer = resolver.texts(&name.parse().unwrap()).await.unwrap();
            assert_eq!(answer.texts, texts, "{name}");
        }
    }

    #[tokio::test]
    async fn whatever_the_other_side_chooses_has_a_limit() {
        let resolver = start_resolver().await;
        let fail = async |name: &str| resolver.texts(&name.parse().unwrap()).await.unwrap_err();
        assert!(matches!(
            fail("broken.example").await,
            LookupError::Refused { .. }
        ));
        assert!(matches!(fail("many.example").await, LookupError::TooLarge));
        assert!(matches!(
            fail("loop.example").await,
            LookupError::TooManyAliases
        ));
    }
}
