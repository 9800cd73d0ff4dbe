//! Floods from forged addresses, and honest clients in the middle of them.
//!
//! Loopback has 16 million addresses, so many networks can be played on one machine. The clock stands
//! still: what is within a limit does not depend on how fast the machine is.

use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use domain::base::Message;
use domain::base::iana::Rcode;
use easement_core::{Clock, Timestamp};
use easement_dns::{
    CookieSecrets, DnsServer, Features, ListenConfig, RateLimiter, ResponseRates, RunningServer,
    Transport,
};

use crate::sockets::{PATIENCE, address_in, question, receive_tcp, send_tcp};
use crate::world::{a, hosted, zone};

const PER_SECOND: u32 = 20;
/// How many messages of the flood are on their way at any time, unless some got lost.
const MAX_WAITING: u64 = 100;
const MAX_YIELDS: usize = 1000;
/// A datagram may get lost among so many.
const TRY_AGAIN: Duration = Duration::from_millis(250);
const TRIES: usize = 200;

struct Standstill;

impl Clock for Standstill {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(1_800_000_000_000_000)
    }
}

fn start() -> RunningServer {
    let records = [a("www.example.test", 1), a("*.wild.example.test", 2)];
    let zones = hosted([zone("example.test", records)]);
    let rates = ResponseRates {
        per_second: PER_SECOND.try_into().unwrap(),
        slip: 2,
        exempt: Vec::new(),
        ..ResponseRates::default()
    };
    let features = Features {
        cookies: Some(CookieSecrets::daily([3; 16])),
        limiter: Some(RateLimiter::new(rates, [4; 16])),
        ..Features::default()
    };
    DnsServer::bind(&ListenConfig::on(["127.0.0.1:0".parse().unwrap()]))
        .unwrap()
        .with_features(features, Arc::new(Standstill))
        .serve(&zones)
        .unwrap()
}

fn client(address: &str, server: SocketAddr) -> UdpSocket {
    let client = UdpSocket::bind((address, 0)).unwrap();
    client.set_read_timeout(Some(TRY_AGAIN)).unwrap();
    client.connect(server).unwrap();
    client
}

/// Asks until there is an answer.
fn ask(client: &UdpSocket, query: &[u8]) -> Vec<u8> {
    let mut buffer = [0; 4096];
    for _ in 0..TRIES {
        client.send(query).unwrap();
        if let Ok(length) = client.recv(&mut buffer) {
            return buffer[..length].to_vec();
        }
    }
    panic!("no answer")
}

/// A query with a cookie option.
fn with_cookie(mut query: Vec<u8>, cookie: &[u8]) -> Vec<u8> {
    let length = u8::try_from(cookie.len()).unwrap();
    query[11] = 1;
    query.extend([
        0,
        0,
        41,
        4,
        208,
        0,
        0,
        0,
        0,
        0,
        length + 4,
        0,
        10,
        0,
        length,
    ]);
    query.extend(cookie);
    query
}

/// How many messages have been looked at.
fn handled(server: &RunningServer) -> u64 {
    let metrics = server.metrics();
    let answered = easement_dns::Rcode::ALL.map(|rcode| metrics.answered(Transport::Udp, rcode));
    answered.iter().sum::<u64>() + metrics.dropped(Transport::Udp)
}

/// Sends bad messages and questions for made-up names from these addresses until it is told to stop. It
/// is as fast as the server takes them: what is lost before it says nothing about the server.
fn flood(server: &RunningServer, from: &[String], stop: &AtomicBool, sent: &AtomicU64) {
    let address = server.local_addrs()[0];
    let sources: Vec<UdpSocket> = from.iter().map(|from| client(from, address)).collect();
    let mut number = 0_u32;
    while !stop.load(Ordering::Relaxed) {
        for source in &sources {
            number = number.wrapping_add(1);
            let message = match number % 6 {
                0 => question(1, &format!("x{number}.example.test")),
                1 => question(1, &format!("x{number}.wild.example.test")),
                2 => question(1, &format!("x{number}.example.com")),
                3 => question(1, "www.example.test")[..20].to_vec(),
                4 => with_cookie(question(1, "www.example.test"), &[7; 24]),
                _ => question(1, "www.example.test"),
            };
            // The system may refuse when its buffers are full.
            let _ = source.send(&message);
            sent.fetch_add(1, Ordering::Relaxed);
        }
        let is_behind = || sent.load(Ordering::Relaxed) > handled(server) + MAX_WAITING;
        for _ in 0..MAX_YIELDS {
            if !is_behind() {
                break;
            }
            std::thread::yield_now();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn honest_clients_are_answered_in_a_flood() {
    let server = start();
    let address = server.local_addrs()[0];
    let stop = AtomicBool::new(false);
    let sent = AtomicU64::new(0);
    std::thread::scope(|scope| {
        let hosts = 1..=20;
        let networks = ["127.66.1", "127.66.2"].map(|network| {
            hosts
                .clone()
                .map(|host| format!("{network}.{host}"))
                .collect()
        });
        let scattered: Vec<String> = hosts.map(|host| format!("127.{host}.66.3")).collect();
        for from in networks.into_iter().chain([scattered]) {
            let (server, stop, sent) = (&server, &stop, &sent);
            scope.spawn(move || flood(server, &from, stop, sent));
        }
        while sent.load(Ordering::Relaxed) < 20_000 {
            std::thread::yield_now();
        }
        // Other networks notice nothing but the odd loss.
        for number in 0..50 {
            let client = client(&format!("127.77.{number}.1"), address);
            let answer = ask(&client, &question(7, "www.example.test"));
            assert_eq!(address_in(&answer, 7), "192.0.2.1");
        }
        // In a flooded network, whoever shows a cookie is answered.
        let neighbour = client("127.66.1.200", address);
        let first = ask(
            &neighbour,
            &with_cookie(question(8, "www.example.test"), b"clientck"),
        );
        let cookie = first[first.len() - 24..].to_vec();
        assert_eq!(cookie[..8], *b"clientck");
        for _ in 0..2 * PER_SECOND {
            let query = with_cookie(question(9, "www.example.test"), &cookie);
            assert_eq!(address_in(&ask(&neighbour, &query), 9), "192.0.2.1");
        }
        // And whoever has none learns that TCP is the way.
        let plain = client("127.66.2.201", address);
        let short = ask(&plain, &question(10, "www.example.test"));
        let short = Message::from_octets(&short).unwrap();
        assert!(short.header().tc() && short.header().rcode() == Rcode::NOERROR);
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        for _ in 0..2 * PER_SECOND {
            send_tcp(&mut stream, &question(11, "www.example.test"));
            assert_eq!(address_in(&receive_tcp(&mut stream), 11), "192.0.2.1");
        }
        stop.store(true, Ordering::Relaxed);
    });
    let metrics = server.metrics();
    let shortened = metrics.shortened(Transport::Udp);
    assert!(metrics.dropped(Transport::Udp) > 1000 && shortened > 1000);
    let whole = handled(&server) - metrics.dropped(Transport::Udp) - shortened;
    let sent = sent.into_inner();
    assert!(whole < sent / 10, "{whole} whole answers to {sent} queries");
    server.shutdown().await;
}
