//! A DNS server with the records that a test gives it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use domain::base::iana::Rcode;
use domain::base::{Message, MessageBuilder, Name as WireName, Rtype, Ttl, UnknownRecordData};
use easement_zone::{Name, RecordData, RecordType};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, UdpSocket};

type Records = BTreeMap<(Name, RecordType), Vec<RecordData>>;

#[derive(Clone)]
pub(crate) struct FakeDns {
    pub(crate) address: SocketAddr,
    records: Arc<Mutex<Records>>,
    authority: Authority,
}

#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) enum Authority {
    Has,
    HasNot,
    Refuses,
}

impl FakeDns {
    pub(crate) async fn start() -> Self {
        Self::start_as(Authority::Has).await
    }

    pub(crate) async fn start_as(authority: Authority) -> Self {
        let (udp, tcp) = one_port().await;
        let address = udp.local_addr().unwrap();
        let server = Self {
            address,
            records: Arc::default(),
            authority,
        };
        let over_udp = server.clone();
        tokio::spawn(async move {
            let mut buffer = [0; 4096];
            while let Ok((length, peer)) = udp.recv_from(&mut buffer).await {
                let answer = over_udp.answer(&buffer[..length]);
                udp.send_to(&answer, peer).await.unwrap();
            }
        });
        let over_tcp = server.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = tcp.accept().await {
                let length = stream.read_u16().await.unwrap();
                let mut question = vec![0; length.into()];
                stream.read_exact(&mut question).await.unwrap();
                let answer = over_tcp.answer(&question);
                let length = u16::try_from(answer.len()).unwrap();
                stream.write_u16(length).await.unwrap();
                stream.write_all(&answer).await.unwrap();
            }
        });
        server
    }

    pub(crate) fn put(&self, owner: &str, data: RecordData) {
        let key = (owner.parse().unwrap(), data.rtype());
        let mut records = self.records.lock().unwrap();
        records.entry(key).or_default().push(data);
    }

    pub(crate) fn txt(&self, owner: &str, text: &str) {
        self.put(owner, RecordData::txt(text.as_bytes()).unwrap());
    }

    pub(crate) fn alias(&self, owner: &str, target: &str) {
        let target = target.parse().unwrap();
        self.put(owner, RecordData::name(RecordType::CNAME, &target));
    }

    fn answer(&self, question: &[u8]) -> Vec<u8> {
        let question = Message::from_octets(question.to_vec()).unwrap();
        let asked = question.sole_question().unwrap();
        let name: Name = asked.qname().to_string().parse().unwrap();
        let rtype = RecordType::from_number(asked.qtype().to_int());
        let code = match self.authority {
            Authority::Has | Authority::HasNot => Rcode::NOERROR,
            Authority::Refuses => Rcode::REFUSED,
        };
        let mut builder = MessageBuilder::new_vec()
            .start_answer(&question, code)
            .unwrap();
        builder
            .header_mut()
            .set_aa(self.authority == Authority::Has);
        let records = self.records.lock().unwrap();
        let there = records
            .get(&(name.clone(), rtype))
            .or_else(|| records.get(&(name.clone(), RecordType::CNAME)));
        let owner = WireName::from_octets(name.as_wire()).unwrap();
        for data in there.into_iter().flatten() {
            let rtype = Rtype::from_int(data.rtype().number());
            let data = UnknownRecordData::from_octets(rtype, data.as_wire()).unwrap();
            builder
                .push((owner.clone(), Ttl::from_secs(60), data))
                .unwrap();
        }
        builder.finish()
    }
}

/// A port that is free for both; another program may have it for one.
async fn one_port() -> (UdpSocket, TcpListener) {
    loop {
        let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        if let Ok(tcp) = TcpListener::bind(udp.local_addr().unwrap()).await {
            return (udp, tcp);
        }
    }
}
