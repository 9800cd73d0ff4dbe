//! The sections of the configuration.

use std::net::SocketAddr;
use std::path::PathBuf;

use domain_connect::ProviderId;
use domain_connect::vetting::HostRule;
use easement_core::PublicTokenId;
use easement_dns::{IdentityText, ResponseRates, TcpLimits};
use easement_zone::Name;
use serde::{Deserialize, Serialize, Serializer};

use super::section::{Setting, section};
use super::{BasePath, Network, PublicUrl, Rate};

/// Everything that can be configured.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The web server.
    pub server: ServerSection,
    /// The DNS server.
    pub dns: DnsSection,
    /// Where data is kept.
    pub store: StoreSection,
    /// Domain Connect.
    pub domain_connect: DomainConnectSection,
    /// Dynamic DNS.
    pub dynamic_dns: DynamicDnsSection,
    /// NameDrop.
    pub namedrop: NamedropSection,
    /// The templates that are offered.
    pub templates: TemplatesSection,
    /// The tools for templates.
    pub tools: ToolsSection,
    /// Webhooks.
    pub webhooks: WebhooksSection,
    /// Accounts and sessions.
    pub accounts: AccountsSection,
    /// Logs.
    pub log: LogSection,
    /// Where monitoring reads.
    pub metrics: MetricsSection,
}

impl Config {
    /// Every section: its name, what it is about, and its settings.
    pub(super) const SECTIONS: &[(&str, &[&str], &[Setting])] = &[
        ("server", ServerSection::ABOUT, ServerSection::SETTINGS),
        ("dns", DnsSection::ABOUT, DnsSection::SETTINGS),
        ("store", StoreSection::ABOUT, StoreSection::SETTINGS),
        (
            "domain_connect",
            DomainConnectSection::ABOUT,
            DomainConnectSection::SETTINGS,
        ),
        (
            "dynamic_dns",
            DynamicDnsSection::ABOUT,
            DynamicDnsSection::SETTINGS,
        ),
        (
            "namedrop",
            NamedropSection::ABOUT,
            NamedropSection::SETTINGS,
        ),
        ("tools", ToolsSection::ABOUT, ToolsSection::SETTINGS),
        (
            "templates",
            TemplatesSection::ABOUT,
            TemplatesSection::SETTINGS,
        ),
        (
            "webhooks",
            WebhooksSection::ABOUT,
            WebhooksSection::SETTINGS,
        ),
        (
            "accounts",
            AccountsSection::ABOUT,
            AccountsSection::SETTINGS,
        ),
        ("log", LogSection::ABOUT, LogSection::SETTINGS),
        ("metrics", MetricsSection::ABOUT, MetricsSection::SETTINGS),
    ];
}

section! {
    /// The web server: pages and Domain Connect.
    pub struct ServerSection {
        /// The address that people type, without a path. It must be https, except on a loopback
        /// address.
        public_url: PublicUrl = PublicUrl::default();
        /// Where to listen; `[::]` is IPv6 alone. Plain HTTP is served on loopback addresses, or when
        /// `trusted_proxies` names who does the TLS; anything else needs `tls_certificate` and `tls_key`.
        listen: Vec<SocketAddr> = vec![SocketAddr::from(([127, 0, 0, 1], 8080))];
        /// The certificate chain, PEM.
        tls_certificate: Option<PathBuf> = None, like "/etc/easement/fullchain.pem";
        /// Its private key, PEM.
        tls_key: Option<PathBuf> = None, like "/etc/easement/privkey.pem";
        /// The networks of reverse proxies that may say, with X-Forwarded-For or X-Real-IP, who is
        /// asking. Nobody else is believed.
        trusted_proxies: Vec<Network> = Vec::new();
        /// How long a request may take.
        request_seconds: u64 = 30;
        /// How long the server goes on, and says at /readyz that it is not ready, before it stops: as
        /// long as a load balancer in front of it needs to notice.
        drain_seconds: u64 = 0;
        /// How long open requests get to finish when the server stops, after that.
        shutdown_seconds: u64 = 10;
    }
}

section! {
    /// The DNS server, and the DNS that this server asks itself.
    pub struct DnsSection {
        /// Where to answer, over UDP and TCP.
        listen: Vec<SocketAddr> = vec![SocketAddr::from(([127, 0, 0, 1], 5300))];
        /// The name servers of new zones. They are also told to service providers.
        name_servers: Vec<Name> = Vec::new();
        /// The mailbox in the SOA record of new zones, with a dot in place of the @. When it is not
        /// set, it is hostmaster at the zone itself.
        hostmaster: Option<Name> = None, like "hostmaster.example.net";
        /// The resolver that is asked for the public keys of service providers. When it is not set,
        /// it is the first name server in /etc/resolv.conf.
        resolver: Option<SocketAddr> = None, like "127.0.0.1:53";
        /// How many answers of one kind a network gets over UDP in a second; 0 sets no limit. Beyond
        /// it, whoever asks over TCP or with a cookie is still answered.
        rate_limit: u32 = ResponseRates::default().per_second.get();
        /// Of the answers beyond the limit, one in so many tells the client to ask over TCP, and the
        /// others are left out. 1 tells everyone, 0 no one.
        rate_limit_slip: u32 = ResponseRates::default().slip;
        /// How many bits of an IPv4 address name its network.
        rate_limit_ipv4_bits: u32 = ResponseRates::default().ipv4_bits;
        /// How many bits of an IPv6 address name its network.
        rate_limit_ipv6_bits: u32 = ResponseRates::default().ipv6_bits;
        /// Networks without a limit, such as those of your own resolvers.
        rate_limit_exempt: Vec<Network> = ResponseRates::default().exempt;
        /// A file with the secret of DNS cookies, for several servers that answer at one address: 32
        /// hexadecimal digits, and on a second line the secret before it. `easement reload` reads it
        /// again. When it is not set, each start makes a new secret.
        cookie_secret_file: Option<PathBuf> = None, like "/etc/easement/cookie-secret";
        /// What clients are told that ask for the identifier of the server (NSID).
        nsid: Option<IdentityText> = None, like "ns1-ber";
        /// The answer to `id.server` and `hostname.bind` in class CH; refused when it is not set.
        chaos_name: Option<IdentityText> = None, like "ns1.example.net";
        /// The answer to `version.server` and `version.bind` in class CH; refused when it is not set.
        chaos_version: Option<IdentityText> = None, like "Easement";
        /// How many TCP connections there may be.
        tcp_connections: usize = TcpLimits::default().connections;
        /// How many of them from one address, or one /64 network of IPv6.
        tcp_connections_per_address: usize = TcpLimits::default().connections_per_address;
        /// How long a TCP connection may be quiet; less when half of them are taken.
        tcp_idle_seconds: u64 = TcpLimits::default().idle_timeout.as_secs();
    }
}

section! {
    /// Where data is kept.
    pub struct StoreSection {
        /// The folder of the SQLite database, the lock file and the control socket.
        data_dir: PathBuf = PathBuf::from("easement-data");
        /// A PostgreSQL database to use in place of SQLite.
        postgres_url: Option<DatabaseUrl> = None, like "postgres://easement@db.example.net/easement";
    }
}

section! {
    /// Domain Connect: how this server presents itself to service providers, and what it lets them do.
    pub struct DomainConnectSection {
        /// Who this DNS provider is, in the way of a domain name. When it is not set, it is the host
        /// of `public_url`.
        provider_id: Option<ProviderId> = None, like "dns.example.net";
        /// Its name for people.
        provider_name: String = "Easement".to_owned();
        /// What the record `_domainconnect` of each zone says: a host, maybe with a port and a path.
        /// When it is not set, it is that of `public_url`.
        discovery: Option<String> = None, like "dns.example.net";
        /// Whether templates without a signing key may be applied. Their requests can come from
        /// anyone, and people are warned.
        allow_unsigned: bool = false;
        /// The lowest TTL, in seconds, that a template may set; lower ones are raised to it.
        ttl_min: u32 = 60;
        /// The highest TTL, in seconds, that a template may set; higher ones are lowered to it.
        ttl_max: u32 = 604_800;
        /// How long the look-up of a key may take.
        key_seconds: u64 = 5;
    }
}

section! {
    /// Dynamic DNS: what devices and certificate clients change with API tokens.
    pub struct DynamicDnsSection {
        /// Where a host is that a call of DuckDNS names with one label alone: `domains=home` is home
        /// below this name.
        base: Option<Name> = None, like "dyn.example.net";
        /// The public id of an API token from which strangers get accounts of acme-dns, at /register.
        /// When it is not set, only those do who have an invitation.
        acme_dns_open_token: Option<PublicTokenId> = None, like "abcdefghijkl";
        /// How many accounts of acme-dns there may be below one invitation. Those that have ended do not count.
        acme_dns_accounts: u32 = 100;
        /// How many texts an API token without a rate of its own may set and delete: so many in so many seconds.
        text_rate: Rate = Rate::a_minute(120);
        /// How many hosts it may update. When it is not set, there is no such limit.
        address_rate: Option<Rate> = None, like "60/60";
    }
}

section! {
    /// NameDrop: apps that nobody registered ask owners for names, and change records with what they get.
    pub struct NamedropSection {
        /// Whether apps may ask, and use what they got. Otherwise nothing is at the addresses of NameDrop.
        enabled: bool = true;
        /// The path that its addresses begin with.
        base: BasePath = BasePath::default();
        /// Where apps get a name for the address that they come from, to have a certificate before they have a name
        /// of their own: `192-0-2-5` below this name. It must be in a zone of this server, and had better be in one
        /// that is used for nothing else. When it is not set, none are made.
        temp_zone: Option<Name> = None, like "ip.example.net";
        /// How many minutes such a name stays after it was asked for, from 5 to 1440. Names of strangers are of use
        /// to those who deceive others, so keep it short.
        temp_minutes: u64 = 10;
        /// How many of them one network may have at once: a /24 of IPv4, a /56 of IPv6.
        temp_per_network: u32 = 32;
        /// How many there may be at once.
        temp_total: u32 = 1000;
        /// Networks that get names although they are not public, such as your own in a laboratory.
        temp_allow_networks: Vec<Network> = Vec::new();
    }
}

section! {
    /// The templates that are offered, and who decides about them.
    pub struct TemplatesSection {
        /// Who decides about a new template: review (an operator) or rules (the settings below; what is
        /// outside them goes to review).
        approve: ApprovalMode = ApprovalMode::Review;
        /// Who decides about a new text that may do no more than the approved one: review or rules.
        approve_unwidened: ApprovalMode = ApprovalMode::Review;
        /// The service providers whose templates the rules may approve, by their ids. None means all.
        approve_providers: Vec<ProviderId> = Vec::new();
        /// The record types that the rules may approve, such as A, CNAME, TXT. None means all.
        approve_types: Vec<String> = Vec::new();
        /// The kinds of hosts that an operator looks at: apex, wildcard, underscore, variable, absolute.
        review_hosts: Vec<HostRule> =
            vec![HostRule::Wildcard, HostRule::Underscore, HostRule::Variable, HostRule::Absolute];
        /// The lowest TTL that the rules may approve, in seconds.
        approve_ttl_min: u32 = 60;
        /// The highest TTL that the rules may approve, in seconds.
        approve_ttl_max: u32 = 604_800;
        /// The most records that the rules may approve.
        approve_records: usize = 20;
        /// The longest text that the rules may approve, in octets.
        approve_octets: usize = 20_000;
        /// Whether the rules only approve when the service provider has proven that it controls the
        /// domain of its keys.
        approve_needs_proof: bool = true;
        /// A folder of templates that is taken in from time to time, such as a copy of the public
        /// collection.
        sync_folder: Option<PathBuf> = None, like "/var/lib/easement/Templates";
        /// How often, in minutes.
        sync_minutes: u64 = 60;
        /// Whether service providers can hand templates in at /templates/submit, without an account.
        submissions: bool = false;
    }
}

section! {
    /// The pages under /tools: the linter, the signature debugger and the playground.
    pub struct ToolsSection {
        /// Who may use them: public, members, operators, or closed for nobody. They cost processor time
        /// and look keys up in DNS, so strangers are let in only on purpose.
        access: ToolsAccess = ToolsAccess::Members;
    }
}

section! {
    /// Webhooks: telling other servers when the addresses of a host change.
    pub struct WebhooksSection {
        /// How many webhooks an account may have; 0 leaves no room for new ones.
        per_account: u32 = 10;
        /// For how many days deliveries stay in the log of a webhook.
        log_days: u64 = 30;
        /// Networks that webhooks may lead to although they are not public, such as your own. Everybody with
        /// an account can make this server send requests there, so name what is meant to be reached.
        allow_networks: Vec<Network> = Vec::new();
        /// Certificates of authorities to believe besides the public ones, PEM. The file is read when the
        /// server starts.
        extra_roots: Option<PathBuf> = None, like "/etc/easement/webhook-roots.pem";
    }
}

section! {
    /// Accounts and sessions.
    pub struct AccountsSection {
        /// A session ends after so many hours without use.
        session_idle_hours: u64 = 24;
        /// A session ends after so many days in any case.
        session_days: u64 = 14;
        /// For how many days it is kept, in the history of zones, the audit trail and elsewhere, from which
        /// addresses people and devices came.
        address_days: u64 = 30;
        /// For how many days an app whose access ended stays in the list of whoever gave it. What it did stays in
        /// the history of the zone.
        ended_access_days: u64 = 90;
        /// How many passwords are hashed at the same time; each takes 19 MiB and a processor core.
        hash_parallel: usize = 2;
        /// How many may wait for that. Those beyond are asked to try again.
        hash_waiting: usize = 32;
    }
}

section! {
    /// Logs, on the standard error output.
    pub struct LogSection {
        /// text, or json: one object a line.
        format: LogFormat = LogFormat::Text;
        /// error, warn, info, debug or trace.
        level: LogLevel = LogLevel::Info;
    }
}

section! {
    /// Numbers about the server for Prometheus, at /metrics of an address of its own.
    pub struct MetricsSection {
        /// Where to listen, in plain HTTP. None means that there is nothing to read.
        listen: Vec<SocketAddr> = Vec::new();
        /// The networks that may read, besides this machine. An address of `listen` that others can
        /// reach needs at least one.
        networks: Vec<Network> = Vec::new();
    }
}

//------------ Values ----------------------------------------------------------------------------

/// Who decides about a template.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ApprovalMode {
    /// An operator.
    Review,
    /// The rules of the configuration.
    Rules,
}

/// Who may use the tools.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ToolsAccess {
    /// Everybody.
    Public,
    /// Whoever has an account.
    Members,
    /// Whoever runs the server.
    Operators,
    /// Nobody.
    Closed,
}

/// How a log line is written.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// How much is logged.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// What failed.
    Error,
    /// What may need attention too.
    Warn,
    /// What happened too.
    Info,
    /// How it happened too.
    Debug,
    /// Everything.
    Trace,
}

/// The URL of a database, which may hold a password and so neither prints nor writes itself.
#[derive(Clone, Deserialize, PartialEq)]
#[serde(transparent)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// The URL, to connect with.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl Serialize for DatabaseUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("(hidden)")
    }
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DatabaseUrl(hidden)")
    }
}
