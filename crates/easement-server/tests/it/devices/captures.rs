//! What clients send, octet for octet, also of those that cannot be installed here. Only hosts, addresses and
//! secrets are those of the test.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::lab::{Dns, Lab};
use super::world::Token;

/// A request, with a line feed for each end of line, and `{token}`, `{basic}` and `{length}` for what a test fills in.
struct Capture {
    /// Who sends it, and when.
    client: &'static str,
    request: &'static str,
    status: u16,
    /// A part of the body; with `=` before it, the whole.
    body: &'static str,
    /// What DNS has afterwards: the addresses and texts of names.
    dns: &'static [(&'static str, &'static [&'static str])],
}

/// One after the other: what one leaves in DNS the next one finds there.
const DYNDNS2: &[Capture] = &[
    Capture {
        client: "ddclient 3.10",
        request: "GET /nic/update?system=dyndns&hostname=home.example.test&myip=9.9.9.10 HTTP/1.1\n\
                  Host: {host}\nAuthorization: Basic {basic}\nUser-Agent: ddclient/3.10.0\nConnection: close\n\n",
        status: 200,
        body: "=good 9.9.9.10",
        dns: &[("home.example.test", &["9.9.9.10"])],
    },
    Capture {
        client: "ddclient 3.10, two hosts in one request",
        request: "GET /nic/update?system=dyndns&hostname=home.example.test,nas.example.test&myip=9.9.9.11 HTTP/1.1\n\
                  Host: {host}\nAuthorization: Basic {basic}\nUser-Agent: ddclient/3.10.0\nConnection: close\n\n",
        status: 200,
        body: "=good 9.9.9.11\ngood 9.9.9.11",
        dns: &[
            ("home.example.test", &["9.9.9.11"]),
            ("nas.example.test", &["9.9.9.11"]),
        ],
    },
    Capture {
        client: "ddclient 3.10, IPv6 with colons as they are",
        request: "GET /nic/update?system=dyndns&hostname=home.example.test&myip=2620:fe::20 HTTP/1.1\n\
                  Host: {host}\nAuthorization: Basic {basic}\nUser-Agent: ddclient/3.10.0\nConnection: close\n\n",
        status: 200,
        body: "=good 9.9.9.11,2620:fe::20",
        dns: &[("home.example.test", &["9.9.9.11", "2620:fe::20"])],
    },
    Capture {
        client: "ddclient 3.10 with usev6 alone: no address. The one that the request comes from is none for DNS here",
        request: "GET /nic/update?system=dyndns&hostname=home.example.test&myip= HTTP/1.1\n\
                  Host: {host}\nAuthorization: Basic {basic}\nUser-Agent: ddclient/3.10.0\nConnection: close\n\n",
        status: 200,
        body: "=dnserr",
        dns: &[("home.example.test", &["9.9.9.11", "2620:fe::20"])],
    },
    Capture {
        client: "ddclient 3.10 with every option, and a wildcard",
        request: "GET /nic/update?system=statdns&hostname=*.nas.example.test&myip=9.9.9.12&wildcard=ON\
                  &mx=mail.example.test&backmx=YES HTTP/1.1\n\
                  Host: {host}\nAuthorization: Basic {basic}\nUser-Agent: ddclient/3.10.0\nConnection: close\n\n",
        status: 200,
        body: "=good 9.9.9.12",
        dns: &[
            ("any.nas.example.test", &["9.9.9.12"]),
            ("nas.example.test", &["9.9.9.11"]),
        ],
    },
    Capture {
        client: "ddclient 4, both families with a comma",
        request: "GET /nic/update?hostname=home.example.test&myip=9.9.9.13,2620:fe::13 HTTP/1.1\n\
                  Host: {host}\nAuthorization: Basic {basic}\nUser-Agent: ddclient/4.0.1\nConnection: close\n\n",
        status: 200,
        body: "=good 9.9.9.13,2620:fe::13",
        dns: &[("home.example.test", &["9.9.9.13", "2620:fe::13"])],
    },
    Capture {
        client: "inadyn 2.10",
        request: "GET /nic/update?hostname=home.example.test&myip=9.9.9.13 HTTP/1.0\n\
                  Host: {host}\nAuthorization: Basic {basic}\n\
                  User-Agent: inadyn/2.10.0 https://github.com/troglobit/inadyn/issues\n\n",
        status: 200,
        body: "=nochg 9.9.9.13,2620:fe::13",
        dns: &[],
    },
    Capture {
        client: "inadyn 2.10, IPv6 in capitals of the encoding as it writes them",
        request: "GET /nic/update?hostname=home.example.test&myip=2620%3afe%3a%3a14 HTTP/1.0\n\
                  Host: {host}\nAuthorization: Basic {basic}\n\
                  User-Agent: inadyn/2.10.0 https://github.com/troglobit/inadyn/issues\n\n",
        status: 200,
        body: "=good 9.9.9.13,2620:fe::14",
        dns: &[("home.example.test", &["9.9.9.13", "2620:fe::14"])],
    },
    Capture {
        client: "dyndnsc",
        request: "GET /nic/update?myip=2620%3Afe%3A%3A15&hostname=home.example.test HTTP/1.1\n\
                  Host: {host}\nUser-Agent: python-dyndnsc/0.6.1\nAccept-Encoding: gzip, deflate\nAccept: */*\n\
                  Connection: keep-alive\nAuthorization: Basic {basic}\n\n",
        status: 200,
        body: "=good 9.9.9.13,2620:fe::15",
        dns: &[],
    },
    Capture {
        client: "ddns, which waits for a challenge",
        request: "GET /nic/update?hostname=home.example.test&myip=9.9.9.16 HTTP/1.1\n\
                  Host: {host}\nUser-Agent: DDNS/4.2.0 (ddns@newfuture.cc)\nConnection: close\n\n",
        status: 401,
        body: "=badauth",
        dns: &[("home.example.test", &["9.9.9.13", "2620:fe::15"])],
    },
    Capture {
        client: "ddns for Hurricane Electric, the token in a form",
        request: "POST /nic/update HTTP/1.1\n\
                  Host: {host}\nContent-Type: application/x-www-form-urlencoded\nContent-Length: {length}\n\
                  Connection: close\n\n\
                  hostname=home.example.test&myip=9.9.9.16&password={token}",
        status: 200,
        body: "=good 9.9.9.16,2620:fe::15",
        dns: &[("home.example.test", &["9.9.9.16", "2620:fe::15"])],
    },
    Capture {
        client: "noipy",
        request: "GET /nic/update?hostname=home.example.test&myip=9.9.9.16&wildcard=NOCHG&mx=NOCHG&backmx=NOCHG \
                  HTTP/1.1\n\
                  Host: {host}\nUser-Agent: noipy/2.0.0 noipy@pv8.io\nAuthorization: Basic {basic}\n\n",
        status: 200,
        body: "=nochg 9.9.9.16,2620:fe::15",
        dns: &[],
    },
    Capture {
        client: "a router that knows HTTP/1.0 without a host",
        request: "GET /nic/update?hostname=home.example.test&myip=9.9.9.17 HTTP/1.0\nAuthorization: Basic {basic}\n\n",
        status: 200,
        body: "=good 9.9.9.17,2620:fe::15",
        dns: &[("home.example.test", &["9.9.9.17", "2620:fe::15"])],
    },
    Capture {
        client: "a token of another",
        request: "GET /nic/update?hostname=home.example.test&myip=9.9.9.66 HTTP/1.0\n\
                  Host: {host}\nAuthorization: Basic ZGV2aWNlOndyb25n\n\n",
        status: 200,
        body: "=badauth",
        dns: &[("home.example.test", &["9.9.9.17", "2620:fe::15"])],
    },
    Capture {
        client: "lego's DuckDNS, which gives the name of the text",
        request: "GET /update?clear=false&domains=home.example.test&token={token}&txt=abc HTTP/1.1\n\
                  Host: {host}\nUser-Agent: Go-http-client/1.1\nAccept-Encoding: gzip\n\n",
        status: 200,
        body: "=OK",
        dns: &[("_acme-challenge.home.example.test", &["abc"])],
    },
];

const APERTODNS: &[Capture] = &[
    Capture {
        client: "apertodns-client 2.1, info()",
        request: "GET /.well-known/apertodns/v1/info HTTP/1.1\n\
                  Host: {host}\nAccept: application/json\nUser-Agent: apertodns-client/1.0.0\n\
                  X-Request-ID: 4a0c2b9e-8f0a-4a53-9f0a-1d2f6e0f4f11\n\n",
        status: 200,
        body: r#"{"success":true,"data":{"#,
        dns: &[],
    },
    Capture {
        client: "apertodns-client 2.1, update()",
        request: "POST /.well-known/apertodns/v1/update HTTP/1.1\n\
                  Host: {host}\nAccept: application/json\nContent-Type: application/json\n\
                  User-Agent: apertodns-client/1.0.0\nX-Request-ID: 4a0c2b9e-8f0a-4a53-9f0a-1d2f6e0f4f11\n\
                  Authorization: Bearer {token}\nContent-Length: {length}\n\n\
                  {\"hostname\":\"home.example.test\",\"ipv4\":\"9.9.9.40\",\"ipv6\":\"2620:fe::40\",\"ttl\":300}",
        status: 200,
        body: r#"{"success":true,"data":{"#,
        dns: &[("home.example.test", &["9.9.9.40", "2620:fe::40"])],
    },
    Capture {
        client: "apertodns-client 2.1, setTxt()",
        request: "POST /.well-known/apertodns/v1/update HTTP/1.1\n\
                  Host: {host}\nAccept: application/json\nContent-Type: application/json\n\
                  User-Agent: apertodns-client/1.0.0\nX-Request-ID: 4a0c2b9e-8f0a-4a53-9f0a-1d2f6e0f4f11\n\
                  Authorization: Bearer {token}\nContent-Length: {length}\n\n\
                  {\"hostname\":\"home.example.test\",\
                  \"txt\":{\"name\":\"_acme-challenge\",\"value\":\"tok\",\"action\":\"set\"}}",
        status: 200,
        body: r#"{"success":true,"#,
        dns: &[
            ("_acme-challenge.home.example.test", &["tok"]),
            ("home.example.test", &["9.9.9.40", "2620:fe::40"]),
        ],
    },
    Capture {
        client: "apertodns-client 2.1, deleteTxt() without a value",
        request: "POST /.well-known/apertodns/v1/update HTTP/1.1\n\
                  Host: {host}\nAccept: application/json\nContent-Type: application/json\n\
                  User-Agent: apertodns-client/1.0.0\nX-Request-ID: 4a0c2b9e-8f0a-4a53-9f0a-1d2f6e0f4f11\n\
                  Authorization: Bearer {token}\nContent-Length: {length}\n\n\
                  {\"hostname\":\"home.example.test\",\"txt\":{\"name\":\"_acme-challenge\",\"action\":\"delete\"}}",
        status: 200,
        body: r#"{"success":true,"#,
        dns: &[("_acme-challenge.home.example.test", &[])],
    },
    Capture {
        client: "apertodns-client 2.1, bulkUpdate()",
        request: "POST /.well-known/apertodns/v1/bulk-update HTTP/1.1\n\
                  Host: {host}\nAccept: application/json\nContent-Type: application/json\n\
                  User-Agent: apertodns-client/1.0.0\nX-Request-ID: 4a0c2b9e-8f0a-4a53-9f0a-1d2f6e0f4f11\n\
                  Authorization: Bearer {token}\nContent-Length: {length}\n\n\
                  {\"updates\":[{\"hostname\":\"home.example.test\",\"ipv4\":\"9.9.9.41\"},\
                  {\"hostname\":\"nas.example.test\",\"ipv4\":\"9.9.9.42\"}],\"defaults\":{\"ttl\":60}}",
        status: 200,
        body: r#""successful":2"#,
        dns: &[
            ("home.example.test", &["9.9.9.41", "2620:fe::40"]),
            ("nas.example.test", &["9.9.9.42"]),
        ],
    },
    Capture {
        client: "apertodns-client 2.1, its own form of /nic/update",
        request: "GET /nic/update?hostname=home.example.test&myip=9.9.9.43 HTTP/1.1\n\
                  Host: {host}\nAccept: */*\nUser-Agent: apertodns-client/1.0.0\nAuthorization: Basic {basic}\n\n",
        status: 200,
        body: "=good 9.9.9.43,2620:fe::40",
        dns: &[],
    },
    Capture {
        client: "apertodns-client 2.1 with a token that is none",
        request: "GET /.well-known/apertodns/v1/domains HTTP/1.1\n\
                  Host: {host}\nAccept: application/json\nUser-Agent: apertodns-client/1.0.0\n\
                  Authorization: Bearer easement_live_none\n\n",
        status: 401,
        body: r#"{"success":false,"error":{"code":"invalid_token""#,
        dns: &[],
    },
    Capture {
        client: "acme.sh with the hook of ApertoDNS",
        request: "POST /.well-known/apertodns/v1/update HTTP/1.1\n\
                  Host: {host}\nUser-Agent: acme.sh/3.1.2 (https://github.com/acmesh-official/acme.sh)\nAccept: */*\n\
                  Authorization: Bearer {token}\nContent-Type: application/json\nContent-Length: {length}\n\n\
                  {\"hostname\":\"example.test\",\"txt\":{\"name\":\"_acme-challenge\",\
                  \"value\":\"XKrxpRBosdIKFzxW_CT3KLZNf6q0HG9i01zxXp5CPBs\",\"action\":\"set\"}}",
        status: 200,
        body: r#""success":true"#,
        dns: &[(
            "_acme-challenge.example.test",
            &["XKrxpRBosdIKFzxW_CT3KLZNf6q0HG9i01zxXp5CPBs"],
        )],
    },
    Capture {
        client: "acme.sh with acme-dns makes an account. It looks for each member with a pattern, on one line",
        request: "POST /acme-dns/{invitation}/register HTTP/1.1\n\
                  Host: {host}\nUser-Agent: acme.sh/3.1.2 (https://github.com/acmesh-official/acme.sh)\nAccept: */*\n\
                  Content-Length: 0\nContent-Type: application/x-www-form-urlencoded\n\n",
        status: 201,
        body: r#"{"username":""#,
        dns: &[],
    },
];

/// What came back.
struct Reply {
    status: u16,
    head: String,
    body: String,
}

impl Reply {
    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().skip(1);
        lines.find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

/// Sends a request on a connection of its own. The answer has a length, as old clients need, and the connection ends
/// with it when the client wants or expects that.
fn exchange(server: SocketAddr, request: &str) -> Reply {
    let mut stream = TcpStream::connect(server).unwrap();
    let patience = Some(Duration::from_secs(20));
    stream.set_read_timeout(patience).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut octets = Vec::new();
    let end = loop {
        if let Some(end) = octets.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        let mut some = [0; 1024];
        let count = stream.read(&mut some).unwrap();
        assert_ne!(count, 0, "a whole head");
        octets.extend_from_slice(&some[..count]);
    };
    let mut body = octets.split_off(end + 4);
    let head = String::from_utf8(octets).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let mut reply = Reply {
        status,
        head,
        body: String::new(),
    };
    assert_eq!(reply.header("transfer-encoding"), None, "{}", reply.head);
    let length: usize = reply.header("content-length").unwrap().parse().unwrap();
    let missing = length - body.len();
    let start = body.len();
    body.resize(length, 0);
    stream
        .read_exact(&mut body[start..start + missing])
        .unwrap();
    let ends = request.contains("HTTP/1.0\r\n") || request.contains("Connection: close\r\n");
    if ends {
        let more = stream.read(&mut [0]).unwrap();
        assert_eq!(
            more, 0,
            "the server closes the connection, and sends no more"
        );
    }
    reply.body = String::from_utf8(body).unwrap();
    reply
}

/// The request as it goes over the wire.
fn fill_in(template: &str, lab: &Lab, invitation: &str) -> String {
    let basic = BASE64_STANDARD.encode(format!("user:{}", lab.token));
    let (head, body) = template.split_once("\n\n").unwrap();
    let body = body.replace("{token}", &lab.token);
    let head = head
        .replace("{host}", &lab.web().to_string())
        .replace("{token}", &lab.token)
        .replace("{basic}", &basic)
        .replace("{invitation}", invitation)
        .replace("{length}", &body.len().to_string())
        .replace('\n', "\r\n");
    format!("{head}\r\n\r\n{body}")
}

fn replay(capture: &Capture, lab: &Lab, invitation: &str) {
    let client = capture.client;
    let reply = exchange(lab.web(), &fill_in(capture.request, lab, invitation));
    assert_eq!(reply.status, capture.status, "{client}: {}", reply.body);
    match capture.body.strip_prefix('=') {
        Some(whole) => assert_eq!(reply.body, whole, "{client}"),
        None => assert!(
            reply.body.contains(capture.body),
            "{client}: {}",
            reply.body
        ),
    }
    if capture.request.contains("/nic/update") {
        assert_eq!(
            reply.header("content-type"),
            Some("text/plain; charset=utf-8"),
            "{client}"
        );
        let challenge = reply.header("www-authenticate");
        assert_eq!(challenge.is_some(), reply.status == 401, "{client}");
    }
    if capture.request.contains("X-Request-ID") {
        let id = reply.header("x-request-id");
        assert_eq!(id, Some("4a0c2b9e-8f0a-4a53-9f0a-1d2f6e0f4f11"), "{client}");
    }
    for (name, expected) in capture.dns {
        assert_eq!(found(lab.dns(), name), *expected, "{client}: {name}");
    }
}

/// The addresses and texts of a name.
fn found(dns: Dns, name: &str) -> Vec<String> {
    let mut found = dns.addresses(name);
    found.extend(dns.texts(name));
    found
}

async fn replay_all(captures: &[Capture]) {
    let everything = Token {
        types: &["A", "AAAA", "TXT"],
        in_url: true,
        ..Token::for_names(&["**.example.test"])
    };
    let lab = Lab::start(everything).await;
    let invitation = Token {
        types: &["TXT"],
        in_url: true,
        ..Token::for_names(&["*.acme.example.test"])
    };
    let invitation = lab.world.token(invitation).await;
    tokio::task::block_in_place(|| {
        for capture in captures {
            replay(capture, &lab, &invitation);
        }
    });
    lab.assert_not_logged(&[&lab.token, &invitation]);
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_of_dyndns2_are_understood() {
    Box::pin(replay_all(DYNDNS2)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_of_apertodns_and_acme_dns_are_understood() {
    Box::pin(replay_all(APERTODNS)).await;
}
