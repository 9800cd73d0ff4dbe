//! Over TLS: handshakes that stop, and connections that are encrypted and then silent.

use easement_outbound::SystemClock;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore};
use tempfile::TempDir;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::*;

/// A certificate for `localhost`, in the files of a server and as its clients want it.
struct Pair {
    tls: Tls,
    client: Arc<ClientConfig>,
}

impl Pair {
    async fn make() -> Self {
        // Fails when another test of the process has done it.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let folder = TempDir::new().unwrap();
        let [certificate, key] = ["chain.pem", "key.pem"].map(|name| folder.path().join(name));
        std::fs::write(&certificate, made.cert.pem()).unwrap();
        std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        let clock = Arc::new(SystemClock);
        let tls = Tls::from_files((&certificate, &key), clock, Arc::default());
        let mut roots = RootCertStore::empty();
        roots.add(made.cert.der().clone()).unwrap();
        let client = ClientConfig::builder()
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self {
            tls: tls.await.unwrap(),
            client: Arc::new(client),
        }
    }

    fn host(&self, patience: Patience) -> SocketAddr {
        let host = Host {
            patience,
            tls: Some(self.tls.clone()),
            ..Host::default()
        };
        host.start()
    }

    async fn connect(&self, address: SocketAddr) -> TlsStream<TcpStream> {
        let stream = TcpStream::connect(address).await.unwrap();
        let connector = TlsConnector::from(Arc::clone(&self.client));
        connector.connect(name(), stream).await.unwrap()
    }

    /// The first message of a client.
    fn hello(&self) -> Vec<u8> {
        let mut connection = ClientConnection::new(Arc::clone(&self.client), name()).unwrap();
        let mut hello = Vec::new();
        connection.write_tls(&mut hello).unwrap();
        hello
    }
}

fn name() -> ServerName<'static> {
    "localhost".try_into().unwrap()
}

async fn read_to_the_end(stream: &mut TlsStream<TcpStream>) -> Vec<u8> {
    let mut said = Vec::new();
    let mut buffer = [0; 4096];
    // The server may end the connection without saying so.
    while let Ok(count @ 1..) = stream.read(&mut buffer).await {
        said.extend_from_slice(&buffer[..count]);
    }
    said
}

#[tokio::test]
async fn handshakes_that_stop_are_not_waited_for() {
    let pair = Pair::make().await;
    let address = pair.host(Patience {
        first: HASTE,
        ..ENDLESS
    });
    let hello = pair.hello();
    let half = hello.len() / 2;
    assert!(send(address, b"").await.is_empty());
    assert!(send(address, &hello[..3]).await.is_empty());
    assert!(send(address, &hello[..half]).await.is_empty());
    // The server says its part, and waits for the end that never comes.
    let said = send(address, &hello).await;
    assert_eq!(said.first(), Some(&22), "a handshake: {said:?}");
    // Nor does it help to go on, an octet at a time.
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut read, mut write) = stream.into_split();
    let slowly = async {
        for octet in hello.iter().cycle() {
            if write.write_all(&[*octet]).await.is_err() {
                return;
            }
            sleep(OFTEN).await;
        }
    };
    let mut nothing = Vec::new();
    tokio::select! {
        () = slowly => {}
        _ = read.read_to_end(&mut nothing) => {}
    }
    let mut honest = pair.connect(address).await;
    let ask = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    honest.write_all(ask).await.unwrap();
    let said = read_to_the_end(&mut honest).await;
    assert!(said.ends_with(b"hello"), "{}", said.escape_ascii());
}

#[tokio::test]
async fn encrypted_connections_without_a_request_are_not_waited_for() {
    let pair = Pair::make().await;
    let address = pair.host(Patience {
        silence: HASTE,
        ..ENDLESS
    });
    for sent in [&b""[..], b"P", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
        let mut stream = pair.connect(address).await;
        stream.write_all(sent).await.unwrap();
        stream.flush().await.unwrap();
        read_to_the_end(&mut stream).await;
    }
    // Nor when something comes, and never a request.
    for (begin, piece) in [
        (
            &b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Filler: "[..],
            &b"x"[..],
        ),
        (
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
            b"\0\0\x08\x06\0\0\0\0\0abcdefgh",
        ),
    ] {
        let mut stream = pair.connect(address).await;
        stream.write_all(begin).await.unwrap();
        while stream.write_all(piece).await.is_ok() && stream.flush().await.is_ok() {
            sleep(OFTEN).await;
        }
    }
}
