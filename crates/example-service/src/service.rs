//! Starting and stopping.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use axum_server::Handle;
use domain_connect::{SignError, SigningKey};
use easement_client::{Client, PlainHttp};
use easement_core::{Clock, Random};
use easement_outbound::dns::Resolvers;
use easement_outbound::{SystemClock, SystemRandom};
use easement_zone::Name;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::task::JoinHandle;
use url::Url;

use crate::context::{Context, Limits, Shared, host_name, is_loopback};
use crate::offer::{Company, Offer};
use crate::options::{ExampleOptions, LoopbackProviders};
use crate::outside::{Addresses, Outside, Real};
use crate::permissions::Permissions;
use crate::places::Places;
use crate::router::router;
use crate::seal::Seal;
use crate::spent::Spent;
use crate::visitor::Transport;

/// How long the headers of a request may take to arrive.
const HEADERS: Duration = Duration::from_secs(10);
/// The longest head of a request.
const MAX_HEAD_OCTETS: usize = 32 * 1024;
/// How long a stop waits for requests under way.
const DRAIN: Duration = Duration::from_secs(2);

/// A running service.
#[derive(Debug)]
pub struct ExampleService {
    context: Shared,
    address: SocketAddr,
    handle: Handle<SocketAddr>,
    task: JoinHandle<std::io::Result<()>>,
}

impl ExampleService {
    /// Takes its address and serves.
    pub async fn start(options: ExampleOptions) -> Result<Self, StartError> {
        let listen = options.listen;
        let refused = |error| StartError::Listen {
            address: listen,
            error,
        };
        let socket = TcpListener::bind(listen).map_err(refused)?;
        socket.set_nonblocking(true).map_err(refused)?;
        let address = socket.local_addr().map_err(refused)?;
        let context = Arc::new(context(options, address)?);
        let handle = Handle::new();
        let service =
            router(Arc::clone(&context)).into_make_service_with_connect_info::<SocketAddr>();
        let mut server = axum_server::from_tcp(socket)
            .map_err(refused)?
            .handle(handle.clone());
        limit(server.http_builder());
        let task = tokio::spawn(server.serve(service));
        handle.listening().await;
        Ok(Self {
            context,
            address,
            handle,
            task,
        })
    }

    /// What visitors type.
    pub fn url(&self) -> &Url {
        &self.context.public_url
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops; there is nothing to save.
    pub async fn stop(self) {
        self.handle.graceful_shutdown(Some(DRAIN));
        // However it ended, it has ended.
        let _ = self.task.await;
    }
}

/// What a client may cost before a handler has seen its request.
fn limit(builder: &mut Builder<TokioExecutor>) {
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .max_buf_size(MAX_HEAD_OCTETS);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(32)
        .max_header_list_size(u32::try_from(MAX_HEAD_OCTETS).unwrap_or(u32::MAX));
}

fn context(options: ExampleOptions, address: SocketAddr) -> Result<Context, StartError> {
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let url = public_url(options.public_url.as_ref(), address)?;
    let plain_http = match options.loopback {
        LoopbackProviders::Refuse => PlainHttp::Refuse,
        LoopbackProviders::Allow => PlainHttp::ToLoopback,
    };
    let resolvers = options.resolver.map(Resolvers::from);
    let resolvers = resolvers.unwrap_or_else(Resolvers::of_system);
    let client = Client::builder()
        .resolvers(resolvers.clone())
        .plain_http(plain_http)
        .build()
        .map_err(|error| StartError::Client(error.to_string()))?;
    let outside = Real {
        client,
        resolvers,
        random: Arc::clone(&random),
        addresses: if is_alone(&url, address) {
            Addresses::Told
        } else {
            Addresses::Hidden
        },
        name_servers: options.name_servers.clone(),
    };
    make_context(
        options,
        address,
        (Box::new(outside), Arc::new(SystemClock), random),
    )
}

/// The context around a world, a clock and a random source.
pub(crate) fn make_context(
    mut options: ExampleOptions,
    address: SocketAddr,
    (outside, clock, random): (Box<dyn Outside>, Arc<dyn Clock>, Arc<dyn Random>),
) -> Result<Context, StartError> {
    let public_url = public_url(options.public_url.as_ref(), address)?;
    let is_local = is_loopback(&public_url);
    let transport = match public_url.scheme() {
        "https" => Transport::Https,
        "http" if is_local => Transport::PlainLoopback,
        _ => {
            return Err(StartError::PublicUrl {
                url: public_url.to_string(),
            });
        }
    };
    if !is_local && options.site_address.is_loopback() {
        return Err(StartError::SiteAddress {
            address: options.site_address,
        });
    }
    let provider = options.domain.to_lowercase().to_text();
    let provider = provider
        .parse()
        .map_err(|_| StartError::Domain { domain: provider })?;
    let key = match options.key.take() {
        Some(key) => key,
        None => new_key()?,
    };
    Ok(Context {
        company: Company {
            domain: options.domain.to_lowercase(),
            website: host_name(&public_url),
        },
        provider,
        transport,
        key,
        tool_key: if is_alone(&public_url, address) {
            None
        } else {
            Some(new_key()?)
        },
        seal: Seal::new(random.as_ref()),
        spent: Spent::default(),
        permissions: Permissions::default(),
        limits: Limits::default(),
        places: Places::default(),
        options,
        public_url,
        outside,
        clock,
        random,
    })
}

/// Whether this machine alone reaches the service. Its URL does not tell: whoever reaches the address can send any name
/// as that of the host.
fn is_alone(public_url: &Url, address: SocketAddr) -> bool {
    is_loopback(public_url) && address.ip().is_loopback()
}

/// The templates of a company with this domain, whose website is at this host: names of files, and JSON.
pub fn template_files(domain: &Name, website: &Name) -> Vec<(String, String)> {
    let company = Company {
        domain: domain.to_lowercase(),
        website: Some(website.clone()),
    };
    let domain = company.domain.to_text();
    let file = |offer: Offer| {
        let name = format!("{domain}.{}.json", offer.service());
        (name, offer.template(&company).to_string())
    };
    Offer::ALL.into_iter().map(file).collect()
}

/// An RSA key of 2048 bits.
fn new_key() -> Result<SigningKey, SignError> {
    let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| SignError::Failed)?;
    let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| SignError::Failed)?;
    SigningKey::from_pkcs8_der(der.as_ref())
}

/// The URL that was given, with the port that was really taken where it leaves it open.
fn public_url(given: Option<&Url>, address: SocketAddr) -> Result<Url, StartError> {
    let refused = || StartError::PublicUrl {
        url: given.map_or_else(|| address.to_string(), Url::to_string),
    };
    let mut url = match given {
        Some(url) => url.clone(),
        // A name, since templates can let people be sent back to names only.
        None if address.ip().is_loopback() => {
            Url::parse(&format!("http://localhost:{}/", address.port())).map_err(|_| refused())?
        }
        None => return Err(StartError::NoPublicUrl { address }),
    };
    if url.port() == Some(0) {
        url.set_port(Some(address.port())).map_err(|()| refused())?;
    }
    let is_plain = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none()
        && url.has_host();
    if is_plain { Ok(url) } else { Err(refused()) }
}

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be taken.
    #[error("cannot listen on {address}: {error}; choose another with --listen")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        error: std::io::Error,
    },
    /// Others can reach the service, and nobody said at which URL.
    #[error(
        "the service listens on {address}, which others can reach: say with --public-url what visitors type"
    )]
    NoPublicUrl {
        /// The address.
        address: SocketAddr,
    },
    /// The public URL is not one.
    #[error(
        "{url} cannot be the public URL: write https, a host and nothing behind it, like https://hosting.example/"
    )]
    PublicUrl {
        /// The URL.
        url: String,
    },
    /// Visitors' names would be pointed at their own machines.
    #[error(
        "{address} cannot be where visitors' names are pointed at: give the public address of this service with \
         --site-address"
    )]
    SiteAddress {
        /// The address.
        address: Ipv4Addr,
    },
    /// The domain is not one that templates can name.
    #[error(
        "{domain} cannot be the domain of a service provider: it is the providerId of templates"
    )]
    Domain {
        /// The domain.
        domain: String,
    },
    /// The key cannot be used.
    #[error(transparent)]
    Key(#[from] SignError),
    /// Nothing can be asked of others.
    #[error("cannot make requests: {0}")]
    Client(String),
}
