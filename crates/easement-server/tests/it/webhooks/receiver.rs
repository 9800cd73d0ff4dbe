//! A receiver of webhooks, over TLS.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// Long enough for every machine; only a test that fails waits for it.
const PATIENCE: Duration = Duration::from_mins(1);

/// What a receiver does with a request.
#[derive(Clone, Debug)]
pub(super) enum Behaviour {
    /// Answers with a status.
    Status(u16),
    /// Sends somebody elsewhere.
    Redirect(String),
    /// Says nothing, and keeps the connection as long as the sender does.
    Silent,
    /// Answers well, and never comes to an end.
    Endless,
    /// Never comes to the end of the head of its answer.
    EndlessHead,
    /// Answers in something else than HTTP.
    Nonsense,
}

/// What came.
#[derive(Clone, Debug)]
pub(super) struct Received {
    pub(super) line: String,
    pub(super) headers: HashMap<String, String>,
    pub(super) body: String,
}

impl Received {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(super) fn event(&self) -> String {
        self.json()["event"].as_str().unwrap().to_owned()
    }
}

pub(super) struct Receiver {
    pub(super) address: SocketAddr,
    connections: Arc<AtomicUsize>,
    open: Arc<Open>,
    next: Arc<Mutex<VecDeque<Behaviour>>>,
    received: mpsc::UnboundedReceiver<Received>,
    task: tokio::task::JoinHandle<()>,
}

impl Receiver {
    /// Listens at an address, and shows a certificate of this folder.
    pub(super) async fn start(ip: IpAddr, certificate: &Path) -> Self {
        Self::start_at(SocketAddr::new(ip, 0), certificate).await
    }

    pub(super) async fn start_at(address: SocketAddr, certificate: &Path) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let (sender, received) = mpsc::unbounded_channel();
        let address = listener.local_addr().unwrap();
        let (connections, next) = (Arc::<AtomicUsize>::default(), Arc::<Mutex<_>>::default());
        let open = Arc::<Open>::default();
        let acceptor = acceptor(certificate);
        let serving = serve(
            listener,
            acceptor,
            (Arc::clone(&connections), Arc::clone(&open)),
            Arc::clone(&next),
            sender,
        );
        Self {
            address,
            connections,
            open,
            next,
            received,
            task: tokio::spawn(serving),
        }
    }

    /// What it does with the next request that has no behaviour yet; later ones are taken.
    pub(super) fn then(&self, behaviour: Behaviour) {
        self.next.lock().unwrap().push_back(behaviour);
    }

    pub(super) async fn next(&mut self) -> Received {
        let received = timeout(PATIENCE, self.received.recv()).await;
        received.expect("nothing came").unwrap()
    }

    /// How many connections were made, whatever came of them.
    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// How many requests it had at most that were not answered, all at the same time.
    pub(super) fn most_at_once(&self) -> usize {
        self.open.most.load(Ordering::SeqCst)
    }

    /// Nobody listens at the address any more.
    pub(super) async fn stop(self) -> SocketAddr {
        self.task.abort();
        let _ = self.task.await;
        self.address
    }
}

/// Requests that are not answered yet.
#[derive(Default)]
struct Open {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Open {
    fn begin(&self) {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
    }

    fn end(&self) {
        self.now.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn serve(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    (connections, counts): (Arc<AtomicUsize>, Arc<Open>),
    next: Arc<Mutex<VecDeque<Behaviour>>>,
    sender: mpsc::UnboundedSender<Received>,
) {
    let mut open = tokio::task::JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        connections.fetch_add(1, Ordering::SeqCst);
        let (acceptor, next, sender) = (acceptor.clone(), Arc::clone(&next), sender.clone());
        let counts = Arc::clone(&counts);
        open.spawn(async move {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                return;
            };
            let Some(received) = read(&mut stream).await else {
                return;
            };
            let behaviour = next.lock().unwrap().pop_front();
            counts.begin();
            let _ = sender.send(received);
            let behaviour = behaviour.unwrap_or(Behaviour::Status(200));
            let _ = behave(&mut stream, behaviour).await;
            counts.end();
        });
    }
}

async fn read(stream: &mut TlsStream<TcpStream>) -> Option<Received> {
    let mut octets = Vec::new();
    loop {
        if let Some(received) = parse(&octets) {
            return Some(received);
        }
        let mut buffer = [0; 4096];
        let count = stream
            .read(&mut buffer)
            .await
            .ok()
            .filter(|count| *count > 0)?;
        octets.extend(&buffer[..count]);
    }
}

fn parse(octets: &[u8]) -> Option<Received> {
    let text = String::from_utf8(octets.to_vec()).unwrap();
    let (head, body) = text.split_once("\r\n\r\n")?;
    let (line, headers) = head.split_once("\r\n")?;
    let headers: HashMap<String, String> = headers
        .lines()
        .map(|line| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_lowercase(), value.to_owned())
        })
        .collect();
    let length: usize = headers["content-length"].parse().unwrap();
    (body.len() == length).then(|| Received {
        line: line.to_owned(),
        body: body.to_owned(),
        headers,
    })
}

async fn behave(stream: &mut TlsStream<TcpStream>, behaviour: Behaviour) -> std::io::Result<()> {
    let answer = match behaviour {
        Behaviour::Status(status) => {
            format!("HTTP/1.1 {status} Word\r\nContent-Length: 0\r\n\r\n")
        }
        Behaviour::Redirect(to) => {
            format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n")
        }
        Behaviour::Nonsense => "SSH-2.0-OpenSSH\r\n".to_owned(),
        Behaviour::Silent => return stream.read_to_end(&mut Vec::new()).await.map(|_| ()),
        Behaviour::Endless => {
            let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
            stream.write_all(head.as_bytes()).await?;
            loop {
                stream.write_all(b"400\r\n").await?;
                stream.write_all(&[b'x'; 0x400]).await?;
                stream.write_all(b"\r\n").await?;
            }
        }
        Behaviour::EndlessHead => {
            stream.write_all(b"HTTP/1.1 200 OK\r\n").await?;
            loop {
                stream.write_all(b"X-More: and more and more\r\n").await?;
            }
        }
    };
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await
}

//------------ Certificates ----------------------------------------------------------------------

fn acceptor(certificate: &Path) -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let chain = vec![CertificateDer::from_pem_file(certificate).unwrap()];
    let key = PrivateKeyDer::from_pem_file(certificate.with_extension("key")).unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// Makes `NAME.pem` and `NAME.key` for these subjects, its own authority.
pub(super) fn make_certificate(folder: &Path, name: &str, subjects: &str) {
    let config = format!(
        "[req]\ndistinguished_name=dn\nx509_extensions=ext\nprompt=no\n[dn]\nCN={name}\n\
         [ext]\nsubjectAltName={subjects}\nbasicConstraints=critical,CA:FALSE\n"
    );
    std::fs::write(folder.join("openssl.cnf"), config).unwrap();
    let (key, pem) = (format!("{name}.key"), format!("{name}.pem"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-nodes", "-days", "30", "-newkey", "ec"])
        .args(["-pkeyopt", "ec_paramgen_curve:prime256v1"])
        .args(["-config", "openssl.cnf", "-keyout", &key, "-out", &pem])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
}
