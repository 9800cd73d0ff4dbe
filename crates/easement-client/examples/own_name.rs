//! An app on a machine without a name gets one that its owner chooses.
//!
//! It asks a server of NameDrop for a name that stands for its address, gets a certificate for that, and has the owner
//! sent back to it over TLS, with a name that they chose. That then leads here. Nobody typed anything but "yes".
//!
//!     cargo run -p easement-client --example own_name -- server=https://dns.example/namedrop \
//!         acme=https://acme-v02.api.letsencrypt.org/directory http=0.0.0.0:80 https=0.0.0.0:443
//!
//! In a laboratory, `root=FILE` is the certificate of the authority's own server, and `lab` reaches servers on this
//! machine, also in plain HTTP.
#![expect(clippy::print_stdout, reason = "an example says what it does")]

use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use easement_client::{
    AuthorizationCode, Client, NameDrop, NameRecord, NamesRequest, PendingNames, PlainHttp,
    RecordPlace,
};
use easement_zone::{Name, RecordType};
use instant_acme::{
    Account, AuthorizationStatus, ChallengeType, Identifier, NewAccount, NewOrder, Order,
    RetryPolicy,
};
use namedrop::Scope;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

type Failed = Box<dyn Error + Send + Sync>;

/// The longest request that is read.
const MAX_REQUEST: usize = 16 * 1024;
/// Where the owner's browser comes back.
const DONE: &str = "/done";

#[tokio::main]
async fn main() -> Result<(), Failed> {
    let options = Options::read()?;
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let mut client = Client::builder();
    if options.is_lab {
        client = client.plain_http(PlainHttp::ToLoopback);
    }
    let names = NameDrop::new(client.build()?, &options.server)?;

    let address = names.my_ip().await?;
    let temporary = names.temp_subdomain().await?;
    println!("{address} is {} for some minutes", temporary.to_text());

    let certificate = get_certificate(&options, &temporary).await?;
    println!("there is a certificate for it");

    // Bound before the owner is sent here.
    let listener = TcpListener::bind(options.https).await?;
    let port = listener.local_addr()?.port();
    let back = format!("https://{}:{port}{DONE}", temporary.to_text()).parse()?;
    let (link, pending) = names.begin(&NamesRequest::new([Scope::Hosts], back))?;
    println!("open this link, and choose a name: {link}");
    let code = wait_for_owner(listener, certificate, &pending).await?;

    let access = names.exchange(pending, code).await?;
    // What an app keeps: here it ends with the example.
    let chosen = access.permissions.iter().next();
    let chosen = chosen.ok_or("the owner gave nothing that is understood here")?;
    let place = RecordPlace {
        domain: Some(chosen.domain().clone()),
        host: Some(chosen.host().to_string()),
    };
    let rtype = match address {
        IpAddr::V4(_) => RecordType::A,
        IpAddr::V6(_) => RecordType::AAAA,
    };
    let record = NameRecord::new(rtype, address.to_string());
    names.set_records(&access, &place, &[record]).await?;
    println!("{} leads here now", chosen.name().to_text());
    Ok(())
}

//------------ Options ---------------------------------------------------------------------------

struct Options {
    server: String,
    acme: String,
    root: Option<String>,
    http: SocketAddr,
    https: SocketAddr,
    is_lab: bool,
}

impl Options {
    fn read() -> Result<Self, Failed> {
        let mut options = Self {
            server: String::new(),
            acme: String::new(),
            root: None,
            http: ([0, 0, 0, 0], 80).into(),
            https: ([0, 0, 0, 0], 443).into(),
            is_lab: false,
        };
        for argument in std::env::args().skip(1) {
            match argument.split_once('=') {
                Some(("server", value)) => value.clone_into(&mut options.server),
                Some(("acme", value)) => value.clone_into(&mut options.acme),
                Some(("root", value)) => options.root = Some(value.to_owned()),
                Some(("http", value)) => options.http = value.parse()?,
                Some(("https", value)) => options.https = value.parse()?,
                None if argument == "lab" => options.is_lab = true,
                Some(_) | None => return Err(format!("{argument} is no option").into()),
            }
        }
        if options.server.is_empty() || options.acme.is_empty() {
            return Err("say server=URL and acme=URL".into());
        }
        Ok(options)
    }
}

//------------ Certificate -----------------------------------------------------------------------

/// A certificate for a name that leads here: whoever answers there has it (RFC 8555 section 8.3).
async fn get_certificate(options: &Options, name: &Name) -> Result<ServerConfig, Failed> {
    let builder = match &options.root {
        Some(root) => Account::builder_with_root(root)?,
        None => Account::builder()?,
    };
    let new = NewAccount {
        contact: &[],
        terms_of_service_agreed: true,
        only_return_existing: false,
    };
    let (account, _) = builder.create(&new, options.acme.clone(), None).await?;
    let identifiers = [Identifier::Dns(name.to_text())];
    let mut order = account.new_order(&NewOrder::new(&identifiers)).await?;
    let answering = tokio::spawn(answer_challenges(
        TcpListener::bind(options.http).await?,
        challenge_of(&mut order).await?,
    ));
    let certificate = finish(&mut order).await;
    answering.abort();
    let (chain, key) = certificate?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(chain.as_bytes()).collect();
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes())?;
    let config = ServerConfig::builder().with_no_client_auth();
    Ok(config.with_single_cert(chain?, key)?)
}

/// Where the authority asks, and what it wants to hear; nothing when it believes already.
async fn challenge_of(order: &mut Order) -> Result<Option<(String, String)>, Failed> {
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization?;
        if authorization.status == AuthorizationStatus::Valid {
            continue;
        }
        let challenge = authorization.challenge(ChallengeType::Http01);
        let challenge = challenge.ok_or("the authority does not ask over HTTP")?;
        let path = format!("/.well-known/acme-challenge/{}", challenge.token);
        let text = challenge.key_authorization().as_str().to_owned();
        return Ok(Some((path, text)));
    }
    Ok(None)
}

/// Says that everything is in place, and waits for the certificate: chain and key.
async fn finish(order: &mut Order) -> Result<(String, String), Failed> {
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization?;
        if let Some(mut challenge) = authorization.challenge(ChallengeType::Http01) {
            challenge.set_ready().await?;
        }
    }
    order.poll_ready(&RetryPolicy::default()).await?;
    let key = order.finalize().await?;
    let chain = order.poll_certificate(&RetryPolicy::default()).await?;
    Ok((chain, key))
}

async fn answer_challenges(listener: TcpListener, challenge: Option<(String, String)>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let asked = read_target(&mut stream).await;
        let text = match (&challenge, asked) {
            (Some((path, text)), Some(asked)) if *path == asked => Some(text.as_str()),
            _ => None,
        };
        answer(&mut stream, text).await;
    }
}

//------------ The owner -------------------------------------------------------------------------

/// Waits until the owner's browser comes back with a code.
async fn wait_for_owner(
    listener: TcpListener,
    certificate: ServerConfig,
    pending: &PendingNames,
) -> Result<AuthorizationCode, Failed> {
    let acceptor = TlsAcceptor::from(Arc::new(certificate));
    loop {
        let (stream, _) = listener.accept().await?;
        let Ok(mut stream) = acceptor.accept(stream).await else {
            continue;
        };
        let Some(asked) = read_target(&mut stream).await else {
            continue;
        };
        let query = asked
            .strip_prefix(DONE)
            .and_then(|rest| rest.strip_prefix('?'));
        let Some(query) = query else {
            answer(&mut stream, None).await;
            continue;
        };
        let code = pending.read_return(query);
        let words = match &code {
            Ok(_) => "Thank you. You can close this window.",
            Err(_) => "Nothing was given.",
        };
        answer(&mut stream, Some(words)).await;
        match code {
            // A stranger, who does not know the state.
            Err(easement_client::ConsentError::Return(_)) => {}
            code => return Ok(code?),
        }
    }
}

//------------ HTTP ------------------------------------------------------------------------------

/// Path and query of a GET request.
async fn read_target(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut octets = Vec::new();
    let mut buffer = [0; 1024];
    while !octets.windows(4).any(|window| window == b"\r\n\r\n") {
        let length = stream.read(&mut buffer).await.ok()?;
        if length == 0 || octets.len() > MAX_REQUEST {
            return None;
        }
        octets.extend_from_slice(buffer.get(..length)?);
    }
    let text = String::from_utf8(octets).ok()?;
    let mut words = text.lines().next()?.split(' ');
    let is_get = words.next() == Some("GET");
    words.next().filter(|_| is_get).map(str::to_owned)
}

/// A text; nothing when there is none.
async fn answer(stream: &mut (impl AsyncWrite + Unpin), text: Option<&str>) {
    let status = text.map_or("404 Not Found", |_| "200 OK");
    let text = text.unwrap_or("Nothing is here.");
    let length = text.len();
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{text}"
    );
    // Whoever does not listen to the end has gone.
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
}
