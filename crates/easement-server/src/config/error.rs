//! What is wrong with a configuration.

use std::path::PathBuf;

/// Why a configuration was refused.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration file {}: {error}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The file is not a configuration. The message shows the line.
    #[error("{}: {}", path.display(), message.trim_end())]
    File {
        /// The file.
        path: PathBuf,
        /// Line, column and what is wrong.
        message: String,
    },
    /// A variable of the environment, or an argument, names no setting.
    #[error("{given} names no setting: `easement config default` lists them all")]
    UnknownSetting {
        /// What was given.
        given: String,
    },
    /// A variable of the environment, or an argument, has a value that does not suit.
    #[error("{given}: {}", message.trim_end())]
    Value {
        /// What was given.
        given: String,
        /// What is wrong with it.
        message: String,
    },
    /// Only one of the two files for TLS is named.
    #[error("server.tls_certificate and server.tls_key go together: set both, or neither")]
    HalfTls,
    /// Plain HTTP would be open to the network.
    #[error(
        "server.listen has {listen}, which other machines can reach, without TLS: set \
         server.tls_certificate and server.tls_key, or name the reverse proxy in \
         server.trusted_proxies, or listen on 127.0.0.1"
    )]
    PlainHttp {
        /// The address.
        listen: std::net::SocketAddr,
    },
    /// Everybody on the network would reach the metrics, and nobody would be let in.
    #[error(
        "metrics.listen has {listen}, which other machines can reach, and metrics.networks is empty: \
         name the networks that may read, or listen on 127.0.0.1"
    )]
    MetricsForNobody {
        /// The address.
        listen: std::net::SocketAddr,
    },
    /// Nothing to listen on.
    #[error("{setting} is empty: name at least one address and port")]
    NoAddress {
        /// Which list.
        setting: &'static str,
    },
    /// The lowest TTL is above the highest.
    #[error("domain_connect.ttl_min ({min}) is above domain_connect.ttl_max ({max})")]
    TtlLimits {
        /// The lowest.
        min: u32,
        /// The highest.
        max: u32,
    },
    /// An address does not have so many bits.
    #[error("{setting} is {bits}: such an address has {most} bits")]
    TooManyBits {
        /// Which number.
        setting: &'static str,
        /// Its value.
        bits: u32,
        /// The most.
        most: u32,
    },
    /// So many days are too many.
    #[error("{setting} is {days}: use from 1 to {most}")]
    Days {
        /// Which number.
        setting: &'static str,
        /// Its value.
        days: u64,
        /// The most.
        most: u64,
    },
    /// No names for addresses can be made there.
    #[error("namedrop.temp_zone: {0}")]
    TempZone(namedrop::TempBaseError),
    /// Names for addresses would stay too short or too long.
    #[error("namedrop.temp_minutes is {minutes}: use from {least} to {most}")]
    TempMinutes {
        /// What it is.
        minutes: u64,
        /// The least.
        least: u64,
        /// The most.
        most: u64,
    },
    /// A number that has to be at least one is zero.
    #[error("{setting} must be at least 1")]
    Zero {
        /// Which number.
        setting: &'static str,
    },
}

impl ConfigError {
    /// Whether the file that was named is not there.
    pub fn is_missing_file(&self) -> bool {
        matches!(self, Self::Read { error, .. } if error.kind() == std::io::ErrorKind::NotFound)
    }
}
