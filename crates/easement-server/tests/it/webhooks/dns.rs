//! A DNS server that says what a test wants.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use domain::base::iana::Rcode;
use domain::base::{Message, MessageBuilder, Name, Rtype, Ttl};
use domain::rdata::{A, Aaaa};
use tokio::net::UdpSocket;

/// For each name, what it has at each look-up; the last answer stays.
#[derive(Clone)]
pub(super) struct FakeDns {
    pub(super) address: SocketAddr,
    names: Arc<Mutex<HashMap<String, Vec<Vec<IpAddr>>>>>,
}

impl FakeDns {
    pub(super) async fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let fake = Self {
            address: socket.local_addr().unwrap(),
            names: Arc::default(),
        };
        let serving = fake.clone();
        tokio::spawn(async move {
            let mut buffer = [0; 512];
            while let Ok((length, peer)) = socket.recv_from(&mut buffer).await {
                let answer = serving.answer(&buffer[..length]);
                socket.send_to(&answer, peer).await.unwrap();
            }
        });
        fake
    }

    /// What a name has from now on, at the first look-up, at the second, and so on.
    pub(super) fn set(&self, name: &str, lookups: &[&[&str]]) {
        let parse = |texts: &&[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        let lookups = lookups.iter().map(parse).collect();
        self.names.lock().unwrap().insert(name.to_owned(), lookups);
    }

    fn answer(&self, question: &[u8]) -> Vec<u8> {
        let question = Message::from_octets(question.to_vec()).unwrap();
        let asked = question.sole_question().unwrap();
        let name = asked.qname().to_string().to_lowercase();
        let mut names = self.names.lock().unwrap();
        let Some(lookups) = names.get_mut(&name) else {
            let builder = MessageBuilder::new_vec();
            return builder
                .start_answer(&question, Rcode::NXDOMAIN)
                .unwrap()
                .finish();
        };
        let addresses = lookups.first().cloned().unwrap_or_default();
        // Both families are asked for at each look-up; that of A counts.
        if asked.qtype() == Rtype::A && lookups.len() > 1 {
            lookups.remove(0);
        }
        let builder = MessageBuilder::new_vec();
        let mut builder = builder.start_answer(&question, Rcode::NOERROR).unwrap();
        let owner: Name<Vec<u8>> = name.parse().unwrap();
        for address in addresses {
            match address {
                IpAddr::V4(address) if asked.qtype() == Rtype::A => {
                    let data = A::new(address);
                    builder.push((&owner, Ttl::ZERO, data)).unwrap();
                }
                IpAddr::V6(address) if asked.qtype() == Rtype::AAAA => {
                    let data = Aaaa::new(address);
                    builder.push((&owner, Ttl::ZERO, data)).unwrap();
                }
                IpAddr::V4(_) | IpAddr::V6(_) => {}
            }
        }
        builder.finish()
    }
}

/// Where receivers of tests listen.
pub(super) const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
