//! UDP and TCP through real sockets.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::time::Duration;

use domain::base::iana::{Class, Rcode, Rtype};
use domain::base::{Message, MessageBuilder, Name};
use domain::rdata::{A, Txt};
use easement_dns::{
    BindError, BoundSockets, DnsServer, ListenConfig, RunningServer, TcpLimits, Transport,
};
use easement_zone::{RecordData, RecordSet, Ttl};

use crate::world::{a, hosted, name, zone};

/// Long enough for any machine; nothing waits so long when all is well.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn question(id: u16, name: &str) -> Vec<u8> {
    question_of_type(id, name, Rtype::A)
}

pub(crate) fn question_of_type(id: u16, name: &str, rtype: Rtype) -> Vec<u8> {
    let mut builder = MessageBuilder::new_vec();
    builder.header_mut().set_id(id);
    let mut builder = builder.question();
    let name: Name<Vec<u8>> = name.parse().unwrap();
    builder.push((name, rtype, Class::IN)).unwrap();
    builder.finish()
}

pub(crate) fn address_in(octets: &[u8], id: u16) -> String {
    let message = Message::from_octets(octets).unwrap();
    assert_eq!(message.header().id(), id);
    assert_eq!(message.header().rcode(), Rcode::NOERROR);
    assert!(message.header().aa());
    let mut records = message.answer().unwrap().limit_to::<A>();
    records.next().unwrap().unwrap().data().to_string()
}

pub(crate) fn udp_client(server: SocketAddr) -> UdpSocket {
    let any = if server.is_ipv4() {
        "0.0.0.0:0"
    } else {
        "[::]:0"
    };
    let client = UdpSocket::bind(any).unwrap();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    client.connect(server).unwrap();
    client
}

fn ask_udp(client: &UdpSocket, id: u16, name: &str) -> String {
    client.send(&question(id, name)).unwrap();
    let mut buffer = [0; 4096];
    let length = client.recv(&mut buffer).unwrap();
    address_in(&buffer[..length], id)
}

pub(crate) fn send_tcp(stream: &mut TcpStream, message: &[u8]) {
    let length = u16::try_from(message.len()).unwrap().to_be_bytes();
    stream.write_all(&[&length, message].concat()).unwrap();
}

pub(crate) fn receive_tcp(stream: &mut TcpStream) -> Vec<u8> {
    let mut length = [0; 2];
    stream.read_exact(&mut length).unwrap();
    let mut message = vec![0; u16::from_be_bytes(length).into()];
    stream.read_exact(&mut message).unwrap();
    message
}

pub(crate) fn start(addresses: &[&str]) -> RunningServer {
    start_with(addresses, TcpLimits::default())
}

pub(crate) fn start_with(addresses: &[&str], limits: TcpLimits) -> RunningServer {
    let texts = (0..240u8).map(|number| RecordData::txt(&[number; 250]).unwrap());
    let zones = hosted([zone(
        "example.test",
        [
            a("www.example.test", 1),
            a("*.many.example.test", 2),
            RecordSet::new(name("large.example.test"), Ttl::HOUR, texts).unwrap(),
        ],
    )]);
    let mut config = ListenConfig::on(addresses.iter().map(|address| address.parse().unwrap()));
    config.tcp = limits;
    DnsServer::bind(&config).unwrap().serve(&zones).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn udp_and_tcp_answer_on_every_address() {
    let server = start(&["127.0.0.1:0", "[::1]:0"]);
    for address in server.local_addrs() {
        assert_eq!(
            ask_udp(&udp_client(*address), 7, "www.example.test"),
            "192.0.2.1"
        );
        let mut stream = TcpStream::connect(address).unwrap();
        send_tcp(&mut stream, &question(9, "www.example.test"));
        assert_eq!(address_in(&receive_tcp(&mut stream), 9), "192.0.2.1");
    }
    assert_eq!(
        server
            .metrics()
            .answered(Transport::Udp, easement_dns::Rcode::NoError),
        2
    );
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_comes_from_the_address_that_was_asked() {
    let server = start(&["0.0.0.0:0"]);
    let port = server.local_addrs()[0].port();
    for host in ["127.0.0.1", "127.0.0.9"] {
        // A connected socket takes no answer from anywhere else.
        let client = udp_client(format!("{host}:{port}").parse().unwrap());
        assert_eq!(ask_udp(&client, 1, "www.example.test"), "192.0.2.1");
    }
    server.shutdown().await;
}

/// As a service manager binds `[::]`, which takes IPv4 too unless it is told otherwise.
#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_was_handed_over_may_be_of_both_families() {
    let udp = UdpSocket::bind("[::]:0").unwrap();
    let address = udp.local_addr().unwrap();
    let tcp = TcpListener::bind(address).unwrap();
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    let alone = elsewhere.local_addr().unwrap();
    let sockets = BoundSockets {
        udp: vec![udp],
        tcp: vec![elsewhere, tcp],
    };
    let zones = hosted([zone("example.test", [a("www.example.test", 1)])]);
    let server = DnsServer::adopt(sockets, &ListenConfig::on([])).unwrap();
    let server = server.serve(&zones).unwrap();
    assert_eq!(server.local_addrs(), [address, alone]);
    for host in ["127.0.0.1", "127.0.0.9", "[::1]"] {
        let address = format!("{host}:{}", address.port()).parse().unwrap();
        let client = udp_client(address);
        for id in 0..50 {
            assert_eq!(ask_udp(&client, id, "www.example.test"), "192.0.2.1");
        }
    }
    for address in [SocketAddr::from(([127, 0, 0, 1], address.port())), alone] {
        let mut stream = TcpStream::connect(address).unwrap();
        send_tcp(&mut stream, &question(9, "www.example.test"));
        assert_eq!(address_in(&receive_tcp(&mut stream), 9), "192.0.2.1");
    }
    server.shutdown().await;
    let error = DnsServer::adopt(BoundSockets::default(), &ListenConfig::on([])).unwrap_err();
    assert!(matches!(error, BindError::NoAddress));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_queries_at_once_are_all_answered() {
    let server = start(&["127.0.0.1:0"]);
    let client = udp_client(server.local_addrs()[0]);
    for id in 0..200 {
        client
            .send(&question(id, &format!("n{id}.many.example.test")))
            .unwrap();
    }
    let mut seen = vec![false; 200];
    let mut buffer = [0; 4096];
    for _ in 0..200 {
        let length = client.recv(&mut buffer).unwrap();
        let id = u16::from_be_bytes([buffer[0], buffer[1]]);
        assert_eq!(address_in(&buffer[..length], id), "192.0.2.2");
        seen[usize::from(id)] = true;
    }
    assert!(seen.into_iter().all(|seen| seen));
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_deserves_no_answer_does_not_disturb_the_others() {
    let server = start(&["127.0.0.1:0"]);
    let others: Vec<UdpSocket> = (0..8)
        .map(|_| udp_client(server.local_addrs()[0]))
        .collect();
    for (id, client) in (0..).zip(&others) {
        client.send(b"no query").unwrap();
        client.send(&question(id, "www.example.test")).unwrap();
    }
    for (id, client) in (0..).zip(&others) {
        let mut buffer = [0; 4096];
        let length = client.recv(&mut buffer).unwrap();
        assert_eq!(address_in(&buffer[..length], id), "192.0.2.1");
    }
    let ignored = server.metrics().ignored(Transport::Udp);
    assert_eq!(ignored, 8);
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_a_datagram_comes_whole_over_tcp() {
    let server = start(&["127.0.0.1:0"]);
    let address = server.local_addrs()[0];
    let query = question_of_type(3, "large.example.test", Rtype::TXT);
    let client = udp_client(address);
    client.send(&query).unwrap();
    let mut buffer = [0; 4096];
    let length = client.recv(&mut buffer).unwrap();
    let short = Message::from_octets(&buffer[..length]).unwrap();
    assert!(short.header().tc());
    assert_eq!(short.header_counts().ancount(), 0);
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    send_tcp(&mut stream, &query);
    let whole = Message::from_octets(receive_tcp(&mut stream)).unwrap();
    assert!(!whole.header().tc());
    let records = whole.answer().unwrap().limit_to::<Txt<_>>();
    assert_eq!(records.map(Result::unwrap).count(), 240);
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_used_address_is_refused_by_name() {
    let server = start(&["127.0.0.1:0"]);
    let address = server.local_addrs()[0];
    let error = DnsServer::bind(&ListenConfig::on([address])).unwrap_err();
    assert!(matches!(error, BindError::InUse { .. }), "{error:?}");
    let text = error.to_string();
    assert!(
        text.contains(&address.to_string()) && text.contains("another"),
        "{text}"
    );
    server.shutdown().await;
    let again = DnsServer::bind(&ListenConfig::on([address])).unwrap();
    drop(again);
}

#[test]
fn addresses_that_cannot_be_taken_say_why() {
    let error = DnsServer::bind(&ListenConfig::on([])).unwrap_err();
    assert!(matches!(error, BindError::NoAddress));
    let elsewhere = "192.0.2.1:5300".parse().unwrap();
    let error = DnsServer::bind(&ListenConfig::on([elsewhere])).unwrap_err();
    assert!(matches!(error, BindError::NotLocal { .. }), "{error}");
}
